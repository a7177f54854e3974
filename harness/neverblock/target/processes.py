"""Starting, ending and asking after processes, on systems with POSIX signals and on Windows."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psutil

from neverblock.target.endings import without_core

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


TERMINATE = getattr(signal, "SIGBREAK", signal.SIGTERM)
"""The signal by which the system asks a process to end: SIGTERM, or Ctrl-Break on Windows."""


def own_group() -> dict[str, Any]:
    """Give the arguments for a new process that Ctrl-C does not reach, with all that it starts."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def is_running(pid: int) -> bool:
    """Say whether there is a process; on Windows signal 0 would not ask but end it."""
    return psutil.pid_exists(pid)


async def end(process: asyncio.subprocess.Process, patience_s: float) -> None:
    """End a process of a group of its own, after ``patience_s`` by force, and all it started."""
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


async def abort(process: asyncio.subprocess.Process, patience_s: float) -> None:
    """End a process by a signal at which Python prints its stacks; Windows has none for others.

    It writes no core file. Whether it has ended after ``patience_s`` seconds is not said.
    """
    without_core(process.pid)
    with suppress(ProcessLookupError, TimeoutError):
        if sys.platform == "win32":
            process.kill()
        else:
            process.send_signal(signal.SIGABRT)
        await asyncio.wait_for(process.wait(), patience_s)


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


def when_signalled(
    loop: asyncio.AbstractEventLoop, act: Callable[[], object], *numbers: int
) -> None:
    """Call ``act`` on the loop at each of these signals. To be called in the main thread."""
    for number in numbers:
        try:
            loop.add_signal_handler(number, act)
        except NotImplementedError:  # the loops of Windows have none
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(act))
