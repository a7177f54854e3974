"""What the plugin leaves behind: nothing, neither in a suite nor beside it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from itertools import pairwise

import psutil
import pytest
from suite import write

pytest_plugins = "pytester"

COMMAND = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider"]
GONE_WITHIN_S = 30.0


def test_a_suite_without_it_imports_nothing_of_it(pytester):
    """But for the plugin's own file."""
    tests = """
    import sys

    def test_nothing_is_there():
        there = {name for name in sys.modules if name.partition(".")[0] == "neverblock"}
        assert there == {"neverblock", "neverblock.testing", "neverblock.testing.plugin"}
        assert not {"httpx", "aiohttp", "pydantic", "uvicorn", "psutil"} & set(sys.modules)
    """
    write(pytester.path, tests)
    pytester.runpytest_subprocess("-p", "no:locust").assert_outcomes(passed=1)


def test_nothing_is_left_in_the_process(pytester):
    """However many checks were made: no thread, file or folder more than after the first."""
    tests = """
    import os
    import tempfile
    import threading
    from pathlib import Path

    import pytest
    from shelf import app

    seen = []

    def left():
        folders = list(Path(tempfile.gettempdir()).glob("neverblock-*"))
        return len(os.listdir("/proc/self/fd")), threading.enumerate(), len(folders)

    @pytest.mark.neverblock(n=3)
    @pytest.mark.parametrize("number", range(6))
    def test_check(neverblock, number):
        if number > 0:
            seen.append(left())
        neverblock.check(app, "GET /free")

    def test_nothing_grew():
        assert len(seen) == 5
        assert seen[1:] == seen[:-1]
        assert left()[1] == [threading.main_thread()]
    """
    write(pytester.path, tests)
    temporary = pytester.mkdir("temporary")
    pytester.syspathinsert()
    pytester._monkeypatch.setenv("TMPDIR", str(temporary))
    pytester.runpytest_subprocess().assert_outcomes(passed=7)
    assert [path.name for path in temporary.glob("neverblock-*") if path.is_dir()] == []


def test_a_check_that_is_cut_short_answers_for_no_other(pytester):
    """Its reply, which nobody awaits any more, is not taken for the next one's."""
    tests = """
    import pytest
    from shelf import app

    def test_first(neverblock):
        neverblock.check(app, "GET /free")

    @pytest.mark.timeout(2)
    def test_cut_short(neverblock):
        neverblock.check(app, "GET /slow")

    def test_next(neverblock):
        assert neverblock.check(app, "GET /free").endpoint.name == "GET /free"
    """
    write(pytester.path, tests)
    done = pytester.runpytest_subprocess("--neverblock-report", "report")
    done.assert_outcomes(passed=2, failed=1)
    run = json.loads((pytester.path / "report" / "run.json").read_text())
    assert [result["endpoint"]["name"] for result in run["results"]] == ["GET /free"] * 2


FOR_EVER = """
def test_for_ever(neverblock):
    while True:
        neverblock.check("shelf:app", "GET /free")
        print("checked", flush=True)
"""


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left_when_pytest_ends_early(tmp_path, kind):
    """Whether it is interrupted or killed."""
    write(tmp_path, FOR_EVER)
    with subprocess.Popen(COMMAND, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if "checked" in line:
                break
        started = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(kind)
        process.stdout.read()
    assert len(started) >= 3  # the measuring process, the null app's server, and the app's
    _, left = psutil.wait_procs(started, timeout=GONE_WITHIN_S)
    assert left == []


def test_two_sessions_take_turns(tmp_path):
    """No burst of one falls into a burst of the other."""
    tests = """
    import pytest

    @pytest.mark.parametrize("number", range(3))
    def test_check(neverblock, number):
        neverblock.check("shelf:app", "GET /free")
    """
    runs = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        write(folder, tests)
        command = [*COMMAND, "--neverblock-report", "report"]
        runs.append((folder, subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)))
    spans = []
    for folder, process in runs:
        assert process.wait(timeout=120) == 0
        run = json.loads((folder / "report" / "run.json").read_text())
        spans += [
            (min(r["sent_s"] for r in one["records"]), max(r["done_s"] for r in one["records"]))
            for one in run["results"]
        ]
    spans.sort()
    assert len(spans) == 6
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert spans[-1][1] <= time.monotonic()


def test_a_suite_may_call_its_modules_as_it_likes(pytester):
    """Installed, the plugin takes no name that a suite could want for a helper of its own."""
    names = ("harness", "scenarios", "target_app", "probe", "load")
    for name in names:
        (pytester.path / f"{name}.py").write_text(f"def make():\n    return {name!r}\n")
    imports = "\n".join(f"    from {name} import make as make_{name}" for name in names)
    tests = f"""
{imports}

    def test_each_is_the_suites_own():
        assert [{", ".join(f"make_{name}()" for name in names)}] == {list(names)}
    """
    write(pytester.path, tests)
    pytester.runpytest_subprocess("-p", "no:locust").assert_outcomes(passed=1)
