"""One instance of a service: its private directory, and the processes that run in it."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import socket
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from neverblock.probe.die_with_parent import death_signal
from neverblock.target.processes import own_group

if TYPE_CHECKING:
    import pwd
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path

READY_TIMEOUT_S = 60.0
POLL_S = 0.02
STOP_TIMEOUT_S = 5.0
PORT_ATTEMPTS = 3


KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
"""On Windows every signal kills."""


class LaunchError(Exception):
    """A server that did not start; the message is the last line that it printed."""


class Instance:
    """A folder of its own, a password of its own, and the processes of one service.

    Servers that refuse to run as root (``demote``) get the account ``nobody``, if we are root.
    """

    def __init__(self, folder: Path, *, demote: bool = False) -> None:
        """Create the folder, readable by its account alone."""
        self.folder = folder
        self.password = secrets.token_hex(16)
        self.account = _nobody() if demote and is_root() else None
        self._log = folder.with_suffix(".log")
        self._process: asyncio.subprocess.Process | None = None
        self._stop_signal = signal.SIGTERM
        folder.mkdir(mode=0o700)
        self._log.touch(mode=0o600)
        self._own(folder)

    def write(self, name: str, content: str) -> Path:
        """Write a file that only the service's account can read."""
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(content)
        self._own(path)
        return path

    def copy(self, source: Path, name: str) -> None:
        """Copy a tree to where the service's account can read it, if it cannot read the source."""
        shutil.copytree(source, self.folder / name, symlinks=True)
        for path in self.folder.rglob("*"):
            self._own(path)

    async def run(self, *command: str | Path) -> None:
        """Run a command to its end. Raises LaunchError with its last line if it fails."""
        process = await self._spawn(command, KILL)
        async with self._time_limit():
            status = await process.wait()
        if status != 0:
            raise LaunchError(self._last_line())

    async def serve(
        self,
        command: Callable[[int], Sequence[str | Path]],
        ask: Callable[[int], Awaitable[str]],
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> int:
        """Start a server on a free port and give the port once ``ask`` succeeds there.

        Another process may take the port before the server binds it: then another port is tried.
        That process cannot pass for the server, as it does not know the password. Raises
        LaunchError.
        """
        for _ in range(PORT_ATTEMPTS):
            port = _free_port()
            process = await self._spawn(command(port), stop_signal)
            if await self._answers(process, port, ask):
                return port
            await self.stop()
        raise LaunchError(self._last_line())

    async def serve_on_own_port(self, command: Sequence[str | Path]) -> int:
        """Start a server that picks its port and prints it as its first line; give that port."""
        process = await self._spawn(command, signal.SIGTERM, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None  # noqa: S101 - opened as a pipe, for the type checker
        async with self._time_limit():
            line = await process.stdout.readline()
        if not line.strip().isdigit():
            raise LaunchError(self._last_line())
        return int(line)

    async def stop(self) -> None:
        """Stop what runs; kill it if that takes too long. No data here needs saving."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._signal(process, self._stop_signal)
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            self._signal(process, KILL)
            await process.wait()

    def _signal(self, process: asyncio.subprocess.Process, number: signal.Signals) -> None:
        """Signal a process and its children, such as the commands of a script."""
        with suppress(ProcessLookupError, PermissionError):  # macOS refuses to signal a zombie
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, number)

    async def _spawn(
        self,
        command: Sequence[str | Path],
        stop_signal: signal.Signals,
        stdout: int | None = None,
    ) -> asyncio.subprocess.Process:
        account = self.account
        self._stop_signal = stop_signal
        try:
            with self._log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log if stdout is None else stdout,
                    stderr=log,
                    cwd=self.folder if account else None,
                    user=account.pw_uid if account else None,
                    group=account.pw_gid if account else None,
                    extra_groups=[] if account else None,
                    **own_group(),  # makes it the leader of a group, see _signal
                    preexec_fn=death_signal(stop_signal),  # the host forks from its main thread
                )
        except OSError as error:
            raise LaunchError(str(error)) from error
        return self._process

    async def _answers(
        self,
        process: asyncio.subprocess.Process,
        port: int,
        ask: Callable[[int], Awaitable[str]],
    ) -> bool:
        """Whether the server answered before it ended. Raises LaunchError if it does neither."""
        async with self._time_limit():
            while process.returncode is None:
                try:
                    await ask(port)
                except ConnectionError:
                    await asyncio.sleep(POLL_S)
                else:
                    return True
        return False

    @asynccontextmanager
    async def _time_limit(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                yield
        except TimeoutError as error:
            why = f"not done after {READY_TIMEOUT_S:.0f} s; its last line: {self._last_line()}"
            raise LaunchError(why) from error

    def _own(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)

    def _last_line(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        errors = [line for line in lines if "ERROR" in line.upper() or "FATAL" in line]
        return (errors[:1] or lines or ["it printed nothing"])[-1].strip()


def is_root() -> bool:
    """Say whether this process may do all; no system without POSIX accounts has a root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _nobody() -> pwd.struct_passwd:
    import pwd  # noqa: PLC0415 - there is none on Windows

    return pwd.getpwnam("nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
