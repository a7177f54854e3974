"""Where requests stood under a load in; the lines at which they queued, and the worst told, out.

No verdict rests on it: a lock that lets one request in at a time may be meant to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.advice import advise
from neverblock.analysis.capacity.limit import MOST as MAJORITY
from neverblock.analysis.load.hits import MOST
from neverblock.analysis.standing import LIBRARY, places_of, waits_at
from neverblock.analysis.waiting import called
from neverblock.model import Diagnosis
from neverblock.result import LoadWait
from neverblock.result.capacity import Limit
from neverblock.units import percent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neverblock.analysis.standing import Place
    from neverblock.measurement import LoopTrace

QUEUES = {Limit.LOCK, Limit.SEMAPHORE, Limit.CONNECTION_POOL, Limit.THREAD_POOL}
LIMITERS = {each.owner for each in LIBRARY if each.limit is Limit.RATE_LIMIT}
POOLS = {Limit.DEFAULT_EXECUTOR.value, Limit.THREAD_POOL.value}
"""Those whose work a task of the app's waits for at a line of its own."""


def waits_of(trace: LoopTrace | None, name_file: Callable[[str], str]) -> tuple[LoadWait, ...]:
    """Give the app's lines at which requests queued, the most crowded first.

    What one request sleeps or waits for by itself is no queue, and neither is a thread without
    work. Of what waits for a pool's threads, those that a thread may be serving are taken off: a
    pool whose threads are not known says nothing. One alone on average is no queue either.
    ``name_file`` gives a file as people of the project name it.
    """
    if trace is None or not trace.in_flight:
        return ()
    served = sum(pool.size or 0 for pool in trace.pools if pool.name in POOLS)
    queues = [
        (_queueing(place, served), place)
        for place in places_of(each for each in trace.standing if waits_at(each) is not None)
        if place.limit in QUEUES or place.owner in LIMITERS
    ]
    queues.sort(key=lambda each: each[0], reverse=True)
    return tuple(
        _wait(place, min(1.0, waiting / trace.in_flight), name_file)
        for waiting, place in queues[:MOST]
        if waiting > 1
    )


def _queueing(place: Place, served: float) -> float:
    if place.limit is not Limit.THREAD_POOL:
        return place.at_once
    return place.at_once - served if served else 0.0


def _wait(place: Place, share: float, name_file: Callable[[str], str]) -> LoadWait:
    frame = place.frame
    return LoadWait(
        name_file(frame.file),
        frame.line,
        frame.function,
        called(frame),
        place.limit,
        share,
        place.owner,
        advise(frame.target, frame.call, Diagnosis.SERIALIZED),
    )


def wait_note(waits: Sequence[LoadWait]) -> str | None:
    """Say where the most requests stood, and what helps; None where that is not the majority."""
    worst = max(waits, key=lambda each: each.share, default=None)
    if worst is None or worst.share < MAJORITY:
        return None
    what = worst.owner or worst.limit.value.replace("-", " ")
    stood = (
        f"{percent(worst.share)} of the requests in flight stood at {worst.file}:{worst.line} "
        f"{worst.call} ({what})"
    )
    if worst.advice is None:
        return f"{stood}."
    return f"{stood}; use {worst.advice.instead}, as in {worst.advice.code}"
