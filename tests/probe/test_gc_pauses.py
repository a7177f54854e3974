"""The collector's pauses: recorded in every thread, without a switch of threads by recording."""

import gc
import sys
import threading
import time

import pytest
from needs import of_the_gil

from neverblock.probe.gc_pauses import GcPause, GcPauses, collecting_s
from neverblock.probe.other_threads import GilHolder


@pytest.fixture
def pauses():
    """Note the collections of this process."""
    noted = GcPauses()
    noted.start()
    yield noted
    noted.stop()


def test_a_collection_is_noted_with_its_thread_and_cost(pauses):
    """The thread is this one, and its CPU time lies within the pause."""
    pauses.take()
    garbage = [[] for _ in range(300_000)]
    gc.collect()
    pause = max(pauses.take(), key=lambda each: each.cpu_s)
    assert pause.ident == threading.get_ident()
    assert 0 < pause.cpu_s <= pause.to_s - pause.from_s + 0.001
    assert len(garbage) == 300_000


def test_other_threads_collections_are_noted_as_theirs(pauses):
    """A collection belongs to the thread that it happened in."""
    pauses.take()
    thread = threading.Thread(target=gc.collect)
    thread.start()
    ident = thread.ident
    thread.join()
    assert ident in {pause.ident for pause in pauses.take()}


def test_nothing_is_noted_twice_or_after_the_end(pauses):
    """Taking empties the notes, stopping ends them."""
    gc.collect()
    assert pauses.take()
    assert not pauses.take()
    pauses.stop()
    gc.collect()
    pauses.start()
    assert not pauses.take()


def test_the_callback_is_no_python(pauses):
    """A function in Python would let waiting threads run in the middle of a C call."""
    callback = gc.callbacks[-1]
    entered = []

    def profile(frame, event, _):
        if event == "call":
            entered.append(frame.f_code.co_name)

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        callback("start", {})
        callback("stop", {})
    finally:
        sys.setprofile(before)
    assert not entered
    assert pauses.take()


@of_the_gil
def test_collections_in_a_row_are_one_pause(pauses):
    """There may be hundreds, and the watchdog keeps the GIL while it reads them."""
    pauses.take()
    before = sum(each["collections"] for each in gc.get_stats())
    rows = [[number] for number in range(200_000)]
    made = sum(each["collections"] for each in gc.get_stats()) - before
    noted = pauses.take()
    assert len(rows) == 200_000
    assert 0 < len(noted) < made / 4
    assert 0 < sum(pause.cpu_s for pause in noted) < time.thread_time()


PAUSES = [GcPause(1, 10.0, 10.2, 0.1), GcPause(2, 10.0, 10.2, 0.2), GcPause(1, 11.0, 11.1, 0.1)]


@pytest.mark.parametrize(
    ("ident", "from_s", "to_s", "expected"),
    [(1, 9.0, 12.0, 0.2), (2, 9.0, 12.0, 0.2), (1, 10.1, 10.5, 0.05), (3, 9.0, 12.0, 0.0)],
)
def test_collecting_within_a_window(ident, from_s, to_s, expected):
    """Only that thread's, and only the part that lies within."""
    assert collecting_s(PAUSES, ident, from_s, to_s) == pytest.approx(expected)


def test_a_thread_that_keeps_the_gil_says_how_much_of_it_was_collecting():
    """It is notable all the same; whether that is its own doing is judged later."""
    collector = GilHolder(2, 10.0, 10.2, 0.2, []).with_collections(PAUSES)
    assert (collector.notable, collector.gc_s) == (True, pytest.approx(0.2))
    caller = GilHolder(1, 10.0, 10.2, 0.2, []).with_collections(PAUSES)
    assert (caller.cpu_s, caller.gc_s) == (0.2, pytest.approx(0.1))
    idle = GilHolder(2, 10.0, 10.2, 0.1, []).with_collections(PAUSES)
    assert idle.gc_s == 0.1
