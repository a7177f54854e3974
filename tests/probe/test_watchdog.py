"""When the watchdog samples: the order of its chores, without a loop that turns."""

from __future__ import annotations

import asyncio
import gc
import math
import sys
import time

import pytest
from needs import of_the_gil

from neverblock.analysis.stalls import background_gil_s
from neverblock.observe.trace_reader import TraceReader
from neverblock.probe.config import RESOLUTION_S, ProbeConfig
from neverblock.probe.heartbeat import Heartbeat
from neverblock.probe.thread_state import ThreadMeter
from neverblock.probe.tier import current_tier
from neverblock.probe.watchdog import Watchdog, arm


class Deadline:
    """Passes while it is waited for, after the wait was to end: so it was seen not to fire."""

    def __init__(self):
        """Start far in the future."""
        self.at_s = math.inf

    def wait(self, _):
        """Come back late, as a thread does that has to wait for the GIL."""
        self.at_s = time.monotonic() - 0.4
        return False


class OtherThreads:
    """Records when each check was due, and stops the heart after the second."""

    def __init__(self, heart):
        """Take the heart to stop."""
        self._heart = heart
        self.not_these, self.gil_holders, self.dues_s = set(), [], []

    def check(self, due_s):
        """Record one check."""
        self.dues_s.append(due_s)
        self._heart.stopped = len(self.dues_s) > 1

    def kept_gil(self, *_):
        """Name nobody."""
        return []


async def watched(folder):
    """Watch a heart until two samples were whole; give it."""
    heart = Heartbeat(asyncio.get_running_loop())
    heart.deadline.close()
    heart.deadline = Deadline()
    heart.other_threads = OtherThreads(heart)
    Watchdog(heart, ProbeConfig("app:app", str(folder))).run()
    return heart


def test_a_sample_comes_before_a_report(tmp_path):
    """A report reads the clocks anew, after which the GIL holder could not be named."""
    heart = asyncio.run(watched(tmp_path))
    assert heart.other_threads.dues_s[0] == heart.deadline.at_s


@of_the_gil
def test_a_sample_in_which_the_gil_was_lost_is_discarded(tmp_path, monkeypatch):
    """Its time is from before the loss and its clocks from after; the next is due since then."""
    read_s = []

    class Interrupted(ThreadMeter):
        def cpu_s(self):
            read_s.append(time.monotonic())
            if len(read_s) == 1:
                time.sleep(2 * sys.getswitchinterval())

    monkeypatch.setattr(type(current_tier()), "meter", lambda _, *thread: Interrupted(*thread))
    heart = asyncio.run(watched(tmp_path))
    assert heart.deadline.at_s < heart.other_threads.dues_s[0] <= read_s[0]


async def follow(folder, turn):
    """Hold a watched loop for 20 ms and again; give what of that the watchdog computed as well."""
    watchdog = arm(ProbeConfig("app:app", str(folder)))
    heart = watchdog.heart
    heart.pulse.entered += 1
    await asyncio.sleep(0.05)
    turn(heart)
    await asyncio.sleep(0.05)
    clock = current_tier().thread_cpu_s
    before_s, loop_s = clock(watchdog.native_id), time.thread_time()
    for _ in range(15):
        until_s = time.thread_time() + 0.02
        while time.thread_time() < until_s:
            pass
        await asyncio.sleep(0.002)
    share = (clock(watchdog.native_id) - before_s) / (time.thread_time() - loop_s)
    watchdog.disarm()
    return share


@of_the_gil
def test_a_collection_in_the_watchdogs_own_thread_is_nobodys_doing(tmp_path):
    """The collector takes whichever thread allocates next; the loop waits for the GIL meanwhile."""
    kept = [[] for _ in range(1_000_000)]

    async def main():
        watchdog = arm(ProbeConfig("app:app", str(tmp_path)))
        watchdog.heart.pools.refresh = lambda _: gc.collect()
        from_s = time.monotonic()
        await asyncio.sleep(1.0)
        to_s = time.monotonic()
        watchdog.disarm()
        return TraceReader(tmp_path).window(from_s, to_s)

    stall = max(asyncio.run(main()).stalls, key=lambda each: each.gil_held_s)
    assert len(kept) == 1_000_000
    assert stall.gil_held_s > RESOLUTION_S
    assert stall.culprit.background
    assert background_gil_s(stall) == stall.gil_held_s == pytest.approx(stall.gil_gc_s)


def test_a_watchdog_at_rest_takes_next_to_none_of_the_cpu(tmp_path):
    """By CPU clocks: a loop that is held all the time is not followed, unless it resumed."""
    at_rest = asyncio.run(follow(tmp_path, lambda heart: heart.rest()))
    awake = asyncio.run(follow(tmp_path, lambda heart: (heart.rest(), heart.resume())))
    assert at_rest < 0.01
    assert awake > 3 * at_rest
