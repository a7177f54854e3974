"""Figures in; which of them are too near a limit for a verdict, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, doubt, measured, parallel, serial, solo, stall

from neverblock.analysis.demands import both_ends
from neverblock.analysis.judge import LEAST, SEEN, fault_at, judge
from neverblock.model import Diagnosis, Machine, Ping, Verdict
from neverblock.result import Criterion

FOUND = burst_round(parallel(0.2))
COMPUTES = "computes on the loop for {} at once"


def computing(*held_s):
    """Give solo requests of 200 ms which computed for so long each."""
    stalls = [stall(i * 1.2, held, on_cpu_s=held) for i, held in enumerate(held_s) if held]
    return solo(0.2, *stalls, k=len(held_s))


def waiting(own_s, *held_s):
    """Give solo requests which waited for so long each."""
    stalls = [stall(i * (own_s + 1), held, off_cpu_s=held) for i, held in enumerate(held_s) if held]
    return solo(own_s, *stalls, k=len(held_s))


def keeping(*held_s, **split):
    """Give solo requests which kept the GIL from the loop for so long each."""
    split = {"stacks": (), **split}
    stalls = [stall(i * 1.2, 0.1, gil_held_s=held, **split) for i, held in enumerate(held_s)]
    return solo(0.2, *stalls, k=len(held_s))


@pytest.mark.parametrize(
    ("held_s", "said"),
    [
        ((0.06, 0.06, 0.06), None),
        ((0.05, 0.05, 0.05), None),
        ((0.0, 0.0, 0.0), None),
        ((0.049, 0.051, 0.052), COMPUTES.format("49 to 52 ms")),
        ((0.049, 0.049, 0.052), COMPUTES.format("49 to 52 ms")),
        ((0.049, 0.051, 0.052, 0.052, 0.052, 0.052), None),
    ],
)
def test_computing_is_doubtful_where_requests_lie_on_both_sides(held_s, said):
    """At 50 ms; a steady figure is told however near it is."""
    assert doubt(computing(*held_s), FOUND) == said


@pytest.mark.parametrize(
    ("held_s", "said"),
    [
        ((0.02, 0.02, 0.02), None),
        ((0.009, 0.009, 0.009), None),
        (
            (0.009, 0.011, 0.012),
            "waits on the loop for 9 to 12 ms a request, 9% to 12% of its own time",
        ),
        (
            (0.0, 0.0, 0.03),
            "waits on the loop for 0 to 30 ms a request, 0% to 30% of its own time",
        ),
    ],
)
def test_a_wait_is_doubtful_where_requests_lie_on_both_sides_of_a_tenth(held_s, said):
    """Of an own time of 100 ms."""
    assert doubt(waiting(0.1, *held_s), burst_round(parallel(0.1))) == said


@pytest.mark.parametrize(("most_s", "said"), [(0.25, ", 0% to 100% of its own time"), (0.375, "")])
def test_a_wait_of_more_than_all_of_its_own_time_is_no_share_of_it(most_s, said):
    """What is held after the answer is no part of a request's own time."""
    found = doubt(waiting(0.25, 0.0, 0.0, most_s), burst_round(parallel(0.25)))
    assert found == f"waits on the loop for 0 to {most_s * 1000:.0f} ms a request{said}"


@pytest.mark.parametrize(("held_s", "doubtful"), [((0.049,) * 3, False), ((0.049,) * 2, True)])
def test_a_long_endpoint_has_no_licence_for_a_long_wait(held_s, doubtful):
    """Of ten seconds a tenth is one; but the limit is 50 ms, in sum."""
    long = burst_round(parallel(10.0))
    assert (doubt(waiting(10.0, *held_s), long) is not None) is doubtful
    sure = measured(waiting(10.0, *[0.051] * 3), long)
    assert judge(sure, Criterion()).diagnosis is Diagnosis.BLOCKING_IO


def test_a_kept_gil_is_doubtful_as_computing_is():
    """It is judged by solo requests in the same way."""
    assert doubt(keeping(0.045, 0.06, 0.06), FOUND) == "keeps the GIL for 45 to 60 ms at once"


@pytest.mark.parametrize(
    ("held_s", "starved_s", "doubtful"),
    [
        (0.03, 0.0, False),
        (0.03, 0.019, False),
        (0.03, 0.021, True),
        (0.0, 0.2, False),
        (0.06, 0.2, False),
    ],
)
def test_a_loop_without_a_core_may_have_missed_a_kept_gil(held_s, starved_s, doubtful):
    """30 ms were seen, and for as long again nobody could look; where none was seen, none is."""
    assert (doubt(keeping(*[held_s] * 3, starved_s=starved_s), FOUND) is not None) is doubtful


def test_what_a_loop_missed_of_one_stall_is_nothing_to_another():
    """It turned in between, so that nobody can have kept the GIL through both."""
    split = {"gil_held_s": 0.03, "starved_s": 0.015, "stacks": ()}
    stalls = [stall(i * 1.2 + at, 0.05, **split) for i in range(3) for at in (0.0, 0.06)]
    assert doubt(solo(0.2, *stalls), FOUND) is None


@pytest.mark.parametrize(("busy", "doubtful"), [(0.0, False), (0.74, False), (0.76, True)])
def test_a_thread_without_a_core_may_keep_the_gil_for_long(busy, doubtful):
    """That is then the others' doing; and where they are few, its own."""
    found = replace(FOUND, machine=Machine(steal=0.0, busy=busy))
    assert (doubt(keeping(0.2, 0.2, 0.2), found) is not None) is doubtful


@pytest.mark.parametrize(
    ("held_s", "doubtful"),
    [((0.012,), False), ((0.008, 0.012), True), ((0.008,), False), ((0.012, 0.02), False)],
)
def test_a_wait_in_company_is_doubtful_by_its_rounds(held_s, doubtful):
    """A thread's lock is free for one request, and each round is a mean of ten."""
    rounds = [
        burst_round(
            [0.102 + at / 1000] * 10,
            *(stall(100 + i / 10, held, off_cpu_s=held) for i in range(10)),
        )
        for at, held in enumerate(held_s)
    ]
    assert (doubt(solo(0.1), *rounds) is not None) is doubtful


def test_a_clear_failure_needs_no_second_one():
    """It waits for half of its time; that its computing is near a limit changes nothing."""
    stalls = [
        stall(i * 1.2, 0.15, off_cpu_s=0.1, on_cpu_s=held)
        for i, held in enumerate((0.049, 0.051, 0.052))
    ]
    assert doubt(solo(0.2, *stalls), FOUND) is None
    assert doubt(computing(0.049, 0.051, 0.052), burst_round(serial(0.2))) is None


def test_of_two_faults_the_longer_is_told():
    """Each end has its own; the verdict goes by what is sure."""
    for computed_s, waited_s, kind in (
        (0.2, 0.3, Diagnosis.BLOCKING_IO),
        (0.3, 0.2, Diagnosis.BLOCKING_CPU),
    ):
        stalls = [stall(i * 2.0, 0.5, on_cpu_s=computed_s, off_cpu_s=waited_s) for i in range(3)]
        figures = measured(solo(1.0, *stalls), burst_round(serial(1.0)))
        assert judge(figures, Criterion()).diagnosis is kind
        assert {fault_at(figures, Criterion(), end) for end in (SEEN, LEAST)} == {kind}


@pytest.mark.parametrize(
    ("more", "doubtful"),
    [({}, True), ({"loop_cpu_s": 0.96}, False), ({"loop_cpu_s": 0.94}, True)],
)
def test_harm_that_nothing_explains_is_doubtful(more, doubtful):
    """Others waited for a second: the loop has to have done something for all but the limit."""
    pings = (Ping(100.0, 101.0, ok=True),)
    found = doubt(solo(2.0), burst_round(parallel(2.0), pings=pings, **more))
    said = "others waited up to 1.00 s, and nothing that was seen of the loop explains it"
    assert found == (said if doubtful else None)


def test_harm_of_which_just_the_limit_is_unexplained_is_explained():
    """Others waited for a second, and the loop computed for all but the limit of it."""
    pings = (Ping(100.0, 101.0, ok=True),)
    burst = burst_round(parallel(2.0), pings=pings, loop_cpu_s=0.75)
    assert doubt(solo(2.0), burst, criterion=Criterion(loop_limit_s=0.25)) is None
    assert doubt(solo(2.0), burst, criterion=Criterion(loop_limit_s=0.125)) is not None


def test_what_is_doubtful_is_inconclusive_and_says_which_figure():
    """Whoever reads it knows what to look at."""
    found = judge(measured(computing(0.049, 0.051, 0.052), FOUND), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.INCONCLUSIVE, Diagnosis.INCONCLUSIVE)
    assert found.reason == (
        "Too near a limit to tell: computes on the loop for 49 to 52 ms at once."
    )


def test_a_figure_just_at_its_limit_is_within_it():
    """Two of three at it and one over it leave it open."""
    criterion = Criterion(loop_limit_s=0.25, waiting_share=0.25)
    found = burst_round(parallel(1.0))
    at, over = (0.25, 0.25, 0.25), (0.25, 0.25, 0.5)
    for held_s, doubtful in ((at, False), (over, True)):
        stalls = {
            "off_cpu_s": [stall(i * 2.0, 0.5, off_cpu_s=s) for i, s in enumerate(held_s)],
            "on_cpu_s": [stall(i * 2.0, 0.5, on_cpu_s=s) for i, s in enumerate(held_s)],
            "gil": [stall(i * 2.0, 0.5, gil_held_s=s, stacks=()) for i, s in enumerate(held_s)],
        }
        said = {
            kind: doubt(solo(1.0, *s), found, criterion=criterion) for kind, s in stalls.items()
        }
        assert {kind: one is not None for kind, one in said.items()} == dict.fromkeys(
            said, doubtful
        )


def test_a_burst_that_only_a_busy_machine_made_long_is_limited_by_nothing():
    """Ten requests of 20 ms, whose threads had no core for most of 100 ms."""
    machine = Machine(0.0, 0.5, starved_s=0.19)
    burst = burst_round([0.1] * 10, machine=machine, loop_cpu_s=0.03, cpu_s=0.03, busy_s=0.1)
    found = judge(measured(solo(0.02), burst), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.PASS, Diagnosis.CONCURRENT)


def test_threads_that_starve_each_other_are_no_noise():
    """Ten requests of 150 ms of one core each, on two: eight always wait for a core."""
    machine = Machine(0.0, 0.5, starved_s=6.0)
    burst = burst_round([0.8] * 10, machine=machine, cpu_s=1.5)
    found = judge(measured(solo(0.15), burst), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.PASS, Diagnosis.CPU_BOUND)


@pytest.mark.parametrize(("others_s", "least_s"), [(0.9, 0.1), (0.1, 0.9), (None, 0.1)])
def test_others_delay_nothing_for_longer_than_they_ran(others_s, least_s):
    """Threads that wait while their own process has the cores are no noise."""
    machine = Machine(0.0, 0.5, starved_s=3.0, others_s=others_s)
    burst = burst_round([1.0] * 10, machine=machine, cpu_s=0.2, loop_cpu_s=0.1, process_cpu_s=0.2)
    seen, least = both_ends(found := measured(solo(0.1), burst), found.demands)
    assert (seen.wall_s, least.wall_s) == (1.0, pytest.approx(least_s))


def test_a_short_burst_that_a_busy_machine_made_longer_is_still_too_short_to_harm():
    """Ten requests that need 39 ms of the loop, in 75 ms during which it had no core for half."""
    machine = Machine(0.0, 0.5, starved_s=0.04)
    burst = burst_round([0.075] * 10, machine=machine, loop_cpu_s=0.039, cpu_s=0.039, busy_s=0.075)
    found = judge(measured(solo(0.008), burst), Criterion())
    assert (found.verdict, found.diagnosis) == (Verdict.PASS, Diagnosis.CONCURRENT)


@pytest.mark.parametrize(
    ("computed_s", "late_s", "short_s", "verdict"),
    [
        (0.22, 0.3, 0.3, Verdict.PASS),
        (0.22, 0.0, 0.3, Verdict.INCONCLUSIVE),
        (0.02, 0.0, 0.3, Verdict.INCONCLUSIVE),
        (0.02, 0.03, 0.03, Verdict.FAIL),
    ],
    ids=["computes without a core", "computes", "is hardly late", "waits for a lock"],
)
def test_a_wall_that_the_loop_was_seen_to_lack_a_core_for_is_explained(
    computed_s, late_s, short_s, verdict
):
    """Ten compute 22 ms in slices, preempted for 300 of 570 ms; a lock leaves the loop idle.

    What it waits for a core between two answers of an upstream explains none of these.
    """
    machine = Machine(0.0, 0.7, starved_s=0.0)
    late = [stall(100.1, late_s, starved_s=late_s, stacks=())] if late_s else []
    cpu = {"cpu_s": computed_s, "loop_cpu_s": computed_s}
    burst = burst_round([0.57] * 10, *late, machine=machine, starved_s=short_s, **cpu)
    assert judge(measured(solo(0.04), burst), Criterion()).verdict is verdict


@pytest.mark.parametrize(("starved_s", "verdict"), [(2.0, Verdict.PASS), (0.1, Verdict.FAIL)])
def test_a_wall_that_processes_were_seen_to_lack_cores_for_is_explained(starved_s, verdict):
    """Ten that compute 60 ms each in processes, with 2 s of waits for two cores, or with none."""
    machine = Machine(0.0, 0.9, starved_s=starved_s, others_s=9.0)
    burst = burst_round([1.5] * 10, machine=machine, cpu_s=0.6, loop_cpu_s=0.02)
    assert judge(measured(solo(0.17), burst), Criterion()).verdict is verdict
