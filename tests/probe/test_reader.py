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
