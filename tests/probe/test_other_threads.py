"""Which other thread used the CPU while nobody could look, and whether it still stands there."""

from __future__ import annotations

import threading
import time

import pytest
from needs import absent

from neverblock.probe import other_threads as other_threads_module
from neverblock.probe.other_threads import Bystanders
from neverblock.probe.thread_state import State, calibrate, system_call

LATE_S = 0.1


def compute():
    """Use more CPU than the time for which nobody will have looked."""
    until = time.thread_time() + LATE_S
    while time.thread_time() < until:
        pass


@pytest.fixture
def bystanders():
    """Give bystanders that know the GIL, where the system shows what threads wait for."""
    found = Bystanders(threading.get_ident())
    found.gil = calibrate()
    if not found.gil:
        absent("This system does not show system calls.")
    return found


def hog_of(bystanders, work, until):
    """Look before a thread works and, late, once ``until`` says so; give who used the CPU."""
    go, end = threading.Event(), threading.Event()
    thread = threading.Thread(target=work, args=(go, end))
    thread.start()
    try:
        bystanders.look(time.monotonic())
        go.set()
        until(thread)
        bystanders.look(time.monotonic() - LATE_S)
    finally:
        end.set()
        thread.join()
    (hog,) = bystanders.hogs
    assert hog.ident == thread.ident
    return hog


def test_a_thread_that_waits_for_the_gil_stands_on_what_it_computed(bystanders):
    """It lost the GIL to whoever looks, so its stack is the place."""

    def work(go, end):
        go.wait()
        while not end.is_set():
            compute()

    hog = hog_of(bystanders, work, lambda _: time.sleep(2 * LATE_S))
    assert "compute" in {level.frame.f_code.co_name for level in hog.levels}


def test_a_thread_that_went_on_to_wait_stands_for_nothing(bystanders):
    """What it waits for next is not what kept the GIL: the time is told without a place."""
    computed = threading.Event()

    def work(go, end):
        go.wait()
        compute()
        computed.set()
        end.wait()

    def until(thread):
        computed.wait()
        give_up_s = time.monotonic() + 10
        while time.monotonic() < give_up_s:
            if bystanders.gil.state(system_call(thread.native_id)) is State.BLOCKED:
                break
            time.sleep(0.001)

    hog = hog_of(bystanders, work, until)
    assert hog.cpu_s >= LATE_S / 2
    assert hog.levels == []


def test_a_look_that_loses_the_gil_is_taken_again(bystanders, monkeypatch):
    """What others compute in the middle of a look is theirs, and comes after it was due."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    computed_s = {thread.native_id: 1.0}  # by this thread alone, whoever else is in the process
    lost = iter([False, True, False])

    def may_have_lost_gil(_):
        if answer := next(lost):
            time.sleep(LATE_S)  # another thread keeps the GIL
            computed_s[thread.native_id] += LATE_S
        return answer

    monkeypatch.setattr(other_threads_module, "thread_cpu_s", computed_s.get)
    monkeypatch.setattr(other_threads_module, "may_have_lost_gil", may_have_lost_gil)
    try:
        bystanders.look(time.monotonic() + LATE_S)
        bystanders.look(time.monotonic())
        assert list(lost) == []
    finally:
        end.set()
        thread.join()
    (hog,) = bystanders.hogs
    assert hog.ident == thread.ident


def test_looking_at_threads_that_come_and_go_ends_nobody():
    """Threads of a millisecond and looks at them, side by side for a while."""
    bystanders = Bystanders(threading.get_ident())
    done = threading.Event()

    def spawn():
        while not done.is_set():
            short = threading.Thread(target=time.sleep, args=(0.0001,))
            short.start()

    spawner = threading.Thread(target=spawn)
    spawner.start()
    try:
        for _ in range(1000):
            bystanders.look(time.monotonic())
    finally:
        done.set()
        spawner.join()
