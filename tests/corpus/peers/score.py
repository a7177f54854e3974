"""What a tool's findings are worth, held against the truth; pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.model import Diagnosis, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from truth import Blamed, Case

    from peers.stacks import Frame, Stack

HOLDS_THE_LOOP = (Diagnosis.BLOCKING_IO, Diagnosis.BLOCKING_CPU, Diagnosis.GIL_HELD)
QUEUES = (Diagnosis.EXECUTOR_SATURATED, Diagnosis.SERIALIZED)


@dataclass(frozen=True, slots=True)
class Score:
    """How a tool did: what it found of each kind, where it named the line, whom it accused.

    Each of ``found`` is (found, of) by diagnosis; ``missed`` and ``accused`` name endpoints,
    ``missed`` only those of a kind that the tool found some of.
    """

    found: dict[Diagnosis, tuple[int, int]]
    right_line: tuple[int, int]
    missed: tuple[str, ...]
    accused: tuple[str, ...]
    innocents: int


def comparable(cases: list[Case]) -> list[Case]:
    """Give the cases that tools can be compared on: fail or pass, at the default limits."""
    verdicts = (Verdict.PASS, Verdict.FAIL)
    return [case for case in cases if case.verdict in verdicts and case.loop_limit_s is None]


def score(cases: list[Case], findings: dict[str, list[Stack]]) -> Score:
    """Judge the findings, which are by endpoint; one that is not there found nothing."""
    guilty = [case for case in cases if case.verdict is Verdict.FAIL]
    innocent = [case for case in cases if case.verdict is Verdict.PASS]
    found = [case for case in guilty if findings.get(case.name)]
    seen_kinds = {case.diagnosis for case in found}
    return Score(
        found={
            kind: (
                sum(case.diagnosis is kind for case in found),
                sum(case.diagnosis is kind for case in guilty),
            )
            for kind in (*HOLDS_THE_LOOP, *QUEUES)
        },
        right_line=(
            sum(names(findings[case.name], case.blamed) for case in found if case.blamed),
            sum(case.blamed is not None for case in guilty),
        ),
        missed=tuple(c.name for c in guilty if c not in found and c.diagnosis in seen_kinds),
        accused=tuple(case.name for case in innocent if findings.get(case.name)),
        innocents=len(innocent),
    )


def names(stacks: list[Stack], blamed: Blamed) -> bool:
    """Whether any stack ends in the line; for the framework, whether one holds the endpoint."""
    if blamed.by_framework:
        return any(frame[2] == blamed.function for stack in stacks for frame in stack)
    return any(tuple(stack[-1][:2]) == (blamed.file, blamed.line) for stack in stacks if stack)


def by_endpoint(cases: list[Case], stacks: Iterable[Stack], root: Path) -> dict[str, list[Stack]]:
    """Give a linter's stacks to endpoints: to the outermost frame's and to the innermost's.

    A frame's endpoint is the one that its function names, else the one that its line is marked
    for, else the one that has a line marked in the function around it, else that function's name.
    """
    endpoints = {case.name for case in cases}
    blamed = [(case.blamed, case.name) for case in cases if case.blamed]
    lines = {(at.file, at.line): name for at, name in blamed}
    functions = {(at.file, at.function): name for at, name in blamed}

    def endpoint_of(frame: Frame) -> str:
        file, line, function = frame
        if function in endpoints:
            return function
        around = _function_at(root / file, line)
        return lines.get((file, line)) or functions.get((file, around), around)

    findings: dict[str, list[Stack]] = {}
    for stack in stacks:
        for name in {endpoint_of(stack[0]), endpoint_of(stack[-1])}:
            findings.setdefault(name, []).append(stack)
    return findings


def _function_at(file: Path, line: int) -> str:
    """Give the name of the outermost function around a line."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            start = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if start <= line <= (node.end_lineno or start):
                return node.name
    return ""
