"""Which rounds do not count, and which may count all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, parallel, stall

from harness.judge import NO_CHECKS
from harness.model import CheckState, Diagnosis, Machine, Verdict
from harness.result import Judgement
from harness.validity import only_wall_speaks, spoiled

NOISY = Machine(steal=0.0, busy=0.5)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (burst_round(parallel(1.0)), None),
        (burst_round(parallel(1.0), lag_s=0.05), None),
        (burst_round(parallel(1.0), lag_s=0.2), "client"),
        (burst_round([0.02] * 10, lag_s=0.015), None),
        (burst_round(parallel(1.0), machine=Machine(steal=0.2, busy=0.0)), "hypervisor"),
        (burst_round(parallel(1.0), stall(100, 0.5, starved_s=0.5), machine=NOISY), "core"),
        (burst_round(parallel(1.0), stall(100, 0.5, starved_s=0.5)), None),
        (burst_round(parallel(1.0), machine=Machine(steal=0.0, busy=0.7)), "other processes"),
        (burst_round(parallel(1.0), stall(100, 0.2, starved_s=0.2), machine=NOISY), None),
    ],
)
def test_a_round_is_spoiled_by_the_client_or_by_others(found, why):
    """What the server's own processes take of the machine spoils nothing."""
    said = spoiled(found)
    assert (why in said) if why else (said is None)


@pytest.mark.parametrize(
    ("diagnosis", "checks", "hangs"),
    [
        (Diagnosis.SERIALIZED, {"concurrency": CheckState.FAIL}, True),
        (Diagnosis.CONCURRENT, {"document": CheckState.FAIL}, True),
        (Diagnosis.CONCURRENT, {}, False),
        (Diagnosis.BLOCKING_IO, {"concurrency": CheckState.FAIL}, False),
        (Diagnosis.EXECUTOR_SATURATED, {"concurrency": CheckState.FAIL}, False),
        (Diagnosis.GIL_CONTENTION, {"document": CheckState.FAIL}, False),
    ],
)
def test_noise_matters_only_where_the_wall_clock_alone_accuses(diagnosis, checks, hangs):
    """A spoiled round can acquit, and what the probe saw stands."""
    judgement = Judgement(replace(NO_CHECKS, **checks), Verdict.FAIL, diagnosis, "")
    assert only_wall_speaks(judgement) is hangs
