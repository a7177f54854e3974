"""What is private of Python is read in one place, is there on this Python, and may be absent."""

from __future__ import annotations

import ast
import asyncio
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from needs import of_the_gil

from neverblock.probe import internals
from neverblock.probe.frames import FrameTable, Owners, current_frames, walk
from neverblock.probe.pending import waiting
from neverblock.probe.request_mark import REQUEST, is_of_request
from neverblock.probe.thread_pools import DEFAULT, Pools

ASYNCIO = [asyncio.new_event_loop]
if sys.platform != "win32":  # there is no uvloop for Windows
    import uvloop

    ASYNCIO.append(uvloop.new_event_loop)
LOOPS = pytest.mark.parametrize("loop_of", ASYNCIO)
DOCUMENTED = {"_replace", "_asdict", "_current_frames", "_getframe", "_exit"}
"""Of named tuples, sys and os: they stand in the documentation."""


def until(true, wait_s=5.0):
    """Wait until something is so, and give it."""
    give_up_s = time.monotonic() + wait_s
    while not (got := true()) and time.monotonic() < give_up_s:
        time.sleep(0.001)
    return got


def test_private_attributes_are_read_in_one_file_alone():
    """A new Python is looked at there, and nowhere else."""
    probe = Path(internals.__file__).parent
    elsewhere = [
        f"{path.name}:{node.lineno} {node.attr}"
        for path in probe.glob("*.py")
        if path.name != "internals.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.endswith("__")
        and node.attr not in DOCUMENTED
        and not (isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"})
    ]
    assert elsewhere == []


@pytest.fixture
def pool():
    """Give an executor of one thread that is busy until it is let go, with a call that waits."""
    end = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        executor.submit(end.wait)
        executor.submit(int)
        yield executor
        end.set()


@of_the_gil
def test_an_executor_shows_its_threads_its_queue_and_itself(pool):
    """By its counts, in the table of all executors, and by the stack of its thread."""
    assert until(lambda: internals.counts_of(pool) == (1, 0, 1))
    assert internals.size_of(pool) == 1
    assert internals.is_open(pool)
    (thread,) = [thread for thread, queue in internals.workers() if queue is pool._work_queue]
    assert internals.executor_of(current_frames()[thread.ident]) is pool


def test_an_executor_that_was_shut_down_is_not_open(pool):
    """No call waits in it for long."""
    pool.shutdown(wait=False)
    assert not internals.is_open(pool)


def test_what_another_python_has_not_is_absent(monkeypatch):
    """Without the attributes there are no counts, no workers, no context, and no error."""
    monkeypatch.delattr("concurrent.futures.thread._threads_queues")
    assert list(internals.workers()) == []
    assert internals.counts_of(object()) == (0, 0, 0)
    assert internals.size_of(object()) is None
    assert not internals.is_open(None)
    assert internals.executor_of(sys._getframe()) is None
    assert internals.context_of(object()) is None
    assert internals._code_of(asyncio.Handle, "_no_such_method") is None


@LOOPS
def test_the_loops_executor_is_found(loop_of):
    """In asyncio's attribute, and within uvloop by the collector; its use is then counted."""

    async def main():
        loop = asyncio.get_running_loop()
        assert internals.default_executor(loop) is None
        end = threading.Event()
        call = loop.run_in_executor(None, end.wait)
        found = internals.default_executor(loop)
        pools = Pools(loop)
        pools.refresh(current_frames())
        pools.advance(1.0)
        end.set()
        await call
        return found, pools.state()

    with asyncio.Runner(loop_factory=loop_of) as runner:
        found, state = runner.run(main())
    assert isinstance(found, ThreadPoolExecutor)
    assert [(name, held_s) for name, _, held_s, *_ in state["pools"]] == [(DEFAULT, 1.0)]


@LOOPS
def test_another_thread_sees_the_task_that_runs(loop_of):
    """From 3.14 on the running task is kept by thread; its loop finds it all the same."""

    async def main():
        REQUEST.set(True)
        loop, seen = asyncio.get_running_loop(), []
        thread = threading.Thread(target=lambda: seen.append(asyncio.current_task(loop)))
        thread.start()
        thread.join()  # the loop is blocked meanwhile, as it is when the watchdog looks
        return seen == [asyncio.current_task()] and is_of_request(seen[0])

    with asyncio.Runner(loop_factory=loop_of) as runner:
        assert runner.run(main())


EAGER = [f for f in (getattr(asyncio, "eager_task_factory", None),) if f]
"""From 3.12 on."""


@pytest.mark.parametrize("factory", [None, *EAGER])
def test_a_task_that_runs_does_not_wait(factory):
    """Neither the current one, nor one that is just starting another eagerly."""

    async def sleeper():
        await asyncio.sleep(60)

    async def look():
        places = waiting(asyncio.get_running_loop())
        return {place.levels[-1].frame.f_code.co_name for place in places}

    async def main():
        REQUEST.set(True)
        asyncio.get_running_loop().set_task_factory(factory)
        sleeping = asyncio.create_task(sleeper())
        await asyncio.sleep(0)
        seen = await asyncio.create_task(look())
        sleeping.cancel()
        return seen

    # Where the task that looks is started eagerly, main is still running; else it waits for it.
    assert asyncio.run(main()) == ({"sleeper"} if factory else {"sleeper", "main"})


@of_the_gil
def test_what_a_thread_was_handed_is_named():
    """asyncio.to_thread hands over a partial, and where that is called differs by version."""
    seen = []

    def watch(ident):
        levels = walk(current_frames().get(ident), None)
        records = []
        FrameTable(Owners(()), records.append).stack(levels)
        seen.append(records[0]["target"])
        return records[0]["target"] == "time.sleep"

    async def main():
        call = asyncio.create_task(asyncio.to_thread(time.sleep, 0.5))
        await asyncio.sleep(0.05)
        (thread,) = internals.default_executor(asyncio.get_running_loop())._threads
        until(lambda: watch(thread.ident), wait_s=0.3)
        await call

    asyncio.run(main())
    assert seen[-1] == "time.sleep"


@pytest.mark.parametrize("tells", [True, False])
def test_a_build_tells_whether_it_has_a_gil(monkeypatch, tells):
    """A free-threaded one may have it switched on again, so that it is asked and not its name."""
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: tells, raising=False)
    assert internals.has_gil() is tells


def test_a_python_that_cannot_tell_has_a_gil(monkeypatch):
    """None before 3.13 was built without one."""
    monkeypatch.delattr(sys, "_is_gil_enabled", raising=False)
    assert internals.has_gil()
