"""A load of so many seconds, canned, a million requests an hour: what all of it takes.

Run as a process of its own, whose memory is that of the reading, the judging and the page alone.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from canned_load import loaded

from neverblock.analysis.load.report import LoadSeen, load_of
from neverblock.analysis.load.seconds import Counting
from neverblock.load.singles import Singles
from neverblock.model import Beat, LoopState, ProcessSample, UserRequest, Verdict
from neverblock.observe.trace_reader import TraceReader
from neverblock.report.html import render
from neverblock.result import Control, Criterion

LASTS_S = int(sys.argv[2])
A_SECOND = 278
HOLDS = LASTS_S * 50_000 // 3600
PID = os.getpid()
NAMES = ("GET /slow", "GET /free", "GET /orders/{id}", "POST /orders", "GET /")


def asked(second):
    """Give the requests of one second, every seventh of which was late."""
    return [
        UserRequest(
            NAMES[number % len(NAMES)],
            at_s := second + number / A_SECOND,
            at_s + (0.07 if number % 7 == 0 else 0.02),
            None,
            PID,
            second * A_SECOND + number,
            NAMES[number % len(NAMES)],
        )
        for number in range(A_SECOND)
    ]


class Requests:
    """All of them, which can be gone through again and again."""

    def __iter__(self):
        """Give them second by second."""
        for second in range(LASTS_S):
            yield from asked(second)

    def seconds(self):
        """Give the counts of each second: all are alike."""
        counting = Counting()
        for each in asked(0):
            counting.add(each.name, each.start_s, each.end_s, None, 200)
        alike = counting.take()
        for second in range(LASTS_S):
            yield from (each.moved(float(second)) for each in alike)


def trace(folder):
    """Write what a probe would: frames, a report a second, and holds, the last of them twice."""
    with (folder / f"{PID}.jsonl").open("w") as file:
        say = lambda **record: file.write(json.dumps(record) + "\n")  # noqa: E731 - short
        say(kind="armed", at_s=0.0, loop="asyncio", complaint=None, gil=True)
        for number in range(40):
            owner = "project" if number < 10 else "framework"
            about = {"function": f"f{number}", "owner": owner, "call": f"c{number}", "target": None}
            say(kind="frame", id=number, file=f"/app/m{number}.py", line=number, **about)
        stack = list(range(10, 25))
        for number in range(1, HOLDS + 1):
            split = {
                "on_cpu_s": 0.0,
                "off_cpu_s": 0.06,
                "gil_s": 0.0,
                "starved_s": 0.0,
                "gc_s": 0.0,
            }
            stacks = [[[number % 10, *stack], 0.06, False, False]]
            when = {"start_s": LASTS_S * number / HOLDS, "length_s": 0.06}
            requests = [[number * 20, "GET /slow"]]
            say(kind="stall", number=number, **when, **split, stacks=stacks, culprit=None,
                requests=requests)  # fmt: skip
            say(
                kind="waits",
                at_s=when["start_s"],
                in_flight=9,
                places=[[[*stack, number % 10], 9]],
                threads=[],
            )


def memory():
    """Give the most that this process has had so far, in megabytes."""
    # ru_maxrss begins with that of the process which started this one
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main(folder):
    """Read, judge and render a load, and say what that took."""
    trace(folder)
    began = memory()
    reader = TraceReader(folder, brief=True)
    seen = replace(reader.window(0.0, LASTS_S), armed=True)
    read = memory()
    quarters = range(4 * LASTS_S)
    requests = Requests()
    states = [LoopState(float(at), PID, 9, 3, 0) for at in range(LASTS_S)]
    samples = [ProcessSample(3.0 * at, PID, at * 1.5, 2**26, 20, 5) for at in range(LASTS_S // 3)]
    everything = LoadSeen(
        Singles(requests),
        requests.seconds(),
        tuple(Beat(at / 4, 50, at / 20, 0.001, 70) for at in quarters),
        reader.caused(0.0, LASTS_S),
        seen,
        Control(True, 0.1, 0.1, "null.py:1", "null.py:1"),
        states=states,
        samples=samples,
    )
    load = load_of(everything, Criterion(), lambda found: found)
    page = render(replace(loaded(Verdict.FAIL), load=load))
    figures = {
        "reading_mb": read - began,
        "memory_mb": memory(),
        "page_mb": len(page.encode()) / 1e6,
        "requests": load.requests,
        "holds": sum(found.holds for found in load.findings),
        "stretches": len(load.timeline),
    }
    sys.stdout.write(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
