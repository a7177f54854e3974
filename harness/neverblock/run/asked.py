"""What is asked how much it can take: one endpoint, or all that a locustfile's users ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.load.closed_loop import ClosedLoop
from neverblock.load.locust_crowd import LocustCrowd
from neverblock.target.scratch import scratch_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from neverblock.load.crowd import Crowd
    from neverblock.plan import Subject

from contextlib import asynccontextmanager


@dataclass(frozen=True, slots=True)
class Asked:
    """An endpoint's one request, or with ``subject`` None a mix, by the ``options`` of Locust."""

    name: str
    subject: Subject | None
    options: tuple[str, ...] = ()

    @asynccontextmanager
    async def users(
        self, base_urls: Sequence[str], canary_path: str, timeout_s: float
    ) -> AsyncIterator[Crowd]:
        """Have users who ask this while the context lasts, spread over some servers.

        Their connections are opened by a request for the canary. A mix is asked of the first alone:
        Locust has one host.
        """
        if self.subject is None:
            with scratch_folder() as folder:
                async with LocustCrowd(self.options, base_urls[0], folder) as crowd:
                    yield crowd
            return
        request = self.subject.request
        async with ClosedLoop(base_urls, request, canary_path, timeout_s) as closed:
            yield closed
