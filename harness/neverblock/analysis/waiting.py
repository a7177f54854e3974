"""Where the requests of a burst were seen waiting at once, and whether that is told. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.demands import UNKNOWN
from neverblock.model import Diagnosis

if TYPE_CHECKING:
    from neverblock.measurement import Frame, Measurement
    from neverblock.result import Result

QUEUEING = {Diagnosis.EXECUTOR_SATURATED, Diagnosis.SERIALIZED}


def busiest_wait(m: Measurement) -> tuple[Frame, int] | None:
    """Give the place where the most requests were seen waiting at once, and how many; or None."""
    place = max(m.loop.waits if m.loop else (), key=lambda each: each[1], default=None)
    return None if place is None or place[1] < 2 else place  # noqa: PLR2004 - one is no queue


def waiting_place(measurement: Measurement) -> str:
    """Say where the most requests of a burst were seen waiting at once; "" where no two did."""
    if (place := busiest_wait(measurement)) is None:
        return ""
    frame, waiting = place
    where = f"{frame.file}:{frame.line} {called(frame)}"
    waiting = min(waiting, measurement.requests)  # a request may have several tasks
    return f"{waiting} of {measurement.requests} requests wait at {where}"


def called(frame: Frame) -> str:
    """Give what is called at a line, without the block that a with statement opens by it."""
    written = frame.call or frame.target or frame.function
    if frame.target is None and written.isidentifier() and frame.call:
        return f"await {written}"  # a future by its name
    return written.partition(":")[0] if written.startswith(("async ", "with ")) else written


def waited_at(result: Result) -> Frame | None:
    """Give the line of the app's own that requests are said to wait at; None where none is."""
    m = result.measurement
    if m is None or not perhaps_queues(result, m) or (place := busiest_wait(m)) is None:
        return None
    return place[0] if place[0].owner == "project" else None


def perhaps_queues(result: Result, m: Measurement) -> bool:
    """Say whether requests queue, or may do so for all that explains their wall."""
    diagnosis = result.judgement.diagnosis
    return diagnosis in QUEUEING or (diagnosis is Diagnosis.INCONCLUSIVE and UNKNOWN in m.demands)
