"""The HTTP client under the gather engine and the canary: httpx's interface over aiohttp's pool.

httpx's own pool checks every connection for every request, which is quadratic in n; aiohttp's takes
one from a queue.
"""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

IDLE_S = 60.0
"""How long an unused connection is kept; servers close them sooner (uvicorn: 5 s)."""

_NO_COOKIES = DefaultCookiePolicy(allowed_domains=())


def open_client(base_url: str) -> httpx.AsyncClient:
    """Open a client that sends requests as they are and nothing else.

    No limit on connections, no timeout (the sender sets a deadline), no proxy from the
    environment, no redirect, no cookie, no compression, and no request sent twice.
    """
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_S, ttl_dns_cache=None),
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(_send_once,),
    )
    client = httpx.AsyncClient(
        base_url=base_url,
        headers={"accept-encoding": "identity", "user-agent": "neverblock"},
        # The session verifies certificates itself; False only spares the transport an idle context.
        transport=AiohttpTransport(client=session, verify=False),
        timeout=None,  # noqa: S113 - the sender's deadline counts for the whole exchange
        trust_env=False,
    )
    client.cookies.jar.set_policy(_NO_COOKIES)
    client.event_hooks = {"request": [_of_origin(client.base_url)]}
    return client


def _of_origin(base_url: httpx.URL) -> Callable[[httpx.Request], Awaitable[None]]:
    """Give what refuses requests to another origin than the target's, which alone may be asked.

    A document or an option may name a whole URL where a path is meant.
    """
    origin = (base_url.scheme, base_url.netloc)

    async def check(request: httpx.Request) -> None:
        if (request.url.scheme, request.url.netloc) != origin:
            raise httpx.UnsupportedProtocol(f"{request.url} is not of the target, {base_url}")

    return check


async def _send_once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Turn a lost connection into httpx's error, before aiohttp sends the request again."""
    try:
        return await send(request)
    except aiohttp.ClientConnectionError as error:
        raise httpx.NetworkError(f"{error}") from error
