"""What every format says of suspects, and of how much of an app was asked. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from neverblock.analysis.one_line import in_one_line
from neverblock.analysis.suspects.states import unsuspected
from neverblock.result.suspects import SuspectState
from neverblock.units import percent

if TYPE_CHECKING:
    from neverblock.result import Blame, Run
    from neverblock.result.suspects import Coverage, Route, SuspectResult

STATES = {
    SuspectState.CONFIRMED: "confirmed",
    SuspectState.NOT_REACHED: "not reached",
    SuspectState.NOT_ASKED: "not asked",
    SuspectState.NOT_KNOWN: "not known",
    SuspectState.HARMLESS: "harmless as measured",
}
"""What a state is called, in the order in which a reader needs them."""

MEANINGS = {
    SuspectState.CONFIRMED: "the line, or one that it calls, held the loop",
    SuspectState.NOT_REACHED: "its endpoint was asked, and the line did not run",
    SuspectState.NOT_ASKED: "no request went to a route that reaches it",
    SuspectState.NOT_KNOWN: "nothing that was measured says",
    SuspectState.HARMLESS: "it ran while its endpoint was measured, and did not hold the loop",
}


def by_state(suspects: tuple[SuspectResult, ...]) -> dict[SuspectState, list[SuspectResult]]:
    """Put suspects of a state together, in the order of ``STATES``."""
    groups = {state: [each for each in suspects if each.state is state] for state in STATES}
    return {state: group for state, group in groups.items() if group}


def suspects_sentence(run: Run) -> str:
    """Count the suspects by their states, in a sentence; "" where no analysis was given."""
    if run.suspects is None:
        return ""
    if not run.suspects:
        return "the analysis suspects nothing"
    numbers = Counter(each.state for each in run.suspects)
    counted = ", ".join(f"{numbers[s]} {name}" for s, name in STATES.items() if numbers[s])
    several = "s" * (len(run.suspects) > 1)
    return f"{len(run.suspects)} suspect{several}: {counted}"


def suspect_title(suspect: SuspectResult) -> str:
    """Name a suspect in one line: its place, the rule and whose it is, and the route."""
    whose = " ".join(part for part in (suspect.source, suspect.rule) if part)
    where = f" in {suspect.endpoint}" if suspect.endpoint else ""
    return f"{suspect.file}:{suspect.line} {whose}{where}"


def suspect_said(suspect: SuspectResult) -> str:
    """Give the reason of a suspect's state in a clause, with the finding that confirms it."""
    first = in_one_line(suspect.why)
    return f"{suspect.code}: {first}" if suspect.code else first


def suspect_lines(suspect: SuspectResult) -> str:
    """Give the lines of configuration beneath a suspect's reason; "" where there are none."""
    return suspect.why.partition("\n")[2]


def unsuspected_lines(run: Run) -> list[str]:
    """Name what was measured and no analyser suspected, a line each; none without an analysis."""
    if run.suspects is None:
        return []
    found = [_place(endpoint, place) for endpoint, place in unsuspected(run)]
    return list(dict.fromkeys(found))


def _place(endpoint: str | None, place: Blame) -> str:
    called = f" -> {call}" if (call := place.target or place.call) else ""
    where = endpoint or "while no request ran it"
    return f"{place.file}:{place.line} {place.function}{called} ({where})"


def coverage_sentence(coverage: Coverage) -> str:
    """Say how many of an app's routes were asked, by which values, and whether that is enough."""
    said = f"{coverage.asked} of {coverage.routes} routes asked ({percent(coverage.share)})"
    if coverage.made_up:
        said += f", {coverage.made_up} with made-up values only"
    if coverage.empty:
        said += f", {coverage.empty} answered empty"
    if coverage.falls_short and coverage.required is not None:
        said += f"; {percent(coverage.required)} are required"
    return said


def made_up_routes(coverage: Coverage) -> list[str]:
    """Name the routes that were asked with made-up values only."""
    return [route.name for route in coverage.by_route if route.asked and route.made_up]


def empty_routes(coverage: Coverage) -> list[str]:
    """Name the routes that answered with nothing in it."""
    return [route.name for route in coverage.by_route if route.asked and route.empty]


def route_state(route: Route) -> str:
    """Say in a few words how a route was asked, or why it was not."""
    if not route.asked:
        return f"not asked: {route.why}"
    how = ["made-up values"] * route.made_up + ["answered empty"] * route.empty
    return ", ".join(["asked", *how])
