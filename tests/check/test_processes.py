"""Processes, signals and sockets by the ways of systems that have not what POSIX has."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from neverblock.probe.listening_socket import bound, passed_on, taken_over
from neverblock.target.processes import TERMINATE, end, own_group, when_signalled

PATIENCE_S = 20
CHILD = """
import sys, time
from neverblock.probe.die_with_parent import die_with
sys.platform = "darwin"
die_with(int(sys.argv[1]))
print("up", flush=True)
time.sleep(60)
"""
PARENT = f"""
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}, str(os.getpid())])
print(child.pid, flush=True)
time.sleep(60)
"""


def assert_ends(pid):
    """Wait for a process to end; one that nobody has fetched the exit code of has ended too."""
    give_up_s = time.monotonic() + PATIENCE_S
    with contextlib.suppress(psutil.NoSuchProcess):
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < give_up_s
            time.sleep(0.05)


class LoopOfWindows(asyncio.SelectorEventLoop):
    """A loop that handles no signals."""

    def add_signal_handler(self, sig, callback, *args):
        """Refuse, as it does there."""
        raise NotImplementedError


def test_an_end_that_is_asked_for_is_heard_without_the_loops_help():
    """The system's own handler has the loop call back."""
    before = signal.getsignal(signal.SIGTERM)
    loop = LoopOfWindows()

    async def ask():
        heard = asyncio.Event()
        when_signalled(loop, heard.set, TERMINATE)
        signal.raise_signal(signal.SIGTERM)
        await heard.wait()
        return True

    try:
        assert loop.run_until_complete(asyncio.wait_for(ask(), PATIENCE_S))
    finally:
        signal.signal(signal.SIGTERM, before)
        loop.close()


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_a_listening_socket_goes_over_to_a_child(monkeypatch, platform):
    """By its descriptor, or by its port where no descriptor can be inherited."""
    monkeypatch.setattr(sys, "platform", platform)
    ours = bound(0)
    ours.listen()
    address = ours.getsockname()
    word, descriptors = passed_on(ours)
    assert descriptors == (() if platform == "win32" else (ours.fileno(),))
    if descriptors:
        word = str(os.dup(int(word)))  # a child has its own
    ours.close()
    with taken_over(word) as theirs, socket.create_connection(address, timeout=PATIENCE_S):
        assert theirs.getsockname() == address


def test_a_server_of_ours_ends_with_its_parent_where_the_kernel_does_not_see_to_it():
    """It looks for its parent itself."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        assert parent.stdout.readline() == b"up\n"
        parent.kill()
    assert_ends(child)


def test_an_end_takes_along_what_the_process_started(tmp_path):
    """Whatever stands in its group ends with it."""
    noted = tmp_path / "pid"

    async def start_and_end():
        script = f"sleep 60 & echo $! > {noted}.part; mv {noted}.part {noted}; wait"
        process = await asyncio.create_subprocess_exec("sh", "-c", script, **own_group())
        while not noted.exists():  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.01)
        await end(process, PATIENCE_S)

    asyncio.run(asyncio.wait_for(start_and_end(), PATIENCE_S))
    assert_ends(int(noted.read_text()))
