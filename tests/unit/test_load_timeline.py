from __future__ import annotations

from dataclasses import replace

import pytest
from loads import counted, hold, request

from neverblock.analysis.load.figures import tally
from neverblock.analysis.load.timeline import MOST, Beside, timeline
from neverblock.analysis.load.trends import trends
from neverblock.model import Beat, LoopState, ProcessSample

ASKED = [
    *(request("GET /", 10.2 + at / 10, 0.05) for at in range(40)),
    request("GET /", 12.3, 0.5, error="answered 500"),
]


def over_time(requests=ASKED, **beside):
    """Give the time line of a load that began at ten seconds."""
    made = tally(counted(requests))
    return timeline(made.over_time, Beside(**beside), made.first_s)


def test_each_second_has_its_figures():
    """What ended in it, and how long that took."""
    moments = over_time()
    assert [moment.requests for moment in moments] == [8, 10, 11, 10, 2]
    assert [moment.failures for moment in moments] == [0, 0, 1, 0, 0]
    assert moments[1].p50_s == pytest.approx(0.05, rel=0.011)
    assert moments[2].p99_s == pytest.approx(0.5, rel=0.011)
    assert [moment.at_s for moment in moments] == pytest.approx([0, 0.8, 1.8, 2.8, 3.8])
    assert [moment.length_s for moment in moments] == pytest.approx([0.8, 1, 1, 1, 1])


def test_a_clock_that_is_a_little_off_moves_no_request_into_another_second():
    """Seconds of another machine begin where ours do not, and none of them is lost."""
    for off_s in (-0.4, -0.001, 0.001, 0.4):
        made = tally([second.moved(off_s) for second in counted(ASKED)])
        moments = timeline(made.over_time, Beside(), made.first_s)
        assert [moment.requests for moment in moments][-3:] == [11, 10, 2]
        assert sum(moment.requests for moment in moments) == len(ASKED)
        assert min(moment.length_s for moment in moments) > 0


def test_what_was_not_measured_is_absent():
    """Without a probe nothing is known of the loops, and a second without requests has no p95."""
    moments = over_time([request("GET /", 10.0, 0.05), request("GET /", 12.0, 0.05)])
    assert (moments[1].requests, moments[1].p95_s) == (0, None)
    assert (moments[0].waiting, moments[0].in_flight, moments[0].processes) == (None, None, ())


def test_loops_are_shown_by_what_held_them():
    """As a share of the time of all loops; a hold over two seconds is in both."""
    held = [hold(10.8, 0.4).stall, hold(11.5, 0.1, on_cpu=True, pid=2).stall]
    moments = over_time(stalls=held, pids=(1, 2))
    assert moments[0].waiting == pytest.approx(0.1)
    assert moments[1].waiting == pytest.approx(0.1)
    assert moments[1].computing == pytest.approx(0.05)
    assert moments[2].waiting == 0


def test_generators_and_servers_are_laid_beside_the_requests():
    """Users add up, the worst generator counts, and CPU is that since the sample before."""
    beats = [
        Beat(10.0 + at / 2, 5, at * share / 2, lag_s, 4, worker)
        for at in range(8)
        for worker, share, lag_s in (("a", 0.2, 0.01), ("b", 0.6, 0.03))
    ]
    states = [LoopState(11.1, 1, 3, 2, 0), LoopState(11.9, 1, 7, 1, 4), LoopState(11.5, 2, 2, 1, 0)]
    samples = [ProcessSample(10.5 + at, 1, at * 0.5, 2**26, 12, 4) for at in range(4)]
    moments = over_time(beats=beats, states=states, samples=samples, pids=(1, 2))
    moment = moments[1]
    assert (moment.users, moment.generator_lag_s) == (10, 0.03)
    assert moment.generator_cpu_share == pytest.approx(0.6)
    assert (moment.in_flight, moment.threads_taken, moment.threads_waited_for) == (9, 3, 4)
    (process,) = moment.processes
    assert (process.pid, process.memory_bytes, process.open_files) == (1, 2**26, 12)
    assert process.cpu_share == pytest.approx(0.5)


def test_a_time_line_has_a_bounded_number_of_stretches():
    """A day is no more than a minute; every request is in it."""
    made = over_time([request("GET /", 10.0 + at, 0.05) for at in range(0, 86_400, 30)])
    assert MOST / 2 < len(made) <= MOST
    assert sum(moment.requests for moment in made) == 2880
    assert {round(moment.length_s) for moment in made[1:]} == {256}


def test_memory_that_only_rises_is_a_trend_and_rising_users_are_none():
    """Of the process that it is of; rate and latency are held against the same load alone."""
    asked = [request("GET /", 10.0 + at / 2, 0.05) for at in range(2400)]
    beats = [Beat(10.0 + at, 5, 0.0, 0.0, 2) for at in range(1200)]
    samples = [
        ProcessSample(10.0 + at, pid, 0.0, 2**26 + leak * at, 12, 4)
        for at in range(1200)
        for pid, leak in ((7, 2**20 // 60), (8, 0))
    ]
    (found,) = trends(over_time(asked, beats=beats, samples=samples))
    assert (found.figure, found.pid) == ("memory", 7)
    assert found.per_minute == pytest.approx(2**20, rel=0.02)
    growing = [replace(beat, users=1 + index // 20) for index, beat in enumerate(beats)]
    assert trends(over_time(asked, beats=growing)) == ()


def test_tasks_that_only_rise_are_a_trend():
    """Of the process whose loop they are on; where nobody looked, nothing is made up."""
    asked = [request("GET /", 10.0 + at / 2, 0.05) for at in range(2400)]
    beats = [Beat(10.0 + at, 5, 0.0, 0.0, 2) for at in range(1200)]
    samples = [ProcessSample(10.0 + at, 7, 0.0, 2**26, 12, 4) for at in range(1200)]
    leak = [LoopState(10.0 + at, 7, 5, 0, 0, None if at % 3 else 9 + at) for at in range(1200)]
    moments = over_time(asked, beats=beats, samples=samples, states=leak, pids=(7,))
    assert {moment.processes[0].tasks for moment in moments} >= {None, 9, 12}
    (found,) = trends(moments)
    assert (found.figure, found.pid) == ("tasks", 7)
    assert found.per_minute == pytest.approx(60, rel=0.02)
    level = [replace(state, tasks=state.tasks and 9) for state in leak]
    assert trends(over_time(asked, beats=beats, samples=samples, states=level, pids=(7,))) == ()


def test_a_rate_that_falls_at_the_same_load_is_a_trend():
    """It goes down by what it lost a minute."""
    asked, at_s, gap_s = [], 10.0, 0.05
    while at_s < 1200:
        asked.append(request("GET /", at_s, 0.01))
        at_s, gap_s = at_s + gap_s, gap_s + 2e-6
    beats = [Beat(10.0 + at, 5, 0.0, 0.0, 2) for at in range(1200)]
    (found,) = trends(over_time(asked, beats=beats))
    assert (found.figure, found.pid) == ("rate", None)
    assert found.low <= found.per_minute <= found.high < 0
    assert found.ended < found.started
