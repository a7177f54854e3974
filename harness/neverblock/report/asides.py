"""What is said of a result beside its verdict: what few requests held, and where requests wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.demands import RESOLUTION_S, UNKNOWN
from neverblock.analysis.queue_advice import busiest_wait, waiting_place
from neverblock.model import Diagnosis
from neverblock.units import seconds

if TYPE_CHECKING:
    from neverblock.measurement import Frame, Measurement
    from neverblock.result import Result, Seldom

QUEUEING = {Diagnosis.EXECUTOR_SATURATED, Diagnosis.SERIALIZED}


def asides(result: Result) -> list[str]:
    """Give what a reader should know besides, a sentence each, without a full stop."""
    found = [after_answer(result)]
    if result.seldom is not None:
        found.append(seldom_sentence(result.seldom))
    if result.measurement is not None and _perhaps_queues(result, result.measurement):
        place = waiting_place(result.measurement)
        said = result.advice is not None and place in result.advice.why
        found.append("" if said else place)
    return [sentence for sentence in found if sentence]


def waited_at(result: Result) -> Frame | None:
    """Give the line of the app's own that requests are said to wait at; None where none is."""
    m = result.measurement
    if m is None or not _perhaps_queues(result, m) or (place := busiest_wait(m)) is None:
        return None
    return place[0] if place[0].owner == "project" else None


def _perhaps_queues(result: Result, m: Measurement) -> bool:
    """Say whether requests queue, or may do so for all that explains their wall."""
    diagnosis = result.judgement.diagnosis
    return diagnosis in QUEUEING or (diagnosis is Diagnosis.INCONCLUSIVE and UNKNOWN in m.demands)


def seldom_sentence(seldom: Seldom) -> str:
    """Say what held the loop in few of an endpoint's requests, and where."""
    place = seldom.place
    called = f" ({call})" if (call := place.target or place.call) else ""
    return (
        f"{seldom.which} held the loop for {seconds(seldom.held_s)} at {place.file}:{place.line}"
        f"{called}, the others did not"
    )


def after_answer(result: Result) -> str:
    """Say how much of what one request held came after its answer; "" where that is not known.

    More than a request's own time cannot have been held before its answer.
    """
    m = result.measurement
    if m is None or m.loop is None:
        return ""
    held_s = m.loop.solo.waiting_s + m.loop.solo.computing_s
    later_s = held_s - m.solo_s
    if later_s <= RESOLUTION_S:
        return ""
    return (
        f"of the {seconds(held_s)} that one request holds the loop, at least {seconds(later_s)} "
        "come after its answer (a background task, or what it left to do)"
    )
