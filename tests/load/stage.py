"""The server that engines and canary are tested against: one path for each thing a server can do.

Run as a process of its own; it prints its port and serves until it is killed.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import time
from collections import Counter

from aiohttp import web

FREE_S = 0.2
SERIAL_S = 0.04
FREEZE_S = 0.5
BIG = b"never block " * (8 * 2**20 // 12)

routes = web.RouteTableDef()
asked: Counter[str] = Counter()
used: Counter[object] = Counter()
one_at_a_time = asyncio.Lock()


@web.middleware
async def count(request: web.Request, handler):
    """Count requests by path and by connection."""
    asked[request.path] += 1
    used[request.protocol] += 1
    return await handler(request)


@routes.get("/")
async def canary(_):
    """Answer at once."""
    return web.Response(text="ok")


@routes.get("/asked")
async def how_often(request: web.Request):
    """Say how often a path was asked for."""
    return web.Response(text=str(asked[request.query["path"]]))


@routes.get("/free")
async def free(_):
    """Wait without holding anything."""
    await asyncio.sleep(FREE_S)
    return web.Response(text="free")


@routes.get("/second")
async def second(_):
    """Take the second that the reference documentation speaks of."""
    await asyncio.sleep(1.0)
    return web.Response(text="second")


@routes.get("/serial")
async def serial(_):
    """Serve one at a time."""
    async with one_at_a_time:
        await asyncio.sleep(SERIAL_S)
    return web.Response(text="serial")


@routes.get("/serial-quarter")
async def serial_quarter(_):
    """Serve one at a time, slowly enough for ten to take over two seconds."""
    async with one_at_a_time:
        await asyncio.sleep(0.25)
    return web.Response(text="serial")


@routes.get("/broken")
async def broken(_):
    """Fail, in a whole response."""
    return web.Response(status=500, text="broken")


@routes.get("/hang")
async def hang(_):
    """Never answer."""
    await asyncio.sleep(3600)


@routes.get("/freeze")
async def freeze(_):
    """Hold the loop."""
    time.sleep(FREEZE_S)  # noqa: ASYNC251 - the freeze
    return web.Response(text="froze")


@routes.get("/abort")
async def abort(request: web.Request):
    """Hang up without a word."""
    request.transport.abort()
    return web.Response()


@routes.get("/half")
async def half(request: web.Request):
    """Hang up in the middle of the body."""
    response = web.StreamResponse(headers={"content-length": "100"})
    await response.prepare(request)
    await response.write(b"half")
    request.transport.close()
    return response


@routes.get("/die")
async def die(_):
    """End the process at the fifth request."""
    if asked["/die"] == 5:
        os._exit(1)
    await asyncio.sleep(3600)


@routes.post("/echo")
async def echo(request: web.Request):
    """Say what arrived."""
    content = await request.read()
    return web.Response(text=f"{request.headers['x-token']} {hashlib.sha256(content).hexdigest()}")


@routes.get("/big")
async def big(_):
    """Send some megabytes."""
    return web.Response(body=BIG)


@routes.get("/nothing")
async def nothing(_):
    """Answer with a page that has no items."""
    return web.json_response({"items": [], "total": 0})


@routes.get("/elsewhere")
async def elsewhere(_):
    """Redirect."""
    raise web.HTTPFound("/free")


@routes.get("/reused")
async def reused(request: web.Request):
    """Say whether this connection has carried a request before."""
    await asyncio.sleep(FREE_S)
    return web.Response(text="yes" if used[request.protocol] > 1 else "no")


@routes.get("/cookie")
async def cookie(request: web.Request):
    """Say which cookie came, and set one."""
    response = web.Response(text=request.headers.get("cookie", "none"))
    response.set_cookie("crumb", "1")
    return response


async def main() -> None:
    """Serve on a free port, until killed."""
    app = web.Application(middlewares=[count])
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)  # noqa: T201 - for the fixture to read
    await asyncio.sleep(3600)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
