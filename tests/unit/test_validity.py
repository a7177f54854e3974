"""Which rounds do not count, and which may count all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, parallel, stall

from harness.judge import NO_CHECKS
from harness.model import CheckState, Diagnosis, Machine, Verdict
from harness.result import Judgement
from harness.validity import Floors, floor_off, only_wall_speaks, spoiled

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
    ("found", "why"),
    [
        (burst_round(parallel(1.0), machine=Machine(steal=0.0, busy=0.85)), None),
        (burst_round(parallel(1.0), machine=Machine(steal=0.0, busy=0.86)), "other processes"),
        (burst_round(parallel(1.0), stall(100, 0.5, starved_s=0.5), machine=NOISY), None),
        (burst_round(parallel(1.0), machine=Machine(steal=0.2, busy=0.7)), "hypervisor"),
        (burst_round(parallel(1.0), lag_s=0.2, machine=NOISY), "client"),
    ],
)
def test_who_took_the_cores_is_no_matter_to_a_judgement_that_stands_without(found, why):
    """Unless a database, say, can have had none; and what spoils all else spoils it as well."""
    said = spoiled(found, stands=True)
    assert (why in said) if why else (said is None)


@pytest.mark.parametrize(
    ("diagnosis", "checks", "hangs"),
    [
        (Diagnosis.SERIALIZED, {"concurrency": CheckState.FAIL}, True),
        (Diagnosis.CONCURRENT, {"document": CheckState.FAIL}, True),
        (Diagnosis.CONCURRENT, {}, False),
        (Diagnosis.BLOCKING_IO, {"concurrency": CheckState.FAIL}, False),
        (Diagnosis.EXECUTOR_SATURATED, {"concurrency": CheckState.FAIL}, True),
        (Diagnosis.GIL_CONTENTION, {"document": CheckState.FAIL}, False),
    ],
)
def test_noise_matters_only_where_the_wall_clock_alone_accuses(diagnosis, checks, hangs):
    """A spoiled round can acquit, and what the probe saw stands."""
    judgement = Judgement(replace(NO_CHECKS, **checks), Verdict.FAIL, diagnosis, "")
    assert only_wall_speaks(judgement) is hangs


@pytest.mark.parametrize(
    ("floor_s", "usual_s", "wall_s", "off"),
    [
        (0.06, 0.01, 0.2, True),
        (0.05, 0.01, 0.2, False),
        (0.06, 0.01, 1.0, False),
        (0.024, 0.004, 0.1, False),
        (0.026, 0.004, 0.1, True),
        (9.0, None, 0.2, False),
    ],
)
def test_a_null_burst_is_far_off_against_the_others_of_its_run(floor_s, usual_s, wall_s, off):
    """Five times what is usual, and by more than a client may be late."""
    found = burst_round([wall_s] * 10, floor_s=floor_s)
    assert (floor_off(replace(found, usual_floor_s=usual_s)) is not None) is off


def test_what_is_usual_is_known_from_three_null_bursts_on():
    """Of the same engine and the same n."""
    floors = Floors()
    for floor_s in (0.01, 0.9):
        floors.add("gather", 10, floor_s)
    assert floors.usual_s("gather", 10) is None
    floors.add("gather", 10, 0.02)
    assert floors.usual_s("gather", 10) == 0.02
    assert floors.usual_s("gather", 100) is None
    assert floors.usual_s("locust", 10) is None
