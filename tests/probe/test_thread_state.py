"""The clocks of other threads can be read without crashing the process."""

import sys
import threading
import time

import pytest

from neverblock.probe.thread_state import linux_thread_cpu_s as thread_cpu_s

linux = pytest.mark.skipif(sys.platform != "linux", reason="the clocks are the kernel's")


@linux
def test_a_threads_clock_is_its_own():
    """The same as the thread reads itself, between two readings of its own."""
    before = time.thread_time()
    sum(range(200_000))
    read = thread_cpu_s(threading.get_native_id())
    assert before < read <= time.thread_time()


@linux
def test_a_thread_that_ended_has_no_clock():
    """Nothing is read of its memory, which may be gone."""
    thread = threading.Thread(target=int)
    thread.start()
    native_id = thread.native_id
    thread.join()
    give_up_s = time.monotonic() + 10  # Python is done with a thread before the kernel is
    while thread_cpu_s(native_id) is not None and time.monotonic() < give_up_s:
        time.sleep(0.001)
    assert thread_cpu_s(native_id) is None
    assert thread_cpu_s(None) is None
