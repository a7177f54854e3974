"""When the watchdog looks: the order of its chores, without a loop that turns."""

from __future__ import annotations

import asyncio
import math
import time

from harness.probe.config import ProbeConfig
from harness.probe.heartbeat import Heartbeat
from harness.probe.watchdog import Watchdog


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


def test_a_hold_is_looked_at_before_a_report_is_made(tmp_path):
    """A report reads the clocks anew: whoever kept the GIL until then would not be found."""

    async def watched():
        heart = Heartbeat(asyncio.get_running_loop())
        heart.deadline.close()
        heart.deadline = Deadline()
        heart.bystanders = Bystanders(heart)
        Watchdog(heart, ProbeConfig("app:app", str(tmp_path))).run()
        return heart

    heart = asyncio.run(watched())
    assert heart.bystanders.dues_s[0] == heart.deadline.at_s
