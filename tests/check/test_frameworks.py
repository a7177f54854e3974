"""One small app of each framework: what blocks is found, and what does not is left alone."""

from __future__ import annotations

import subprocess
import sys

import pytest
from checking import APPS, Checked, marked

from neverblock.errors import ExitCode

NAMED = ("-e", "GET /free", "-e", "GET /blocks")


@pytest.mark.parametrize("app", ["starlette_app", "litestar_app", "quart_app", "django_app"])
def test_every_framework_is_checked_by_its_line(app, tmp_path):
    """By naming the endpoints, with or without a document."""
    checked = Checked(tmp_path, f"{app}:app", "--app-dir", APPS, *NAMED)
    assert checked.diagnoses == {"GET /free": "concurrent", "GET /blocks": "blocking-io"}
    blamed = checked.results["GET /blocks"]["blame"][0]
    assert (blamed["file"], blamed["line"]) == (f"{app}.py", marked(app, "blocks"))
    assert checked.code == ExitCode.FAILED


def test_litestar_shows_its_own_document(tmp_path):
    """Its endpoints need not be named."""
    checked = Checked(tmp_path, "litestar_app:app", "--app-dir", APPS)
    assert checked.diagnoses == {"GET /free": "concurrent", "GET /blocks": "blocking-io"}


@pytest.fixture(scope="module")
def aiohttp_url():
    """Serve the one that is no ASGI."""
    command = [sys.executable, APPS / "aiohttp_app.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


def test_a_url_is_judged_from_outside(aiohttp_url, tmp_path):
    """The canary accuses; no line is named, and the report says what is not known."""
    checked = Checked(tmp_path, aiohttp_url, "--canary", "/health", *NAMED)
    assert checked.diagnoses == {"GET /free": "concurrent", "GET /blocks": "blocking"}
    for result in checked.results.values():
        assert result["blame"] == []
        assert any("no probe" in note for note in result["notes"])
        assert result["measurement"]["server_cpu_s"] is None


def test_a_url_needs_a_canary_and_names(aiohttp_url, tmp_path):
    """Without them nothing could be measured, and the message says what to add."""
    without = Checked(tmp_path, aiohttp_url, *NAMED)
    assert (without.code, without.run) == (ExitCode.USAGE, None)
    assert "--canary" in without.said.stderr
    unnamed = Checked(tmp_path, aiohttp_url, "--canary", "/health")
    assert unnamed.code == ExitCode.USAGE
    assert "-e 'GET /path'" in unnamed.said.stderr
