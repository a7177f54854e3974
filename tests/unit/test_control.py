"""No verdict counts unless the probe has seen a block of known length at a known line."""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest
from builders import SLEEP, stall, trace

from neverblock.measurement import Frame, Stack
from neverblock.run.control import judge_control
from neverblock.target import null_app

BLOCK_S = null_app.CONTROL_BLOCK_S
LINE = f"null_app.py:{null_app.CONTROL_LINE}"
BLOCK = Frame(
    null_app.__file__, null_app.CONTROL_LINE, "block", "project", "time.sleep", "time.sleep"
)


def blocked(length_s, frame=BLOCK):
    """Give what a probe reports that saw the loop wait this long at this place."""
    stack = Stack((frame,), length_s, on_cpu=False)
    return trace(stall(0, length_s, off_cpu_s=length_s, stacks=(stack,)))


def test_the_line_of_the_control_is_where_it_blocks():
    """An edit of the null app must not move the one without the other."""
    lines, first = inspect.getsourcelines(null_app.block)
    assert "time.sleep(CONTROL_BLOCK_S)" in lines[null_app.CONTROL_LINE - first]


@pytest.mark.parametrize("share", [0.9, 1.0, 1.3])
def test_the_right_length_at_the_right_line_is_seen(share):
    """A busy machine may add to a sleep."""
    control = judge_control(blocked(share * BLOCK_S))
    assert control.seen
    assert control.complaint is None
    assert control.seen_s == pytest.approx(share * BLOCK_S)
    assert control.seen_line == control.line == LINE


@pytest.mark.parametrize("share", [0.5, 2.0])
def test_a_wrong_length_is_told(share):
    """A probe that sees half of a block would acquit, one that sees twice as much accuse."""
    control = judge_control(blocked(share * BLOCK_S))
    assert not control.seen
    assert f"{share * BLOCK_S * 1000:.0f} ms of a block of {BLOCK_S * 1000:.0f} ms" in (
        control.complaint or ""
    )


@pytest.mark.parametrize("frame", [SLEEP, replace(BLOCK, line=BLOCK.line + 1)])
def test_a_wrong_line_is_told(frame):
    """Both the line that was blamed and the one that it is."""
    control = judge_control(blocked(BLOCK_S, frame))
    assert not control.seen
    assert control.seen_line == f"{frame.file.rpartition('/')[2]}:{frame.line}"
    assert control.seen_line in (control.complaint or "")
    assert LINE in (control.complaint or "")


def test_a_block_without_a_stack_is_told():
    """A length alone names nobody."""
    control = judge_control(trace(stall(0, BLOCK_S, off_cpu_s=BLOCK_S, stacks=())))
    assert not control.seen
    assert control.seen_line is None


def test_computing_is_not_the_wait_that_was_made():
    """The control sleeps; a probe that calls it computing cannot tell the two apart."""
    stack = Stack((BLOCK,), BLOCK_S, on_cpu=True)
    control = judge_control(trace(stall(0, BLOCK_S, on_cpu_s=BLOCK_S, stacks=(stack,))))
    assert not control.seen


def test_nothing_seen_is_told():
    """An idle trace is no proof of anything."""
    control = judge_control(trace())
    assert not control.seen
    assert control.seen_s == 0.0


def test_a_probe_that_did_not_arm_is_told_in_its_own_words():
    """Whatever it may have seen before."""
    unarmed = replace(blocked(BLOCK_S), armed=False, complaint="no perf events")
    control = judge_control(unarmed)
    assert not control.seen
    assert "no perf events" in (control.complaint or "")
    silent = judge_control(replace(unarmed, complaint=None))
    assert "never reported" in (silent.complaint or "")
