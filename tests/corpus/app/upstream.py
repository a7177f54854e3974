"""Everything the service calls that is slow, in a process of its own so that it shares no GIL.

HTTP, SMTP and UDP listeners that answer late, and one that accepts a connection, says nothing and
hangs up, as a database does that is overloaded. The process ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LATE_S = 0.2
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Upstream:
    """The ports of a running upstream."""

    http: int
    smtp: int
    udp: int
    silent: int

    @property
    def url(self) -> str:
        """The address that answers late."""
        return f"http://{HOST}:{self.http}/late"

    @property
    def one_by_one_url(self) -> str:
        """The address that answers late, one request after the other."""
        return f"http://{HOST}:{self.http}/one-by-one"


@contextmanager
def running_upstream() -> Iterator[Upstream]:
    """Start the upstream, give its ports, and end it."""
    command = [sys.executable, __file__]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            yield Upstream(**json.loads(process.stdout.readline()))
        finally:
            process.kill()


async def _answer_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if b"/one-by-one" in head:
        async with _turn:
            await asyncio.sleep(LATE_S)
    else:
        await asyncio.sleep(LATE_S)
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlate")
    await _hang_up(writer)


async def _answer_smtp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(LATE_S)
    writer.write(b"220 late\r\n")
    while line := await reader.readline():
        writer.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")
    await _hang_up(writer)


async def _stay_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(LATE_S)
    await _hang_up(writer)


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await asyncio.wait([asyncio.ensure_future(writer.wait_closed())])


class _LateEcho(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(LATE_S, self._transport.sendto, data, address)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    ports = {}
    answers = {"http": _answer_http, "smtp": _answer_smtp, "silent": _stay_silent}
    for name, answer in answers.items():
        server = await asyncio.start_server(answer, HOST, 0, backlog=512)
        ports[name] = server.sockets[0].getsockname()[1]
    transport, _ = await loop.create_datagram_endpoint(_LateEcho, local_addr=(HOST, 0))
    ports["udp"] = transport.get_extra_info("sockname")[1]
    print(json.dumps(ports), flush=True)  # noqa: T201 - this is how the parent learns the ports
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    _turn = asyncio.Lock()
    asyncio.run(_serve())
