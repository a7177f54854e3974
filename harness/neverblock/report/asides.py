"""What is said of a result beside its verdict: what few requests held, and where requests wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.demands import RESOLUTION_S
from neverblock.analysis.harm import held_after_answer_s
from neverblock.analysis.waiting import perhaps_queues, waiting_place
from neverblock.units import seconds

if TYPE_CHECKING:
    from neverblock.result import Result, Seldom


def asides(result: Result) -> list[str]:
    """Give what a reader should know besides, a sentence each, without a full stop."""
    found = [after_answer(result)]
    if result.seldom is not None:
        found.append(seldom_sentence(result.seldom))
    if result.measurement is not None and perhaps_queues(result, result.measurement):
        place = waiting_place(result.measurement)
        told = (result.judgement.reason, result.advice.why if result.advice else "")
        found.append("" if any(place in said for said in told) else place)
    return [sentence for sentence in found if sentence]


def seldom_sentence(seldom: Seldom) -> str:
    """Say what held the loop in few of an endpoint's requests, and where."""
    place = seldom.place
    called = f" ({call})" if (call := place.target or place.call) else ""
    return (
        f"{seldom.which} held the loop for {seconds(seldom.held_s)} at {place.file}:{place.line}"
        f"{called}, the others did not"
    )


def after_answer(result: Result) -> str:
    """Say how much of what one request held came after its answer; "" where that is not known."""
    m = result.measurement
    later_s = held_after_answer_s(m) if m else 0.0
    if m is None or later_s <= RESOLUTION_S:
        return ""
    held_s = m.solo_s + later_s
    return (
        f"of the {seconds(held_s)} that one request holds the loop, at least {seconds(later_s)} "
        "come after its answer (a background task, or what it left to do)"
    )
