"""Put one tool to the corpus, in a process of its own: ``python -m peers.sweep ADAPTER [SECONDS]``.

A linter is run once. A monitor watches the app in its own loop while each endpoint is asked once,
after a round in which every endpoint was warmed up unwatched. Writes JSON to standard output.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import httpx
import truth

from peers import linters, monitors
from peers.stacks import ROOT

QUIET_S = 0.3
"""What the longest block after a response takes, and the slowest tool to notice it."""


async def watch(adapter: str, threshold_s: float | None) -> dict[str, monitors.Stacks]:
    """Give what a monitor reported while each endpoint was asked, by the endpoint's name."""
    app, cases = truth.load_app(ROOT), truth.load(ROOT)
    findings: dict[str, monitors.Stacks] = {}
    stacks: monitors.Stacks = []
    async with app.router.lifespan_context(app):
        await _ask(app, cases)
        async with getattr(monitors, adapter)(app, threshold_s, stacks) as watched:
            await _ask(watched, cases[-1:])
            await asyncio.sleep(2)  # fastapi-loopguard calibrates itself for a second
            for case in cases:
                stacks.clear()
                await _ask(watched, [case])
                findings[case.name] = list(stacks)
    return findings


async def _ask(target: Any, cases: list[truth.Case]) -> None:
    transport = httpx.ASGITransport(target, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://corpus") as client:
        for case in cases:
            asked = case.request
            headers = list(asked.headers)
            await client.request(asked.method, asked.path, headers=headers, content=asked.content)
            await asyncio.sleep(QUIET_S)


def main() -> None:
    """Run the one tool that is named."""
    adapter, *threshold = sys.argv[1:]
    out, sys.stdout = sys.stdout, sys.stderr  # tools print what they please
    if hasattr(linters, adapter):
        found: Any = getattr(linters, adapter)()
    else:
        found = asyncio.run(watch(adapter, float(threshold[0]) if threshold else None))
    json.dump(found, out)


if __name__ == "__main__":
    main()
