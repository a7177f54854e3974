"""What marking 200 lines costs a request, told apart from what the machine does meanwhile.

    python benchmarks/suspects.py [--ran 10]

As ``benchmarks/wrapper.py`` does: uvicorn's protocol is fed by hand, requests to two copies of one
app go in turns, and their CPU time is compared. In one copy 200 lines are marked; a request of
either runs some of them (``--ran``). Needs Python 3.12 or later, where lines can be marked. Prints
the ratio (marked to unmarked) with a 95 % bootstrap interval, and that of two unmarked copies.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import sys
import tempfile
from pathlib import Path

from wrapper import compare, served

from neverblock.probe.marks import Marks

MARKED = 200
HANDLER = """
from probe import app as trivial

async def app(scope, receive, send):
    total = 0
    work(total)
    await trivial(scope, receive, send)

def work(total):
    {ran}

def others(total):
    {others}
"""
"""The trivial endpoint of the other benchmarks, with lines of its own before it answers."""


def written(folder: Path, name: str, ran: int) -> list[tuple[str, int]]:
    """Write a copy of the app; give its lines that may be marked, of which a request runs some."""
    lines = ["total += 1"] * ran, ["total += 1"] * (MARKED - ran)
    text = HANDLER.format(ran="\n    ".join(lines[0]), others="\n    ".join(lines[1] or ["pass"]))
    file = folder / f"{name}.py"
    file.write_text(text, encoding="utf-8")
    numbered = enumerate(text.splitlines(), 1)
    return [(os.path.realpath(file), number) for number, line in numbered if "+= 1" in line]


async def measure(ran: int) -> None:
    """Mark the lines of one copy, and compare it with another; then two that have no marks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sys.path.insert(0, name)
        places = written(folder, "marked", ran)
        for copy in ("bare", "again"):
            written(folder, copy, ran)
        apps = {copy: importlib.import_module(copy).app for copy in ("marked", "bare", "again")}
        marks = Marks(places)
        if marks.complaint is not None:
            sys.exit(f"Nothing to measure: {marks.complaint}.")
        reporting = asyncio.create_task(reported(marks))
        print(f"{len(places)} lines marked, {ran} of them run by each request")
        await compare("bare to bare", served(apps["bare"]), served(apps["again"]))
        await compare("marked lines", served(apps["bare"]), served(apps["marked"]))
        reporting.cancel()
        marks.stop()
        print(f"the first of them ran {marks.runs[0]} times")


async def reported(marks: Marks) -> None:
    """Report as the watchdog of a busy loop does, so that counting goes on."""
    while True:
        await asyncio.sleep(0.02)
        marks.report(0.0)


def main() -> None:
    """Measure at one number of lines that a request runs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--ran", type=int, default=3, help="marked lines that a request runs")
    asyncio.run(measure(parser.parse_args().ran))


if __name__ == "__main__":
    main()
