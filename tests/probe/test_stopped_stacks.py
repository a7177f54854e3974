"""Without a GIL: stacks of a runtime that stands still, and nothing of the GIL's diagnoses.

The build that runs these has a GIL as a rule, and is told that it has none. How they do on a build
that has none, ``tools/find-python.sh 3.15t`` and ``tests/parts.py --newest`` tell.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from pathlib import Path

import pytest

from neverblock.observe.trace_reader import TraceReader
from neverblock.probe import stopped_stacks
from neverblock.probe.attribution import Sample
from neverblock.probe.config import ProbeConfig
from neverblock.probe.frames import FrameTable, Owners, current_frames, walk
from neverblock.probe.other_threads import OtherThreads
from neverblock.probe.switching import Switching
from neverblock.probe.thread_state import State, learn_gil_wait, may_have_lost_gil
from neverblock.probe.tier import current_tier
from neverblock.probe.watchdog import arm

HERE = Path(__file__)


def line_of(mark):
    """Give the number of the line of this file that ends with a mark."""
    lines = HERE.read_text().splitlines()
    return next(n for n, text in enumerate(lines, 1) if text.endswith(f"# {mark}"))


@pytest.fixture
def free_threaded(monkeypatch):
    """Tell the probe that there is no GIL; threads stand still by the one that there is."""
    monkeypatch.setattr("neverblock.probe.watchdog.stands_still", lambda: True)
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    learn_gil_wait.cache_clear()
    yield
    learn_gil_wait.cache_clear()


@pytest.fixture
def waiting():
    """Give the identity of a thread that waits, deep down where it was asked to be."""
    end = threading.Event()

    def dive(depth):
        if depth:
            dive(depth - 1)
        else:
            end.wait(60)  # waits

    threads = []

    def start(depth):
        threads.append(threading.Thread(target=dive, args=(depth,)))
        threads[0].start()
        while threads[0].ident not in stopped_stacks.current_frames():
            time.sleep(0.001)
        time.sleep(0.05)
        return threads[0].ident

    yield start
    end.set()
    threads[0].join()


def test_a_thread_stands_at_its_line(waiting, free_threaded):
    """With file, function and the one call of the line, as far as its module names it."""
    ident = waiting(0)
    levels = walk(current_frames()[ident], None)
    records = []
    FrameTable(Owners((str(HERE.parent),)), records.append).stack(levels)
    (own,) = [record for record in records if record["function"] == "dive"]
    assert (own["file"], own["line"], own["call"]) == (str(HERE), line_of("waits"), "end.wait")


def test_the_levels_above_the_loop_are_told_from_the_loop(waiting, free_threaded):
    """Down to the code that calls back; where a hundred levels are not all, what is known."""
    ident = waiting(0)
    frame = current_frames()[ident]
    base = threading.Thread.run.__code__
    assert [level.frame.f_code.co_name for level in walk(frame, base)][-1] == "dive"
    assert walk(frame, test_a_thread_stands_at_its_line.__code__) == []


class Client:
    """Has a method, which is known by its class too."""

    @classmethod
    def fetch(cls):
        """Do nothing."""
        return cls  # fetches


@pytest.mark.parametrize(
    ("mark", "name", "qualified"),
    [("fetches", "fetch", "Client.fetch"), ("waits", "fetch", "fetch"), ("waits", "dive", "dive")],
)
def test_a_method_has_its_class_before_its_name(mark, name, qualified):
    """Where its module has such a class, with that line in that method."""
    code = stopped_stacks.StoppedCode(str(HERE), line_of(mark), name)
    assert code.co_qualname == qualified


def test_a_stack_that_was_cut_off_is_no_idle_loop(waiting, free_threaded):
    """Its base is somewhere below the hundred levels that are written."""
    ident = waiting(150)
    frame = current_frames()[ident]
    assert len(walk(frame, test_a_thread_stands_at_its_line.__code__)) >= 90


def test_a_thread_that_was_not_written_is_no_idle_loop(monkeypatch, free_threaded):
    """Where there are more than a hundred, it may be one of the others: its stack is unknown."""
    written = 'Thread 0x1 (most recent call first):\n  File "a.py", line 1 in f\n...\n'
    monkeypatch.setattr(stopped_stacks, "_written", lambda: written)
    frame = current_frames()[threading.get_ident()]
    assert [level.frame.f_code.co_name for level in walk(frame, threading.Thread.run.__code__)] == [
        "..."
    ]
    assert current_frames()[1].f_code.co_filename == "a.py"


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("    time.sleep(1)", "time.sleep(1)"),
        ("    return  await get(url, n(1))", "get(url, n(1))"),
        ("    with open(path) as file:", "open(path)"),
        ("    ü = get(url)", "get(url)"),
        ("    a(1) + b(2)", None),
        ("    else:", None),
        ("    x = 1", None),
    ],
)
def test_the_only_call_of_a_line_is_found(tmp_path, text, call):
    """By its columns, which are bytes; a line with two calls does not tell which one runs."""
    file = tmp_path / "app.py"
    file.write_text(f"\n{text}\n")
    line, from_, to = stopped_stacks._only_call(str(file), 2)
    found = None if line is None else text.encode()[from_:to].decode()
    assert found == call


def test_a_block_is_found_and_no_gil_is_named(tmp_path, free_threaded):
    """The whole probe: length and line of a wait on the loop, and that there is no GIL."""

    async def main():
        watchdog = arm(ProbeConfig("app:app", str(tmp_path), project_roots=(str(HERE.parent),)))
        await asyncio.sleep(0.1)
        from_s = time.monotonic()
        for _ in range(3):  # the first look at a place reads its source meanwhile
            await asyncio.sleep(0.05)
            time.sleep(0.2)  # blocks  # noqa: ASYNC251 - to be found
        to_s = time.monotonic()
        reader = TraceReader(tmp_path)
        assert await reader.settled(to_s, quiet_s=0.1, timeout_s=30.0)
        trace = reader.window(from_s, to_s)
        watchdog.disarm()
        return trace, reader.place()

    trace, place = asyncio.run(main())
    stall = max(trace.stalls, key=lambda each: each.off_cpu_s)
    assert stall.off_cpu_s > 0.15
    assert {each.gil_s for each in trace.stalls} == {0}
    (line,) = {f.line for s in stall.stacks for f in s.frames if f.file == str(HERE)} & {
        line_of("blocks  # noqa: ASYNC251 - to be found")
    }
    assert line
    assert not trace.gil
    assert trace.complaint is None
    assert place == {"tier": current_tier().name, "python": sys.version.split()[0], "gil": "none"}


def test_the_app_is_stopped_for_a_small_part_of_the_time(tmp_path, monkeypatch, free_threaded):
    """A look at many threads takes long, and all of them are stopped for it."""
    took_s = []

    def look():
        from_s = time.monotonic()
        time.sleep(0.005)
        frames = current_frames()
        took_s.append(time.monotonic() - from_s)
        return frames

    async def main():
        watchdog = arm(ProbeConfig("app:app", str(tmp_path), project_roots=(str(HERE.parent),)))
        await asyncio.sleep(0.1)
        monkeypatch.setattr("neverblock.probe.watchdog.current_frames", look)
        from_s = time.monotonic()
        time.sleep(0.5)  # noqa: ASYNC251 - to be looked at
        held_s = time.monotonic() - from_s
        watchdog.disarm()
        return held_s

    held_s = asyncio.run(main())
    assert took_s
    assert sum(took_s[:-1]) < held_s / 5


def test_no_turn_of_another_thread_is_waited_for(monkeypatch, free_threaded):
    """The interval in which threads change turns stays the app's; no look is interrupted by one."""
    before_s = sys.getswitchinterval()
    computing = Sample(0.004, 0.005, State.RUNNING, 0.005, 0.0, 0, 0.005, ())
    Switching().adapt([computing], 0.0)
    assert sys.getswitchinterval() == before_s
    assert not may_have_lost_gil(time.monotonic() - 1)


def test_no_other_thread_is_held_to_keep_the_gil(free_threaded):
    """However late the one that looks is."""
    others = OtherThreads(threading.get_ident())
    others.check(time.monotonic() - 1)
    others.check(time.monotonic() - 1)
    assert others.gil_holders == []


def test_a_build_whose_threads_cannot_be_stopped_is_refused(monkeypatch, tmp_path):
    """The server goes on without a probe, and says why."""
    monkeypatch.setattr("neverblock.probe.watchdog.stands_still", lambda: False)
    with pytest.raises(RuntimeError, match=r"free-threaded .* 3\.14"):
        arm(ProbeConfig("app:app", str(tmp_path)))
