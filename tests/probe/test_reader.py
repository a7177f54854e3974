"""The reader waits for what a probe has yet to report."""

import asyncio
import json
import os

import pytest

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
    "starved_s": 0.0,
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


def held(number, start_s, length_s, weight_s=None):
    """Give the line of a stall of one stack."""
    split = {"on_cpu_s": 0.0, "off_cpu_s": length_s, "gil_s": 0.0, "starved_s": 0.0, "gc_s": 0.0}
    stacks = [[[], weight_s or length_s, False, False]]
    when = {"kind": "stall", "number": number, "start_s": start_s, "length_s": length_s}
    about = {"stacks": stacks, "culprit": None, "requests": [[number, "GET /a"]]}
    return json.dumps(when | split | about) + "\n"


def test_a_brief_reader_keeps_no_stall_and_gives_each_as_often_as_it_is_asked(tmp_path):
    """One that went on is given once, as it was in the end; the longest so far is known."""
    trace = tmp_path / f"{os.getpid()}.jsonl"
    lines = [held(1, 1.0, 0.5), held(2, 2.0, 0.1), held(2, 2.0, 0.3), held(3, 3.0, 0.2)]
    trace.write_text("".join(lines) + held(4, 4.0, 9.0)[:-9])
    reader = TraceReader(tmp_path, brief=True)
    stalls = reader.caused(0.0, 9.0)
    for _ in range(2):
        assert [(c.stall.start_s, c.stall.length_s, c.causes[0].number) for c in stalls] == [
            (1.0, 0.5, 1),
            (2.0, 0.3, 2),
            (3.0, 0.2, 3),
        ]
    assert [reader.longest_s(from_s) for from_s in (0.0, 1.5, 2.5, 5.0)] == [0.5, 0.3, 0.2, 0.0]
    assert len(reader.window(0.0, 9.0).stalls) == 1


def test_a_brief_reader_keeps_as_many_ticks_as_a_time_line_needs(tmp_path):
    """The first and the last, and between them those with most in flight."""
    trace = tmp_path / f"{os.getpid()}.jsonl"
    busy = {777}
    ticks = [TICK | {"at_s": float(at), "in_flight": 9 * (at in busy)} for at in range(10_000)]
    trace.write_text("".join(json.dumps(tick) + "\n" for tick in ticks))
    states = TraceReader(tmp_path, brief=True).states(0.0, 1e6)
    assert len(states) <= 2400
    assert (states[0].at_s, states[-1].at_s) == (0.0, 9999.0)
    assert max(states, key=lambda state: state.in_flight).at_s == 777.0


def test_a_probe_has_told_of_an_instant_once_the_loop_was_alive_after_it(tmp_path):
    """A report that comes while the loop is held says nothing of the hold."""
    trace = tmp_path / f"{os.getpid()}.jsonl"
    ticks = [TICK | {"at_s": at_s, "alive_s": alive_s} for at_s, alive_s in ((2, 1.5), (3, 2.5))]
    trace.write_text("".join(json.dumps(tick) + "\n" for tick in ticks))
    reader = TraceReader(tmp_path)
    assert [reader.told_s(of_s) for of_s in (1.0, 1.8, 2.5, 2.6)] == [2, 3, 3, None]


def frame(number, owner):
    """Give the line of a frame, by its number."""
    return {
        "kind": "frame",
        "id": number,
        "file": f"/app/m{number}.py",
        "line": number,
        "function": f"f{number}",
        "owner": owner,
        "call": None,
        "target": "asyncio.locks.Lock.acquire" if number == 1 else None,
    }


def look(at_s, in_flight, tasks, threads=()):
    """Give the line of a look at what waits."""
    places = {"places": tasks, "threads": list(threads)}
    return {"kind": "waits", "at_s": at_s, "in_flight": in_flight, **places}


@pytest.mark.parametrize("brief", [True, False])
def test_where_requests_stood_is_counted_over_the_looks_of_a_window(tmp_path, brief):
    """On average, and as often as it is asked; a brief one keeps none."""
    lines = [
        frame(1, "project"),
        frame(2, "stdlib"),
        look(1.0, 90, [[[2, 1], 90]]),
        look(2.0, 4, [[[2, 1], 3]]),
        look(3.0, 8, [[[2, 1], 5]], [[[1], 2]]),
        look(4.0, 3, []),
        look(5.0, 90, [[[2, 1], 90]]),
    ]
    written = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / f"{os.getpid()}.jsonl").write_text(written)
    reader = TraceReader(tmp_path, brief=brief)
    for _ in range(2):
        window = reader.window(1.5, 4.5)
        assert window.in_flight == 5.0
        assert [
            ([each.line for each in one.frames], one.at_once, one.in_thread)
            for one in window.standing
        ] == [([2, 1], 8 / 3, False), ([1], 2 / 3, True)]
        assert [(each.line, many) for each, many in window.waits] == [(1, 7)]


def test_looks_of_several_processes_are_averaged_together(tmp_path):
    """Each has its own numbers of frames; the fullest look is that of one process."""
    for pid, numbers, count in ((GONE, (1, 2), 2), (os.getpid(), (2, 1), 5)):
        own, beneath = numbers
        lines = [frame(own, "project"), frame(beneath, "stdlib"), look(2.0, 6, [[[own], count]])]
        lines += [TICK | {"at_s": 9.0}]
        (tmp_path / f"{pid}.jsonl").write_text("".join(json.dumps(ln) + "\n" for ln in lines))
    window = TraceReader(tmp_path, brief=True).window(0.0, 9.0)
    assert window.in_flight == 6.0
    assert {one.frames[0].line: one.at_once for one in window.standing} == {1: 1.0, 2: 2.5}
    assert [(each.line, many) for each, many in window.waits] == [(2, 5)]


GONE = 4_194_303
"""A process id that no process has."""


def life(folder, pid, from_s, to_s, *, well):
    """Write the trace of a worker that lived for so long, and ended well or died."""
    armed = {"kind": "armed", "at_s": from_s, "loop": "asyncio", "complaint": None}
    lines = [armed, TICK | {"at_s": from_s + 0.3}, TICK | {"at_s": to_s}]
    lines += [{"kind": "ended", "at_s": to_s}] * well
    path = folder / f"{pid}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + held(1, to_s - 0.5, 0.1))


def test_a_worker_that_the_server_recycles_counts_up_to_its_end(tmp_path):
    """And the one in its place from its beginning, of a load alone; one that died is missed."""
    life(tmp_path, GONE, 0.0, 5.0, well=True)
    life(tmp_path, os.getpid(), 5.2, 12.0, well=False)
    seen = TraceReader(tmp_path, brief=True)
    window = seen.window(1.0, 10.0)
    assert (window.armed, window.complaint) == (True, None)
    assert (window.recycled, window.at_once, len(window.pids)) == (1, 1, 2)
    assert [c.stall.start_s for c in seen.caused(1.0, 10.0)] == [4.5]
    assert not TraceReader(tmp_path).window(1.0, 10.0).armed
    life(tmp_path, GONE, 0.0, 5.0, well=False)
    died = TraceReader(tmp_path, brief=True).window(1.0, 10.0)
    assert (died.armed, died.complaint) == (
        False,
        f"Server process {GONE} died: what its probe saw last is lost.",
    )


def test_a_worker_that_begins_late_without_a_word_is_missed(tmp_path):
    """A probe needs no two seconds to its first report."""
    life(tmp_path, os.getpid(), 5.0, 12.0, well=False)
    trace = tmp_path / f"{os.getpid()}.jsonl"
    trace.write_text(trace.read_text().replace('"at_s": 5.3', '"at_s": 8.0'))
    assert not TraceReader(tmp_path, brief=True).window(1.0, 10.0).armed


def test_calls_that_waited_for_a_thread_before_a_window_are_not_of_it(tmp_path):
    """The advice sizes a pool by them, and another endpoint may have filled it."""
    queues = ((1.0, 0.5, 400), (2.0, 0.5, 0), (3.0, 0.8, 4), (4.0, 0.8, 0))
    ticks = [
        {
            **TICK,
            "kind": "tick",
            "at_s": at_s,
            "pools": [["default-executor", 6, at_s, queued, many]],
        }
        for at_s, queued, many in queues
    ]
    (tmp_path / f"{os.getpid()}.jsonl").write_text("".join(json.dumps(t) + "\n" for t in ticks))
    (pool,) = TraceReader(tmp_path).window(2.5, 4.5).pools
    assert (pool.waiting, pool.queued_s) == (4, pytest.approx(0.3))
