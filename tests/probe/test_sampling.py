"""Where a loop that computes is looked at, which a machine without a free core changes."""

from __future__ import annotations

from needs import of_the_gil
from probed_app import marked


@of_the_gil
def test_what_releases_the_gil_now_and_then_is_not_taken_for_what_computes(server):
    """The watchdog gets the GIL wherever a file is opened, and must not look there alone."""
    opens = marked("open")
    trace = server.calmest("/compute_and_open")
    at_s = [
        (stack.weight_s, any(f.line in {opens, opens + 1} for f in stack.frames[:2]))
        for stall in trace.stalls
        for stack in stall.stacks
        if stack.frames
    ]
    assert sum(s for s, at_open in at_s if at_open) < sum(s for s, _ in at_s) / 4
