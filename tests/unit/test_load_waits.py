"""Where requests stood under a load: what of it is a queue, its share, and when it is told."""

from __future__ import annotations

import pytest
from builders import trace
from canned_load import loaded

from neverblock.analysis.load.waits import wait_note, waits_of
from neverblock.measurement import Frame, Pool, Standing
from neverblock.model import Verdict
from neverblock.report import html, text
from neverblock.result.capacity import Limit
from neverblock.storage.run_file import from_json, to_json

LOCK = Frame("/lib/asyncio/locks.py", 114, "Lock.acquire", "stdlib")
SLEEP = Frame("/lib/asyncio/tasks.py", 665, "sleep", "stdlib")
STREAM = Frame("/lib/asyncio/streams.py", 536, "StreamReader._wait_for_data", "stdlib")
QUEUE = Frame("/lib/queue.py", 171, "Queue.get", "stdlib")
LIMITER = Frame(
    "/lib/site-packages/aiolimiter/leakybucket.py", 1, "AsyncLimiter.acquire", "library"
)
LINE = Frame(
    "/app/db.py",
    30,
    "orders",
    "project",
    call="async with lock: ...",
    target="asyncio.locks.Lock.__aenter__",
)
ENTERED = Frame("/app/db.py", 31, "orders", "project", target="_thread.lock.__enter__")
CALLED = Frame("/app/db.py", 32, "orders", "project", call="loop.run_in_executor")
EXECUTOR = Pool("default-executor", size=6, held_s=1.0, queued_s=1.0, waiting=9)
TOKENS = Pool("anyio-tokens", size=40, held_s=1.0, queued_s=0.0, waiting=0)


def waits(*standing, in_flight=8.0, pools=()):
    """Give where requests queued, of eight in flight."""
    seen = trace(standing=standing, in_flight=in_flight, pools=pools)
    return waits_of(seen, lambda file: file.removeprefix("/"))


def test_a_lock_is_named_by_its_line_with_its_share_and_what_helps():
    """Of eight in flight, five stood before it; whose lock it is, and how to hold it for less."""
    (found,) = waits(Standing((LOCK, LINE), 5.0), Standing((SLEEP, LINE), 2.0))
    assert (found.file, found.line, found.function) == ("app/db.py", 30, "orders")
    assert (found.limit, found.owner, found.share) == (Limit.LOCK, "asyncio.Lock", 0.625)
    assert wait_note([found]) == (
        "62 % of the requests in flight stood at app/db.py:30 async with lock (asyncio.Lock); use "
        f"{found.advice.instead}, as in {found.advice.code}"
    )
    assert "for each key" in found.advice.instead


@pytest.mark.parametrize(
    ("standing", "queues"),
    [
        (Standing((SLEEP, LINE), 8.0), False),
        (Standing((STREAM, LINE), 8.0), False),
        (Standing((LIMITER, LINE), 8.0), True),
        (Standing((SLEEP, LIMITER, LINE), 8.0), True),
        (Standing((LOCK, LINE), 1.0), False),
        (Standing((QUEUE, LINE), 8.0, in_thread=True), False),
        (Standing((ENTERED,), 7.0, in_thread=True), True),
    ],
    ids=["sleep", "upstream", "limiter", "limiter-sleeps", "one", "thread-idle", "thread-lock"],
)
def test_what_one_request_waits_for_by_itself_is_no_queue(standing, queues):
    """Nor is one alone, or a thread without work; a limiter's sleep is the limiter's."""
    assert bool(waits(standing)) is queues


@pytest.mark.parametrize(
    ("pools", "share"),
    [((EXECUTOR,), 0.5), ((EXECUTOR, TOKENS), 0.5), ((TOKENS,), None), ((), None)],
    ids=["queue", "anyio-beside", "anyio-alone", "unknown"],
)
def test_those_that_a_thread_serves_do_not_queue_for_it(pools, share):
    """Fourteen wait at one line for what six threads do: eight of them for a thread."""
    found = waits(Standing((CALLED,), 14.0), in_flight=16.0, pools=pools)
    assert [each.share for each in found] == ([] if share is None else [share])


def test_the_most_crowded_stand_first_and_none_is_more_than_all():
    """A request whose tasks wait together is one request."""
    first, second = waits(Standing((ENTERED,), 3.0, in_thread=True), Standing((LOCK, LINE), 20.0))
    assert (first.line, first.share) == (30, 1.0)
    assert (second.line, second.share) == (31, 0.375)


def test_only_the_majority_is_told():
    """Below half of what was in flight it stands in the run, and in no sentence."""
    (fewer,) = waits(Standing((LOCK, LINE), 3.9))
    (half,) = waits(Standing((LOCK, LINE), 4.0))
    assert wait_note([fewer]) is None
    assert wait_note([half, fewer]).startswith("50 % of the requests in flight stood at")
    assert wait_note([]) is None


def test_a_load_that_nobody_looked_into_has_none():
    """Without a probe, or where never two requests were in flight."""
    assert waits_of(None, str) == ()
    assert waits(in_flight=0.0) == ()


def test_it_is_told_in_text_and_page_and_kept_in_the_run():
    """A run of before has none, and is read."""
    found = waits(Standing((LOCK, LINE), 5.0))
    run = loaded(Verdict.PASS, waits=found, notes=(wait_note(found),))
    for told in (text.render(run), html.render(run)):
        assert "requests in flight stood at app/db.py:30 async with" in " ".join(told.split())
    kept = to_json(run)
    assert from_json(kept).load.waits == found
    del kept["load"]["waits"]
    assert from_json(kept).load.waits == ()
