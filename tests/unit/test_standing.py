"""Stacks of what waits in; the app's lines at which it waits, and how much of that inside, out."""

from __future__ import annotations

import pytest

from neverblock.analysis.standing import share_inside, waits_at
from neverblock.measurement import Frame, Standing

LOCK = Frame("/lib/asyncio/locks.py", 114, "Lock.acquire", "stdlib")
STREAM = Frame("/lib/asyncio/streams.py", 536, "StreamReader._wait_for_data", "stdlib")
NEXT = Frame("/site-packages/starlette/middleware/base.py", 156, "call_next", "framework")
TO_THREAD = Frame("/lib/asyncio/threads.py", 25, "to_thread", "stdlib")
QUEUE = Frame("/lib/queue.py", 171, "Queue.get", "stdlib")
POOL = Frame("/site-packages/sqlalchemy/util/queue.py", 181, "Queue.get", "library")
TOKEN = Frame("/site-packages/anyio/_backends/_asyncio.py", 1, "CapacityLimiter.acquire", "library")
RUN_SYNC = Frame("/site-packages/anyio/to_thread.py", 63, "run_sync", "library")
LINE = Frame("/app/db.py", 30, "orders", "project", call="session.get")
ENTERED = Frame("/app/db.py", 31, "orders", "project", target="_thread.lock.__enter__")
SLEPT = Frame("/app/db.py", 32, "orders", "project", target="time.sleep")


@pytest.mark.parametrize(
    ("standing", "line"),
    [
        (Standing((LOCK, LINE), 3), LINE),
        (Standing((STREAM, LINE), 3), LINE),
        (Standing((LOCK,), 3), None),
        (Standing((NEXT, LINE), 3), None),
        (Standing((TO_THREAD, LINE), 3), LINE),
        (Standing((ENTERED,), 3, in_thread=True), ENTERED),
        (Standing((SLEPT,), 3, in_thread=True), None),
        (Standing((QUEUE, LINE), 3, in_thread=True), None),
        (Standing((POOL, LINE), 3, in_thread=True), LINE),
    ],
    ids=[
        "lock",
        "stream",
        "framework",
        "middleware",
        "to-thread",
        "thread-lock",
        "thread-works",
        "thread-idle",
        "thread-pool",
    ],
)
def test_the_line_at_which_something_waits(standing, line):
    """A task waits where it stands, unless a middleware calls the next; a thread, at a lock."""
    found = waits_at(standing)
    assert (found and (found.file, found.line)) == (line and (line.file, line.line))


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("contextlib._AsyncGeneratorContextManager.__aenter__", True),
        (None, True),
        ("app.db.connection", False),
    ],
)
def test_a_line_that_enters_a_context_is_told_by_what_runs_beneath(target, told):
    """The name of contextlib's function says nothing of whose pool it is."""
    context = Frame("/lib/python3.11/contextlib.py", 210, "__aenter__", "stdlib")
    pool = "/v/lib/python3.11/site-packages/psycopg_pool/pool_async.py"
    beneath = [
        Frame(pool, 9, f"AsyncConnectionPool.{name}", "library")
        for name in ("getconn", "connection")
    ]
    line = Frame("/app/db.py", 31, "orders", "project", target=target)
    name = "psycopg_pool.pool_async.AsyncConnectionPool.connection"
    assert waits_at(Standing((*beneath, context, line), 3)).target == (name if told else target)


@pytest.mark.parametrize(
    ("standing", "share"),
    [
        ([], 0.0),
        ([Standing((LOCK, LINE), 3.0)], 1.0),
        ([Standing((LOCK, LINE), 3.0), Standing((STREAM, LINE), 1.0)], 0.75),
        ([Standing((NEXT, LINE), 5.0), Standing((LOCK, LINE), 3.0)], 1.0),
        ([Standing((ENTERED,), 4.0, True), Standing((SLEPT,), 1.0, True)], 1.0),
        ([Standing((QUEUE, LINE), 2.0)], 0.0),
        ([Standing((TO_THREAD, LINE), 5.0), Standing((ENTERED,), 4.0, True)], 1.0),
        ([Standing((TOKEN, RUN_SYNC, LINE), 8.0), Standing((RUN_SYNC, LINE), 2.0)], 1.0),
    ],
    ids=["nothing", "lock", "upstream", "middleware", "threads", "queue", "to-thread", "limiter"],
)
def test_the_share_of_waits_for_the_apps_own_locks_and_sleeps(standing, share):
    """What is asked of anybody else is none, and a queue is as fast as who takes from it."""
    assert share_inside(standing) == pytest.approx(share)
