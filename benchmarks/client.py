"""What each client costs by itself: bursts at a perfect 1 s endpoint, wall clock minus the second.

    python benchmarks/client.py [--markdown] [--rounds 3]

Warm, connections opened beforehand, median of the rounds. The endpoint's own cost (see
``perfect_server.py``) is in the figures, and is the same for all.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from neverblock.load import create_engine
from neverblock.model import Request

sys.path.insert(0, str(Path(__file__).parents[1]))
from scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = (10, 50, 100, 500, 1000)
TAKES_S = 1.0
PATH = "/second"
DEADLINE_S = 60.0

Fire = Callable[[int], Awaitable[float]]
"""Fires a burst of n, and gives its wall clock in seconds."""


@contextmanager
def perfect_server() -> Iterator[str]:
    """Run the endpoint in a process of its own, and give its address."""
    command = [sys.executable, str(Path(__file__).with_name("perfect_server.py"))]
    with subprocess.Popen(  # noqa: S603 - our own script
        command, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


async def engine(scenario_name: str, base_url: str, stack: AsyncExitStack) -> Fire:
    """Start the engine of a scenario."""
    scenario = SCENARIOS[scenario_name]
    started = await stack.enter_async_context(create_engine(scenario.engine))

    async def fire(n: int) -> float:
        burst = await started.fire(
            base_url,
            Request("GET", PATH),
            replace(scenario, n=n),
            timeout_s=DEADLINE_S,
            canary_path="/",
        )
        if not all(record.ok for record in burst.records):
            raise SystemExit(f"{scenario_name} at n = {n}: a request failed.")
        return burst.wall_s

    return fire


async def plain_httpx(base_url: str, stack: AsyncExitStack) -> Fire:
    """Open one httpx client with its own transport, unlimited and patient, for comparison."""
    client = await stack.enter_async_context(
        httpx.AsyncClient(
            base_url=base_url,
            timeout=DEADLINE_S,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
            trust_env=False,
        )
    )

    async def fire(n: int) -> float:
        await asyncio.gather(*(client.get("/") for _ in range(n)))
        started_s = time.monotonic()
        await asyncio.gather(*(client.get(PATH) for _ in range(n)))
        return time.monotonic() - started_s

    return fire


async def median_cost_s(fire: Fire, n: int, rounds: int) -> float:
    """Give the median of the rounds, less the endpoint's own time."""
    walls_s = []
    for _ in range(rounds):
        gc.collect()
        walls_s.append(await fire(n))
    return statistics.median(walls_s) - TAKES_S


CLIENTS: dict[str, Callable[[str, AsyncExitStack], Awaitable[Fire]]] = {
    "gather engine": partial(engine, "gather"),
    "Locust engine": partial(engine, "burst"),
    "httpx, one shared client": plain_httpx,
}


async def measure(rounds: int) -> dict[str, list[float]]:
    """Give the cost in seconds of each client, one figure for each size."""
    costs_s = {}
    with perfect_server() as base_url:
        for name, open_client in CLIENTS.items():
            async with AsyncExitStack() as stack:
                fire = await open_client(base_url, stack)
                await fire(SIZES[0])  # warm: imports and first calls are nobody's cost
                costs_s[name] = [await median_cost_s(fire, n, rounds) for n in SIZES]
    return costs_s


def table(costs_s: dict[str, list[float]], *, markdown: bool) -> str:
    """Lay the figures out in milliseconds, for a terminal or a Markdown page."""
    head = ["wall - 1 s [ms], n =", *(str(n) for n in SIZES)]
    rows = [[name, *(f"{cost * 1000:.0f}" for cost in costs)] for name, costs in costs_s.items()]
    if markdown:
        lines = [head, ["---", *("---:" for _ in SIZES)], *rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return "\n".join(
        f"{name:<26}" + "".join(f"{c:>8}" for c in cells) for name, *cells in [head, *rows]
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--markdown", action="store_true", help="as a table for ARCHITECTURE.md")
    parser.add_argument("--rounds", type=int, default=3, help="bursts per figure (default: 3)")
    options = parser.parse_args()
    costs_s = asyncio.run(measure(options.rounds))
    print(table(costs_s, markdown=options.markdown))


if __name__ == "__main__":
    main()
