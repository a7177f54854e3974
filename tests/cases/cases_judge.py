"""Hold what a saved run says of an app to what is true of it. Pure."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from neverblock.analysis.harm import contradicts
from neverblock.storage.run_file import from_json

if TYPE_CHECKING:
    from cases_truth import App, Case, Line

SHARE = 0.12
"""How far off, of the whole, a share may be: equal ones are off by 0.15 at one line or more."""
UNTRUE = re.compile(r"\bfree\b")
"""What is never said of an endpoint that holds the loop, be it in slices."""
HOLDING = {"cooperative-cpu", "short-waits"}
_Json = dict[str, Any]


def complaints(case: Case, result: _Json | None) -> list[str]:
    """Say what is wrong with the result of an endpoint, which is nothing where all is right."""
    if result is None:
        return ["not checked"]
    found = []
    if result["verdict"] not in case.verdicts or result["diagnosis"] not in case.diagnoses:
        found.append(f"{result['verdict']}, {result['diagnosis']}")
    text = " ".join([result["reason"], *result.get("notes", ())])
    if holds(case) and UNTRUE.search(result["reason"]):
        found.append("says 'free'")
    found += [f"does not say {word!r}" for word in case.words if not re.search(word, text)]
    if case.lines and not case.words and not lines_are_right(case.lines, places(result)):
        found.append("line")
    return found


def holds(case: Case) -> bool:
    """Whether an endpoint holds the loop as a rule, and not in a request that may be the first."""
    return set(case.diagnoses) <= HOLDING or bool(case.lines and case.verdicts == ("fail",))


def places(result: _Json) -> list[_Json]:
    """Give the places that a result blames, and the one that holds the loop seldom, if any."""
    seldom = result.get("seldom")
    return [*result.get("blame", ()), *([seldom["place"]] if seldom else [])]


def lines_are_right(lines: tuple[Line, ...], blamed: list[_Json]) -> bool:
    """Whether the first place is the marked line; or all are, each with its share of the time."""
    if not blamed:
        return False
    if all(line.share is None for line in lines):
        return any(is_at(line, blamed[0]) for line in lines)
    whole_s = sum(place["held_s"] for place in blamed)
    return all(
        abs(sum(p["held_s"] for p in blamed if is_at(line, p)) / whole_s - line.share) <= SHARE
        for line in lines
        if line.share is not None
    )


def is_at(line: Line, place: _Json) -> bool:
    """Whether a place is on the marked statement; in the marked function, for the framework."""
    tail = PurePath(line.file).parts
    if PurePath(place["file"]).parts[-len(tail) :] != tail:
        return False
    if line.by_framework:
        return bool(place["function"] == line.function)
    return bool(line.first <= place["line"] <= line.last)


def contradictions(run: _Json) -> dict[str, str]:
    """Say of each endpoint of a run how its verdict contradicts the harm, where it does."""
    saved = from_json(run)
    found = {r.endpoint.name: contradicts(r, r.criterion or saved.criterion) for r in saved.results}
    return {name: contradiction for name, contradiction in found.items() if contradiction}


def complaints_of_app(app: App, run: _Json) -> list[str]:
    """Say what a run leaves out of what is true of the app as a whole."""
    named = [finding["place"] for finding in run.get("background", ())]
    known = [result["endpoint"]["path"] for result in run["results"]]
    known += [one["path"] for one in run["unchecked"]]
    return [
        *(
            f"{line.file}:{line.first} holds the loop in the background, and is not named"
            for line in app.background
            if not any(is_at(line, place) for place in named)
        ),
        *(
            f"{path} is neither checked nor listed"
            for path in app.listed
            if not any(one.startswith(path) for one in known)
        ),
    ]


def where(result: _Json | None) -> str:
    """Give the places that a result blames, with the time of each, in a few words."""
    found = places(result) if result else []
    return ", ".join(
        f"{place['file']}:{place['line']} {place['held_s'] * 1000:.0f} ms" for place in found[:4]
    )
