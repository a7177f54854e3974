"""Marked lines are counted from Python 3.12 on; before that it is said that they are not."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from neverblock.probe.marks import MOST_RUNS, Marks, marks_from

FILE = Path(__file__).with_name("marked_lines.py")
LINES = {
    text.rpartition("# mark: ")[2]: number
    for number, text in enumerate(FILE.read_text().splitlines(), 1)
    if "  # mark: " in text
}
COUNTED = sys.version_info >= (3, 12)


class Marking:
    """Marks on the lines of these names, and a fresh module that holds them."""

    def __init__(self, *names):
        """Begin to count, with the module imported before that, as an app is."""
        self.names = names
        sys.modules.pop("marked_lines", None)
        self.module = importlib.import_module("marked_lines")
        self.marks = Marks([(os.path.realpath(FILE), LINES[name]) for name in names])

    def close(self):
        """Count no more."""
        self.marks.stop()

    def ran(self, **runs):
        """Say whether the lines ran so often; before 3.12, that nobody counts is said instead."""
        if COUNTED:
            return dict(zip(self.names, self.marks.runs, strict=True)) == runs
        record = self.marks.report(1.0)
        return record["runs"] == {} and "3.12" in record["complaint"]


@pytest.fixture(autouse=True)
def path(monkeypatch):
    """Let the module be found, here and in processes with pytest's own way of importing."""
    monkeypatch.syspath_prepend(str(FILE.parent))


def test_runs_are_counted_by_line():
    """Also of a definition, of one line that is a whole function, and on the way out."""
    with closing(Marking("yes", "no", "definition", "short", "finally")) as marking:
        module = marking.module
        for value in (True, True, False):
            module.branch(value)
        asyncio.run(module.spread(1, 2))
        module.SQUARES["square"](1)
        module.SQUARES["square"](2)
        module.cleaned(1)
        assert marking.ran(yes=2, no=1, definition=1, short=2, **{"finally": 1})


def test_a_line_that_is_come_back_to_ran_once():
    """A with, a call over several lines, the head of a loop."""
    with closing(Marking("with", "call", "loop", "body")) as marking:
        marking.module.managed(os.devnull)
        asyncio.run(marking.module.spread(1, 2))
        marking.module.looped(range(3))
        assert marking.ran(**{"with": 1}, call=1, loop=1, body=3)


def test_an_exceptions_way_over_a_line_is_not_missed():
    """The interpreter has that line twice, once for each way out."""
    with closing(Marking("finally")) as marking:
        with pytest.raises(ZeroDivisionError):
            marking.module.cleaned(0)
        assert marking.ran(**{"finally": 1})


def test_only_functions_with_marked_lines_are_slowed():
    """Nothing else of the process has events of ours."""
    with closing(Marking("yes")) as marking:
        marking.module.branch(True)
        marking.module.looped(range(2))
        assert marking.ran(yes=1)
        if not COUNTED:
            return
        local = sys.monitoring.get_local_events
        tool = marking.marks._tool
        events = sys.monitoring.events
        assert local(tool, marking.module.branch.__code__) == events.LINE | events.PY_RETURN
        assert local(tool, marking.module.looped.__code__) == 0


def test_a_run_is_timed_to_the_next_line_or_the_return():
    """Or to where an exception goes on; each in its own frame, with all that it calls."""
    with closing(Marking("yes", "call", "body", "raises")) as marking:
        marking.module.branch(True)
        asyncio.run(marking.module.spread(1, 2))
        marking.module.looped(range(3))
        with pytest.raises(ZeroDivisionError):
            marking.module.cleaned(0)
        if not COUNTED:
            assert marking.ran()
            return
        spent = marking.marks.report(1.0)["spent"]
        assert [spent[number][0] for number in range(4)] == [1, 1, 3, 1]
        assert all(0.0 < seconds < 1.0 for _, seconds in spent.values())


def test_a_run_takes_the_cpu_time_of_what_it_calls():
    """The thread's own: neither a wait nor a busy machine makes a line compute."""
    with closing(Marking("calls")) as marking:
        marking.module.calls(lambda: time.sleep(0.05))
        began_s = time.thread_time()
        marking.module.calls(lambda: sum(range(1_000_000)))
        took_s = time.thread_time() - began_s
        assert marking.ran(calls=2)
        if COUNTED:
            ended, spent_s = marking.marks.report(1.0)["spent"][0]
            assert (ended, took_s / 2 < spent_s < took_s + 0.02) == (2, True)


def test_a_line_that_is_come_back_to_is_timed_each_time():
    """The head of a loop asks for the next thing again and again, which may be the costly part."""
    with closing(Marking("loop")) as marking:
        began_s = time.thread_time()
        marking.module.looped(sum(range(500_000)) * 0 + number for number in range(4))
        took_s = time.thread_time() - began_s
        assert marking.ran(loop=1)
        if COUNTED:
            ended, spent_s = marking.marks.report(1.0)["spent"][0]
            assert (ended, spent_s > took_s / 2) == (1, True)


def test_a_hot_line_is_counted_up_to_an_allowance_and_again_after_a_report():
    """So that counting costs a hot loop little, and no later endpoint is missed."""
    with closing(Marking("body")) as marking:
        marking.module.looped(range(10 * MOST_RUNS))
        assert marking.ran(body=MOST_RUNS)
        if not COUNTED:
            return
        assert marking.marks.report(1.0)["runs"] == {0: MOST_RUNS}
        marking.module.looped(range(3))
        record = marking.marks.report(2.0)
        assert (record["runs"], record["at_least"]) == ({0: MOST_RUNS + 3}, [0])
        assert marking.marks.report(3.0) is None


def test_the_allowance_is_of_all_lines_and_none_that_runs_is_missed():
    """However many lines a request runs, and however often, all of them cost the same at most."""
    with closing(Marking("body", "yes", "no")) as marking:
        marking.module.looped(range(MOST_RUNS))
        for value in (True, True, False):
            marking.module.branch(value)
        assert marking.ran(body=MOST_RUNS, yes=1, no=1)
        if COUNTED:
            assert marking.marks.report(1.0)["at_least"] == [0, 1, 2]


def test_other_tools_keep_their_ids():
    """Where both free ids are taken, nothing is counted, and it is said by whom."""
    with closing(Marking("yes")) as one, closing(Marking("no")) as other:
        with closing(Marking("yes")) as late:
            late.module.branch(True)
            record = late.marks.report(1.0)
        assert record["runs"] == {}
        assert ("neverblock and neverblock" if COUNTED else "3.12") in record["complaint"]
        assert not COUNTED or one.marks.complaint is other.marks.complaint is None


def test_marks_are_read_from_the_file_that_the_configuration_names(tmp_path):
    """Without a file there are none; a file that is not there is an error, which disarms."""
    assert marks_from("") is None
    file = tmp_path / "marks.json"
    with pytest.raises(OSError, match=r"marks\.json"):
        marks_from(str(file))
    file.write_text(json.dumps([["/app/main.py", 3]]))
    with closing(_Stopped(marks_from(str(file)))) as read:
        assert read.marks.runs == [0]


class _Stopped:
    """Marks that are stopped at the end."""

    def __init__(self, marks):
        self.marks = marks

    def close(self):
        self.marks.stop()
