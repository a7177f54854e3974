"""The pace of the heartbeat, by a clock of the test's own: which signs of life are noted when."""

from __future__ import annotations

import math

import pytest

from neverblock.probe import heartbeat
from neverblock.probe.config import RESOLUTION_S
from neverblock.probe.heartbeat import (
    BEAT_S,
    BUSY_BEAT_S,
    GRACE_S,
    IDLE_BEAT_S,
    LONG_S,
    Heartbeat,
    Reading,
    starved_beside_beats_s,
)
from neverblock.probe.tier import current_tier


class Deadline:
    """Keeps how far it was pushed, without a timer."""

    def __init__(self):
        """Start disarmed."""
        self.at_s = self.after_s = 0.0

    def push(self, now_s, after_s):
        """Be pushed."""
        self.at_s, self.after_s = now_s + after_s, after_s


class Pools:
    """Keeps for how long it was watched, without a pool."""

    def __init__(self, loop):
        """Begin with nothing."""
        self.loop, self.watched_s = loop, 0.0

    def advance(self, for_s):
        """Be watched."""
        self.watched_s += for_s


class Loop:
    """Runs what is scheduled when the test says so."""

    def __init__(self):
        """Begin at noon."""
        self.now_s = 1000.0
        self.due_s, self._callback = 0.0, None

    def call_later(self, after_s, callback):
        """Schedule the one callback that there is."""
        self.due_s, self._callback = self.now_s + after_s, callback
        return self

    def call_soon(self, callback):
        """Schedule it for at once."""
        return self.call_later(0.0, callback)

    def cancel(self):
        """Be cancelled, as the callback's handle."""
        self._callback = None

    def beat(self):
        """Let time pass to the beat that is due."""
        self.now_s = max(self.now_s, self.due_s)
        self._callback()


@pytest.fixture
def loop(monkeypatch):
    """Give a loop whose time stands still but for what the test lets pass."""
    loop = Loop()
    monkeypatch.setattr(heartbeat, "monotonic", lambda: loop.now_s)
    monkeypatch.setattr(type(current_tier()), "create_deadline", lambda _: Deadline())
    monkeypatch.setattr(heartbeat, "Pools", Pools)
    return loop


@pytest.fixture
def heart(loop):
    """Give a heart that has begun to beat."""
    heart = Heartbeat(loop)
    heart.start()
    loop.beat()
    yield heart
    heart.stop()


def touch(heart, loop, *, entered=0, left=0):
    """Let requests come and go now, as the wrapper does; say whether they were looked at."""
    heart.pulse.entered += entered
    heart.pulse.left += left
    looked = loop.now_s >= heart.pulse.sign_due_s
    if looked:
        heart.sign(loop.now_s)
    heart.pulse.alive_s = loop.now_s
    return looked


def crowd(heart, loop):
    """Let requests come as fast as from a crowd, until the heart has noticed."""
    while heart.deadline.after_s != BUSY_BEAT_S + GRACE_S:
        touch(heart, loop, entered=10, left=10)
        loop.beat()


def test_every_request_is_looked_at_while_they_are_few(heart, loop):
    """Each may be the one whose endpoint is reported."""
    assert touch(heart, loop, entered=1)
    assert heart.deadline.after_s == BEAT_S + GRACE_S
    loop.now_s += 1e-4
    assert touch(heart, loop, left=1)


def test_requests_of_a_crowd_are_spared_until_a_stall_can_lie_between(heart, loop):
    """What a request costs under full load is what the probe costs."""
    crowd(heart, loop)
    for _ in range(3):
        loop.now_s += RESOLUTION_S / 4
        assert not touch(heart, loop, entered=1, left=1)


def test_a_request_of_a_crowd_is_noted_in_the_place_of_a_beat_that_its_turn_delays(heart, loop):
    """Wherever the last look fell, the watchdog is not to come before a request did."""
    for step_s in (GRACE_S * n / 20 for n in range(1, 20)):
        crowd(heart, loop)
        begun_s = heart.before.at_s
        while heart.before.at_s == begun_s:
            touch(heart, loop, entered=1, left=1)
            assert loop.now_s < begun_s + BUSY_BEAT_S + GRACE_S
            loop.now_s += step_s


def test_a_stall_between_two_requests_of_a_crowd_is_seen(heart, loop):
    """Where a beat was due meanwhile. It began at the last sign of life, looked at or not."""
    crowd(heart, loop)
    loop.now_s = loop.due_s - RESOLUTION_S
    assert touch(heart, loop, entered=1)
    loop.now_s += RESOLUTION_S / 2
    assert not touch(heart, loop, entered=1, left=1)
    alive_s = loop.now_s
    loop.now_s = loop.due_s + 1.01 * RESOLUTION_S
    assert touch(heart, loop, left=1)
    assert [gap.alive_s for gap in heart.gaps] == [alive_s]


def test_signs_of_life_without_a_stall_between_them_are_no_gap(heart, loop):
    """A sign of life that is noted in time is no stall."""
    crowd(heart, loop)
    for _ in range(10):
        loop.now_s += 0.9 * RESOLUTION_S
        touch(heart, loop, entered=1, left=1)
    assert not heart.gaps


def test_the_watchdog_is_woken_when_a_crowd_has_gone(heart, loop):
    """It reports rarely beside a busy loop, and what waits for quiet waits for its report."""
    crowd(heart, loop)
    pushed = []
    while heart.pace_s == BUSY_BEAT_S:
        pushed.append(heart.deadline.after_s)
        loop.beat()
    assert set(pushed) == {BUSY_BEAT_S + GRACE_S}
    assert heart.deadline.after_s < GRACE_S
    loop.beat()
    assert heart.deadline.after_s == BEAT_S + GRACE_S


@pytest.mark.parametrize(
    ("late_s", "pace_s"), [(LONG_S - RESOLUTION_S, IDLE_BEAT_S), (0.1, BEAT_S)]
)
def test_an_idle_loop_is_watched_closely_after_a_long_stall_and_not_after_a_late_timer(
    heart, loop, late_s, pace_s
):
    """Timers are late all the time on a busy machine, the more so the more loops beat fast."""
    while heart.pace_s != IDLE_BEAT_S:
        loop.beat()
    loop.now_s = loop.due_s + late_s
    loop.beat()
    assert heart.gaps
    loop.beat()
    assert heart.pace_s == pace_s


def test_at_rest_requests_are_counted_and_nothing_is_noted(heart, loop):
    """Where a rate is measured, the probe is to take no part of it."""
    touch(heart, loop, entered=1)
    heart.rest()
    before, beats = heart.before, heart.beats
    loop.now_s += 5.0
    assert not touch(heart, loop, entered=3, left=2)
    assert (heart.in_flight, heart.before, heart.beats) == (2, before, beats)
    assert not heart.gaps
    assert heart.deadline.at_s == math.inf


def test_what_was_at_rest_is_no_stall(heart, loop):
    """It begins anew: the first gap is one that begins after that."""
    touch(heart, loop, entered=1)
    heart.rest()
    loop.now_s += 5.0
    heart.resume()
    assert (heart.before.at_s, list(heart.gaps)) == (loop.now_s, [])
    assert heart.pace_s == BEAT_S
    loop.now_s += BEAT_S + 2 * RESOLUTION_S
    resumed_s = heart.before.at_s
    loop.beat()
    assert [gap.before.at_s for gap in heart.gaps] == [resumed_s]


def test_each_turn_is_reported_and_one_that_changes_nothing_is_none(heart, loop):
    """What was seen until then is read at once by whoever asked for it."""
    turns = []
    for turn in (heart.rest, heart.rest, heart.resume, heart.resume):
        turn()
        turns.append(heart.turns)
    assert turns == [1, 1, 2, 2]
    assert loop.due_s > loop.now_s


@pytest.mark.parametrize(
    ("slices", "late", "counted_s"),
    [(1, False, 0.0), (0, False, 0.0), (3, False, 0.02), (1, True, 0.03)],
    ids=["a beat", "no slice yet", "a beat and two turns of requests", "late"],
)
def test_what_a_beat_alone_waits_for_a_core_is_not_the_requests(slices, late, counted_s):
    """On a busy machine a thousand beats a second wait for longer than all requests do."""
    before, after = Reading(1.0, 0.5, 0.2, 7, 0.9), Reading(1.03, 0.5, 0.23, 7 + slices, 0.9)
    assert starved_beside_beats_s(before, after, late=late) == pytest.approx(counted_s)
