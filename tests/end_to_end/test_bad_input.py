"""What goes wrong is told in a line, with the right exit code, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil
import pytest
from stage_end_to_end import PROJECT, command, plan, subject

import neverblock
from neverblock.errors import ExitCode, TargetError

PACKAGE = Path(neverblock.__file__).parent

SLEEP = ("run", "sleep", "--scenario", "gather", "--scale", "0.2")


def complaint(done, code):
    """Give what was said on standard error: no traceback, and the code that belongs to it."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    return done.stderr


def test_an_unknown_pair_is_told_with_the_nearest(in_process):
    """A typing error costs one line."""
    said = complaint(in_process("run", "slep"), ExitCode.USAGE)
    assert "'slep'" in said
    assert "Did you mean 'sleep'?" in said


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("run", "--scale", "fast"), "--scale"),
        (("run", "sleep", "--loop-limit", "soon"), "'soon'"),
        (("run", "sleep", "-k", "sleep and"), "'sleep and'"),
        (("run", "sleep", "-k", "nothing"), "'nothing'"),
        (("run", "sleep", "--scenario", "brust"), "'burst'"),
        (("report", "yesterday"), "'yesterday'"),
        (("walk",), "walk"),
    ],
)
def test_bad_arguments_are_named(in_process, arguments, named):
    """Each says the offending value, or what was probably meant."""
    assert named in complaint(in_process(*arguments), ExitCode.USAGE)


def test_a_port_in_use_is_named(in_process):
    """With the way out of it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = complaint(in_process(*SLEEP, "--port", port), ExitCode.USAGE)
    assert f"Port {port}" in said
    assert "--port" in said


def test_a_reports_folder_that_cannot_be_written_is_named(in_process, tmp_path):
    """Before anything is measured."""
    (tmp_path / "file").write_text("")
    done = in_process(*SLEEP, "--reports", tmp_path / "file")
    assert str(tmp_path / "file") in complaint(done, ExitCode.USAGE)


def test_a_copy_that_cannot_be_written_is_refused_before_anything_is_measured(in_process, tmp_path):
    """Nobody waits for a run to hear that the folder is missing."""
    reports, copy = tmp_path / "reports", tmp_path / "missing" / "report.html"
    said = complaint(in_process(*SLEEP, "--reports", reports, "--html", copy), ExitCode.USAGE)
    assert f"there is no folder '{copy.parent}'" in said
    assert not reports.exists()


def test_a_service_url_that_does_not_connect_is_named(in_process):
    """And never silently replaced by a server of our own."""
    url = "redis://127.0.0.1:1/0"
    said = complaint(in_process("run", "redis", NEVERBLOCK_REDIS_URL=url), ExitCode.USAGE)
    assert "NEVERBLOCK_REDIS_URL" in said
    assert url in said


def test_a_target_that_does_not_import_is_shown_with_its_own_words(measured):
    """The import error of the app itself is what helps."""
    with pytest.raises(TargetError) as error:
        measured(plan(subject("/"), app="not_there:app"))
    assert "not_there" in str(error.value)


def test_an_app_that_fails_on_start_is_shown_with_its_own_words(measured):
    """The lifespan's error is what helps."""
    with pytest.raises(TargetError) as error:
        measured(plan(subject("/"), app="no_start:app"))
    assert "the database is not there" in str(error.value)


def start(folder, *more):
    """Start a run that takes a while."""
    return subprocess.Popen(
        [*command("run", "sleep", "--scenario", "gather", *more), "--reports", str(folder)],
        cwd=PROJECT,
        env={**os.environ, "TERM": "dumb"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def gone(processes, within_s=15.0):
    """Wait until none of these processes is left; give those that are."""
    _, alive = psutil.wait_procs(processes, timeout=within_s)
    return [process.cmdline() for process in alive]


def servers_of(pid, least=2):
    """Give what is below a process, once it has two servers: the null app's and the pair's."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        below = psutil.Process(pid).children(recursive=True)
        found = [p for p in below if "uvicorn_child" in " ".join(p.cmdline())]
        if len(found) >= least:
            return below
        time.sleep(0.05)
    raise AssertionError("the servers did not start")


def interrupted(folder, found_below, how=signal.SIGINT):
    """Interrupt a run once what is below its pid is found; give how it ended, and what it said."""
    run = start(folder)
    try:
        below = found_below(run.pid)
        run.send_signal(how)
        _, said = run.communicate(timeout=60)
    finally:
        run.kill()
    assert gone(below) == []
    return run.returncode, said


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_was_measured_and_leaves_nothing(tmp_path, how):
    """Ctrl-C in the middle: a partial report, exit 130, no process left."""
    code, said = interrupted(tmp_path, servers_of, how)
    assert code == ExitCode.INTERRUPTED, said
    assert "Traceback" not in said
    (saved,) = tmp_path.glob("*Z/run.json")
    assert json.loads(saved.read_text())["interrupted"] is True
    assert (saved.parent / "index.html").exists()


def test_signals_while_servers_stop_change_nothing(tmp_path):
    """Whoever presses Ctrl-C again and again still gets the partial run, and nothing is left."""
    run = start(tmp_path)
    try:
        below = servers_of(run.pid)
        for how in (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            run.send_signal(how)
            time.sleep(0.05)
        _, said = run.communicate(timeout=60)
    finally:
        run.kill()
    assert gone(below) == []
    assert run.returncode == ExitCode.INTERRUPTED, said
    assert "Traceback" not in said
    assert "is closed" not in said
    (saved,) = tmp_path.glob("*Z/run.json")
    assert json.loads(saved.read_text())["interrupted"] is True


@pytest.mark.parametrize("after_s", [0.0, 0.3, 0.8, 1.5])
def test_ctrl_c_at_any_moment_leaves_nothing(tmp_path, after_s):
    """While importing, while the services or the servers start."""

    def below_later(pid):
        time.sleep(after_s)
        return psutil.Process(pid).children(recursive=True)

    code, said = interrupted(tmp_path, below_later)
    # Where Python has not come to the harness yet, it ends by the signal itself, or with code 1.
    if code != -signal.SIGINT and (code != 1 or str(PACKAGE) in said):
        assert code == ExitCode.INTERRUPTED, said
        assert "Traceback" not in said


INTERRUPTED_IN_A_DESTRUCTOR = """
import signal, sys

class Late:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "neverblock.cli":
            Late()

sys.meta_path.insert(0, Finder())
sys.argv = ["neverblock", "list"]
from neverblock.__main__ import main
main()
"""


def test_ctrl_c_is_heard_where_python_drops_exceptions():
    """The import system and libraries in C call back where none can be raised."""
    words = [sys.executable, "-c", INTERRUPTED_IN_A_DESTRUCTOR]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (ExitCode.INTERRUPTED, "")
    assert done.stderr == "Interrupted before anything was measured.\n"


def test_ctrl_c_while_the_servers_start_is_an_interruption(tmp_path):
    """Once there is a server, it is the harness that ends, and says so."""
    code, said = interrupted(tmp_path, partial(servers_of, least=1))
    assert "Traceback" not in said
    assert code == ExitCode.INTERRUPTED


def test_a_run_that_is_killed_takes_its_servers_with_it(tmp_path):
    """A crash of the harness leaves no process behind either."""
    run = start(tmp_path)
    try:
        below = servers_of(run.pid)
    finally:
        run.kill()
        run.communicate()
    assert gone(below) == []
