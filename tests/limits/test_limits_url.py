"""The command on a URL: the ceiling is measured, and what limits it is not seen from outside."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from in_process import say

HERE = Path(__file__).parent


@pytest.fixture
def url():
    """Serve the planted limits by a process of somebody else's; give where."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", "planted:app", "--fd", str(taken.fileno())]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, cwd=HERE, pass_fds=[taken.fileno()], **silent) as process:
            yield f"http://127.0.0.1:{port}"
            process.terminate()


def test_a_url_has_a_ceiling_and_no_name(url, tmp_path):
    """What limits it is not seen from outside, nothing is moved, and what was left out is said.

    A limiter of fifty a second is at its ceiling from one user on: three levels tell.
    """
    options = ("-e", "GET /limiter", "--for", "15s", "--json", tmp_path / "run.json")
    said = say("capacity", url, *options, folder=tmp_path)
    assert said.returncode == 0, said.stderr
    (found,) = json.loads((tmp_path / "run.json").read_text("utf-8"))["capacity"]
    assert found["ceiling_per_s"] == pytest.approx(50.0, rel=0.05)
    assert (found["limit"], found["used"]) == ("unknown", None)
    assert found["proof"]["verdict"] == "not-tried"
    assert "it is not seen from outside" in said.stdout
    assert any("the time of --for was over" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "add --allow-remote example.invalid"),
        (("--allow-remote", "example.invalid", "--most", "101"), "lift it with --no-ceiling"),
    ],
)
def test_another_machine_is_guarded_before_anything_is_sent(options, said, tmp_path):
    """It has to be named twice, and is asked by a hundred at once at the most."""
    refused = say("capacity", "http://example.invalid", *options, folder=tmp_path)
    assert refused.returncode == 2
    assert said in " ".join(refused.stderr.split())
