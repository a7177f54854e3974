"""Servers that are being stopped: no signal leaves one of them behind."""

from __future__ import annotations

import asyncio

import pytest

from neverblock.target.server import to_the_end


def test_a_cancellation_waits_for_what_stops():
    """Each time that it comes; then the run is cancelled, and nothing is left."""
    stopped = []

    async def stop():
        await asyncio.sleep(0.05)
        stopped.append(True)

    async def run():
        task = asyncio.create_task(to_the_end(asyncio.gather(stop(), stop())))
        for _ in range(3):
            await asyncio.sleep(0.01)
            task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert stopped == [True, True]


def test_without_one_it_is_as_if_it_were_awaited():
    """What goes wrong while it stops is raised."""

    async def run():
        await to_the_end(asyncio.gather(asyncio.sleep(0)))

        async def fail():
            raise LookupError("x")

        await to_the_end(asyncio.gather(fail()))

    with pytest.raises(LookupError):
        asyncio.run(run())
