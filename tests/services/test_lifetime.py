"""Whatever ends the harness, no process and no directory stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from neverblock.reference.services import provide

HARNESS = """
import sys
from neverblock.reference.services import SERVICES, provide
try:
    with provide(tuple(SERVICES), lambda event: print(event, flush=True)):
        print("READY", flush=True)
        sys.stdin.read()
except KeyboardInterrupt:
    sys.exit(130)
"""


def family(pid):
    """Every process below this one, however deep."""
    return psutil.Process(pid).children(recursive=True)


def remains(processes, folder):
    """Give the processes and files that are still there after a while; nothing ends the wait."""
    for _ in range(200):
        left = [process for process in processes if runs(process)] + list(folder.iterdir())
        if not left:
            break
        time.sleep(0.05)
    return left


def runs(process):
    """Whether the process still does something; a zombie only waits to be noticed."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def temporary(open_folder, monkeypatch):
    """Give a folder that is the place of temporary files."""
    monkeypatch.setenv("TMPDIR", str(open_folder))
    return open_folder


@pytest.fixture
def harness(temporary):
    """Start a harness in a session of its own; kill it at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-c", HARNESS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        yield process
        process.kill()


def read_until(process, word):
    """Read the lines of the harness until one contains the word."""
    for line in process.stdout:
        if word in line:
            return
    pytest.fail(f"the harness ended before it said {word!r}: {process.stderr.read()}")


@pytest.mark.parametrize(
    ("end", "moment"),
    [
        (signal.SIGINT, "postgres: starting"),
        (signal.SIGINT, "is ready"),
        (signal.SIGINT, "READY"),
        (signal.SIGTERM, "READY"),
        (signal.SIGKILL, "mysql: starting"),
        (signal.SIGKILL, "is ready"),
        (signal.SIGKILL, "READY"),
    ],
)
def test_a_signal_leaves_nothing(harness, temporary, moment, end):
    """Ctrl-C, SIGTERM and a crash, at any moment of starting and after, clean up all."""
    read_until(harness, moment)
    processes = family(harness.pid)
    assert processes
    assert list(temporary.glob("neverblock-services-*"))
    os.killpg(harness.pid, end)
    harness.wait(20)
    assert remains(processes, temporary) == []
    if end == signal.SIGINT:
        assert harness.returncode == 130
        assert harness.stderr.read() == ""


def test_a_killed_supervisor_takes_its_servers_along(harness, tmp_path):
    """Even the supervisor may be killed; the kernel then stops what it had started."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells children of their parent's death")
    read_until(harness, "READY")
    processes = family(harness.pid)
    psutil.Process(harness.pid).children()[0].kill()
    assert remains(processes, tmp_path) == []


def test_an_exception_leaves_nothing(temporary, monkeypatch):
    """A failure of the harness inside the context stops the services all the same."""
    for name in ("REDIS", "POSTGRES"):
        monkeypatch.delenv(f"NEVERBLOCK_{name}_URL", raising=False)
    before, seen = family(os.getpid()), []

    def fail_inside():
        with provide(("redis", "postgres")):
            seen.extend(process for process in family(os.getpid()) if process not in before)
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail_inside()
    assert len(seen) >= 3
    assert remains(seen, temporary) == []
