"""aiohttp's server, which is no ASGI: it can be watched by its URL alone."""

import asyncio
import sys
import time

from aiohttp import web

routes = web.RouteTableDef()


@routes.get("/health")
async def health(_):
    """Answer at once."""
    return web.Response(text="ok")


@routes.get("/free")
async def free(_):
    """Keep the loop free."""
    await asyncio.sleep(0.3)
    return web.Response(text="free")


@routes.get("/blocks")
async def blocks(_):
    """Hold the loop."""
    time.sleep(0.3)
    return web.Response(text="blocks")


async def main():
    """Serve on a free port, and print it."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
