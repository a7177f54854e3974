"""Starting, ending and asking after processes, on systems with POSIX signals and on Windows."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def own_group() -> dict[str, Any]:
    """Give the arguments for a new process that Ctrl-C does not reach, with all that it starts."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def is_running(pid: int) -> bool:
    """Say whether there is a process; on Windows signal 0 would not ask but end it."""
    return psutil.pid_exists(pid)


async def end(process: asyncio.subprocess.Process, patience_s: float) -> None:
    """End a process of a group of its own, by force after so many seconds, and all it started."""
    left = _children(process.pid)
    if process.returncode is None:
        with suppress(ProcessLookupError):
            _ask_to_end(process)
        try:
            await asyncio.wait_for(process.wait(), patience_s)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):  # macOS refuses to signal a zombie
            os.killpg(process.pid, signal.SIGKILL)
    for child in left:
        with suppress(psutil.Error):
            child.kill()


def _ask_to_end(process: asyncio.subprocess.Process) -> None:
    if sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        process.terminate()


def _children(pid: int) -> Sequence[psutil.Process]:
    """Give what a process started where the system keeps no groups; else the group has it."""
    children: Sequence[psutil.Process] = ()
    if sys.platform == "win32":
        with suppress(psutil.Error):
            children = psutil.Process(pid).children(recursive=True)
    return children


def when_terminated(loop: asyncio.AbstractEventLoop, act: Callable[[], object]) -> None:
    """Call ``act`` on the loop when the system asks this process to end: SIGTERM, or Ctrl-Break.

    To be called in the main thread.
    """
    asked = getattr(signal, "SIGBREAK", signal.SIGTERM)
    try:
        loop.add_signal_handler(asked, act)
    except NotImplementedError:  # the loops of Windows have none
        signal.signal(asked, lambda *_: loop.call_soon_threadsafe(act))


def passed_on(sock: socket.socket) -> tuple[str, tuple[int, ...]]:
    """Say in one word how a child gets a listening socket, and which descriptors it inherits.

    Where none can be inherited, the child binds the port itself.
    """
    if sys.platform == "win32":
        return f":{sock.getsockname()[1]}", ()
    return str(sock.fileno()), (sock.fileno(),)


def taken_over(word: str) -> socket.socket:
    """Give the listening socket that the parent of this process named by ``passed_on``."""
    if not word.startswith(":"):
        return socket.socket(fileno=int(word))
    sock = bound(int(word[1:]))
    sock.listen()
    return sock


def bound(port: int) -> socket.socket:
    """Bind a socket to a port of loopback, to any free one for 0. Raises OSError if it is taken."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # What POSIX calls reuse, Windows calls taking a port away from the process that has it.
    option = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
    sock.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        sock.close()
        raise
    return sock
