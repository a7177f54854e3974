"""What an hour of load takes: memory and page stay small, however many requests there were."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def took(folder, lasts_s):
    """Give what a load of so many seconds takes; its trace goes into a folder of its own."""
    folder = folder / str(lasts_s)
    folder.mkdir()
    path = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    said = subprocess.run(
        [sys.executable, str(HERE / "hour_of_load.py"), str(folder), str(lasts_s)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc says what the process took")
def test_an_hour_of_a_million_requests_fits_into_little_memory_and_a_small_page(tmp_path):
    """All counted, all holds laid beside them, none kept one by one: of that a part shows all."""
    five_minutes, quarter = (took(tmp_path, lasts_s) for lasts_s in (300, 900))
    assert quarter["requests"] > 250_000
    assert quarter["holds"] == 12_500
    assert 300 <= quarter["stretches"] <= 600
    a_second = (quarter["memory_mb"] - five_minutes["memory_mb"]) / 600
    assert quarter["memory_mb"] + 2700 * max(0.0, a_second) < 300, (five_minutes, quarter)
    assert quarter["reading_mb"] < 10, quarter
    assert quarter["page_mb"] < 3, quarter
