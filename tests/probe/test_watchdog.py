"""When the watchdog looks: the order of its chores, without a loop that turns."""

from __future__ import annotations

import asyncio
import math
import sys
import time

from neverblock.probe.config import ProbeConfig
from neverblock.probe.heartbeat import Heartbeat
from neverblock.probe.thread_state import ThreadMeter
from neverblock.probe.watchdog import Watchdog


class Deadline:
    """Passes while it is waited for, after the wait was to end: so it was seen not to fire."""

    def __init__(self):
        """Start far in the future."""
        self.at_s = math.inf

    def wait(self, _):
        """Come back late, as a thread does that has to wait for the GIL."""
        self.at_s = time.monotonic() - 0.4
        return False


class Bystanders:
    """Notes when each look was due; after the first two nothing is left to see."""

    def __init__(self, heart):
        """Take the heart to stop."""
        self._heart = heart
        self.not_these, self.hogs, self.dues_s = set(), [], []

    def look(self, due_s):
        """Be looked at."""
        self.dues_s.append(due_s)
        self._heart.stopped = len(self.dues_s) > 1


async def watched(folder):
    """Watch a heart until two looks were whole; give it."""
    heart = Heartbeat(asyncio.get_running_loop())
    heart.deadline.close()
    heart.deadline = Deadline()
    heart.bystanders = Bystanders(heart)
    Watchdog(heart, ProbeConfig("app:app", str(folder))).run()
    return heart


def test_a_hold_is_looked_at_before_a_report_is_made(tmp_path):
    """A report reads the clocks anew: whoever kept the GIL until then would not be found."""
    heart = asyncio.run(watched(tmp_path))
    assert heart.bystanders.dues_s[0] == heart.deadline.at_s


def test_a_look_in_which_the_gil_was_lost_is_none(tmp_path, monkeypatch):
    """Its time is from before and its clocks from after; the next one is due since it began."""
    read_s = []

    class Interrupted(ThreadMeter):
        def cpu_s(self):
            read_s.append(time.monotonic())
            if len(read_s) == 1:
                time.sleep(2 * sys.getswitchinterval())

    monkeypatch.setattr("neverblock.probe.watchdog.meter", Interrupted)
    heart = asyncio.run(watched(tmp_path))
    assert heart.deadline.at_s < heart.bystanders.dues_s[0] <= read_s[0]
