"""Bursts of several load generators on this machine: Locust's master and workers, an instant."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import TYPE_CHECKING, Self

from neverblock.errors import EngineError
from neverblock.load import UNWATCHED
from neverblock.load.client_lag import TICK_S
from neverblock.load.traffic import Distributed, PaceOrder, Traffic, Wanted
from neverblock.model import Burst, ClientHealth

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from neverblock.load import Engine
    from neverblock.load.request_file import RequestFile
    from neverblock.model import Beat, Request, Scenario

COME_S = 60.0
"""How long all generators may take to be there, as those of a load."""

POLL_S = 0.05
"""The instant is named a second ahead, of which the watch begins this much later at the most."""

AT_ONCE = PaceOrder(burst=True, alone=False)

LOCUSTFILE = """from neverblock.load.locust_once import Once, asks

asks({})


class User(Once):
    pass
"""


class DistributedEngine:
    """Fires bursts by several generators, and single requests by another engine.

    Generators are started for each burst and meet; then the instant is named at which each goes, by
    its own clock.
    """

    def __init__(self, alone: Engine, workers: int, folder: Path) -> None:
        """Take what fires single requests, how many generators there are, and a scratch folder.

        The caller starts and stops the engine for single requests.
        """
        self._alone = alone
        self._workers = workers
        self._folder = folder
        self._numbers = itertools.count(1)

    async def __aenter__(self) -> Self:
        """Start nothing yet: generators come for a burst."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Do nothing; generators have ended with their burst."""

    async def fire(
        self,
        base_url: str,
        request: Request,
        scenario: Scenario,
        *,
        timeout_s: float,
        canary_path: str,
        watched: AbstractAsyncContextManager[object] = UNWATCHED,
    ) -> Burst:
        """Have as many users as there are requests meet and ask; see ``Engine.fire``.

        Raises UsageError without Locust, EngineError where not every request has a record.
        """
        n = scenario.n
        if n == 1:
            return await self._alone.fire(
                base_url,
                request,
                scenario,
                timeout_s=timeout_s,
                canary_path=canary_path,
                watched=watched,
            )
        folder = self._folder / f"burst-{next(self._numbers)}"
        folder.mkdir()
        file = folder / "locustfile.py"
        file.write_text(locustfile(request, timeout_s, canary_path), encoding="utf-8")
        traffic = Traffic(
            ("-f", str(file), "-u", str(n), "-r", str(n)),
            base_url.rstrip("/"),
            folder / "requests.jsonl",
            distributed=Distributed(min(self._workers, n), 0, ("127.0.0.1", 0), COME_S),
            pace=AT_ONCE,
            wanted=Wanted(whole_s=timeout_s, folder=folder),
        )
        async with traffic:
            ended = asyncio.create_task(traffic.ended())
            try:
                at_s = await _named(traffic.requests, ended, COME_S + timeout_s)
                async with watched:
                    if time.monotonic() > at_s:
                        raise EngineError(
                            "The burst began before it was watched: this machine is too busy.",
                            "Try again when others leave it a core.",
                        )
                    await _home(traffic.requests, ended, n)
            finally:
                ended.cancel()
        records = traffic.requests.records()
        if len(records) != n:
            raise EngineError(
                f"{len(records)} of {n} requests came home from the load generators. "
                f"{traffic.cut_short or ''}".strip(),
                "Try again; if it stays so, fire from one process: leave --workers out.",
            )
        return Burst(records, worst_of(traffic.requests.beats(), at_s))


def locustfile(request: Request, timeout_s: float, canary_path: str) -> str:
    """Give the text of a locustfile whose users ask for one request."""
    said = {
        "method": request.method,
        "path": request.path,
        "header": [": ".join(header) for header in request.headers],
        "content": request.content,
        "canary_path": canary_path,
        "deadline": timeout_s,
    }
    return LOCUSTFILE.format(", ".join(f"{name}={value!r}" for name, value in said.items()))


def worst_of(beats: Iterable[Beat], at_s: float) -> ClientHealth:
    """Give how the generator fared that fared worst since an instant, figure by figure.

    Of each beat the longest lag is known, and stands for all that are longer than a tick.
    """
    before: dict[str | None, float] = {}
    cpu_s: dict[str | None, float] = {}
    lags_s: dict[str | None, list[float]] = {}
    for beat in beats:
        if beat.at_s <= at_s:
            before[beat.worker] = beat.cpu_s
            continue
        cpu_s[beat.worker] = beat.cpu_s - before.get(beat.worker, 0.0)
        lags_s.setdefault(beat.worker, []).append(beat.max_lag_s)
    late_s = [sum(lag_s for lag_s in own if lag_s > TICK_S) for own in lags_s.values()]
    return ClientHealth(
        max_lag_s=max((max(own) for own in lags_s.values()), default=0.0),
        cpu_s=max(cpu_s.values(), default=0.0),
        late_s=max(late_s, default=0.0),
    )


async def _named(requests: RequestFile, ended: asyncio.Task[None], within_s: float) -> float:
    """Wait until the instant of the burst is named; give it. Raises EngineError."""
    until_s = time.monotonic() + within_s
    while (seen := requests.burst()) is None:
        if ended.done():
            await ended
        if ended.done() or time.monotonic() > until_s:
            raise EngineError(
                "The load generators did not meet for the burst.",
                "Try again; if it stays so, fire from one process: leave --workers out.",
            )
        await asyncio.sleep(POLL_S)
    return seen.at_s


async def _home(requests: RequestFile, ended: asyncio.Task[None], n: int) -> None:
    """Wait until all answers have come home, or none comes any more."""
    home = 0
    while home < n and not ended.done():
        await asyncio.wait([ended], timeout=POLL_S)
        home += sum(beat.requests for beat, _ in requests.news())
    if ended.done():
        await ended
