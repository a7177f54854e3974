"""A perfect endpoint: any path under ``/second`` answers after 1 s, any other at once.

A bare asyncio protocol that parses no more than it must, so that what is left of a burst's wall
clock is the client's. It prints its port and serves until it is killed.
"""

from __future__ import annotations

import asyncio

TAKES_S = 1.0
HEAD_END = b"\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok"


class Perfect(asyncio.Protocol):
    """One connection, over which requests without a body come one after another."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer by."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        *heads, self._received = (self._received + data).split(HEAD_END)
        for head in heads:
            if head.startswith(b"GET /second"):
                loop = asyncio.get_running_loop()
                loop.call_later(TAKES_S, self._transport.write, ANSWER)
            else:
                self._transport.write(ANSWER)


async def main() -> None:
    """Serve on a free port of the loopback."""
    server = await asyncio.get_running_loop().create_server(Perfect, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
