from __future__ import annotations

import asyncio
import itertools
import urllib.request

import pytest
from stage import FREEZE_S

from neverblock.observe.canary import Canary

INTERVAL_S = 0.05


def fly(base_url, path="/", seconds=0.5, during=None, **kwargs):
    """Send a canary for a while, with something else going on meanwhile."""

    async def flight():
        async with Canary(base_url, path, INTERVAL_S, **kwargs) as canary:
            await asyncio.sleep(seconds / 2)
            if during is not None:
                await asyncio.to_thread(during)
            await asyncio.sleep(seconds / 2)
        return canary.pings

    return asyncio.run(flight())


def test_pings_of_a_free_server_are_answered_at_a_fixed_rate(stage):
    """Every ping is due one interval after the last, and answered after it was due."""
    pings = fly(stage)
    steps = [b.meant_s - a.meant_s for a, b in itertools.pairwise(pings)]
    assert len(pings) > 5
    assert steps == pytest.approx([INTERVAL_S] * len(steps))
    assert all(ping.ok and ping.done_s > ping.meant_s for ping in pings)


def test_canary_suffers_as_long_as_the_server_is_frozen(own_stage):
    """A freeze shows at nearly its whole length, and in each of the pings that fell due in it."""

    def freeze():
        urllib.request.urlopen(f"{own_stage}/freeze").read()  # noqa: S310 - http

    pings = fly(own_stage, during=freeze)
    waits = sorted((ping.done_s - ping.meant_s for ping in pings), reverse=True)
    assert waits[0] > FREEZE_S - 2 * INTERVAL_S
    assert sum(wait > FREEZE_S / 4 for wait in waits) >= FREEZE_S / INTERVAL_S / 2


def test_pings_that_nobody_answers_are_lost(stage):
    """What is still out when the patience ends has no end, and is not ok."""
    pings = fly(stage, "/hang", patience_s=0.2)
    assert pings
    assert {(ping.done_s, ping.ok) for ping in pings} == {(None, False)}


def test_pings_at_a_server_that_is_gone_are_lost():
    """A refused ping counts as unanswered."""
    pings = fly("http://127.0.0.1:9", seconds=0.2)
    assert pings
    assert not any(ping.ok for ping in pings)


def test_server_error_is_answered_and_not_ok(stage):
    """A canary that gets 500 has a latency and a complaint."""
    pings = fly(stage, "/broken", seconds=0.2)
    assert pings
    assert all(ping.done_s is not None and not ping.ok for ping in pings)


def test_exit_by_an_exception_does_not_wait(stage):
    """Who leaves by an exception leaves at once, with no task behind."""

    async def leave():
        async with Canary(stage, "/hang", INTERVAL_S, patience_s=0.1):
            await asyncio.sleep(0.2)
            raise LookupError

    async def alone():
        with pytest.raises(LookupError):
            await leave()
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(alone()) == set()
