from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

STAGE = Path(__file__).with_name("stage.py")


@contextmanager
def staged():
    """Run the stage in a process of its own, and give its address."""
    command = [sys.executable, "-P", str(STAGE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


@pytest.fixture(scope="session")
def stage():
    """One stage for all tests that leave it as it is."""
    with staged() as base_url:
        yield base_url


@pytest.fixture
def own_stage():
    """Give the test a stage of its own, to kill or freeze."""
    with staged() as base_url:
        yield base_url
