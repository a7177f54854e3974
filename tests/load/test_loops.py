"""Users in a closed loop, and requests that come at a steady rate, against a real server."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest
from stage import FREE_S

from neverblock.load.closed_loop import ClosedLoop
from neverblock.load.open_loop import arrive
from neverblock.model import Request

FREE = Request("GET", "/free")


def test_as_many_are_under_way_as_there_are_users(stage):
    """Each sends its next request when it has the answer to the last."""

    async def crowd():
        async with ClosedLoop([stage], FREE, "/", 10.0) as users:
            await users.resize(3)
            await asyncio.sleep(2.5 * FREE_S)
            await users.resize(1)
            await asyncio.sleep(1.5 * FREE_S)
            begun_s, users.records[:] = time.monotonic(), []
            await asyncio.sleep(2.2 * FREE_S)
            alone = [record for record in users.records if record.sent_s > begun_s - FREE_S]
            await users.resize(0)
            return alone, users

    alone, users = asyncio.run(crowd())
    assert 1 <= len(alone) <= 3
    assert all(record.ok and record.done_s - record.sent_s >= FREE_S for record in users.records)
    sent = sorted(record.sent_s for record in alone)
    assert all(after - before >= FREE_S for before, after in pairwise(sent))


def test_nobody_is_left_waiting_when_a_crowd_ends(stage):
    """The last requests have their answers, and are in the records."""

    async def crowd():
        async with ClosedLoop([stage], FREE, "/", 10.0) as users:
            await users.resize(4)
            await asyncio.sleep(0.5 * FREE_S)
        return users.records

    records = asyncio.run(crowd())
    assert len(records) == 4
    assert all(record.ok for record in records)


def test_arrivals_wait_for_nobody(stage):
    """Forty a second come though each takes 200 ms; each latency counts from when it was due."""
    found = asyncio.run(arrive(stage, FREE, 40.0, 1.0, 10.0))
    assert 20 <= len(found) <= 60
    assert all(each.error is None and each.end_s - each.start_s >= FREE_S for each in found)
    assert max(each.start_s for each in found) - min(each.start_s for each in found) <= 1.0


@pytest.mark.parametrize("path", ["/broken", "/abort"])
def test_what_fails_is_told(stage, path):
    """A status of 500 and a lost connection are both no answer."""
    found = asyncio.run(arrive(stage, Request("GET", path), 40.0, 0.3, 10.0))
    assert found
    assert all(each.error for each in found)
