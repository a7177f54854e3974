"""Single requests in; what held the loop in few of them, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import SLEEP, solo, stall, trace

from neverblock.analysis.seldom import seldom_held
from neverblock.measurement import Stack
from neverblock.result import Criterion


def asked(*held_s, first_s=0.0, kind="off_cpu_s"):
    """Give single requests that held the loop for so long each, after a warm-up of its own."""
    stalls = [stall(i * 2.0, max(s, 0.001), **{kind: s}) for i, s in enumerate(held_s)]
    first = trace(stall(0, first_s, **{kind: first_s})) if first_s else None
    return replace(solo(1.0, *stalls, k=len(held_s)), first=first)


@pytest.mark.parametrize(
    ("found", "which", "held_s"),
    [
        (asked(0.0, 0.0, 0.0, first_s=0.3), "the first request", 0.3),
        (asked(0.0, 0.2, 0.0), "1 of 4 requests", 0.2),
        (asked(0.0, 0.2, 0.0, 0.0, 0.1), "2 of 6 requests", 0.2),
        (asked(0.0, 0.0, 0.0, 0.0, first_s=0.051), "the first request", 0.051),
    ],
)
def test_what_few_requests_do_is_told_with_its_line(found, which, held_s):
    """The warm-up counts as the first of them; the longest is told."""
    seldom = seldom_held(found, Criterion())
    assert (seldom.which, seldom.held_s) == (which, pytest.approx(held_s))
    assert (seldom.place.file, seldom.place.line) == (SLEEP.file, SLEEP.line)
    assert seldom.place.on_cpu is False


@pytest.mark.parametrize(
    "found",
    [
        asked(0.0, 0.0, 0.0),
        asked(0.05, 0.0, 0.0, first_s=0.05),
        asked(0.2, 0.2, 0.0),
        asked(0.2, 0.2, 0.2, first_s=0.2),
        asked(0.2, 0.0, 0.0, first_s=0.2),
    ],
    ids=["nothing", "at the limit", "half", "all", "half with the first"],
)
def test_what_is_within_the_limit_or_the_rule_is_not_seldom(found):
    """From half of the requests on the median shows it."""
    assert seldom_held(found, Criterion()) is None


def test_computing_is_told_as_such():
    """The longer of both is what the place is blamed for."""
    assert seldom_held(asked(0.0, 0.2, 0.0, kind="on_cpu_s"), Criterion()).place.on_cpu


def test_what_nobody_saw_is_not_told():
    """Without a probe, and where no sample says who it was."""
    found = asked(0.0, 0.2, 0.0)
    assert seldom_held(replace(found, trace=None), Criterion()) is None
    nobody = Stack((), 0.2, on_cpu=True)
    unseen = solo(1.0, stall(2.0, 0.2, on_cpu_s=0.2, stacks=(nobody,)))
    assert seldom_held(unseen, Criterion()) is None


def test_the_limit_can_be_lower():
    """20 ms once are none at 50 ms, and one at 10."""
    found = asked(0.0, 0.02, 0.0)
    assert seldom_held(found, Criterion()) is None
    assert seldom_held(found, Criterion(loop_limit_s=0.01)).which == "1 of 4 requests"
