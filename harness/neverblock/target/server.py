"""Start, await, watch and stop a target server: a process of its own, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import httpx

from neverblock.errors import TargetError
from neverblock.probe.listening_socket import bound, passed_on
from neverblock.target.along import run_along
from neverblock.target.endings import ended_by
from neverblock.target.near_module import meant_instead
from neverblock.target.processes import abort, end, own_group
from neverblock.target.server_log import ServerLog
from neverblock.target.usage import Usage, usage

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from neverblock.measurement import Frame
    from neverblock.plan import Interpreter

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 2.0
POLL_S = 0.02
STARTS_AT_ONCE = 4
"""How many servers start side by side; more would only queue for the cores."""


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """What to serve, by which Python: an ASGI import string, and the environment it needs.

    What goes along with the app into that Python's environment is kept in the folder ``along``.
    The response of ``ready_path`` must have ``ready_header``, if one is given. ``port`` 0 takes any
    free one. ``loop`` is uvicorn's name for the event loop. Frames below ``app_dir`` are the user's
    own in a traceback.
    """

    name: str
    app: str
    ready_path: str
    python: Interpreter
    along: Path
    env: dict[str, str] = field(default_factory=dict)
    port: int = 0
    loop: str = "auto"
    app_dir: Path = Path()
    start_timeout_s: float = START_TIMEOUT_S
    ready_header: str | None = None


def listen(port: int) -> socket.socket:
    """Bind a loopback socket before the server exists, so that no port is lost to a race.

    Raises TargetError where the port is taken.
    """
    try:
        sock = bound(port)
    except OSError as error:
        raise TargetError(
            f"Port {port} cannot be used: {error.strerror}.",
            "Leave out --port to take any free one, or name another.",
        ) from error
    sock.listen()
    sock.set_inheritable(True)
    return sock


def serve_command(spec: ServerSpec, where: str) -> list[str]:
    """Give the command line that serves the app on a socket that ``passed_on`` named."""
    arguments = (str(os.getpid()), where, spec.app, spec.loop)
    return run_along(spec.python, spec.along, "uvicorn_child", "uvicorn", *arguments)


@asynccontextmanager
async def serving(
    servers: Sequence[Server], on_start: Callable[[Server], None]
) -> AsyncIterator[None]:
    """Start servers, a few at a time, and stop all of them at once, also after an error.

    Raises the first TargetError of those that did not start.
    """

    async def start(server: Server) -> None:
        on_start(server)
        await server.__aenter__()

    try:
        await side_by_side([start(server) for server in servers], at_most=STARTS_AT_ONCE)
        yield
    finally:
        await to_the_end(asyncio.gather(*(server.__aexit__() for server in servers)))


async def to_the_end(stopping: asyncio.Future[list[None]]) -> None:
    """Wait until all has stopped, however often this is cancelled meanwhile; then be cancelled.

    What stops is bounded in time, and what is not awaited would be left behind.
    """
    cancelled = False
    while not stopping.done():
        try:
            await asyncio.shield(stopping)
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
    stopping.result()


async def side_by_side(
    jobs: Sequence[Coroutine[None, None, None]], at_most: int | None = None
) -> None:
    """Run jobs together, no more than ``at_most`` at a time if given.

    At the first failure the others are cancelled, those that wait for a place never start, and the
    failure is raised.
    """
    places = asyncio.Semaphore(at_most or len(jobs))

    async def in_its_place(job: Coroutine[None, None, None]) -> None:
        await places.acquire()
        await job
        places.release()  # and not after a failure: a job that waits must not start any more

    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(in_its_place(job))
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    finally:
        for job in jobs:
            job.close()  # one that never started would warn that it was never awaited


class Server:
    """A running target; an async context manager that never leaves a process behind."""

    def __init__(self, spec: ServerSpec) -> None:
        """Take what to serve. Nothing is started before the context is entered."""
        self.spec = spec
        self.base_url = ""
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        """Start the process and wait for its ready path. Raises TargetError where it fails."""
        self._log = ServerLog(self.spec.app_dir)
        try:
            await self._start()
            await self._await_ready()
        except BaseException:
            await self._stop()
            self._log.close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Stop the server and every process that it started."""
        await self._stop()

    @property
    def pid(self) -> int:
        """The process id of the server (of its parent process, where it has workers)."""
        if self._process is None:
            raise TargetError(f"{self.spec.name} was not started.", "Enter the server first.")
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process is not None and self._process.returncode is None

    def usage(self) -> Usage:
        """Give what the process tree has used of the machine so far."""
        return usage(self.pid)

    def log_size(self) -> int:
        """Give how many bytes the server has printed so far."""
        return self._log.size()

    def log_tail(self, since: int = 0) -> str:
        """Give the end of what the server printed after so many bytes, for an error message."""
        return self._log.tail(since)

    def death(self, since: int = 0) -> TargetError:
        """Say how the server ended, as an error to raise."""
        code = self._process.returncode if self._process else None
        printed = self.log_tail(since)
        return TargetError(
            f"The server of {self.spec.name} died in the middle ({ended_by(code)}).",
            printed or "It printed nothing. Serve the app by hand to see why it ends.",
        )

    async def restart(self) -> None:
        """Stop what is left of it, and start it anew. Raises TargetError where that fails."""
        await self._stop()
        await self.__aenter__()

    async def abort(self) -> tuple[Frame, ...]:
        """End it by a signal at which Python prints its stacks; give the loop thread's."""
        since = self._log.size()
        if self._process is None or not self.alive:
            return ()
        await abort(self._process, STOP_TIMEOUT_S)
        return self._log.last_stack(since)

    async def _start(self) -> None:
        """Start the process on a socket of ours."""
        with listen(self.spec.port) as sock:
            self.base_url = f"http://127.0.0.1:{sock.getsockname()[1]}"
            where, descriptors = passed_on(sock)
            if not descriptors:
                sock.close()  # the child binds the port itself
            await self._spawn(serve_command(self.spec, where), *descriptors)

    async def _spawn(self, command: Sequence[str], *descriptors: int) -> None:
        """Start a process in a session of its own, which inherits these descriptors."""
        self._process = await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, "PYTHONFAULTHANDLER": "1", **self.spec.env},
            pass_fds=descriptors,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._log.fileno(),
            stderr=self._log.fileno(),
            **own_group(),
        )

    def _addresses(self) -> Sequence[str]:
        """Give the URLs on which it may listen, as far as they are known yet."""
        return [self.base_url]

    def _is_ready(self, response: httpx.Response) -> bool:
        """Say whether the response is the server's own, not that of a process beside it."""
        header = self.spec.ready_header
        return response.is_success and (header is None or header in response.headers)

    async def _await_ready(self) -> None:
        """Ask for the ready path until it answers. Raises TargetError where it never does."""
        deadline = asyncio.get_running_loop().time() + self.spec.start_timeout_s
        async with httpx.AsyncClient(
            timeout=1.0,
            trust_env=False,
            verify=False,  # noqa: S501 - plain HTTP: reading all certificates takes 40 ms of CPU
        ) as client:
            while asyncio.get_running_loop().time() < deadline:
                if not self.alive:
                    raise TargetError(
                        f"{self.spec.name} did not start: its server ended with "
                        f"{ended_by(self._process.returncode if self._process else None)} "
                        f"(Python {self.spec.python.version}, {self.spec.python.why}).",
                        self._said() or "It printed nothing. Serve the app by hand.",
                    )
                for address in self._addresses():
                    with contextlib.suppress(httpx.HTTPError):
                        response = await client.get(address + self.spec.ready_path)
                        if self._is_ready(response):
                            self.base_url = address
                            return
                await asyncio.sleep(POLL_S)
        raise TargetError(
            f"{self.spec.name} did not answer {self.spec.ready_path} within "
            f"{self.spec.start_timeout_s:g} s of its start.",
            self.log_tail() or "Does its lifespan complete? Serve the app by hand to see.",
        )

    def _said(self) -> str:
        """Give the end of what it printed, after the name that was meant where that is known."""
        tail = self.log_tail()
        return f"{meant_instead(tail, self.spec.name, self.spec.app_dir)}{tail}"

    async def _stop(self) -> None:
        if self._process is None:
            return
        await end(self._process, STOP_TIMEOUT_S)
        self._log.close()
