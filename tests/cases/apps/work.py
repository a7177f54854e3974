"""What the apps' endpoints share: computing for a known CPU time, and a database that can wait."""

from __future__ import annotations

import sqlite3
import time


def compute(seconds: float) -> int:
    """Compute in Python for this much CPU time of the calling thread; give the steps taken."""
    end_s, steps = time.thread_time() + seconds, 0
    while time.thread_time() < end_s:
        steps += sum(range(20))
    return steps


def database() -> sqlite3.Connection:
    """Open a database in memory, for any thread, whose SQL can ``SELECT wait(seconds)``."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.create_function("wait", 1, time.sleep)
    return connection
