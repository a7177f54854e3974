"""Measuring the corpus, beside neighbours that keep cores busy; and what is right and wrong of it.

Endpoints that only wait are measured in groups side by side, as a run does; the others alone.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

CORPUS = Path(__file__).parents[1] / "tests" / "corpus"
sys.path.insert(0, str(CORPUS))

import truth  # noqa: E402 - found by the path above
from judged import Judged, judged  # noqa: E402 - as above

from neverblock.analysis.judge import inconclusive  # noqa: E402 - as above
from neverblock.errors import ControlError  # noqa: E402 - as above
from neverblock.model import Diagnosis, Endpoint, Expectation, Scenario  # noqa: E402 - as above
from neverblock.plan import Group, Plan, Subject, Target  # noqa: E402 - as above
from neverblock.reference.runner import run_plan  # noqa: E402 - as above
from neverblock.result import Criterion, Result  # noqa: E402 - as above
from neverblock.run.log import Watcher  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT = {Diagnosis.BLOCKING_IO, Diagnosis.SERIALIZED}
GROUPS = 3


def judge(case: truth.Case, result: Result) -> Judged:
    """Compare a result to the truth in the case's source."""
    return judged(result, case.verdict, case.diagnosis, line=line_is_right(case, result))


def line_is_right(case: truth.Case, result: Result) -> bool | None:
    """Say whether the worst place blamed is the marked one; None where none is marked."""
    blamed, found = case.blamed, result.blame
    if blamed is None:
        return None
    if not found:
        return False
    worst = found[0]
    if blamed.by_framework:
        return (worst.file, worst.function) == (blamed.file, blamed.function)
    return (worst.file, worst.line) == (blamed.file, blamed.line)


def cases_named(part: str, root: Path = CORPUS) -> list[truth.Case]:
    """Give the cases of a corpus whose names contain this."""
    return [case for case in truth.load(root) if part in case.name]


def plans(cases: list[truth.Case], loop: str, root: Path = CORPUS) -> Iterator[Plan]:
    """Give a plan for each combination of n and loop limit."""
    alike: dict[tuple[int, float | None], list[truth.Case]] = defaultdict(list)
    for case in cases:
        alike[case.n, case.loop_limit_s].append(case)
    for (n, limit_s), same in alike.items():
        waits = [case for case in same if case.diagnosis in WAIT]
        shares = [waits[start::GROUPS] for start in range(GROUPS)]
        groups = [Group(f"waits {at}", subjects(share)) for at, share in enumerate(shares) if share]
        others = [case for case in same if case.diagnosis not in WAIT]
        yield Plan(
            target=Target(truth.target_of(root), root, loop=loop),
            groups=(*groups, Group("others", subjects(others), alone=True))
            if others
            else tuple(groups),
            scenarios=(Scenario("gather", "gather", "gather", n=n),),
            criterion=Criterion(loop_limit_s=limit_s or Criterion().loop_limit_s),
        )


def subjects(cases: list[truth.Case]) -> tuple[Subject, ...]:
    """Give cases as what a group measures."""
    return tuple(
        Subject(
            Endpoint(case.name, case.method, case.path),
            case.request,
            Expectation(case.verdict, case.diagnosis),
        )
        for case in cases
    )


def measure(cases: list[truth.Case], loop: str, root: Path = CORPUS) -> list[Result]:
    """Measure every case of a corpus once; a plan whose control fails gives no verdicts."""
    watcher = Watcher(lambda _: None, lambda _, what: progress(what), lambda _: None)
    results: list[Result] = []
    for plan in plans(cases, loop, root):
        try:
            results += asyncio.run(run_plan(plan, {}, watcher)).results
        except ControlError as error:
            results += [
                Result(each.endpoint, plan.scenarios[0], None, inconclusive(error.what))
                for group in plan.groups
                for each in group.subjects
            ]
    return results


def judge_all(cases: list[truth.Case], results: list[Result]) -> list[Judged]:
    """Compare every result to the truth of its case."""
    by_name = {case.name: case for case in cases}
    return [judge(by_name[result.endpoint.name], result) for result in results]


def progress(what: str) -> None:
    """Show on a terminal what is being measured."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{what[:70]}")


def spin() -> None:
    """Keep one core busy until the parent ends this process."""
    while True:
        sum(range(10_000))


@contextmanager
def neighbours(count: int) -> Iterator[None]:
    """Keep this many cores busy meanwhile."""
    busy = [multiprocessing.Process(target=spin, daemon=True) for _ in range(count)]
    for process in busy:
        process.start()
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.join()
