"""A server of somebody else's, by its URL: judged from outside, without a probe."""

from __future__ import annotations

import subprocess
import sys

import pytest
from checking import APPS, Checked

from neverblock.errors import ExitCode

NAMED = ("-e", "GET /free", "-e", "GET /blocks")


@pytest.fixture(scope="module")
def aiohttp_url():
    """Serve the one that is no ASGI."""
    command = [sys.executable, APPS / "aiohttp_app.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


def test_a_url_is_judged_from_outside(aiohttp_url, tmp_path):
    """The canary accuses; no line is named, and the report says what cannot be told."""
    checked = Checked(tmp_path, aiohttp_url, "--canary", "/health", *NAMED)
    assert checked.found == {"GET /free": "pass", "GET /blocks": "blocking"}
    for result in checked.results.values():
        assert result["blame"] == []
        assert any("no probe" in note for note in result["notes"])
        assert result["measurement"]["server_cpu_s"] is None


def test_a_url_needs_a_canary_and_names(aiohttp_url, tmp_path):
    """Without them nothing could be told, and the message says what to add."""
    without = Checked(tmp_path, aiohttp_url, *NAMED)
    assert (without.code, without.run) == (ExitCode.USAGE, None)
    assert "--canary" in without.said.stderr
    unnamed = Checked(tmp_path, aiohttp_url, "--canary", "/health")
    assert unnamed.code == ExitCode.USAGE
    assert "-e 'GET /path'" in unnamed.said.stderr
