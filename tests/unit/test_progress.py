"""What a person sees while a run goes on."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace

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
        display.run(replace(canned_run(), unchecked=()))
        display.phase("stopping servers")
        display.step("sleep", "done")
        display.step("hash", "done")
    return console.file.getvalue()


def test_a_log_gets_plain_lines():
    """A line for each phase, and nothing that only a terminal understands."""
    console = Console(file=io.StringIO(), width=80)
    assert shown(console).split("\n")[:3] == ["servers ...", "16 of 16", "stopping servers ..."]


def test_a_terminal_shows_the_phase_the_lane_and_the_count():
    """What is left to do is seen at a glance."""
    console = Console(file=io.StringIO(), width=80, force_terminal=True, _environ={})
    written = shown(console)
    for text in ("servers", "stopping servers", f"{len(canned_run().results)}/16"):
        assert text in written


def test_a_log_says_how_many_there_are_and_how_far_it_is():
    """Once the total is known it stands there, then a line for each tenth and none twice."""
    console = Console(file=io.StringIO(), width=80)
    run = canned_run()
    total = len(run.results)
    display = ProgressDisplay(console, results=None)
    with display.shown():
        display.run(replace(run, results=()))
        display.total(total)
        for n in range(total + 1):
            display.run(replace(run, results=run.results[:n]))
    lines = console.file.getvalue().rstrip().splitlines()
    assert lines[0] == f"{total} to ask"
    assert lines[-1] == f"{total} of {total}"
    assert len(set(lines)) == len(lines) == 11


def test_a_log_is_never_silent_for_long(monkeypatch):
    """What a load is at is said now and then, whatever else there is to say."""
    now_s = 0.0
    monkeypatch.setattr("neverblock.cli.progress.time.monotonic", lambda: now_s)
    console = Console(file=io.StringIO(), width=20)
    display = ProgressDisplay(console, results=None)
    for now_s in (*range(25), 25.0):
        display.step("load", f"[{now_s}] users, 20 requests a second")
    display.phase("judging")
    display.step("load", "done")
    written = console.file.getvalue().splitlines()
    assert written == [
        *(f"  [{at}] users, 20 requests a second" for at in (10, 20)),
        "judging ...",
    ]


def test_what_turns_out_not_to_be_checkable_counts_as_done():
    """An endpoint that refuses the request leaves no bar that never fills."""
    console = Console(file=io.StringIO(), width=80)
    run = canned_run()
    display = ProgressDisplay(console, results=None)
    with display.shown():
        display.run(replace(run, results=()))
        display.total(2)
        refused = (*run.unchecked, *run.unchecked)
        display.run(replace(run, results=run.results[:1], unchecked=refused))
    assert console.file.getvalue().rstrip().splitlines()[-1] == (
        "2 of 2; not checked, as they refused what was made up: 1"
    )


def test_a_step_without_a_total_shows_no_count():
    """Only the whole is counted: nobody reads 0/? beside a step."""
    console = Console(file=io.StringIO(), width=80, force_terminal=True, _environ={})
    assert "/?" not in shown(console)


@pytest.mark.parametrize("terminal", [True, False])
def test_an_interrupted_run_gives_the_cursor_back(terminal):
    """Ctrl-C in the middle leaves a terminal as it was."""
    console = Console(file=io.StringIO(), width=80, force_terminal=terminal, _environ={})
    with suppress(KeyboardInterrupt), ProgressDisplay(console, results=1).shown():
        raise KeyboardInterrupt
    written = console.file.getvalue()
    assert written.count(HIDE_CURSOR) == written.count(SHOW_CURSOR) == terminal
