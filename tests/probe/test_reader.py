"""The reader waits for what a probe has yet to report."""

import asyncio
import json
import os

from neverblock.observe.trace_reader import TraceReader

TICK = {
    "kind": "tick",
    "at_s": 1.0,
    "alive_s": 1.0,
    "in_flight": 0,
    "gc_s": 0.0,
    "loop_cpu_s": 0.0,
    "process_cpu_s": 0.0,
    "busy_s": 0.0,
    "beats": 0,
    "pools": [],
    "anyio_tokens": None,
    "anyio_borrowed": 0,
    "anyio_waiting": 0,
    "default_threads": None,
    "default_busy": 0,
    "default_queued": 0,
}


def test_a_window_waits_for_the_first_report(tmp_path):
    """Of a process that has armed and is still learning; before that nothing covers a window."""
    reader = TraceReader(tmp_path)
    assert not asyncio.run(reader.begun(timeout_s=0.0))
    trace = tmp_path / f"{os.getpid()}.jsonl"
    trace.write_text("")
    assert not asyncio.run(reader.begun(timeout_s=0.0))

    async def reported_meanwhile():
        waiting = asyncio.create_task(reader.begun(timeout_s=30.0))
        await asyncio.sleep(0.02)
        trace.write_text(json.dumps(TICK) + "\n")
        return await waiting

    assert asyncio.run(reported_meanwhile())


def marks(at_s, complaint=None, at_least=(), **runs):
    """Give the line of a report of marked lines, by their numbers."""
    numbered = {name.removeprefix("line_"): count for name, count in runs.items()}
    record = {"kind": "marks", "at_s": at_s, "complaint": complaint, "runs": numbered}
    spent = {number: (count, count / 8) for number, count in numbered.items()}
    return json.dumps({**record, "spent": spent, "at_least": at_least}) + "\n"


def test_runs_of_marked_lines_are_those_between_two_instants(tmp_path):
    """Totals become what was added; a line that did not run meanwhile is not there."""
    reader = TraceReader(tmp_path)
    assert (reader.ran(0.0, 9.0), "did not report" in reader.marking_complaint()) == (None, True)
    trace = tmp_path / f"{os.getpid()}.jsonl"
    totals = marks(1.0), marks(2.0, line_0=3), marks(3.0, at_least=[7], line_0=3, line_7=2)
    trace.write_text("".join(totals))
    assert reader.marking_complaint() is None
    spans = [(0.0, 9.0), (1.5, 2.5), (2.5, 3.5), (3.5, 9.0)]
    assert [reader.ran(*span) for span in spans] == [{0: 3, 7: 2}, {0: 3}, {7: 2}, {}]
    assert reader.spent(2.5, 3.5) == {0: (0, 0.0), 7: (2, 0.25)}
    assert reader.ran_at_least() == {7}


def test_where_a_probe_cannot_count_no_runs_are_known(tmp_path):
    """What it says of that is the complaint."""
    (tmp_path / f"{os.getpid()}.jsonl").write_text(marks(1.0, "the app's Python is 3.11"))
    reader = TraceReader(tmp_path)
    assert reader.ran(0.0, 9.0) is None
    assert reader.marking_complaint() == "the app's Python is 3.11"
