"""Users in a closed loop, whose number can be changed while they ask.

Each sends its next request as soon as it has the answer to the last.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Self

from neverblock.analysis.capacity.level import Answer
from neverblock.load.gather import build, open_connections, send
from neverblock.load.http_client import open_client

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from neverblock.model import Record, Request


DRAIN_S = 5.0
"""How long users may take to end with the request that they are at, in seconds."""


class ClosedLoop:
    """An async context manager; what its users were answered is in ``records``, as it ended.

    Users are spread evenly over the servers, which have to serve the same.
    """

    def __init__(
        self, base_urls: Sequence[str], request: Request, canary_path: str, timeout_s: float
    ) -> None:
        """Take who is asked for what; a request without an answer after ``timeout_s`` fails."""
        self._base_urls = base_urls
        self._request = request
        self._canary_path = canary_path
        self._timeout_s = timeout_s
        self._users: list[asyncio.Task[None]] = []
        self._wanted = 0
        self._since_s: dict[int, float] = {}
        self.records: list[Record] = []
        self.sent = 0

    async def __aenter__(self) -> Self:
        """Open the clients. Raises EngineError for a request that cannot be sent."""
        self._clients = [open_client(base_url) for base_url in self._base_urls]
        self._requests = [build(client, self._request) for client in self._clients]
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the users end with their requests, so that no queue is left; then close connections.

        After a while, or an error, they are ended at once.
        """
        self._wanted = 0
        if exc_type is None and self._users:
            await asyncio.wait(self._users, timeout=DRAIN_S)
        for user in self._users:
            user.cancel()
        await asyncio.gather(*self._users, return_exceptions=True)
        for client in self._clients:
            await client.aclose()

    async def resize(self, n: int) -> None:
        """Have ``n`` users from now on; new ones begin at once, and some end with their request.

        What was answered before is forgotten.
        """
        self.records.clear()
        more = max(0, n - self._wanted)
        for client in self._clients:
            self.sent += more
            await open_connections(client, self._canary_path, more, self._timeout_s)
        self._wanted = n
        self._users = [user for user in self._users if not user.done()]
        asking = set(self._since_s)
        for number in range(n):
            if number not in asking:
                self._since_s[number] = time.monotonic()
                self._users.append(asyncio.create_task(self._ask(number)))

    def answers(self, from_s: float) -> list[Answer]:
        """Give the requests that ended after an instant."""
        ended = (record for record in self.records if record.done_s > from_s)
        return [Answer(record.sent_s, record.done_s, record.ok) for record in ended]

    @property
    def cpu_s(self) -> float:
        """The CPU seconds of this thread, in whose event loop all users are."""
        return time.thread_time()

    @property
    def whole_until_s(self) -> float:
        """Until when every request that had begun has its record."""
        return min(self._since_s.values(), default=time.monotonic())

    async def _ask(self, number: int) -> None:
        client = self._clients[number % len(self._clients)]
        request = self._requests[number % len(self._clients)]
        try:
            while number < self._wanted:
                self._since_s[number] = time.monotonic()
                self.sent += 1
                self.records.append(await send(client, request, number, self._timeout_s))
        finally:
            del self._since_s[number]
