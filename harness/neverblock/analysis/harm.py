"""What every other request suffered, and what explains it. Pure.

The rule above all others: a verdict never contradicts the harm that was measured.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from neverblock.analysis.demands import requests_cpu_s
from neverblock.analysis.noise import client_s, starved_s, stopped_s, unseen_share
from neverblock.model import Diagnosis, Verdict
from neverblock.units import seconds

if TYPE_CHECKING:
    from neverblock.measurement import Measurement
    from neverblock.result import Criterion, Result

FAULTS = {
    Diagnosis.BLOCKING,
    Diagnosis.BLOCKING_IO,
    Diagnosis.BLOCKING_CPU,
    Diagnosis.GIL_HELD,
    Diagnosis.EXECUTOR_SATURATED,
    Diagnosis.SERIALIZED,
}
"""What a failing endpoint does wrong."""

_FREE = re.compile(r"\bfree\b")


def harm_s(measurement: Measurement) -> float:
    """Give for how long another request waited for this endpoint at the worst, in seconds.

    Less what it may have waited for background work.
    """
    loop = measurement.loop
    return max(0.0, waited_s(measurement) - (loop.background_s if loop else 0.0))


def waited_s(measurement: Measurement) -> float:
    """Give for how long another request waited for the app in the burst at the worst, in seconds.

    Less what a request waits anyway (alone, and in a burst at an app that does nothing), and what
    the machine and the client may have added.
    """
    m = measurement
    usual_s = max(m.solo_canary.median_s, m.floor_s)
    window_s = m.canary.longest_s
    without_s = max(starved_s(m), unseen_share(m) * window_s)
    noise_s = stopped_s(m, window_s) + without_s + client_s(m) + m.client_cpu_s
    return max(0.0, window_s - usual_s - noise_s)


def held_after_answer_s(measurement: Measurement) -> float:
    """Give for how long one request holds the loop after its answer at least, in seconds.

    More than its own time it cannot have held it before.
    """
    alone = measurement.loop.solo if measurement.loop else None
    return max(0.0, alone.waiting_s + alone.computing_s - measurement.solo_s) if alone else 0.0


def harms(measurement: Measurement, criterion: Criterion) -> bool:
    """Say whether others waited for longer than the loop limit, whatever may be noise aside."""
    return harm_s(measurement) > criterion.loop_limit_s


def unexplained_harm_s(measurement: Measurement) -> float:
    """Give the part of the harm that nothing explains which was seen of the loop, in seconds."""
    loop = measurement.loop
    if loop is None:
        return 0.0
    burst, requests = loop.burst, measurement.requests
    # What froze the loop may have been threads that had the GIL for as long as they computed.
    loop_s, process_s = requests_cpu_s(loop)
    others_s = process_s - loop_s if loop.gil else 0.0
    perhaps_s = min(burst.frozen_s * requests, others_s)
    seen_s = loop_s + (burst.waiting_s + burst.gil_s) * requests + perhaps_s
    return max(0.0, harm_s(measurement) - seen_s)


def contradicts(result: Result, criterion: Criterion) -> str | None:
    """Say how a result contradicts what was measured of it; None where it does not.

    No verdict may call the loop free where others waited beyond the limit, and none may fail
    without a fault.
    """
    m, judgement = result.measurement, result.judgement
    if (judgement.verdict is Verdict.FAIL) != (judgement.diagnosis in FAULTS):
        return f"{judgement.verdict} does not go with {judgement.diagnosis}"
    if m is None or waited_s(m) <= criterion.loop_limit_s:
        return None
    concurrent = judgement.diagnosis is Diagnosis.CONCURRENT and harms(m, criterion)
    if concurrent or _FREE.search(judgement.reason):
        return f"says that the loop is free, and others waited {seconds(waited_s(m))} for it"
    return None
