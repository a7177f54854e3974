from __future__ import annotations

import contextlib
import os
import pty
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from in_process import say

from neverblock.cli import main
from neverblock.cli.terminal import is_plain

ROOT = Path(__file__).parents[2]
SAMPLE = str(ROOT / "reports" / "sample")
PLAIN = [{"TERM": "dumb"}, {"TERM": "xterm-256color", "NO_COLOR": "1"}]


def on_a_terminal(*arguments):
    """Run a command whose standard output and error are a terminal; give what that received."""
    master, slave = pty.openpty()
    with ThreadPoolExecutor(1) as reader:
        received = reader.submit(all_of, master)
        with (
            open(slave, "w", encoding="utf-8") as out,  # noqa: PTH123 - a descriptor has no path
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(out),
            contextlib.suppress(SystemExit),
        ):
            main(list(arguments))
        return received.result().decode()


def all_of(master):
    """Give what a terminal receives until nobody has it open any more."""
    received = b""
    with contextlib.suppress(OSError):  # Linux ends a terminal that nobody writes to so
        while part := os.read(master, 65536):
            received += part
    os.close(master)
    return received


@pytest.mark.parametrize("env", PLAIN, ids=["TERM=dumb", "NO_COLOR"])
@pytest.mark.parametrize(
    "arguments",
    [("report", SAMPLE), ("explain",), ("explain", "NB101"), ("report", "nothing"), ("--help",)],
    ids=" ".join,
)
def test_a_plain_terminal_gets_no_escape_sequence(monkeypatch, env, arguments):
    """Neither a run, nor a page of the codes, nor an error, nor the help has one."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    told = on_a_terminal(*arguments)
    assert told.strip()
    assert "\x1b" not in told


def test_a_terminal_that_can_gets_colours(monkeypatch):
    """So that the test above can fail."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in on_a_terminal("report", SAMPLE)


def test_a_pipe_gets_no_escape_sequence(monkeypatch):
    """Whatever the terminal could do."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    told = say("report", SAMPLE, folder=ROOT, TERM="xterm-256color")
    assert told.returncode == 0
    assert "\x1b" not in told.stdout


@pytest.mark.parametrize(("value", "plain"), [("1", True), ("0", True), ("", False)])
def test_no_color_counts_where_it_is_not_empty(monkeypatch, value, plain):
    """As its page has it: present and not an empty string, whatever it is."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", value)
    assert is_plain() is plain


def test_the_version_is_told():
    """One line with name and version, and all is well."""
    told = say("--version", folder=ROOT)
    assert (told.returncode, told.stdout.split()[0]) == (0, "neverblock")
    assert told.stdout.split()[1][0].isdigit()
