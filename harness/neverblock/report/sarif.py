"""SARIF 2.1.0, for code scanning: each finding on the blamed line, with its rule and call path."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from neverblock.analysis.codes import meaning, page
from neverblock.analysis.judge import VERDICTS
from neverblock.model import Verdict
from neverblock.report.findings import (
    Place,
    complaint,
    exact_place,
    findings,
    fingerprint,
    is_inside,
    is_own,
    lines,
    within,
)
from neverblock.report.foreign import harmless_json
from neverblock.report.summary import printable, worth_telling
from neverblock.report.suspects_words import (
    STATES,
    suspect_lines,
    suspect_said,
    unsuspected_lines,
)

if TYPE_CHECKING:
    from neverblock.analysis.codes import Code
    from neverblock.report.findings import Finding
    from neverblock.result import Blame, Run
    from neverblock.result.suspects import SuspectResult

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"


def render(run: Run) -> str:
    """Give the run as a SARIF log."""
    all_findings = findings(run)
    codes = sorted({finding.code for finding in all_findings}, key=lambda code: code.code)
    saved: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "neverblock",
                "semanticVersion": run.tool_version,
                "rules": [_rule(code) for code in codes],
            }
        },
        "automationDetails": {"id": f"neverblock/{printable(run.target)}/{run.started_at}"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(run)],
        "results": [_result(finding, codes.index(finding.code)) for finding in all_findings],
    }
    if properties := _properties(run):
        saved["properties"] = properties
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [saved]}
    return harmless_json(log, indent=2) + "\n"


def _properties(run: Run) -> dict[str, Any]:
    """Give coverage and suspects, which are no results: a viewer would show each as an alert."""
    properties: dict[str, Any] = {}
    if (coverage := run.coverage) is not None:
        counted = ("routes", "asked", "made_up", "empty", "share", "required")
        properties["coverage"] = {name: getattr(coverage, name) for name in counted}
    if run.suspects is not None:
        properties["suspects"] = [_suspect(each) for each in run.suspects]
        properties["unsuspected"] = [printable(line) for line in unsuspected_lines(run)]
    return properties


def _suspect(suspect: SuspectResult) -> dict[str, Any]:
    """Give a suspect with its state, all of its texts fit to be shown."""
    texts = {
        "file": suspect.file,
        "rule": suspect.rule,
        "source": suspect.source,
        "endpoint": suspect.endpoint or "",
        "said": f"{STATES[suspect.state]}: {suspect_said(suspect)}",
    }
    shown = {name: printable(text) for name, text in texts.items()}
    configuration = [printable(line) for line in suspect_lines(suspect).splitlines()]
    return {
        **shown,
        "line": suspect.line,
        "state": suspect.state.value,
        "code": suspect.code,
        "runs": suspect.runs,
        "longest_s": suspect.longest_s,
        "configuration": configuration,
    }


def _rule(code: Code) -> dict[str, Any]:
    failing = VERDICTS[code.diagnosis] not in {Verdict.PASS, Verdict.SKIPPED}
    return {
        "id": code.code,
        "name": code.name,
        "shortDescription": {"text": f"{code.title[0].upper()}{code.title[1:]}"},
        "fullDescription": {"text": meaning(code)},
        "help": {"text": page(code), "markdown": page(code)},
        "defaultConfiguration": {"level": "error" if failing else "note"},
        "properties": {"tags": ["performance", "asyncio"], "precision": "high"},
    }


def _invocation(run: Run) -> dict[str, Any]:
    """Say whether the run as a whole counts, and if not, why."""
    if complained := complaint(run):
        notification = {"level": "error", "message": _message(complained)}
        return {"executionSuccessful": False, "toolExecutionNotifications": [notification]}
    return {"executionSuccessful": True}


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    saved: dict[str, Any] = {
        "ruleId": finding.code.code,
        "ruleIndex": rule,
        "level": finding.level.value,
        "message": _message("\n".join(lines(finding))),
        "locations": [_location(finding.place, finding)],
        # GitHub reads the first name alone, and else hashes the line's text; SARIF wants a version
        "partialFingerprints": {
            "primaryLocationLineHash": f"{fingerprint(finding)}:1",
            "neverblock/v1": fingerprint(finding),
        },
    }
    others = [b for b in worth_telling(finding.places)[1:] if is_own(b)]
    if others:
        saved["relatedLocations"] = [
            {"id": number, "message": _message(f"{blame.function} held the loop as well")}
            | _physical(exact_place(blame, finding.folder))
            for number, blame in enumerate(others, 1)
        ]
    if finding.blame and (steps := _steps(finding.blame, finding.folder)):
        saved["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return saved


def _location(place: Place, finding: Finding) -> dict[str, Any]:
    """Give the place in its file, the endpoint, and the function where one is blamed."""
    logical = [{"fullyQualifiedName": finding.endpoint, "kind": "resource"}]
    if finding.blame:
        logical.append({"name": printable(finding.blame.function), "kind": "function"})
    return _physical(place) | {"logicalLocations": logical}


def _physical(place: Place) -> dict[str, Any]:
    region: dict[str, int] = {"startLine": place.line}
    if place.column:
        region["startColumn"] = place.column
    if place.end_line:
        region["endLine"] = place.end_line
    if place.end_column:
        region["endColumn"] = place.end_column
    artifact = {"uri": quote(place.file, errors="replace"), "uriBaseId": ROOT}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _steps(blame: Blame, folder: str) -> list[dict[str, Any]]:
    """Give the way to the call through the app's own code, outermost first.

    What the call path has of libraries is named by the step before it: their files are not in the
    repository, where a viewer would look for them.
    """
    path = list(reversed(blame.path))
    steps: list[dict[str, Any]] = []
    for frame, after in zip_longest(path, path[1:]):
        if frame.owner != "project" or not is_inside(frame.file):
            continue
        callee = after.function if after else blame.target or blame.call or "the blocking call"
        place = _physical(Place(within(folder, frame.file), max(1, frame.line)))
        text = f"{frame.function} calls {callee}"
        step = {"location": place | {"message": _message(text)}}
        if step not in steps[-1:]:  # a recursion is one step
            steps.append(step)
    return steps


def _message(text: str) -> dict[str, str]:
    """Give a message whose brackets make no links (SARIF 3.11.6)."""
    shown = "\n".join(printable(line) for line in text.split("\n"))
    return {"text": re.sub(r"[\\\[\]]", r"\\\g<0>", shown) if "](" in shown else shown}
