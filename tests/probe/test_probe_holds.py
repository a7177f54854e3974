"""What blocks the loop thread is measured, classified and attributed to its line."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from needs import of_the_gil
from probed_app import marked
from serving import heaviest, total

from neverblock.probe.config import WATCH_PATH


@pytest.mark.parametrize("ms", [5, 20])
def test_a_blocking_wait_is_seen_at_its_line(server, ms):
    """A wait of a few milliseconds amid awaits is off CPU, as long as it was, and attributed."""
    trace = server.calmest(f"/wait?ms={ms}", held_s=ms / 1e3)
    waited_ms = total(trace, "off_cpu_s", "Client.fetch") * 1e3
    assert ms * 0.6 < waited_ms < ms * 1.6
    frames = heaviest(trace, on_cpu=False).frames
    fetch, load, endpoint = frames[:3]
    assert (fetch.line, fetch.call, fetch.target) == (marked("fetch"), "time.sleep", "time.sleep")
    assert (load.line, load.call) == (marked("load"), "client.fetch")
    assert load.target == "probed_app.Client.fetch"
    assert (endpoint.function, endpoint.target) == ("wait", "probed_app.load")
    assert [frame.owner for frame in frames[:4]] == ["project"] * 3 + ["framework"]
    assert "probe" not in {frame.owner for frame in frames}


def test_many_small_waits_add_up(server):
    """Sixty holds of 5 ms in one request are one of 300 ms."""
    trace = server.calmest("/wait?ms=5&times=60", times=2)
    assert 0.2 < total(trace, "off_cpu_s", "Client.fetch") < 0.45


@of_the_gil
def test_a_lock_is_not_taken_for_the_gil(server):
    """A wait in ``lock.acquire`` is the program's own, though both are futexes."""
    trace = server.calmest("/acquire?ms=30")
    assert total(trace, "off_cpu_s", "acquire") > 3 * total(trace, "gil_s")
    frame = heaviest(trace, on_cpu=False).frames[0]
    assert (frame.line, frame.call) == (marked("acquire"), "lock.acquire")
    assert frame.target == "_thread.lock.acquire"


@pytest.mark.parametrize("ms", [15, 60])
def test_a_computation_is_measured_by_its_cpu_time(server, ms):
    """Computing is on CPU, in the function that computes, and as long as its CPU time."""
    trace = server.calmest(f"/compute?ms={ms}", held_s=ms / 1e3)
    assert ms * 0.8 < total(trace, "on_cpu_s", "compute") * 1e3 < ms * 1.3
    assert total(trace, "off_cpu_s") * 1e3 < ms * 0.2
    assert heaviest(trace, on_cpu=True).frames[0].function == "compute"


def test_a_trivial_endpoint_shows_next_to_nothing(server):
    """Where nothing blocks, neither waiting nor much computing is seen."""
    trace = server.calmest("/trivial")
    assert total(trace, "off_cpu_s") == 0
    assert total(trace, "on_cpu_s") < 0.01


def test_blocking_after_the_response_is_seen(server):
    """A background task that blocks is watched although its response has gone out."""
    trace = server.calmest("/background", quiet_s=0.3, times=2)
    assert heaviest(trace, on_cpu=False).frames[0].line == marked("later")


@pytest.mark.parametrize("server", ["asyncio"], indirect=True)
def test_a_callback_in_c_is_seen(server):
    """A callback without a frame of its own still counts as waiting, where asyncio runs it."""
    trace = server.calmest("/callback", quiet_s=0.3, times=2)
    assert total(trace, "off_cpu_s") > 0.015


@of_the_gil
def test_a_collection_is_told_apart(server):
    """A pause of the garbage collector is computing, and known to be the collector's."""
    trace = server.calmest("/collect")
    assert total(trace, "gc_s") > 0.5 * total(trace, "on_cpu_s", "collect") > 0


@of_the_gil
def test_a_regular_expression_in_a_thread_holds_the_gil(server):
    """A C call in a worker thread freezes the loop: one long hold, blamed on that thread."""
    trace = server.calmest("/regex?n=21", times=3)
    stall = max(trace.stalls, key=lambda stall: stall.gil_held_s)
    assert stall.gil_held_s > 0.02
    assert stall.gil_s > 5 * (stall.off_cpu_s + stall.on_cpu_s)
    assert stall.culprit is not None
    lines = [frame.line for frame in stall.culprit.frames if frame.owner == "project"]
    assert lines == [marked("regex")]


@of_the_gil
def test_each_of_many_calls_that_keep_the_gil_is_found_at_its_line(server):
    """Requests without a rest between them: each call can be seen for a moment only, at its end."""
    server.calmest("/parse")
    from_s = time.monotonic()
    with ThreadPoolExecutor(10) as clients:
        assert {response.status for response in clients.map(server.get, ["/parse"] * 10)} == {200}
    server.settle(0.12)
    stalls = server.reader.window(from_s, time.monotonic() - 0.06).stalls
    stacks = [stack for stall in stalls for stack in stall.stacks if stack.on_cpu]
    found = [
        stack
        for stack in stacks
        if any(f.owner == "project" and f.line == marked("parse") for f in stack.frames)
    ]
    found_s, all_s = (sum(stack.weight_s for stack in each) for each in (found, stacks))
    assert found_s > 0.75 * all_s > 0.1


@of_the_gil
def test_a_computing_thread_shares_the_gil(server):
    """Python code in a worker thread slows the loop in slices, without a long hold."""
    trace = server.calmest("/thread?ms=200", times=3)
    assert total(trace, "gil_s") > 0.02
    assert max(stall.gil_held_s for stall in trace.stalls) < 0.05
    assert total(trace, "off_cpu_s") == 0


def test_the_default_executor_is_seen_filling_up(server):
    """More work than the loop's default executor has threads shows as a queue."""
    executors = server.watch("/fill").executors
    assert executors.default_threads
    assert executors.default_busy == executors.default_threads
    assert executors.default_queued > 0
    assert executors.anyio_tokens == 40


def test_a_probe_that_resumes_sees_as_before(server):
    """What blocks meanwhile is in no trace, and what blocks after that is at its line."""
    from_s = time.monotonic()
    rested = server.get(f"{WATCH_PATH}?rest")
    assert (rested.status, from_s < float(rested.body) < time.monotonic()) == (200, True)
    assert server.get("/wait?ms=30").status == 200
    assert server.get(f"{WATCH_PATH}?resume").status == 200
    server.settle(0.12)
    rested = server.reader.window(from_s, time.monotonic() - 0.06)
    assert total(rested, "off_cpu_s", "Client.fetch") == 0
    after = server.calmest("/wait?ms=20")
    assert heaviest(after, on_cpu=False).frames[0].line == marked("fetch")
    assert total(after, "off_cpu_s", "Client.fetch") > 0.012


def test_a_word_that_the_probe_does_not_know_changes_nothing(server):
    """It says what is wanted."""
    response = server.get(f"{WATCH_PATH}?sleep")
    assert (response.status, response.body) == (400, b"rest or resume is wanted, not b'sleep'")
