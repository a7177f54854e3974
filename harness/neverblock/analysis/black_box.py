"""What is known of an endpoint from outside, by burst and canary alone. Pure.

Without a probe nobody knows what held the loop, nor whether it waited or computed. A canary that
freezes with every single request proves that the loop is held; requests that go one by one prove
nothing but that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.harm import harms
from neverblock.model import CheckState, Diagnosis

if TYPE_CHECKING:
    from neverblock.measurement import Measurement
    from neverblock.result import Criterion

FROZEN_SHARE = 0.5
"""Of a burst that goes one by one: a canary out for longer than this waited for the requests."""


def freeze_s(measurement: Measurement) -> float:
    """Give by how much the canary's longest wait in the burst exceeds its usual one alone."""
    return max(0.0, measurement.canary.longest_s - measurement.solo_canary.median_s)


def held_from_outside(measurement: Measurement, criterion: Criterion) -> bool:
    """Say whether the loop was held: with every request alone, or for most of a serial burst."""
    if measurement.solo_frozen_s > criterion.loop_limit_s:
        return True
    serial = measurement.wall_s - measurement.floor_s >= measurement.solo_s / criterion.efficiency
    limit_s = max(criterion.loop_limit_s, FROZEN_SHARE * measurement.wall_s)
    return serial and freeze_s(measurement) > limit_s


def loop_check(measurement: Measurement, criterion: Criterion) -> CheckState:
    """Apply the loop check by the canary; it has no say where other requests waited unexplained."""
    if held_from_outside(measurement, criterion):
        return CheckState.FAIL
    return CheckState.NOT_APPLICABLE if harms(measurement, criterion) else CheckState.PASS


def diagnosis_from_outside(concurrency: CheckState, loop: CheckState) -> Diagnosis:
    """Give the diagnosis that two checks allow, ``inconclusive`` where they allow several."""
    if loop is CheckState.FAIL:
        return Diagnosis.BLOCKING
    if concurrency is CheckState.FAIL or loop is CheckState.NOT_APPLICABLE:
        return Diagnosis.INCONCLUSIVE
    return Diagnosis.CONCURRENT
