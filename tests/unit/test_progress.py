"""What a person sees while a run goes on."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from canned import canned_run
from rich.console import Console

from neverblock.cli.progress import ProgressDisplay

HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


def shown(console):
    """Go through a small run; give what was written."""
    display = ProgressDisplay(console, results=16)
    with display.shown():
        display.phase("servers")
        display.step("sleep", "sleep/bad: warming up")
        display.step("sleep", "sleep/bad: gather")
        display.run(canned_run())
        display.phase("stopping servers")
        display.step("sleep", "done")
        display.step("hash", "done")
    return console.file.getvalue()


def test_a_log_gets_plain_lines():
    """A line for each phase, and nothing that only a terminal understands."""
    console = Console(file=io.StringIO(), width=80)
    assert shown(console).rstrip("\n") == "servers ...\nstopping servers ..."


def test_a_terminal_shows_the_phase_the_lane_and_the_count():
    """What is left to do is seen at a glance."""
    console = Console(file=io.StringIO(), width=80, force_terminal=True, _environ={})
    written = shown(console)
    for text in ("servers", "stopping servers", f"{len(canned_run().results)}/16"):
        assert text in written


@pytest.mark.parametrize("terminal", [True, False])
def test_an_interrupted_run_gives_the_cursor_back(terminal):
    """Ctrl-C in the middle leaves a terminal as it was."""
    console = Console(file=io.StringIO(), width=80, force_terminal=terminal, _environ={})
    with suppress(KeyboardInterrupt), ProgressDisplay(console, results=1).shown():
        raise KeyboardInterrupt
    written = console.file.getvalue()
    assert written.count(HIDE_CURSOR) == written.count(SHOW_CURSOR) == terminal
