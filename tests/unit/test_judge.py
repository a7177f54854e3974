"""Figures in; checks, diagnosis and verdict out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, parallel, serial, solo, stall

from neverblock.analysis.judge import VERDICTS, judge
from neverblock.model import CheckState, Diagnosis, Machine, Ping, Scenario, Verdict
from neverblock.result import Criterion

PASS, FAIL = CheckState.PASS, CheckState.FAIL
BLIND, NA = CheckState.BLIND, CheckState.NOT_APPLICABLE


def blocking(own_s: float, held_s: float | None = None, **split: object):
    """Solo and burst of an endpoint which holds the loop for all or a part of its own time."""
    held_s = own_s if held_s is None else held_s
    split = split or {"off_cpu_s": held_s}
    alone = solo(own_s, *(stall(i * (own_s + 1), held_s, **split) for i in range(3)))
    stalls = (stall(100 + i * own_s, held_s, **split) for i in range(10))
    cpu_s = 10 * split.get("on_cpu_s", 0.0)
    return measured(alone, burst_round(serial(own_s), *stalls, cpu_s=cpu_s, loop_cpu_s=cpu_s))


def test_every_diagnosis_has_a_verdict():
    """No diagnosis is left without a meaning for the gate."""
    assert set(VERDICTS) == set(Diagnosis)


def test_a_blocking_wait_fails_all_three_checks():
    """time.sleep(1) in async def: the lesson of the whole project."""
    found = judge(blocking(1.0), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.FAIL, Diagnosis.BLOCKING_IO)
    assert (found.checks.document, found.checks.concurrency, found.checks.loop) == (FAIL,) * 3


def test_a_free_loop_passes_all_three_checks():
    """asyncio.sleep(1): ten take as long as one."""
    found = judge(measured(solo(1.0), burst_round(parallel(1.0))), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.PASS, Diagnosis.CONCURRENT)
    assert (found.checks.document, found.checks.concurrency, found.checks.loop) == (PASS,) * 3


def test_the_document_is_blind_to_a_short_block_and_the_loop_is_not():
    """Ten times 20 ms pass the 2 s assertion; the probe sees each."""
    found = judge(blocking(0.02), Criterion())
    assert found.checks.document is BLIND
    assert found.checks.loop is FAIL
    assert found.verdict is Verdict.FAIL


@pytest.mark.parametrize(("wall", "state"), [(1.99, PASS), (2.0, FAIL), (2.01, FAIL)])
def test_the_document_limit_is_strict(wall, state):
    """10 requests < 2 s, word for word: 2.0 s is too long."""
    found = judge(measured(solo(1.0), burst_round([wall] * 10)), Criterion())
    assert found.checks.document is state


def test_a_serial_bound_at_the_limit_is_not_blind():
    """Where serial requests would take just 2 s, the assertion can still fail."""
    found = judge(measured(solo(0.2), burst_round([0.21] * 10)), Criterion())
    assert found.checks.document is PASS
    found = judge(measured(solo(0.199), burst_round([0.21] * 10)), Criterion())
    assert found.checks.document is BLIND


@pytest.mark.parametrize(("wall", "state"), [(1.99, PASS), (2.0, FAIL), (2.4, FAIL)])
def test_concurrency_asks_for_less_than_twice_one_request(wall, state):
    """Efficiency above one half."""
    found = judge(measured(solo(1.0), burst_round([wall] * 10)), Criterion())
    assert found.checks.concurrency is state


def test_what_the_null_burst_cost_is_forgiven():
    """The same wall passes where client and machine took the difference."""
    found = judge(measured(solo(1.0), burst_round([2.05] * 10, floor_s=0.1)), Criterion())
    assert found.checks.concurrency is PASS


def test_a_lock_across_an_await_is_serialized():
    """The loop is free, the requests go one by one."""
    found = judge(measured(solo(0.3), burst_round(serial(0.3))), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.FAIL, Diagnosis.SERIALIZED)
    assert found.checks.loop is PASS


def test_computing_over_the_limit_fails_and_under_it_passes():
    """60 ms on the loop fail, 10 ms of JSON are normal."""
    found = judge(blocking(0.06, on_cpu_s=0.06), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.FAIL, Diagnosis.BLOCKING_CPU)
    found = judge(blocking(0.01, on_cpu_s=0.01), Criterion())
    assert found.verdict is Verdict.PASS


def test_the_loop_limit_can_be_lowered():
    """15 ms fail at a limit of 10 ms."""
    found = judge(blocking(0.015, on_cpu_s=0.015), Criterion(loop_limit_s=0.01))
    assert found.diagnosis is Diagnosis.BLOCKING_CPU


@pytest.mark.parametrize(
    ("own_s", "held_s", "diagnosis"),
    [
        (0.1, 0.02, Diagnosis.BLOCKING_IO),
        (0.01, 0.005, Diagnosis.BLOCKING_IO),
        (0.1, 0.01, Diagnosis.SHORT_WAITS),
        (0.1, 0.004, Diagnosis.CONCURRENT),
        (0.01, 0.0015, Diagnosis.CONCURRENT),
    ],
)
def test_a_wait_is_judged_by_its_share_of_the_endpoints_own_time(own_s, held_s, diagnosis):
    """A tenth of its own time, above what the probe resolves."""
    alone = solo(own_s, *(stall(i * (own_s + 1), held_s, off_cpu_s=held_s) for i in range(3)))
    found = judge(measured(alone, burst_round(parallel(own_s))), Criterion())
    assert found.diagnosis is diagnosis


def test_a_wait_that_comes_only_with_company_is_found_in_the_burst():
    """A thread lock is free for one request and held for ten."""
    stalls = (stall(100 + i / 10, 0.09, off_cpu_s=0.09) for i in range(10))
    found = judge(measured(solo(0.1), burst_round(serial(0.1), *stalls)), Criterion())
    assert found.diagnosis is Diagnosis.BLOCKING_IO


def test_computing_that_piles_up_in_a_burst_is_not_a_long_hold():
    """One turn of the loop runs ten slices of 10 ms; each alone is innocent."""
    alone = solo(0.01, *(stall(i * 1.01, 0.01, on_cpu_s=0.01) for i in range(3)))
    found = judge(
        measured(
            alone, burst_round([0.1] * 10, stall(100, 0.1, on_cpu_s=0.1), cpu_s=0.1, loop_cpu_s=0.1)
        ),
        Criterion(),
    )
    assert (found.verdict, found.diagnosis) == (Verdict.PASS, Diagnosis.COOPERATIVE_CPU)
    assert found.checks.concurrency is NA


def test_a_held_gil_in_one_request_fails():
    """A C call in a worker thread freezes the loop, though no application code runs on it."""
    split = {"gil_s": 0.2, "gil_held_s": 0.2, "stacks": ()}
    alone = solo(0.2, *(stall(i * 1.2, 0.2, **split) for i in range(3)))
    found = judge(measured(alone, burst_round(serial(0.2), cpu_s=2.0)), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.FAIL, Diagnosis.GIL_HELD)


@pytest.mark.parametrize(
    ("gil_s", "each_s", "diagnosis", "helps"),
    [
        (0.051, 0.06, Diagnosis.GIL_CONTENTION, "processes"),
        (0.049, 0.06, Diagnosis.CPU_BOUND, "cores"),
        (0.0, 0.061, Diagnosis.GIL_CONTENTION, "processes"),
        (0.0, 0.11, Diagnosis.GIL_CONTENTION, "processes"),
        (0.0, 0.111, Diagnosis.CPU_BOUND, "cores"),
    ],
)
def test_threads_that_share_the_gil_pass_with_a_warning(gil_s, each_s, diagnosis, helps):
    """Ten computing threads: the loop waited for most of it for the GIL, or they took turns.

    They need a second in turns, and half of one on two cores, beside the 0.1 s of one request.
    """
    stalls = (stall(100 + i / 10, gil_s, gil_s=gil_s, stacks=()) for i in range(10))
    burst = burst_round(serial(each_s), *stalls, cpu_s=1.0, process_cpu_s=1.0, busy_s=1.0)
    found = judge(measured(solo(0.1), burst), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.PASS, diagnosis)
    assert found.checks.concurrency is NA
    assert any(f"more {helps}, " in note for note in found.notes)


def test_all_cores_busy_is_cpu_bound():
    """The wall is the machine's own limit."""
    found = judge(measured(solo(0.2), burst_round([1.0] * 10, cpu_s=1.95)), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.PASS, Diagnosis.CPU_BOUND)


def test_a_client_that_reads_for_most_of_the_burst_accuses_nobody():
    """Large answers: the wall is the client's, and a note says so."""
    burst = burst_round([0.5] * 10, client_cpu_s=0.45)
    found = judge(measured(solo(0.05), burst), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.PASS, Diagnosis.CONCURRENT)
    assert any("the client itself needs 45 ms" in note for note in found.notes)


@pytest.mark.parametrize(
    ("held_s", "n", "diagnosis"),
    [(0.045, 10, Diagnosis.SHORT_WAITS), (0.0045, 10, Diagnosis.CONCURRENT)],
)
def test_short_waits_that_add_up_pass_with_a_note(held_s, n, diagnosis):
    """Ten of 45 ms hold the loop for half a second; ten of 4.5 ms for no longer than the limit."""
    alone = solo(1.0, *(stall(i * 2.0, held_s, off_cpu_s=held_s) for i in range(3)))
    stalls = (stall(100 + i * held_s, held_s, off_cpu_s=held_s) for i in range(n))
    wall_s = 1.0 + n * held_s
    found = judge(measured(alone, burst_round([wall_s] * n, *stalls)), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.PASS, diagnosis)
    assert any("waits on the loop" in note for note in found.notes)


@pytest.mark.parametrize(
    ("limit_s", "diagnosis"), [(0.25, Diagnosis.CONCURRENT), (0.125, Diagnosis.SHORT_WAITS)]
)
@pytest.mark.parametrize("client_cpu_s", [0.0, 1.0])
def test_waits_that_add_up_to_just_the_limit_are_within_it(limit_s, diagnosis, client_cpu_s):
    """Eight of an eighth of 250 ms; that the client needs longer excuses none beyond it."""
    held_s = 0.25 / 8
    alone = solo(1.0, *(stall(i * 2.0, held_s, off_cpu_s=held_s) for i in range(3)))
    stalls = (stall(100 + i * held_s, held_s, off_cpu_s=held_s) for i in range(8))
    figures = measured(alone, burst_round([1.25] * 8, *stalls, client_cpu_s=client_cpu_s))
    assert judge(figures, Criterion(loop_limit_s=limit_s)).diagnosis is diagnosis


@pytest.mark.parametrize(
    ("computed_s", "diagnosis"),
    [(0.03, Diagnosis.SHORT_WAITS), (1 / 32, Diagnosis.COOPERATIVE_CPU)],
)
def test_what_takes_more_of_the_loop_names_the_limit(computed_s, diagnosis):
    """Each of 32 requests waits for a 32nd of a second and computes for so long in short slices."""
    alone = solo(1.0, *(stall(i * 2.0, 1 / 32, off_cpu_s=1 / 32) for i in range(3)))
    stalls = (stall(100 + i * 0.05, 1 / 32, off_cpu_s=1 / 32) for i in range(32))
    total_s = 32 * computed_s
    burst = burst_round([2.5] * 32, *stalls, loop_cpu_s=total_s, cpu_s=total_s)
    assert judge(measured(alone, burst), Criterion()).diagnosis is diagnosis


@pytest.mark.parametrize(
    ("client_cpu_s", "diagnosis"), [(2.0, Diagnosis.COOPERATIVE_CPU), (2.25, Diagnosis.CONCURRENT)]
)
def test_only_a_client_that_needs_longer_than_the_loop_sets_the_wall(client_cpu_s, diagnosis):
    """The loop computes for two seconds of the four."""
    burst = burst_round([4.0] * 8, loop_cpu_s=2.0, client_cpu_s=client_cpu_s)
    assert judge(measured(solo(0.25), burst), Criterion()).diagnosis is diagnosis


def harmed(waited_s, **burst):
    """Give a burst that overlaps, in which another request waited for so long."""
    pings = (Ping(100.0, 100.0 + waited_s, ok=True),)
    return measured(solo(1.0), burst_round(parallel(1.0), pings=pings, **burst))


@pytest.mark.parametrize(
    ("figures", "diagnosis"),
    [
        (harmed(0.05), Diagnosis.CONCURRENT),
        (harmed(0.4), Diagnosis.INCONCLUSIVE),
        (harmed(0.4, loop_cpu_s=0.39, cpu_s=0.39), Diagnosis.COOPERATIVE_CPU),
        (harmed(0.4, loop_cpu_s=0.39, cpu_s=0.39, client_cpu_s=0.4), Diagnosis.CONCURRENT),
        (harmed(0.4, lag_s=0.4), Diagnosis.CONCURRENT),
        (harmed(0.4, machine=Machine(0.9, 0.0)), Diagnosis.CONCURRENT),
    ],
    ids=["at the limit", "unexplained", "computed", "client", "late", "stolen"],
)
def test_a_loop_is_free_only_where_nobody_waited_beyond_the_limit(figures, diagnosis):
    """Whatever held it gives the verdict its name; what nothing explains gives none."""
    found = judge(figures, Criterion())
    assert found.diagnosis is diagnosis
    assert ("free" in found.reason) is (diagnosis is Diagnosis.CONCURRENT)


def test_a_burst_shorter_than_the_loop_limit_has_no_say_in_concurrency():
    """Ten trivial requests in 20 ms: nobody could have waited for long."""
    found = judge(measured(solo(0.001), burst_round([0.02] * 10)), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.PASS, Diagnosis.CONCURRENT)
    assert found.checks.concurrency is NA


def test_failed_requests_are_an_error_and_no_verdict_on_blocking():
    """A 500 under load is told apart from blocking."""
    found = judge(replace(blocking(1.0), statuses={"200": 8, "500": 2}), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.ERROR, Diagnosis.ERRORING)
    assert "2 x 500" in found.reason


def test_requests_without_an_answer_are_an_error():
    """A timeout is no figure."""
    found = judge(replace(blocking(1.0), statuses={"timeout after 30.0 s": 10}), Criterion())
    assert found.verdict is Verdict.ERROR


def test_a_probe_that_did_not_arm_gives_no_verdict():
    """An absent measurement never passes."""
    free = measured(solo(1.0), burst_round(parallel(1.0)))
    found = judge(replace(free, loop=replace(free.loop, armed=False)), Criterion())
    assert found.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("walls", "state", "diagnosis"),
    [
        (serial(1.0), FAIL, Diagnosis.SERIALIZED),
        (parallel(1.0), PASS, Diagnosis.CONCURRENT),
        ([2.01] * 10, FAIL, Diagnosis.SERIALIZED),
    ],
)
def test_a_crowd_is_judged_by_its_efficiency(walls, state, diagnosis):
    """In a closed loop requests never end together; the work done over time taken tells."""
    crowd = Scenario(name="crowd", title="crowd", engine="locust", n=10, duration_s=3.0)
    found = judge(measured(solo(1.0), burst_round(walls), scenario=crowd), Criterion())
    assert (found.checks.document, found.checks.concurrency) == (NA, state)
    assert found.diagnosis is diagnosis
