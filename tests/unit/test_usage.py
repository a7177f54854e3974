"""The CPU time of a process tree and its waits for a core, as the kernel counts them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from neverblock.target.usage import Usage, usage

SPIN = "while True: pass"
TWO_ON_ONE_CORE = f"""
import os, subprocess, sys
os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
spinning = [subprocess.Popen([sys.executable, "-c", "{SPIN}"]) for _ in range(2)]
print(*(each.pid for each in spinning), flush=True)
sys.stdin.read()
for each in spinning:
    each.kill()
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts it by thread")


@contextmanager
def crowded():
    """Run a process with two children that share one core; give all three's ids."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", TWO_ON_ONE_CORE], **pipes) as parent:
        children = map(int, parent.stdout.readline().split())
        try:
            yield parent.pid, *children
        finally:
            parent.stdin.close()


def test_two_readings_give_what_was_between_them():
    """A thread that is new has waited since the first of them; clocks never run backwards."""
    before = Usage(1.0, {1: 0.5, 2: 4.0})
    now = Usage(1.5, {1: 0.75, 3: 0.25})
    assert now.cpu_since(before) == 0.5
    assert now.starved_since(before) == 0.5
    assert now.starved_since(before, apart=(3,)) == 0.25
    assert before.cpu_since(now) == 0.0


def test_a_wait_that_is_not_counted_is_not_known():
    """A server without a count is not taken for one that never waited."""
    counted, uncounted = Usage(1.0, {}), Usage(1.0, None)
    assert counted.starved_since(uncounted) is None
    assert uncounted.starved_since(counted) is None


@linux
def test_processes_that_share_a_core_wait_for_it_by_turns():
    """One of both waits at any time, and what is beneath a process counts as its own."""
    with crowded() as (parent, *_):
        since_s, before = time.monotonic(), usage(parent)
        time.sleep(1.0)
        now = usage(parent)
        assert now.starved_since(before) > 0.5 * (time.monotonic() - since_s)
        assert now.cpu_since(before) > 0


@linux
def test_a_child_can_be_left_out():
    """The measuring process is left out where it is a child of the server."""
    with crowded() as (parent, first, second):
        threads = usage(parent, apart=first).waited_s
        assert {parent, second} <= threads.keys()
        assert first not in threads


def test_a_process_that_is_gone_has_used_nothing_more():
    """Usage of an ended process is zero, not an error."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    gone = usage(ended.pid)
    assert gone.cpu_s == 0.0
    assert not gone.waited_s


@linux
def test_every_thread_of_a_process_is_known():
    """The main thread of this process is among them."""
    assert os.getpid() in usage(os.getpid()).waited_s
