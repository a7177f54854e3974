"""A way from a worker to its master that can be cut, as a cable can."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress


class Relay:
    """Hands on whatever comes to its port, unless it is cut."""

    def __init__(self, to_port: int) -> None:
        """Take the port of the master."""
        self._to_port = to_port
        self._open = asyncio.Event()
        self._open.set()

    async def cut(self, seconds: float) -> None:
        """Hand nothing on for so long; what was sent meanwhile comes late."""
        self._open.clear()
        await asyncio.sleep(seconds)
        self._open.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to_port)
        await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(2**16):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def relayed(to_port: int):
    """Give a relay to a port of this machine, and its own port."""
    relay = Relay(to_port)
    server = await asyncio.start_server(relay._serve, "127.0.0.1", 0)
    async with server:
        yield relay, server.sockets[0].getsockname()[1]
        server.close()
