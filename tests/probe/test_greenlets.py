"""What runs within a greenlet, and what no request runs, is seen for what it is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from serving import heaviest, served, total

APP = (Path(__file__).parent / "greenlet_app.py").read_text().splitlines()


def marked(mark):
    """Give the number of the line that carries a mark."""
    return next(n for n, line in enumerate(APP, 1) if line.endswith(f"# mark: {mark}"))


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def server(request, tmp_path_factory):
    """Serve the app that has nothing in the background."""
    folder = tmp_path_factory.mktemp("trace")
    with served(request.param, folder, target="greenlet_app:quiet") as running:
        running.get("/trivial")
        yield running


def test_a_wait_within_a_greenlet_is_a_wait_at_its_line(server):
    """The greenlet's frames stand on those of the handler that went into it."""
    trace = server.calmest("/waits")
    assert total(trace, "off_cpu_s", "nap") > 0.03
    frames = heaviest(trace, on_cpu=False).frames
    assert (frames[0].line, frames[0].target) == (marked("nap"), "time.sleep")
    assert marked("waits") in [frame.line for frame in frames]


def test_a_function_in_c_that_is_alone_in_its_greenlet_is_a_wait_of_the_handler(server):
    """No Python frame is left but those of the main greenlet, and the probe goes on."""
    trace = server.calmest("/waits_in_c")
    frames = heaviest(trace, on_cpu=False).frames
    own = next(frame for frame in frames if frame.owner == "project")
    assert own.line == marked("waits_in_c")
    assert total(trace, "off_cpu_s", "waits_in_c") > 0.03
    assert server.watch("/trivial").armed


def test_a_computation_within_a_greenlet_is_one(server):
    """It is on CPU, in the function that computes."""
    trace = server.calmest("/computes")
    assert total(trace, "on_cpu_s", "spin") > 0.03
    assert heaviest(trace, on_cpu=True).frames[0].function == "spin"


def test_what_no_request_runs_is_in_the_background(tmp_path):
    """A periodic task holds the loop while a request waits, and neither stands for the other."""
    with served("asyncio", tmp_path, target="greenlet_app:app") as running:
        from_s = time.monotonic()
        running.get("/awaits")
        time.sleep(0.3)
        trace = running.reader.window(from_s, time.monotonic())
    held = [s for stall in trace.stalls for s in stall.stacks if s.frames and not s.on_cpu]
    assert {s.frames[0].line for s in held if s.background} == {marked("sweep")}
    assert marked("sweep") not in {s.frames[0].line for s in held if not s.background}
