"""Two runs in; what became of each endpoint out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, judged, measured, result, run, serial, solo, stall

from neverblock.errors import UsageError
from neverblock.gate.compare import (
    Change,
    Interval,
    Shift,
    change_of,
    compare,
    held_share,
    wall_share,
)
from neverblock.model import Verdict
from neverblock.result import Criterion


def burst(wall_s, own_s=1.0, *, held_s=0.0, walls=()):
    """One endpoint whose ten requests took so long, and which held the loop for so long alone."""
    stalls = (stall(i * (own_s + 1), held_s, on_cpu_s=held_s) for i in range(3)) if held_s else ()
    rounds = [burst_round([wall] * 10) for wall in (wall_s, *walls)]
    return judged(measured(solo(own_s, *stalls), *rounds))


def change(base, head):
    """Give what became of the only endpoint of two runs."""
    (found,) = compare(run(*base), run(*head)).differences
    return found.change


FREE, SLOW = burst(1.02), burst(10.0)
HALF, MORE = burst(5.0), burst(6.5)


@pytest.mark.parametrize(
    ("base", "head", "became"),
    [
        ([FREE], [SLOW], Change.NEWLY_BLOCKING),
        ([SLOW], [FREE], Change.FIXED),
        ([HALF], [MORE], Change.WORSE),
        ([MORE], [HALF], Change.BETTER),
        ([FREE], [FREE], Change.SAME),
        ([SLOW], [SLOW], Change.SAME),
        ([FREE], [], Change.GONE),
        ([FREE], [result(Verdict.SKIPPED)], Change.GONE),
        ([result(Verdict.ERROR)], [], Change.GONE),
        ([], [FREE], Change.NEW),
        ([result(Verdict.SKIPPED)], [FREE], Change.NEW),
        ([result(Verdict.SKIPPED)], [result(Verdict.SKIPPED)], Change.NOT_COMPARABLE),
        ([FREE], [result(Verdict.ERROR)], Change.NOT_COMPARABLE),
        ([result(Verdict.INCONCLUSIVE)], [SLOW], Change.NOT_COMPARABLE),
    ],
)
def test_what_became_of_an_endpoint(base, head, became):
    """The verdicts speak first, then the figures; what was not measured is not compared."""
    assert change(base, head) is became


def test_endpoints_are_told_apart_by_name_and_scenario():
    """The same endpoint under another load is another result."""
    crowd = replace(FREE, scenario=replace(FREE.scenario, name="crowd"))
    found = compare(
        run(FREE, crowd), run(crowd, replace(FREE, endpoint=result(Verdict.PASS, "f").endpoint))
    )
    assert [(d.endpoint, d.scenario, d.change) for d in found.differences] == [
        ("e", "crowd", Change.SAME),
        ("f", "gather", Change.NEW),
        ("e", "gather", Change.GONE),
    ]


def test_a_comparison_has_both_results_and_both_times():
    """Whoever reads it wants to know what it was."""
    found = compare(run(FREE, started_at="monday"), run(SLOW, started_at="friday"))
    assert (found.base_started_at, found.head_started_at) == ("monday", "friday")
    (both,) = found.differences
    assert (both.base, both.head) == (FREE, SLOW)
    assert [shift.figure for shift in both.shifts] == ["wall over serial bound", "held"]


def test_without_figures_of_both_there_is_nothing_to_compare():
    """A verdict without a measurement, and a probe on one side alone."""
    bare = replace(FREE, measurement=None)
    for base, head in ((FREE, bare), (bare, FREE)):
        (found,) = compare(run(base), run(head)).differences
        assert found.shifts == ()
    outside = replace(FREE, measurement=replace(FREE.measurement, loop=None))
    for base, head in ((FREE, outside), (outside, FREE)):
        (found,) = compare(run(base), run(head)).differences
        assert [shift.figure for shift in found.shifts] == ["wall over serial bound"]


def test_seconds_alone_make_nothing_worse():
    """Another machine takes twice as long for everything."""
    assert change([burst(5.0, 1.0)], [burst(10.0, 2.0)]) is Change.SAME


def test_a_small_difference_is_none_however_sure_it_is():
    """Less than one request's own time more for all ten."""
    assert change([burst(5.0)], [burst(5.9)]) is Change.SAME
    assert change([burst(5.0)], [burst(6.1)]) is Change.WORSE


def test_a_large_difference_is_none_where_the_intervals_meet():
    """One round in the baseline took as long as it takes now."""
    assert change([burst(5.0, walls=[7.0])], [burst(6.5)]) is Change.SAME


def test_holding_the_loop_for_longer_is_worse_though_both_pass():
    """40 ms of computing in 100 ms stay below the limit, and were not there before."""
    before, now = burst(0.102, 0.1, held_s=0.005), burst(0.102, 0.1, held_s=0.04)
    assert {before.judgement.verdict, now.judgement.verdict} == {Verdict.PASS}
    assert change([before], [now]) is Change.WORSE
    assert change([now], [before]) is Change.BETTER


def test_what_the_probe_cannot_resolve_is_no_difference():
    """1.5 ms of a 3 ms request are half of it, and nothing."""
    assert change([burst(0.004, 0.003)], [burst(0.004, 0.003, held_s=0.0015)]) is Change.SAME


def test_a_wall_that_is_the_cpus_own_limit_is_not_compared():
    """What else the machine did is in it."""
    limited = judged(measured(solo(0.2), burst_round([1.0] * 10, cpu_s=1.95)))
    slower = judged(measured(solo(0.2), burst_round([2.0] * 10, cpu_s=3.9)))
    (found,) = compare(run(limited), run(slower)).differences
    assert found.change is Change.SAME
    assert [shift.figure for shift in found.shifts] == ["held"]


def test_what_gets_worse_in_one_figure_and_better_in_another_is_worse():
    """Nobody asked for the trade."""
    worse = Shift("a", Interval(0.1, 0.1, 0.1), Interval(0.3, 0.3, 0.3), 0.1)
    better = replace(worse, base=worse.head, head=worse.base)
    assert change_of(FREE, FREE, (better, worse)) is Change.WORSE
    assert change_of(FREE, FREE, (better,)) is Change.BETTER


@pytest.mark.parametrize(
    ("base", "head", "became"),
    [
        ((0.5, 0.4, 0.6), (0.71, 0.61, 0.8), Change.WORSE),
        ((0.5, 0.4, 0.6), (0.71, 0.6, 0.8), Change.SAME),
        ((0.5, 0.4, 0.6), (0.29, 0.2, 0.39), Change.BETTER),
        ((0.5, 0.4, 0.6), (0.29, 0.2, 0.4), Change.SAME),
        ((0.5, 0.5, 0.5), (0.55, 0.55, 0.55), Change.SAME),
        ((0.5, 0.5, 0.5), (0.75, 0.75, 0.75), Change.WORSE),
    ],
)
def test_a_shift_needs_intervals_apart_and_a_difference_that_matters(base, head, became):
    """Touching intervals are not apart, and the smallest difference that matters does matter."""
    assert Shift("f", Interval(*base), Interval(*head), 0.2).change is became
    assert (
        Shift("f", Interval(0.5, 0.5, 0.5), Interval(0.75, 0.75, 0.75), 0.25).change is Change.WORSE
    )


def test_the_wall_is_given_over_the_serial_bound_less_the_floor():
    """Its interval spans the rounds and the solo requests."""
    found = measured(solo(1.0), burst_round(serial(1.0), floor_s=0.5), burst_round([12.0] * 10))
    found = replace(found, solo_samples_s=(0.8, 1.0, 1.25))
    assert wall_share(found) == Interval(
        pytest.approx(0.95), pytest.approx(9.5 / 12.5), pytest.approx(11.5 / 8)
    )


def test_a_wall_within_the_floor_is_nothing():
    """What the null burst takes as well is not the endpoint's."""
    found = measured(solo(0.25), burst_round([0.5] * 10, floor_s=0.75))
    assert wall_share(found) == Interval(0.0, 0.0, 0.0)
    found = measured(solo(0.25), burst_round([0.5] * 10, floor_s=0.25))
    assert wall_share(found) == Interval(0.1, 0.1, 0.1)


def test_the_held_share_has_the_interval_of_its_own_time():
    """And none is given where no probe looked."""
    found = burst(1.02, 0.5, held_s=0.2).measurement
    found = replace(found, solo_samples_s=(0.4, 0.5, 0.8))
    assert held_share(found) == Interval(
        pytest.approx(0.4), pytest.approx(0.25), pytest.approx(0.5)
    )
    assert held_share(replace(found, loop=None)) is None
    short = replace(found, solo_samples_s=(0.1, 0.5))
    assert held_share(short).high == 1.0


def environment(**more):
    """Give the usual environment, but for this."""
    return {"environment": {**run().environment, **more}}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (environment(python="3.13.1"), "Python CPython 3.12 and CPython 3.13"),
        (environment(implementation="PyPy"), "Python CPython 3.12 and PyPy 3.12"),
        (environment(platform="Linux 6.1.0 aarch64"), "platform Linux x86_64 and Linux aarch64"),
        (environment(cpus=4), "cores 2 and 4"),
        ({"scale": 0.2}, "scale 1.0 and 0.2"),
        ({"criterion": Criterion(loop_limit_s=0.01)}, "loop_limit_s 0.05 and 0.01"),
    ],
)
def test_runs_of_other_conditions_are_refused_and_it_is_said_which(more, told):
    """Their figures would not mean the same."""
    with pytest.raises(UsageError) as refused:
        compare(run(FREE), run(FREE, **more))
    assert told in refused.value.what


def test_what_only_one_run_knows_is_no_difference():
    """The Python behind a URL is not known, nor what the probe of an older run could see."""
    assert compare(run(FREE), run(FREE, **environment(tier="linux", python=""))) is not None
    seen = {"linux": environment(tier="linux"), "portable": environment(tier="portable")}
    with pytest.raises(UsageError, match="probe linux and portable"):
        compare(run(FREE, **seen["linux"]), run(FREE, **seen["portable"]))


def test_all_that_differs_is_named_at_once():
    """Nobody wants to fix one after the other."""
    with pytest.raises(UsageError) as refused:
        compare(run(FREE), run(FREE, scale=2.0, **environment(cpus=4)))
    assert "cores 2 and 4; scale 1.0 and 2.0" in refused.value.what
    assert refused.value.hint == "Measure both in one job, on one machine, with the same options."
    with pytest.raises(UsageError, match="cores 2 and unknown"):
        compare(run(FREE), run(FREE, **environment(cpus=None)))


def test_another_event_loop_is_other_conditions():
    """The loops take different times for the same."""
    loop = replace(FREE.measurement.loop, loop="uvloop")
    other = replace(FREE, measurement=replace(FREE.measurement, loop=loop))
    with pytest.raises(UsageError, match="event loop asyncio and uvloop"):
        compare(run(FREE), run(other))
    named = replace(other, endpoint=replace(other.endpoint, name="f"))
    with pytest.raises(UsageError, match="event loop asyncio and asyncio, uvloop"):
        compare(run(FREE), run(FREE, named))


def test_another_length_of_a_crowd_is_other_conditions():
    """It makes other requests."""
    crowd = replace(FREE, scenario=replace(FREE.scenario, name="crowd", duration_s=3.0))
    longer = replace(crowd, scenario=replace(crowd.scenario, duration_s=5.0))
    told = "scenario crowd of 10 requests by gather for 3 s and of 10 requests by gather for 5 s"
    with pytest.raises(UsageError, match=told):
        compare(run(crowd), run(longer))


def test_an_endpoint_may_have_a_number_of_requests_of_its_own():
    """If it is the same in both runs; and what one run lacks is no other condition."""
    few = replace(SLOW, endpoint=replace(SLOW.endpoint, name="f"))
    few = replace(few, scenario=replace(few.scenario, n=3))
    assert len(compare(run(FREE, few), run(FREE, few)).differences) == 2
    assert len(compare(run(FREE), run(FREE, few)).differences) == 2


def test_another_number_of_requests_is_other_conditions():
    """The wall of a hundred is no wall of ten."""
    hundred = replace(FREE, scenario=replace(FREE.scenario, n=100))
    with pytest.raises(UsageError, match="scenario gather of 10 requests by gather and of 100"):
        compare(run(FREE), run(hundred))


@pytest.mark.parametrize(
    "more",
    [
        environment(python="3.12.1"),
        environment(platform="Linux 6.8.0 x86_64"),
        environment(packages={"fastapi": "9"}),
        {"tool_version": "2", "started_at": "now", "duration_s": 3.0, "target": "other:app"},
    ],
)
def test_what_an_upgrade_changes_is_compared(more):
    """That is what a comparison is for."""
    assert compare(run(FREE), run(FREE, **more)).differences[0].change is Change.SAME


def test_a_run_of_errors_is_compared_all_the_same():
    """It has no event loop to tell; that everything fails is the finding."""
    assert change([FREE], [result(Verdict.ERROR)]) is Change.NOT_COMPARABLE


def test_figures_of_an_unsure_result_can_only_show_it_worse():
    """A known failure without a verdict is worse where its figures say so, and else no word."""
    for head, became in ((MORE, Change.WORSE), (burst(4.0), Change.NOT_COMPARABLE)):
        judgement = replace(head.judgement, verdict=Verdict.INCONCLUSIVE)
        base = replace(MORE, measurement=burst(4.1).measurement)
        assert base.judgement.verdict is Verdict.FAIL
        assert change([base], [replace(head, judgement=judgement)]) is became
