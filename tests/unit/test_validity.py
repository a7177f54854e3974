"""Which rounds do not count, and which may count all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, parallel, stall
from neverblock.analysis.validity import only_wall_speaks, spoiled

from neverblock.analysis.judge import NO_CHECKS
from neverblock.model import CheckState, Diagnosis, Machine, Verdict
from neverblock.result import Judgement
from neverblock.run.floors import Floors

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


def test_no_more_is_taken_off_for_a_null_burst_than_is_usual():
    """A hiccup of 185 ms in it would turn 3 s of queueing into a pass."""
    floors = Floors()
    taken_s = [floors.take("gather", 10, wall_s) for wall_s in (0.02, 0.185, 0.01, 0.03)]
    assert taken_s == [0.02, 0.02, 0.01, 0.02]


def test_what_is_usual_is_so_for_an_engine_and_a_number_of_requests():
    """A thousand requests by Locust cost what they cost."""
    floors = Floors()
    floors.take("gather", 10, 0.01)
    assert floors.take("locust", 10, 0.05) == 0.05
    assert floors.take("locust", 1000, 0.2) == 0.2
