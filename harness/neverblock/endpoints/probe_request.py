"""The probe request: one more request to an endpoint that refused, to say why."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from neverblock.load.http_client import open_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from neverblock.model import Request

TIMEOUT_S = 5.0
BODY_BYTES = 65_536
"""The part of the answer's body that is read: JSON that is cut cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answered: ``status`` is None where no answer began."""

    status: int | None
    headers: dict[str, str]
    text: str

    def hiding(self, hide: Callable[[str], str]) -> Answer:
        """Give the same without secrets: before any of it is cut to a length."""
        headers = {name: hide(value) for name, value in self.headers.items()}
        return Answer(self.status, headers, hide(self.text))


async def send_probe_request(base_url: str, request: Request) -> Answer:
    """Send a request once more; give the head of the answer and the beginning of its body."""
    body = b""
    async with open_client(base_url) as client:
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                client.stream(
                    request.method,
                    request.path,
                    headers=request.headers,
                    content=request.content,
                ) as response,
            ):
                status, headers = response.status_code, dict(response.headers)
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) >= BODY_BYTES:
                        break
        except (httpx.HTTPError, OSError):
            if not body:
                return Answer(None, {}, "")
    return Answer(status, headers, body[:BODY_BYTES].decode(errors="replace"))
