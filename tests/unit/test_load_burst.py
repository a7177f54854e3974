"""A burst by load generators: when it begins, what it took, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import trace
from loads import counted, hold, request

from neverblock.analysis.load.burst import BurstSeen, burst_of
from neverblock.analysis.load.figures import tally
from neverblock.analysis.load.report import LoadSeen, load_of
from neverblock.cli.load_options import at_once
from neverblock.errors import UsageError
from neverblock.load.release import ASKED_ALONE, GONE, MEETING, READY, Release
from neverblock.model import Beat, Verdict
from neverblock.report.load_words import burst_sentence, table_sentences
from neverblock.result import Control, Criterion

SEEN = Control(True, 0.1, 0.1, "null_app.py:1", "null_app.py:1")
ONE_BY_ONE = [request("GET /slow", 100.0, 0.02 * at, number=at) for at in range(1, 11)]
ALONE = [("GET /slow", 0.5), ("GET /slow", 0.02), ("GET /slow", 0.021), ("GET /slow", 0.022)]
STARTS = {"a": [100.0 + at / 1000 for at in range(5)], "b": [100.002] * 5}


def seen(alone=ALONE, starts=STARTS):
    """Give what was seen of the ten requests, which were answered one after another."""
    return BurstSeen(100.0, alone, starts)


def states(release, **told):
    """Tell a release how far each process is, and let it decide."""
    for process, state in told.items():
        release.take(process, {"state": state, "users": len(process)})
    release.step(set(told))


def test_a_burst_waits_for_all_asks_alone_and_goes_by_each_clock():
    """The process with the most users asks alone; each then hears the instant by its own clock."""
    named = []
    release = Release(named.append)
    states(release, a=READY, bb=MEETING)
    assert release.order("bb", 0.0) == {"alone": False}
    states(release, a=READY, bb=READY)
    assert (release.order("a", 0.0), release.order("bb", 0.0)) == (
        {"alone": False},
        {"alone": True},
    )
    assert named == []
    states(release, a=READY, bb=ASKED_ALONE)
    (at_s,) = named
    assert release.order("a", 5.0) == {"at_s": at_s + 5.0}
    assert "at_s" not in release.order("bb", None)
    assert not release.over({"a", "bb"})
    states(release, a=GONE, bb=GONE)
    assert release.over({"a", "bb"})


def test_a_burst_of_what_was_asked_alone_already_waits_for_all_alone():
    """The instant is named as soon as every process is ready."""
    named = []
    release = Release(named.append, alone=False)
    states(release, a=READY, bb=MEETING)
    assert named == []
    states(release, a=READY, bb=READY)
    (at_s,) = named
    assert release.order("bb", 5.0) == {"at_s": at_s + 5.0}


def test_a_process_that_is_lost_holds_up_no_burst():
    """Neither before the others are ready, nor where it was to ask alone."""
    release = Release(lambda _: None)
    states(release, a=READY, bb=READY)
    release.step({"a"})
    assert "at_s" in release.order("a", 0.0)
    release.take("a", {"state": GONE, "users": 0})
    assert release.over({"a"})


def test_a_burst_is_held_to_its_requests_one_after_another():
    """By the median of what each took alone, the first of a name aside."""
    burst = burst_of(seen(), tally(counted(ONE_BY_ONE)))
    assert burst.users == 10
    assert burst.wall_s == pytest.approx(0.2)
    assert burst.serial_bound_s == pytest.approx(0.21)
    assert burst.longest_alone_s == pytest.approx(0.021)
    assert (burst.spread_s, burst.widest_s) == (pytest.approx(0.004), pytest.approx(0.004))
    assert burst.generators_apart_s == pytest.approx(0.002)
    said = burst_sentence(burst, 10)
    assert "10 users asked at one instant, and all had their answers in 200 ms" in said
    assert "one after another the requests would take 210 ms" in said
    assert "10 of 12 users" in burst_sentence(burst, 12)


def test_what_was_not_asked_alone_gives_no_bound():
    """A figure is measured or it is absent, and the sentence says so."""
    burst = burst_of(seen(alone=[("GET /other", 0.02)]), tally(counted(ONE_BY_ONE)))
    assert (burst.serial_bound_s, burst.longest_alone_s) == (None, None)
    assert "is not known" in burst_sentence(burst, 10)
    assert burst_of(seen(starts={"a": []}), tally(counted(ONE_BY_ONE))) is None


def test_in_a_burst_requests_of_the_same_endpoint_are_others():
    """Each wait is below the limit, and ten of them made the last request wait for the sum."""
    holds = [hold(100.0 + 0.02 * at, 0.02, number=at + 1) for at in range(10)]
    before = [request("GET /slow", 90.0 + at, 0.02, number=at + 50) for at in range(5)]
    beats = [Beat(float(at), 10, at * 0.1, 0.001, 1) for at in (99, 100, 101)]
    watched = replace(trace(), pids=(1,))
    everything = LoadSeen(
        [*before, *ONE_BY_ONE], counted(ONE_BY_ONE), beats, holds, watched, SEEN, burst=seen()
    )
    load = load_of(everything, Criterion(), lambda found: found)
    assert load.verdict is Verdict.FAIL
    (found,) = load.findings
    assert (found.line, found.others_requests) == (7, 9)
    assert found.others_worst_s == pytest.approx(0.18, rel=0.02)
    assert load.requests == 10
    assert any("while other requests held the loop" in said for said in table_sentences(load))
    apart = load_of(replace(everything, burst=None), Criterion(), lambda found: found)
    assert (apart.verdict, apart.burst) == (Verdict.PASS, None)


def test_a_burst_has_users_and_is_no_load_of_another_kind():
    """As many as a check asks at once, who come as fast as they can."""
    assert at_once(None, None, rate=None, web=False) == ("10", "10")
    assert at_once("500", "50", rate=None, web=False) == ("500", "50")
    with pytest.raises(UsageError, match="--burst and --rate 20 are two loads"):
        at_once(None, None, rate=20.0, web=False)
    with pytest.raises(UsageError, match="--burst and --web"):
        at_once(None, None, rate=None, web=True)
