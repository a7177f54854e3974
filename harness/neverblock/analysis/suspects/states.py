"""Suspects joined with what was measured: each one's state, with its reason. Pure.

Confirmed: the line, or one that it calls, held the loop. Harmless as measured: it ran and did not.
Not reached: its endpoint was asked and it did not run. Not asked: no request went to its routes.
Where none of these was seen, or nobody counted what ran, the state is not known.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neverblock.analysis.demands import RESOLUTION_S
from neverblock.analysis.suspects.evidence import Hold, holds_by_line, lines_of
from neverblock.model import Verdict
from neverblock.result.suspects import SuspectResult, SuspectState
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from neverblock.plan import Suspect
    from neverblock.result import Blame, Result, Run

PARAMETER = re.compile(r"{(\w+)")
UNKNOWN_ROUTE = "which route reaches it is not known"
ELSEWHERE = "it ran outside of what was measured, as the app started or in the background"


@dataclass(frozen=True, slots=True)
class Lineup:
    """The suspects of a run, and what is known of them beside the run.

    ``routes`` are those that reach each suspect. ``ran`` is how often each line ran, by endpoint,
    None where nobody counted, and ``complaint`` says why; ``spent`` is of how many of these runs
    the end was seen, and their CPU seconds. ``at_least`` are lines that ran more often than was
    counted, ``at_all`` those that ran at any time. ``named`` gives a file as the run has it.
    """

    suspects: tuple[Suspect, ...]
    routes: tuple[tuple[str, ...], ...]
    ran: Mapping[str, Mapping[tuple[str, int], int]] | None = None
    spent: Mapping[str, Mapping[tuple[str, int], tuple[int, float]]] = field(default_factory=dict)
    complaint: str | None = None
    at_least: frozenset[tuple[str, int]] = frozenset()
    at_all: frozenset[tuple[str, int]] = frozenset()
    named: Callable[[str], str] = field(default=str)


def judge_suspects(run: Run, lineup: Lineup) -> tuple[SuspectResult, ...]:
    """Give the state of each suspect, by what a run measured."""
    holds = holds_by_line(run, lineup.named)
    measured = {r.endpoint.name: r for r in run.results if _was_watched(r)}
    judged = []
    for suspect, reaching in zip(lineup.suspects, lineup.routes, strict=True):
        file, place = lineup.named(suspect.file), (suspect.file, suspect.line)
        counts = {name: each.get(place, 0) for name, each in (lineup.ran or {}).items()}
        runs = {name: count for name, count in counts.items() if count and name in measured}
        routes = reaching or tuple(name for name, count in counts.items() if count)
        short = {name for name, count in runs.items() if _is_short(lineup, place, measured[name])}
        seen = holds.get((file, suspect.line), [])
        known = Known(
            [hold.waiting if hold.endpoint in short else hold for hold in seen],
            None if lineup.ran is None else runs,
            routes,
            lineup.complaint,
            place in lineup.at_least,
            place in lineup.at_all,
        )
        conclusion = _conclude(run, measured, known)
        judged.append(
            SuspectResult(
                file=file,
                line=suspect.line,
                rule=suspect.rule,
                message=suspect.message,
                source=suspect.source,
                endpoint=conclusion.endpoint,
                state=conclusion.state,
                runs=None if lineup.ran is None else sum(runs.values()),
                longest_s=max((hold.longest_s for hold in known.holds), default=None) or None,
                code=conclusion.code,
                why=conclusion.why,
            )
        )
    return tuple(judged)


def _is_short(lineup: Lineup, place: tuple[str, int], result: Result) -> bool:
    """Say whether all runs of a line were timed, and computed for less than the probe resolves.

    That counts more than samples of it. Of a loop that computes they still show too often where it
    gives the GIL away for a moment, as it does to open a file: less than they did, as the watchdog
    asks for the GIL with a short interval (``probe/switching.py``), but between two openings 6 ms
    apart, which take no time, 5 to 22 % of the time is put down to them. The seconds are of all
    requests to the endpoint, and are divided by those that were measured: never too few.
    """
    name = result.endpoint.name
    ended, spent_s = lineup.spent.get(name, {}).get(place, (0, 0.0))
    ran = (lineup.ran or {}).get(name, {}).get(place, 0)
    m = result.measurement
    if place in lineup.at_least or not ended == ran > 0 or m is None or m.loop is None:
        return False
    return spent_s / max(1, m.requests + m.loop.solo.requests) <= RESOLUTION_S


def unsuspected(run: Run) -> tuple[tuple[str | None, Blame], ...]:
    """Give what was measured and no analyser suspected: endpoint, None for none, and place.

    A suspect accounts for a place where it is on the way to it.
    """
    suspected = {(each.file, each.line) for each in run.suspects or ()}
    places = [(r.endpoint.name, place) for r in run.results for place in r.blame]
    places += [(r.endpoint.name, r.seldom.place) for r in run.results if r.seldom is not None]
    found = [*places, *((None, hold.place) for hold in run.background)]
    return tuple(each for each in found if not lines_of(each[1]) & suspected)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one suspect: its holds, its runs by endpoint, the routes that reach it."""

    holds: list[Hold]
    runs: Mapping[str, int] | None
    routes: tuple[str, ...]
    complaint: str | None
    at_least: bool = False
    at_all: bool = False


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The state of one suspect, and why."""

    state: SuspectState
    endpoint: str | None
    why: str
    code: str | None = None


def _conclude(run: Run, measured: Mapping[str, Result], known: Known) -> Conclusion:
    if run.control is not None and not run.control.seen:
        name = next(iter(known.routes), None)
        return Conclusion(SuspectState.NOT_KNOWN, name, "the probe failed its positive control")
    counting = [hold for hold in known.holds if hold.counts]
    if counting:
        worst = max(counting, key=lambda hold: (bool(hold.code), bool(hold.said), hold.held_s))
        said = worst.said or f"held the loop for {seconds(worst.held_s)} a request on average"
        return Conclusion(SuspectState.CONFIRMED, worst.endpoint, said, worst.code)
    if known.runs:
        return _of_one_that_ran(measured, known, known.runs)
    asked = next((name for name in known.routes if name in measured), None)
    if asked is not None:
        return _of_one_not_run(measured[asked], known)
    if not known.routes:
        ran = "" if known.runs is None else "no request that was measured ran it, and "
        ran = f"{ELSEWHERE}, and " if known.at_all else ran
        counted = f"; {known.complaint}" if known.runs is None and known.complaint else ""
        return Conclusion(SuspectState.NOT_KNOWN, None, f"{ran}{UNKNOWN_ROUTE}{counted}")
    answered = {r.endpoint.name for r in run.results if r.measurement is not None}
    unwatched = next((name for name in known.routes if name in answered), None)
    if unwatched is not None:
        why = f"{unwatched} was asked, and the probe did not see all of it"
        return Conclusion(SuspectState.NOT_KNOWN, unwatched, why)
    name = known.routes[0]
    return Conclusion(SuspectState.NOT_ASKED, name, _why_not_asked(run, name))


def _of_one_that_ran(
    measured: Mapping[str, Result], known: Known, runs: Mapping[str, int]
) -> Conclusion:
    """Conclude on a line that ran and held nothing that counts: harmless, if that would be seen."""
    named = [name for name in known.routes if name in runs]
    name = named[0] if named else max(runs, key=lambda each: runs[each])
    for each in runs:
        if _has_unnamed_hold(measured[each]):
            why = f"it ran, and what held the loop in {each} could not be told by its line"
            return Conclusion(SuspectState.NOT_KNOWN, each, why)
    longest_s = max((hold.longest_s for hold in known.holds), default=0.0)
    times = sum(runs.values())
    limit = f"under {seconds(RESOLUTION_S)}"
    held = f"each time {limit}"
    if longest_s > RESOLUTION_S:
        held = f"once for {seconds(longest_s)}, and {limit} a request on average"
    counted = f"{'at least ' * known.at_least}{times} time{'s' * (times > 1)}"
    why = f"ran {counted}, and held the loop {held}"
    return Conclusion(SuspectState.HARMLESS, name, why)


def _of_one_not_run(result: Result, known: Known) -> Conclusion:
    """Conclude on a line whose endpoint was asked: it did not run, or nobody knows."""
    name = result.endpoint.name
    if known.runs is None:
        why = f"{name} was asked, and whether this line ran is not known: {known.complaint}"
        return Conclusion(SuspectState.NOT_KNOWN, name, why)
    if result.made_up:
        values = ", ".join(result.made_up)
        why = f"its request took another way: values were made up for {values}; name real ones"
    else:
        why = "its request took another way, as other values or the app's own state decide"
    return Conclusion(SuspectState.NOT_REACHED, name, f"{why}:\n{_entry(result)}")


def _was_watched(result: Result) -> bool:
    """Say whether what held the loop in an endpoint would have been seen."""
    m = result.measurement
    return m is not None and m.loop is not None and m.loop.armed


def _has_unnamed_hold(result: Result) -> bool:
    """Say whether an endpoint fails and no line of it is named, but the loop was held."""
    m = result.measurement
    if result.judgement.verdict is not Verdict.FAIL or result.blame or m is None or m.loop is None:
        return False
    solo = m.loop.solo
    return solo.waiting_s + solo.computing_s + solo.longest_gil_held_s > RESOLUTION_S


def _why_not_asked(run: Run, name: str) -> str:
    """Say why no request went to a route, and what to configure so that one does."""
    for one in run.unchecked:
        if f"{one.method} {one.path}" == name:
            return one.reason
    for result in run.results:
        if result.endpoint.name == name:
            return f"it could not be measured: {result.judgement.reason}"
    why = "left out by -k or -e, not in the app's document, or the run ended before it"
    return f"{why}; to ask it: -e {json.dumps(name)}"


def _entry(result: Result) -> str:
    """Give the lines of configuration that give an endpoint's request other values."""
    name, values = result.endpoint.name, '"..."'
    in_path = PARAMETER.findall(result.endpoint.path)
    others = [one for one in result.made_up if one not in {*in_path, "body"}]
    lines = ["[[tool.neverblock.endpoint]]", f"name = {json.dumps(name)}"]
    if in_path:
        lines.append(f"path = {{ {', '.join(f'{one} = {values}' for one in in_path)} }}")
    if others or not (in_path or result.made_up):
        named = ", ".join(f"{json.dumps(one)} = {values}" for one in others or ["..."])
        lines.append(f"query = {{ {named} }}")
    if "body" in result.made_up:
        lines.append("json = { }")
    return "\n".join(lines)
