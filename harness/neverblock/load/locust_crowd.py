"""Users of a locustfile, by stock Locust: for another number of them it is started anew."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from neverblock.analysis.capacity.level import Answer
from neverblock.load.traffic import Traffic, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

POLL_S = 0.1


class LocustCrowd:
    """An async context manager; its users ask what their locustfile says, with its pauses."""

    def __init__(self, options: Sequence[str], host: str, folder: Path) -> None:
        """Take Locust's own options, whom to ask, and a folder for what Locust writes down."""
        self._options = tuple(options)
        self._host = host
        self._folder = folder
        self._running = AsyncExitStack()
        self._traffic: Traffic | None = None
        self._runs = 0
        self._answers: list[Answer] = []
        self._reported_s = self._cpu_s = 0.0
        self.sent = 0

    async def __aenter__(self) -> Self:
        """Start nothing yet: nobody said how many there are."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """End Locust, whose users may end the task that they are at."""
        await self._running.aclose()

    async def resize(self, n: int) -> None:
        """Have ``n`` users from now on: the last ones end, and others begin all at once.

        Raises UsageError where Locust cannot use its options, EngineError where it ends without a
        request.
        """
        await self._running.aclose()
        self._answers, self._reported_s, self._cpu_s = [], 0.0, 0.0
        self._runs += 1
        records = self._folder / f"users-{self._runs}.jsonl"
        options = (*self._options, "-u", str(n), "-r", str(n))
        self._traffic = traffic = Traffic(options, self._host, records, wanted=Wanted(every=True))
        await self._running.enter_async_context(traffic)
        ended = asyncio.create_task(traffic.ended())
        self._running.callback(ended.cancel)
        while not traffic.requests.made:
            if ended.done():
                await ended
            await asyncio.sleep(POLL_S)

    def answers(self, from_s: float) -> list[Answer]:
        """Give the requests that ended after an instant, as far as Locust has written them down."""
        if self._traffic is not None:
            for beat, requests in self._traffic.requests.fresh():
                self._reported_s, self._cpu_s = beat.at_s, beat.cpu_s
                self.sent += len(requests)
                self._answers += [Answer(r.start_s, r.end_s, r.error is None) for r in requests]
        return [answer for answer in self._answers if answer.to_s > from_s]

    @property
    def whole_until_s(self) -> float:
        """Until when every request is written down, if none takes longer than the longest did."""
        longest_s = max((each.to_s - each.from_s for each in self._answers), default=0.0)
        return self._reported_s - longest_s

    @property
    def cpu_s(self) -> float:
        """The CPU seconds of Locust's process, as it reported them last."""
        return self._cpu_s
