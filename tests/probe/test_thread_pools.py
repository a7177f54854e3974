"""How long requests held threads, and how long they queued for one, is added up."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from needs import of_the_gil
from serving import served

from neverblock.probe.thread_pools import ANYIO, DEFAULT, OWN


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def server(request, tmp_path_factory):
    """Serve the app with its pools; each has been used once, so that the probe knows it."""
    folder = tmp_path_factory.mktemp("trace")
    with served(request.param, folder, target="greenlet_app:quiet") as running:
        for path in ("/default", "/limiter", "/own"):
            running.get(path)
        yield running


def burst(server, path, n):
    """Ask n times at once, and give the use of each pool by its name."""
    server.settle(0.12)
    from_s = time.monotonic()
    with ThreadPoolExecutor(n) as clients:
        list(clients.map(server.get, [path] * n))
    server.settle(0.12)
    trace = server.reader.window(from_s, time.monotonic())
    return {pool.name: pool for pool in trace.pools}


@pytest.mark.parametrize(("path", "name"), [("/default", DEFAULT), ("/limiter", ANYIO)])
def test_a_request_holds_a_thread_for_as_long_as_its_call(server, path, name):
    """Three calls of 100 ms are 0.3 thread-seconds, and none of them queued for a thread."""
    pool = burst(server, path, 3)[name]
    assert 0.25 < pool.held_s < 0.5
    assert pool.queued_s < 0.05  # while a new thread starts, its call waits


@of_the_gil
def test_a_pool_of_the_apps_own_is_seen_with_its_queue(server):
    """Six calls of 100 ms in two threads queue, most of them at once."""
    pool = burst(server, "/own", 6)[OWN]
    assert pool.size == 2
    assert pool.held_s > 0.3
    assert pool.queued_s > 0.05
    assert pool.waiting >= 2


@of_the_gil
def test_a_queue_leaves_the_count_of_threads_as_it_was(server):
    """After one, a single call is one thread for its time again."""
    burst(server, "/own", 6)
    pool = burst(server, "/own", 1)[OWN]
    assert 0.08 < pool.held_s < 0.2


def test_a_pool_that_was_not_used_is_not_there(server):
    """Only what was used in the window counts."""
    assert burst(server, "/default", 2).keys() == {DEFAULT}
