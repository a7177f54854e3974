"""What the wrapper costs a request, measured to a fraction of a percent also on a restless machine.

    python benchmarks/wrapper.py [--loop uvloop]

In this process uvicorn's protocol is fed by hand, without sockets: a few requests to the app, as
many to the app with the probe around it, in turns, by the thread's own CPU clock. What makes the
machine slow for a second then hits both. The probe is armed all the time, so that its beats and
reports are no part of it: ``benchmarks/probe.py`` has those, and pays for that by what it can tell.
Prints the ratio (wrapped to bare) with a 95 % bootstrap interval, and that of two equal sides.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from probe import REQUEST, app, interval
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from neverblock.probe.config import ProbeConfig
from neverblock.probe.wrapper import ProbedApp

if TYPE_CHECKING:
    from neverblock.probe.wrapper import AsgiApp

TURN = 25
"""Requests of one side before the other's: some milliseconds."""
TURNS = 1200
WARM_UP_TURNS = 200


class Sink(asyncio.Transport):
    """Takes answers, and forgets them."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take a part of an answer."""

    def is_closing(self) -> bool:
        """Say that it goes on."""
        return False

    def close(self) -> None:
        """Do nothing, when nobody has asked for a while."""


def served(target: AsgiApp) -> H11Protocol:
    """Give a connection to an app, as uvicorn would make it."""
    config = Config(target, log_level="warning", access_log=False, http="h11", ws="none")
    config.load()
    protocol = H11Protocol(config, ServerState(), {})
    protocol.connection_made(Sink())
    return protocol


async def ask(protocol: H11Protocol) -> None:
    """Send a request, and let it be served."""
    protocol.data_received(REQUEST)
    await asyncio.sleep(0)


async def turn(protocol: H11Protocol) -> float:
    """Ask some times; give the CPU seconds that a request took.

    Once more before that, unmeasured: what comes first after the other side's turn ends a silence,
    which the probe notes at the price of a beat. Under a load that does not pause there is none.
    """
    await ask(protocol)
    before_s = time.thread_time()
    for _ in range(TURN):
        await ask(protocol)
    return (time.thread_time() - before_s) / TURN


async def compare(title: str, one: H11Protocol, other: H11Protocol) -> None:
    """Ask both in turns, each as often first as second, and print how they compare."""
    costs: dict[H11Protocol, list[float]] = {one: [], other: []}
    for number in range(TURNS):
        for side in (one, other) if number % 2 else (other, one):
            cost_s = await turn(side)
            if number >= WARM_UP_TURNS:
                costs[side].append(cost_s)
    ratios = [[b / a] for a, b in zip(costs[one], costs[other], strict=True)]
    print(f"{title:14} {interval(ratios)} of {statistics.median(costs[one]) * 1e6:.0f} us")


async def measure() -> None:
    """Arm the probe, and compare."""
    here = str(Path(__file__).parent)
    with tempfile.TemporaryDirectory() as trace_dir:
        probed = ProbedApp.from_config(ProbeConfig("probe:app", trace_dir, app_dir=here))
        probed.arm()
        await asyncio.sleep(0.5)
        await compare("bare to bare", served(app), served(app))
        await compare("with the probe", served(app), served(probed))
        probed.disarm()


def main() -> None:
    """Measure on one kind of loop."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--loop", default="asyncio", choices=["asyncio", "uvloop"])
    if parser.parse_args().loop == "uvloop":
        import uvloop  # noqa: PLC0415 - only where it is asked for

        uvloop.run(measure())
    else:
        asyncio.run(measure())


if __name__ == "__main__":
    main()
