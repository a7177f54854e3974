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
    shorter, longer = (took(tmp_path, lasts_s) for lasts_s in (200, 500))
    assert longer["requests"] == 500 * 278
    a_second = (longer["memory_mb"] - shorter["memory_mb"]) / 300
    assert longer["memory_mb"] + 3100 * max(0.0, a_second) < 300, (shorter, longer)
    assert 300 <= longer["stretches"] <= 600
    assert longer["reading_mb"] < 10, longer
    assert longer["page_mb"] < 3, longer
