"""Figures in; whether requests queue, and for what, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, doubt, measured, parallel, pool, record, serial, solo, trace

from neverblock.analysis.demands import demands_of
from neverblock.analysis.judge import judge
from neverblock.analysis.measure import Solo
from neverblock.model import CheckState, Diagnosis, Machine, Scenario, Verdict
from neverblock.result import Criterion

PASS, FAIL = CheckState.PASS, CheckState.FAIL


def test_a_burst_of_twice_one_request_that_is_explained_is_no_queue():
    """What the CPU explains of the wall no lock has to."""
    found = judge(measured(solo(0.2), burst_round([1.0] * 10, cpu_s=1.95)), Criterion())
    assert found.diagnosis is not Diagnosis.SERIALIZED
    found = judge(measured(solo(0.2), burst_round([1.0] * 10, cpu_s=0.7)), Criterion())
    assert found.diagnosis is Diagnosis.SERIALIZED


def threads(wall_s, *, queued_s, name="default-executor", size=6, work_s=1.0, **burst):
    """Give requests of a second each, which hold a thread of a pool for so long each."""
    alone = solo(1.0, pools=(pool(name, size=size, held_s=3 * work_s),))
    queue = pool(name, size=size, held_s=10.0, queued_s=queued_s, waiting=4)
    return measured(alone, burst_round([wall_s] * 10, pools=(queue,), **burst))


@pytest.mark.parametrize(
    ("name", "size", "named"),
    [
        ("default-executor", 6, "the loop's default executor (6 threads)"),
        ("anyio-tokens", 4, "anyio's limiter (4 tokens)"),
        ("thread-pool", 2, "a thread pool of the app's own (2 threads)"),
        ("thread-pool", None, "a thread pool of the app's own (n threads)"),
    ],
)
def test_a_queue_for_threads_is_seen_and_says_which(name, size, named):
    """Saturation is measured in the pool, not guessed from the wall."""
    found = judge(threads(2.02, queued_s=1.01, name=name, size=size), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.FAIL, Diagnosis.EXECUTOR_SATURATED)
    assert named in found.reason
    assert (found.checks.concurrency, found.checks.loop) == (FAIL, PASS)


@pytest.mark.parametrize(
    ("wall_s", "queued_s", "process_cpu_s", "diagnosis"),
    [
        (1.7, 0.5, 0.0, Diagnosis.EXECUTOR_SATURATED),
        (1.7, 0.49, 0.0, Diagnosis.CONCURRENT),
        (1.2, 0.49, 0.0, Diagnosis.CONCURRENT),
        (5.0, 0.49, 4.0, Diagnosis.GIL_CONTENTION),
        (5.0, 4.0, 1.6, Diagnosis.EXECUTOR_SATURATED),
        (5.0, 4.0, 3.2, Diagnosis.INCONCLUSIVE),
        (5.0, 4.0, 3.6, Diagnosis.CPU_BOUND),
        (2.2, 0.49, 0.0, Diagnosis.EXECUTOR_SATURATED),
    ],
    ids=[
        "half of the work",
        "less",
        "in no time",
        "CPU",
        "threads first",
        "either",
        "CPU first",
        "by the wall",
    ],
)
def test_requests_that_queue_for_half_of_their_work_fail_whatever_the_wall(
    wall_s, queued_s, process_cpu_s, diagnosis
):
    """Ten of a second need 1.7 s of six threads; where the CPU needs longer, more are no help."""
    figures = threads(wall_s, queued_s=queued_s, process_cpu_s=process_cpu_s)
    assert judge(figures, Criterion()).diagnosis is diagnosis


def test_threads_that_are_held_for_just_as_long_as_the_process_computes_are_too_few():
    """Two seconds of five threads, and two of computing: it does not need longer."""
    figures = threads(5.0, queued_s=4.0, size=5, process_cpu_s=2.0)
    assert judge(figures, Criterion()).diagnosis is Diagnosis.EXECUTOR_SATURATED


@pytest.mark.parametrize(
    ("cpu_s", "diagnosis"),
    [(3.2, Diagnosis.EXECUTOR_SATURATED), (3.5, Diagnosis.CONCURRENT)],
)
def test_without_a_gil_the_cores_say_whether_more_threads_would_help(cpu_s, diagnosis):
    """Six threads are held for 1.7 s; two cores compute for 1.6 s, or for 1.75."""
    figures = threads(1.9, queued_s=0.6, process_cpu_s=cpu_s)
    figures = replace(figures, loop=replace(figures.loop, gil=False))
    figures = replace(figures, demands=demands_of(figures))
    assert judge(figures, Criterion()).diagnosis is diagnosis


@pytest.mark.parametrize(
    ("machine", "verdict"),
    [
        (Machine(0.0, 0.0, starved_s=0.3, others_s=2.0), Verdict.FAIL),
        (Machine(0.0, 0.0, starved_s=0.7, others_s=2.0), Verdict.INCONCLUSIVE),
        (Machine(0.0, 0.0, starved_s=0.7, others_s=0.1), Verdict.FAIL),
        (Machine(0.4, 0.0), Verdict.INCONCLUSIVE),
    ],
    ids=["little", "starved", "by-its-own", "stolen"],
)
def test_calls_that_may_have_waited_for_a_core_are_no_queue(machine, verdict):
    """A thread that is free and has no core takes its call late: more threads would not help."""
    found = judge(threads(1.9, queued_s=1.0, machine=machine), Criterion())
    assert found.verdict is verdict
    assert "requests queue for the loop's default executor (6 threads)" in found.reason


@pytest.mark.parametrize(("queued_s", "verdict"), [(0.26, Verdict.FAIL), (0.24, Verdict.PASS)])
def test_a_queue_is_held_against_the_work_in_the_pool(queued_s, verdict):
    """Half a second of each request is in a thread: the rest of its time is no excuse."""
    figures = threads(1.2, queued_s=queued_s, work_s=0.5)
    assert judge(figures, Criterion()).verdict is verdict


def test_a_queue_for_threads_that_do_nothing_is_none():
    """Where one request alone held no thread, nobody can say what it queued for."""
    assert judge(threads(1.02, queued_s=0.6, work_s=0.0), Criterion()).verdict is Verdict.PASS


def taking(*own_s):
    """Give solo requests which took so long each."""
    records = tuple(record(i, i * 10.0, i * 10.0 + own) for i, own in enumerate(own_s))
    return Solo(records, (), trace(), warm_up_s=own_s[0])


@pytest.mark.parametrize(
    ("own_s", "wall_s", "said"),
    [
        ((1.0, 1.0, 1.0), 1.99, None),
        ((1.0, 1.0, 1.0), 2.0, None),
        (
            (0.9, 1.0, 1.1),
            1.9,
            (
                "10 requests took 1900 ms; one alone takes 900 to 1100 ms; "
                "800 to 1000 ms are unexplained"
            ),
        ),
        ((0.9, 1.0, 1.1), 1.7, None),
        ((0.9, 1.0, 1.1), 2.1, "10 requests took 2100 ms; one alone takes 900 to 1100 ms; "),
        ((0.9, 1.0, 1.1), 2.2, None),
    ],
)
def test_a_wall_is_doubtful_where_a_faster_or_slower_request_turns_the_verdict(own_s, wall_s, said):
    """Twice the fastest of three, twice the slowest: between them nobody can tell."""
    found = doubt(taking(*own_s), burst_round([wall_s] * 10))
    assert found is None if said is None else found.startswith(said)


@pytest.mark.parametrize(
    ("machine", "lag_s", "diagnosis"),
    [
        (Machine(0.0, 0.0), 0.0, Diagnosis.SERIALIZED),
        (Machine(0.32, 0.0), 0.0, Diagnosis.SERIALIZED),
        (Machine(0.34, 0.0), 0.0, Diagnosis.INCONCLUSIVE),
        (Machine(0.0, 0.9, 0.0), 0.0, Diagnosis.SERIALIZED),
        (Machine(0.0, 0.9), 0.0, Diagnosis.INCONCLUSIVE),
        (Machine(0.0, 0.0, 0.04), 0.0, Diagnosis.SERIALIZED),
        (Machine(0.0, 0.0, 0.06), 0.0, Diagnosis.INCONCLUSIVE),
        (Machine(0.0, 0.0, None, 1.1), 0.0, Diagnosis.INCONCLUSIVE),
        (Machine(0.0, 0.0), 1.1, Diagnosis.INCONCLUSIVE),
    ],
)
def test_a_wall_that_the_machine_may_have_made_accuses_nobody(machine, lag_s, diagnosis):
    """Three seconds where two would pass: it takes a third to leave it open."""
    burst = burst_round([3.0] * 10, machine=machine, lag_s=lag_s, cpu_s=0.1)
    assert judge(measured(solo(1.0), burst), Criterion()).diagnosis is diagnosis


def test_what_the_machine_may_have_added_is_no_length_of_the_burst():
    """Nobody saw the requests take less: the wall is one figure, and the noise in it another."""
    burst = burst_round([3.0] * 10, machine=Machine(0.0, 0.9), cpu_s=0.1)
    assert doubt(solo(1.0), burst).startswith(
        "10 requests took 3000 ms, of which a busy machine may have added 2700 ms; "
        "one alone takes 1000 ms; 0 to "
    )


def test_noise_takes_no_overlap_away():
    """It only ever adds time, so that a burst in time passes on any machine."""
    burst = burst_round(parallel(1.0), machine=Machine(0.4, 0.5, 3.0, 1.0), lag_s=0.5)
    assert judge(measured(solo(1.0), burst), Criterion()).verdict is Verdict.PASS


def test_the_null_burst_is_taken_off_before():
    """What client and machine cost decides nothing."""
    assert doubt(taking(0.9, 1.0, 1.1), burst_round([2.3] * 10, floor_s=0.05)) is None
    assert doubt(taking(0.9, 1.0, 1.1), burst_round([2.3] * 10, floor_s=0.15)) is not None


@pytest.mark.parametrize(("solo_s", "wall_s"), [(0.02, 0.049), (0.001, 0.02)])
def test_a_burst_within_the_loop_limit_is_no_queue(solo_s, wall_s):
    """Nobody can have waited for longer than all of it."""
    figures = measured(solo(solo_s), burst_round([wall_s] * 10))
    found = judge(figures, Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.PASS, Diagnosis.CONCURRENT)
    assert found.checks.concurrency is not FAIL
    apart = judge(replace(figures, wall_s=0.055, floor_s=0.006, paced_wall_s=None), Criterion())
    assert apart.diagnosis is Diagnosis.CONCURRENT
    longer = judge(replace(figures, wall_s=0.05, floor_s=0.0, paced_wall_s=None), Criterion())
    assert longer.diagnosis is Diagnosis.SERIALIZED


def test_a_closed_loop_is_a_queue_from_half_of_the_ideal_on():
    """Its requests never end together, and its length is no wall."""
    crowd = Scenario("crowd", "crowd", "locust", n=10, duration_s=3.0)
    figures = measured(solo(1.0), burst_round([10.0] * 50), scenario=crowd)
    assert figures.efficiency == pytest.approx(0.5)
    found = {
        efficiency: judge(replace(figures, efficiency=efficiency), Criterion()).diagnosis
        for efficiency in (0.5, 0.51)
    }
    assert found == {0.5: Diagnosis.SERIALIZED, 0.51: Diagnosis.CONCURRENT}
    short = measured(solo(0.001), burst_round([0.01] * 10), scenario=crowd)
    assert judge(replace(short, efficiency=0.1), Criterion()).checks.concurrency is FAIL


@pytest.mark.parametrize(
    ("alone_s", "together_s", "verdict"),
    [
        ([0.03] * 5 + [0.3], [0.03] * 8 + [0.3] * 2, Verdict.PASS),
        ([0.03] * 6, [0.03] * 8 + [0.3] * 2, Verdict.INCONCLUSIVE),
        ([0.03] * 5 + [0.3], serial(0.03), Verdict.FAIL),
        ([0.03] * 6, serial(0.03), Verdict.FAIL),
        ([0.03] * 5 + [0.3], [0.03] * 3 + [0.06] * 3 + [0.09] * 3 + [0.12], Verdict.FAIL),
    ],
    ids=["as slow alone", "never slow alone", "one by one", "one by one, never slow", "by threes"],
)
def test_a_burst_may_take_as_long_as_its_slowest_request_takes_by_itself(
    alone_s, together_s, verdict
):
    """A sleep at random keeps nobody waiting; those that queue are answered one after another."""
    alone = solo(0.03, k=6)
    ended = tuple(
        replace(r, done_s=r.sent_s + s) for r, s in zip(alone.records, alone_s, strict=True)
    )
    figures = measured(replace(alone, records=ended), burst_round(together_s))
    assert judge(figures, Criterion()).verdict is verdict
