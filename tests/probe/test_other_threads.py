"""Which other thread used the CPU while neither loop nor watchdog ran, and where it is then."""

from __future__ import annotations

import threading
import time

import pytest
from needs import absent

from neverblock.probe import other_threads as other_threads_module
from neverblock.probe.other_threads import OtherThreads
from neverblock.probe.thread_state import State, learn_gil_wait, system_call
from neverblock.probe.tier import current_tier

LATE_S = 0.1


def compute():
    """Use more CPU than the time by which the next check will be late."""
    until = time.thread_time() + LATE_S
    while time.thread_time() < until:
        pass


@pytest.fixture
def other_threads():
    """Give the other threads, where the system shows what threads wait for."""
    found = OtherThreads(threading.get_ident())
    found.gil = learn_gil_wait()
    if not found.gil:
        absent("This system does not show system calls.")
    return found


def gil_holder_of(other_threads, work, until):
    """Check before a thread works and, late, after ``until`` returns; give the GIL holder."""
    go, end = threading.Event(), threading.Event()
    thread = threading.Thread(target=work, args=(go, end))
    thread.start()
    try:
        other_threads.check(time.monotonic())
        go.set()
        until(thread)
        other_threads.check(time.monotonic() - LATE_S)
    finally:
        end.set()
        thread.join()
    (holder,) = other_threads.gil_holders
    assert holder.ident == thread.ident
    return holder


def test_a_thread_that_waits_for_the_gil_is_found_in_what_it_computed(other_threads):
    """It lost the GIL to the thread that checks, so its stack is still the place."""

    def work(go, end):
        go.wait()
        while not end.is_set():
            compute()

    def until(thread):
        clock = time.pthread_getcpuclockid(thread.ident)
        while time.clock_gettime(clock) < 2 * LATE_S:
            time.sleep(LATE_S)

    holder = gil_holder_of(other_threads, work, until)
    assert "compute" in {level.frame.f_code.co_name for level in holder.levels}


def test_a_thread_that_has_moved_on_has_no_stack(other_threads):
    """What it waits for next is not what kept the GIL: the time is reported without a place."""
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
            if other_threads.gil.state(system_call(thread.native_id)) is State.BLOCKED:
                break
            time.sleep(0.001)

    holder = gil_holder_of(other_threads, work, until)
    assert holder.cpu_s >= LATE_S / 2
    assert holder.levels == []


def test_a_check_that_loses_the_gil_is_made_again(other_threads, monkeypatch):
    """What another thread computes in the middle of a check is attributed to that thread."""
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

    monkeypatch.setattr(
        type(current_tier()), "thread_cpu_s", lambda _, native_id: computed_s.get(native_id)
    )
    monkeypatch.setattr(other_threads_module, "may_have_lost_gil", may_have_lost_gil)
    try:
        other_threads.check(time.monotonic() + LATE_S)
        other_threads.check(time.monotonic())
        assert list(lost) == []
    finally:
        end.set()
        thread.join()
    (holder,) = other_threads.gil_holders
    assert holder.ident == thread.ident


def test_checking_threads_that_come_and_go_does_not_crash():
    """Threads of a millisecond end while their clocks are read, a thousand times."""
    other_threads = OtherThreads(threading.get_ident())
    done = threading.Event()

    def spawn():
        while not done.is_set():
            short = threading.Thread(target=time.sleep, args=(0.0001,))
            short.start()

    spawner = threading.Thread(target=spawn)
    spawner.start()
    try:
        for _ in range(1000):
            other_threads.check(time.monotonic())
    finally:
        done.set()
        spawner.join()
