"""What an hour of load takes: memory and page stay small, however many requests there were."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of ru_maxrss is another elsewhere")
def test_a_million_requests_in_an_hour_fit_into_little_memory_and_a_small_page(tmp_path):
    """All of them counted, all holds laid beside them, and nothing of it kept one by one."""
    path = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    said = subprocess.run(
        [sys.executable, str(HERE / "hour_of_load.py"), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    took = json.loads(said.stdout)
    assert took["requests"] > 1_000_000
    assert took["holds"] == 50_000
    assert 300 <= took["stretches"] <= 600
    assert took["reading_mb"] < 10, took
    assert took["memory_mb"] < 300, took
    assert took["page_mb"] < 3, took
