from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import psutil
import pytest


@pytest.fixture
def server(tmp_path):
    """Start a server of the pairs that have processes of their own; give those too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", "target_app.main:app", "--fd"]
        process = subprocess.Popen(
            [*command, str(listener.fileno())],
            env={**os.environ, "NEVERBLOCK_PAIRS": "hash,file", "TMPDIR": str(tmp_path)},
            pass_fds=[listener.fileno()],
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    children = []
    try:
        httpx.get(f"http://127.0.0.1:{port}/health", timeout=60, trust_env=False)
        children += psutil.Process(process.pid).children(recursive=True)
        yield process, children
    finally:
        process.kill()
        process.communicate()
        for child in children:
            if child.is_running():
                child.kill()


def left(children):
    """Wait for the processes to end; give those that have not."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(map(alive, children)):
        time.sleep(0.05)
    return [child for child in children if alive(child)]


def alive(child):
    """Tell whether a process runs; one that ended and that nobody has waited for does not."""
    return child.is_running() and child.status() != psutil.STATUS_ZOMBIE


def test_killed_server_leaves_nothing(server, tmp_path):
    """Process pool and slow file system end with a server that is killed, folder included."""
    process, children = server
    assert len(children) > 1
    process.kill()
    process.wait()
    assert not left(children), children
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_server_leaves_nothing(server, number, tmp_path):
    """Ctrl-C, which reaches the whole session, and SIGTERM end all without a complaint."""
    process, children = server
    os.killpg(process.pid, number)
    _, said = process.communicate(timeout=60)
    assert not left(children), children
    assert not list(tmp_path.iterdir())
    assert "Traceback" not in said
    assert "leaked" not in said
