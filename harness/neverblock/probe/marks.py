"""Marked lines: how often each ran, and its CPU time, by ``sys.monitoring``, from 3.12 on.

A tool of its own learns which functions begin (PY_START, switched off for each after the first
time) and asks for events in those alone that hold a marked line, so that nothing else is slower. A
run ends with the next event of its function: another line, or its return. What the thread does in
between counts, also while the function is suspended, so that a time is never too short.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from dis import findlabels
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

TOOL = "neverblock"
TOOL_IDS = (4, 3)
"""The two of ``sys.monitoring`` that no debugger, profiler or coverage tool takes by convention."""

MOST_RUNS = 20
"""Of all lines together between two reports, which are 20 ms apart at the least: to count and time
one takes 3 us, so that all of it takes 0.3 % of that time. After that each line is counted once
more, so that none that runs is missed, and no further."""

MONITORING: Any = getattr(sys, "monitoring", None)
UNKNOWN = "lines can be marked from Python 3.12 on, and the app's is {}.{}"
TAKEN = "the tool ids of sys.monitoring that are free for use are taken by {} and {}"


class Counted(NamedTuple):
    """What is counted of marked lines, each list by their numbers; all of it changes in place.

    ``ended`` are runs whose end was seen, ``spent_s`` their CPU seconds. ``left`` is how many
    runs may be counted until the next report, ``worn`` what is not counted further until then.
    ``begun`` is what has not ended, by the frame: a line's number, the thread's clock, and whether
    it is a run, and not one that is come back to.
    """

    runs: list[int]
    ended: list[int]
    spent_s: list[float]
    left: list[int]
    worn: list[tuple[CodeType, int]]
    begun: dict[int, tuple[int, float, bool]]


Lines = dict[int, tuple[int, int | None]]
"""Of one function, those that are marked: each one's number, and where its code begins; None for
that where the line is never come back to."""


def marks_from(path: str) -> Marks | None:
    """Start to count runs of the lines that a file lists; None where no file is named.

    Raises OSError or ValueError where the file cannot be read.
    """
    if not path:
        return None
    listed = json.loads(Path(path).read_text(encoding="utf-8"))
    return Marks([(name, line) for name, line in listed])


class Marks:
    """Counts the runs of marked lines; ``complaint`` says why it cannot, where it cannot."""

    def __init__(self, places: list[tuple[str, int]]) -> None:
        """Take files, as ``os.path.realpath`` gives them, with lines; their order numbers them."""
        self.complaint: str | None = None
        self.runs, ended = [0] * len(places), [0] * len(places)
        self._counted = Counted(self.runs, ended, [0.0] * len(places), [MOST_RUNS], [], {})
        self._wanted: dict[str, dict[int, int]] = defaultdict(dict)
        for number, (file, line) in enumerate(places):
            self._wanted[file][line] = number
        self._names = {Path(file).name for file in self._wanted}
        self._files: dict[str, dict[int, int]] = {}
        self._codes: list[CodeType] = []  # kept, so that no other function gets the id of one
        self._lines: dict[int, Lines] = {}
        self._at_least: set[int] = set()
        self._told: tuple[str | None, list[int]] | None = None
        self._tool = self._start()

    def report(self, now_s: float) -> dict[str, Any] | None:
        """Give the record of all runs so far, where it has changed since the last one."""
        worn = {}
        while self._counted.worn:
            code, number = self._counted.worn.pop()
            worn[id(code)] = code
            self._at_least.add(number)
        for code in worn.values():  # switching its events off and on revives its lines
            MONITORING.set_local_events(self._tool, code, 0)
            MONITORING.set_local_events(self._tool, code, _events())
        self._counted.left[0] = MOST_RUNS
        if self._told == (self.complaint, self.runs):
            return None
        self._told = self.complaint, list(self.runs)
        runs = {number: ran for number, ran in enumerate(self._told[1]) if ran}
        spent = {
            number: (ended, self._counted.spent_s[number])
            for number, ended in enumerate(self._counted.ended)
            if ended
        }
        at_least = sorted(self._at_least)
        record = {"kind": "marks", "at_s": now_s, "complaint": self.complaint}
        return {**record, "runs": runs, "spent": spent, "at_least": at_least}

    def stop(self) -> None:
        """End the counting, and give the tool id back."""
        if self._tool >= 0:
            MONITORING.free_tool_id(self._tool)
            self._tool = -1

    def _start(self) -> int:
        """Take a tool id and begin; give -1, with the complaint, where that is not possible."""
        if MONITORING is None:
            self.complaint = UNKNOWN.format(*sys.version_info)
            return -1
        tool = next((each for each in TOOL_IDS if MONITORING.get_tool(each) is None), -1)
        if tool < 0:
            self.complaint = TAKEN.format(*map(MONITORING.get_tool, TOOL_IDS))
            return -1
        counting, returning = _counting(self._lines, self._counted)
        MONITORING.use_tool_id(tool, TOOL)
        MONITORING.register_callback(tool, MONITORING.events.PY_START, self._begins)
        MONITORING.register_callback(tool, MONITORING.events.LINE, counting)
        MONITORING.register_callback(tool, MONITORING.events.PY_RETURN, returning)
        MONITORING.set_events(tool, MONITORING.events.PY_START)
        return tool

    def _begins(self, code: CodeType, _: int) -> object:
        """Ask for the lines of a function that holds marked ones."""
        try:
            return self._look_into(code)
        except Exception as error:  # noqa: BLE001 - nothing of the probe's may reach the app
            self.complaint = repr(error)
            return MONITORING.DISABLE

    def _look_into(self, code: CodeType) -> object:
        """Mark a function's lines; go on being told of it where its definition is marked."""
        if not (wanted := self._wanted_of(code.co_filename)):
            return MONITORING.DISABLE
        lines = {line for _, _, line in code.co_lines() if line is not None}
        first = code.co_firstlineno
        body = min(lines - {first}, default=first + 1)
        heads = [wanted[line] for line in wanted if first <= line < body]
        for number in heads:  # no event is for the line of a definition: it runs as its body begins
            self.runs[number] += 1
        inside = {line for line in lines & wanted.keys() if line >= body}
        if inside and id(code) not in self._lines:
            starts = _starts(code, inside)
            self._codes.append(code)
            self._lines[id(code)] = {line: (wanted[line], at) for line, at in starts.items()}
            MONITORING.set_local_events(self._tool, code, _events())
        return None if heads else MONITORING.DISABLE

    def _wanted_of(self, file: str) -> dict[int, int]:
        """Give the marked lines of a file by the name that its code has for it, with numbers."""
        found = self._files.get(file)
        if found is None:
            mine = Path(file).name in self._names
            found = self._wanted.get(os.path.realpath(file), {}) if mine else {}
            self._files[file] = found
        return found


def _events() -> int:
    """Give the events of a function that holds marked lines."""
    return int(MONITORING.events.LINE | MONITORING.events.PY_RETURN)


def _counting(lines: dict[int, Lines], counted: Counted) -> tuple[Callable[..., object], ...]:
    """Give what counts a run, and what ends one. Called in the app's threads, they are kept short.

    What they answer with DISABLE is switched off at that place of the code alone. No lock: the GIL
    is not given away between reading a count and writing it.
    """
    runs, ended, spent_s, left, worn, begun = counted
    disable = MONITORING.DISABLE
    caller = sys._getframe  # noqa: SLF001 - the documented way to one's caller

    def ran(code: CodeType, line: int) -> object:
        frame = caller(1)
        mark = lines[id(code)].get(line)
        run = begun.pop(id(frame), None) if begun else None
        if run is not None:
            spent_s[run[0]] += thread_time() - run[1]
            ended[run[0]] += run[2]
        if mark is None:
            return disable if run is None else None
        number, start = mark
        again = start is not None and runs[number] > 0 and frame.f_lasti != start
        runs[number] += not again
        left[0] -= 1
        if left[0] <= 0:
            worn.append((code, number))
            return disable
        begun[id(frame)] = number, thread_time(), not again
        return None

    def returned(*_: object) -> object:
        run = begun.pop(id(caller(1)), None) if begun else None
        if run is None:
            return disable
        spent_s[run[0]] += thread_time() - run[1]
        ended[run[0]] += run[2]
        return None

    return ran, returned


def _starts(code: CodeType, lines: set[int]) -> dict[int, int | None]:
    """Give where each line begins in a function; None where it is never come back to.

    A loop, the end of a with, a call over several lines come back to their line, and do not run it
    again: its first place alone counts. Where that was never seen, another does: what a finally
    does is there twice, once for exceptions.
    """
    ranges = [(start, end, line) for start, end, line in code.co_lines() if line in lines]
    labels = findlabels(cast("Any", code.co_code))  # which its stub has as a function
    starts: dict[int, int | None] = {}
    for start, end, line in ranges:
        several = sum(at == line for _, _, at in ranges) > 1
        again = several or any(start < label < end for label in labels)
        starts.setdefault(line, start if again else None)
    return starts
