"""The ceiling over an engine, at a real server."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import pytest

from neverblock.errors import UsageError
from neverblock.load import create_engine
from neverblock.load.ceiling import Ration, RationedEngine
from neverblock.model import Request
from neverblock.observe.window import Observer
from neverblock.plan import GATHER
from neverblock.target.remote import RemoteServer


def fire(stage, ration, *sizes, pings=lambda: 0):
    """Fire bursts of these sizes, one after another, under one ration."""

    async def go():
        async with (
            create_engine("gather") as engine,
            RationedEngine(engine, ration, pings) as rationed,
        ):
            return [
                await rationed.fire(
                    stage,
                    Request("GET", "/"),
                    replace(GATHER, n=n),
                    timeout_s=20,
                    canary_path="/",
                )
                for n in sizes
            ]

    return asyncio.run(go())


def test_what_is_within_the_ration_is_fired(stage):
    """All of it, by the engine beneath: each request, and one to open its connection."""
    bursts = fire(stage, Ration(at_once=5, in_all=20), 5, 5)
    assert [len(burst.records) for burst in bursts] == [5, 5]
    assert all(record.ok for burst in bursts for record in burst.records)


@pytest.mark.parametrize(
    ("ration", "sizes"),
    [(Ration(at_once=4), [5]), (Ration(in_all=19), [5, 5])],
    ids=["at once", "in all"],
)
def test_what_is_over_the_ration_is_refused(stage, ration, sizes):
    """And the message says how to lift it."""
    with pytest.raises(UsageError, match="ceiling") as refusal:
        fire(stage, ration, *sizes)
    assert "--no-ceiling" in refusal.value.hint


def test_a_rate_spaces_bursts(stage):
    """The next burst waits until the one before is paid for."""
    first, second = fire(stage, Ration(rate=20.0), 10, 1)
    assert second.started_at_s - first.started_at_s >= 1.0


def test_the_canary_counts_under_the_ceiling(stage):
    """Its requests are sent to the same server; so says whoever watches it."""
    watcher = Observer(RemoteServer(stage), None, "/")

    async def watch():
        async with watcher.window():
            await asyncio.sleep(0.3)

    asyncio.run(watch())
    assert watcher.pings >= 3
    fire(stage, Ration(in_all=10 + watcher.pings), 5, pings=lambda: watcher.pings)
    with pytest.raises(UsageError, match="ceiling"):
        fire(stage, Ration(in_all=9 + watcher.pings), 5, pings=lambda: watcher.pings)


def test_the_canary_is_paid_for(stage):
    """What it sent since the burst before is waited for as well."""
    sent = itertools.chain([0] * 3, itertools.repeat(12))  # asked three times a burst
    first, second = fire(stage, Ration(rate=20.0), 1, 1, pings=lambda: next(sent))
    assert second.started_at_s - first.started_at_s >= 0.6
