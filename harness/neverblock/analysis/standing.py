"""Stacks of what waits in; the kind of queue that it stands in, and the app's line, out. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from neverblock.analysis.callee import dotted_name
from neverblock.result.capacity import Limit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from neverblock.measurement import Frame, Standing


class Waits(NamedTuple):
    """What waits in a function of a library: part of its file, part of its name, the queue."""

    file: str
    function: str
    limit: Limit
    owner: str | None = None


LIBRARY = (
    # Of a pool, the function that hands a connection out; what else its library does is asking.
    Waits("asyncpg/pool.py", "Pool._acquire", Limit.CONNECTION_POOL, "asyncpg"),
    Waits("psycopg_pool/", "getconn", Limit.CONNECTION_POOL, "psycopg_pool"),
    Waits("psycopg_pool/", "WaitingClient.wait", Limit.CONNECTION_POOL, "psycopg_pool"),
    Waits("sqlalchemy/pool/", "_do_get", Limit.CONNECTION_POOL, "SQLAlchemy"),
    Waits("sqlalchemy/util/queue.py", "Queue.get", Limit.CONNECTION_POOL, "SQLAlchemy"),
    Waits("httpcore/_synchronization.py", "AsyncLock", Limit.CONNECTION_POOL, "httpcore"),
    Waits("httpcore/", "wait_for_connection", Limit.CONNECTION_POOL, "httpcore"),
    Waits("aiohttp/connector.py", "_wait_for_available_connection", Limit.CONNECTION_POOL,
          "aiohttp"),
    Waits("redis/", "BlockingConnectionPool.get_connection", Limit.CONNECTION_POOL, "redis"),
    Waits("urllib3/connectionpool.py", "_get_conn", Limit.CONNECTION_POOL, "urllib3"),
    Waits("psycopg2/pool.py", "getconn", Limit.CONNECTION_POOL, "psycopg2"),
    Waits("aiomysql/pool.py", "_acquire", Limit.CONNECTION_POOL, "aiomysql"),
    Waits("aiolimiter/", "AsyncLimiter", Limit.RATE_LIMIT, "aiolimiter"),
    Waits("site-packages/limits/", "", Limit.RATE_LIMIT, "limits"),
)  # fmt: skip
"""A library's own function says more than the primitive within: asyncpg's pool waits in a Queue."""

_OWNERS = {each.owner for each in LIBRARY}

SQLALCHEMY = "sqlalchemy/"
"""Its asynchronous pool waits in a Queue of asyncio's, from within a greenlet that has no frames of
the pool: a Queue that SQLAlchemy waits in is its pool."""

PRIMITIVE = (
    Waits("/asyncio/locks.py", "Lock.acquire", Limit.LOCK, "asyncio.Lock"),
    Waits("/asyncio/locks.py", "Semaphore.acquire", Limit.SEMAPHORE, "asyncio.Semaphore"),
    Waits("/asyncio/locks.py", "Condition.wait", Limit.LOCK, "asyncio.Condition"),
    Waits("/asyncio/queues.py", "Queue.get", Limit.CONNECTION_POOL, "asyncio.Queue"),
    Waits("/asyncio/tasks.py", "sleep", Limit.RATE_LIMIT, "asyncio.sleep"),
    Waits("anyio/", "CapacityLimiter.acquire", Limit.SEMAPHORE, "anyio.CapacityLimiter"),
    Waits("anyio/", "Semaphore.acquire", Limit.SEMAPHORE, "anyio.Semaphore"),
    Waits("anyio/", "Lock.acquire", Limit.LOCK, "anyio.Lock"),
    Waits("anyio/", "sleep", Limit.RATE_LIMIT, "anyio.sleep"),
    Waits("/threading.py", "Semaphore.acquire", Limit.SEMAPHORE, "threading.Semaphore"),
    Waits("/queue.py", "Queue.get", Limit.CONNECTION_POOL, "queue.Queue"),
    # Whoever waits for bytes waits for somebody else's program.
    Waits("/asyncio/streams.py", "StreamReader", Limit.UPSTREAM),
    Waits("httpcore/", "receive_", Limit.UPSTREAM, "httpx"),
    Waits("httpcore/_backends/", "read", Limit.UPSTREAM, "httpx"),
    Waits("aiohttp/client_reqrep.py", "start", Limit.UPSTREAM, "aiohttp"),
    Waits("aiohttp/streams.py", "read", Limit.UPSTREAM, "aiohttp"),
    Waits("asyncpg/", "Connection", Limit.UPSTREAM, "asyncpg"),
    Waits("psycopg/waiting", "wait", Limit.UPSTREAM, "psycopg"),
    Waits("redis/", "read_response", Limit.UPSTREAM, "redis"),
    Waits("/socket.py", "readinto", Limit.UPSTREAM),
    Waits("/ssl.py", "recv", Limit.UPSTREAM),
)
"""What is waited in. Where only the requests that come on top are asked, those that sleep or wait
for bytes do so as a queue: what one request sleeps by itself, one more does not make longer."""

CALLS = (
    ("run_in_executor", Limit.THREAD_POOL),
    ("wrap_future", Limit.THREAD_POOL),
    (".submit", Limit.THREAD_POOL),
    (".acquire", Limit.LOCK),
    ("_thread.lock", Limit.LOCK),
    ("_thread.RLock", Limit.LOCK),
    ("time.sleep", Limit.RATE_LIMIT),
    (".recv", Limit.UPSTREAM),
    ("urlopen", Limit.UPSTREAM),
)
"""Where a line of the app's own waits with no frame beneath it: in C, or for a plain future."""

CALLS_NEXT = "starlette/middleware/base.py"
HANDED_OVER = ("anyio/to_thread.py", "asyncio/threads.py", "starlette/concurrency.py", CALLS_NEXT)
"""A task that waits for its thread, or for the task that a middleware calls next, stands where that
one stands, which is seen as well."""


LIMITER = "CapacityLimiter.acquire"
"""Of anyio, beneath a call that is to run in a thread."""

CONTEXTS = "contextlib."

INSIDE = (Limit.LOCK, Limit.SEMAPHORE, Limit.RATE_LIMIT)
"""What ends a wait in these is done in the process itself: nothing else is asked meanwhile."""


class Place(NamedTuple):
    """A line of the app's at which requests stand, in what queue, and how many on average."""

    frame: Frame
    limit: Limit
    owner: str | None
    at_once: float


def queue_of(inner: Sequence[Frame], own: Frame) -> tuple[Limit, str | None] | None:
    """Give the queue that a line of the app's waits in, by the frames beneath it, innermost first.

    None where they say nothing of one.
    """
    for frame in inner:
        for each in LIBRARY:
            if each.file in frame.file and each.function in frame.function:
                return each.limit, each.owner
    for frame in inner:
        for each in PRIMITIVE:
            if each.file in frame.file and each.function in frame.function:
                if any(SQLALCHEMY in other.file for other in inner) and "Queue" in each.function:
                    return Limit.CONNECTION_POOL, "SQLAlchemy"
                return each.limit, each.owner
    called = own.target or own.call or ""
    return next(((limit, None) for part, limit in CALLS if part in called), None)


def places_of(standing: Iterable[Standing]) -> list[Place]:
    """Give the app's own lines at which requests stand in a queue, the most crowded first."""
    counts: dict[tuple[str, int, Limit, str | None], float] = defaultdict(float)
    frames: dict[tuple[str, int, Limit, str | None], Frame] = {}
    for each in standing:
        found = stands_at(each)
        if found is None:
            continue
        inner, own = found
        if (queue := queue_of(inner, own)) is None:
            continue
        key = (own.file, own.line, *queue)
        counts[key] += each.at_once
        frames.setdefault(key, own)
    places = [Place(frames[key], key[2], key[3], at_once) for key, at_once in counts.items()]
    return sorted(places, key=lambda place: place.at_once, reverse=True)


def waits_at(standing: Standing) -> Frame | None:
    """Give the app's own line at which a task waits, or a thread for a lock or a connection.

    None elsewhere: what else a thread stands at it may be working on, and what a middleware calls
    next waits somewhere of its own.
    """
    found = own_line(standing.frames)
    if found is None or _within(found[0], CALLS_NEXT):
        return None
    waits = not standing.in_thread or _in_queue(*found)
    return _by_what_runs(*found) if waits else None


def _by_what_runs(inner: Sequence[Frame], own: Frame) -> Frame:
    """Give a line with the library's function that runs beneath it for a name that says nothing.

    ``async with pool.connection()`` calls a function of contextlib's.
    """
    if own.target is not None and not own.target.startswith(CONTEXTS):
        return own
    named = (dotted_name(frame) for frame in reversed(inner) if frame.owner == "library")
    return replace(own, target=next(named, own.target))


def _in_queue(inner: Sequence[Frame], own: Frame) -> bool:
    """Say whether what stands at a line waits there for others of its kind, and works on nothing.

    It waits for a lock, or for a connection that a library's pool hands out.
    """
    queue = queue_of(inner, own)
    return queue is not None and (
        queue[0] in {Limit.LOCK, Limit.SEMAPHORE}
        or (queue[0] is Limit.CONNECTION_POOL and queue[1] in _OWNERS)
    )


def share_inside(standing: Iterable[Standing]) -> float:
    """Give the share of all waits at lines of the app's that were for its own locks and sleeps.

    0 where none was seen. What waits for a limiter's token has not handed its work over yet.
    """
    inside = seen = 0.0
    for each in standing:
        found = own_line(each.frames) if _for_token(each) else stands_at(each)
        if found is None:
            continue
        queue = queue_of(*found)
        seen += each.at_once
        inside += each.at_once if queue is not None and queue[0] in INSIDE else 0.0
    return inside / seen if seen else 0.0


def _for_token(standing: Standing) -> bool:
    return any(LIMITER in frame.function for frame in standing.frames)


def stands_at(standing: Standing) -> tuple[Sequence[Frame], Frame] | None:
    """Give the app's own line that something stands at, and what is beneath it; None without one.

    None as well for a task that has handed its work over.
    """
    found = own_line(standing.frames)
    handed = found is not None and _within(found[0], HANDED_OVER)
    return None if handed and not standing.in_thread else found


def _within(inner: Sequence[Frame], files: str | tuple[str, ...]) -> bool:
    return any(frame.file.endswith(files) for frame in inner)


def own_line(frames: Sequence[Frame]) -> tuple[Sequence[Frame], Frame] | None:
    """Give what is beneath the innermost line of the app's own, and that line; None without one."""
    at = next((n for n, frame in enumerate(frames) if frame.owner == "project"), None)
    return None if at is None else (frames[:at], frames[at])
