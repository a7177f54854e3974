"""Whatever goes wrong is a sentence and an exit code: 1 is for verdicts, a traceback for no one."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from in_process import say
from stage_end_to_end import PROJECT

from neverblock.cli import edge
from neverblock.cli.commands_stopped import commands_heard, commands_stopped
from neverblock.errors import ExitCode, StoreError

SAMPLE = PROJECT / "reports" / "sample"
REPORT = f"{sys.executable} -m neverblock report {SAMPLE}"


def shell(line):
    """Run a line of shell; give its exit code and what stands on standard error."""
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, check=False, cwd=PROJECT
    )
    assert "Traceback" not in done.stderr + done.stdout
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("where", [">&-", "> /dev/full"])
def test_standard_output_that_cannot_be_written_is_told(where):
    """Closed, or on a full disk."""
    code, told = shell(f"{REPORT} {where}")
    assert (code, "Standard output cannot be written" in told) == (ExitCode.USAGE, True)


def test_a_reader_that_has_had_enough_is_no_error():
    """``| head`` ends a report as anybody expects."""
    code, told = shell(f"set -o pipefail; {REPORT} | head -1 > /dev/null")
    assert (code, told) == (ExitCode.OK, "")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyError("x"), ExitCode.NOT_MEASURED, "fault of neverblock's own: KeyError"),
        (RecursionError("deep"), ExitCode.NOT_MEASURED, "RecursionError"),
        (PermissionError(13, "Permission denied", "/x"), ExitCode.USAGE, "Permission denied (/x)"),
        (StoreError("what", "hint"), ExitCode.USAGE, "what\n  hint"),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "Interrupted."),
    ],
)
def test_whatever_comes_becomes_a_sentence(error, code, said, capsys, monkeypatch, tmp_path):
    """By one place, which no command goes around."""
    monkeypatch.setattr(edge, "nothing_more_on_stdout", lambda: None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    def raise_it():
        raise error

    assert edge.exit_code_of(raise_it) == code
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_a_fault_of_ours_leaves_a_file_to_attach_without_secrets(capsys, monkeypatch, tmp_path):
    """With the traceback and the versions, and nothing that came from the environment."""
    table = '[tool.neverblock]\nheaders = { a = "${ROBUST_TOKEN}" }\n'
    (tmp_path / "pyproject.toml").write_text(table)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROBUST_TOKEN", "hunter2hunter2")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fail():
        error = ValueError("of hunter2hunter2")
        error.add_note("What was measured until then is saved: reports/x")
        raise error

    assert edge.exit_code_of(fail) == ExitCode.NOT_MEASURED
    told = capsys.readouterr().err
    file = Path(re.search(r"with this file:\s+(\S+)", told)[1])
    written = file.read_text()
    assert "in fail" in written
    assert "Python 3" in written
    assert "hunter2" not in written + told
    assert "reports/x" in told


@pytest.mark.parametrize("text", ["[" * 200_000, '{"format_version": 3, "results": ' + "[" * 5000])
def test_a_run_that_is_nested_too_deep_is_told(text, tmp_path):
    """As any other file that is no run."""
    (tmp_path / "run.json").write_text(text)
    done = say("report", tmp_path / "run.json", folder=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "run.json'" in done.stderr


def test_a_gate_needs_no_secret_of_the_environment(tmp_path, monkeypatch):
    """It reads the policy alone, though the same table names tokens and files that are not here."""
    monkeypatch.delenv("ABSENT_TOKEN", raising=False)
    table = (
        '[tool.neverblock]\napp = "m:app"\nallow-inconclusive = true\n'
        'headers = { authorization = "Bearer ${ABSENT_TOKEN}" }\n'
        '[[tool.neverblock.endpoint]]\nname = "POST /x"\nfile = "absent.bin"\n'
    )
    (tmp_path / "pyproject.toml").write_text(table)
    for command in (("gate", SAMPLE), ("compare", SAMPLE, SAMPLE)):
        done = say(*command, folder=tmp_path)
        assert done.returncode == ExitCode.OK, done.stderr
    (tmp_path / "pyproject.toml").write_text('[tool.neverblock]\nfail-on = "sometimes"\n')
    assert say("gate", SAMPLE, folder=tmp_path).returncode == ExitCode.USAGE


def test_a_job_of_githubs_takes_nothing_that_is_printed_for_a_command(tmp_path):
    """The whole command is bracketed by a word that nobody else knows."""
    words = set()
    for _ in range(2):
        done = say("list", folder=tmp_path, GITHUB_ACTIONS="true")
        first, *_, last = done.stderr.splitlines()
        word = first.removeprefix("::stop-commands::")
        assert (len(word) >= 32, last) == (True, f"::{word}::")
        words.add(word)
    assert len(words) == 2
    assert "::" not in say("list", folder=tmp_path, GITHUB_ACTIONS="").stderr


def test_neither_output_has_a_line_that_could_be_a_command_there(monkeypatch):
    """Whatever writes it, and in however many pieces; the runner reads both at its own pace."""
    streams = {name: io.StringIO() for name in ("stdout", "stderr")}
    for name, stream in streams.items():
        monkeypatch.setattr(sys, name, stream)
    with commands_stopped({"GITHUB_ACTIONS": "true"}):
        for name in streams:
            for text in ("::error::a\n", " :", ":error::b\nfree ::c\n", "##", "[error]d\r::e"):
                getattr(sys, name).write(text)
        with commands_heard() as write:
            write("::notice::ours\n")
    said = {name: stream.getvalue() for name, stream in streams.items()}
    assert said["stdout"] == ": :error::a\n : :error::b\nfree ::c\n## [error]d\r: :e"
    lines = [line for line in re.split(r"[\r\n]", said["stderr"]) if line.startswith("::")]
    word = lines[0].removeprefix("::stop-commands::")
    stopped, heard = f"::stop-commands::{word}", f"::{word}::"
    assert lines == [stopped, heard, "::notice::ours", stopped, heard]
