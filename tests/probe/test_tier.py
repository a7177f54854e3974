"""Which tier a process has, and what it can read there."""

from __future__ import annotations

import ctypes
import math
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from neverblock.probe import thread_clocks, tier
from neverblock.probe.armed import UNTOLD, complaint
from neverblock.probe.deadline import PollingDeadline
from neverblock.probe.thread_clocks import NoClocks, create_clocks
from neverblock.probe.thread_state import GilWait, State, SystemCall
from neverblock.probe.tier import LINUX, PORTABLE, TIER_VARIABLE, PortableTier, may_read_kernel

linux = pytest.mark.skipif(sys.platform != "linux", reason="there are two tiers on Linux alone")


def chosen():
    """Choose again, whatever this process has chosen before."""
    return tier.current_tier.__wrapped__()


@linux
def test_linux_has_the_whole_probe_unless_the_portable_one_is_asked_for(monkeypatch):
    """The variable has a Linux machine measured as any other system is."""
    monkeypatch.delenv(TIER_VARIABLE, raising=False)
    assert (chosen().name, may_read_kernel()) == (LINUX, True)
    monkeypatch.setenv(TIER_VARIABLE, PORTABLE)
    assert (chosen().name, may_read_kernel()) == (PORTABLE, False)


@linux
def test_a_kernel_that_hides_its_threads_has_the_portable_tier(monkeypatch):
    """A sandbox may have no such files, or empty ones, or count nothing."""
    monkeypatch.delenv(TIER_VARIABLE, raising=False)
    for shown in ([], [b"0", b"0", b"0"]):
        monkeypatch.setattr(tier.LinuxThreadMeter, "_read", lambda *_, shown=shown: shown)
        assert chosen().name == PORTABLE

    def hidden(*_):
        raise FileNotFoundError

    monkeypatch.setattr(tier.LinuxThreadMeter, "__init__", hidden)
    assert chosen().name == PORTABLE


def test_any_other_system_has_the_portable_tier(monkeypatch):
    """And clocks of its own, or none where they are not as documented."""
    monkeypatch.setattr(sys, "platform", "aix")
    assert (chosen().name, may_read_kernel()) == (PORTABLE, False)
    assert chosen().thread_cpu_s(1) is None
    monkeypatch.setitem(thread_clocks.CLOCKS, "aix", thread_clocks.WindowsClocks)
    assert isinstance(create_clocks(), NoClocks)


def test_the_portable_tier_shows_no_more_than_a_threads_clock():
    """What a thread waits in and whether it has a core is absent, and no zero."""
    portable = PortableTier()
    meter = portable.meter(threading.get_ident(), threading.get_native_id())
    before = time.thread_time()
    sum(range(200_000))
    read = meter.cpu_s()
    if sys.platform == "linux":
        assert before < read <= time.thread_time()
    assert meter.system_call() is None
    assert meter.schedule()[1] < 0
    assert portable.gil_wait().state(meter.system_call()) is State.UNKNOWN
    assert not portable.gil_wait()


@pytest.mark.parametrize(
    ("tells", "shows", "learned", "said"),
    [
        (True, True, True, None),
        (True, True, False, UNTOLD),
        (True, False, False, None),
        (False, True, False, None),
        (False, False, False, None),
    ],
)
def test_a_complaint_is_of_what_the_tier_was_to_tell(monkeypatch, tells, shows, learned, said):
    """The portable one was never to tell waits for the GIL; where there is none, nobody can."""
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: tells, raising=False)
    asked = SimpleNamespace(shows_calls=shows)
    assert complaint(asked, GilWait(frozenset({SystemCall(1, 2)} if learned else ()))) == said


def test_a_polled_deadline_fires_when_it_was_not_pushed():
    """And not before its time is up."""
    deadline = PollingDeadline()
    assert deadline.at_s == math.inf
    assert not deadline.wait(0.005)
    deadline.push(time.monotonic(), 0.01)
    assert deadline.wait(5)
    assert time.monotonic() >= deadline.at_s


def test_macs_structures_are_as_long_as_its_header_has_them():
    """THREAD_BASIC_INFO_COUNT is 10 words and THREAD_IDENTIFIER_INFO_COUNT 6, of four bytes."""
    lengths = [
        ctypes.sizeof(each) for each in (thread_clocks._BasicInfo, thread_clocks._IdentifierInfo)
    ]
    assert lengths == [4 * 10, 4 * 6]
