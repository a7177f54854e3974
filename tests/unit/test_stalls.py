"""One stall in; whose it was, and for how long, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import SLEEP, stall

from neverblock.analysis.stalls import (
    background_s,
    collections_counted,
    collects,
    computing_s,
    gil_held_s,
    hands_over,
    perhaps_gil_held_s,
    waiting_s,
    with_own_collections,
)
from neverblock.measurement import Frame, Stack

COLLECT = Frame("/app/main.py", 9, "clean", "project", call="gc.collect", target="gc.collect")


def of(weight_s, *, on_cpu=False, background=False, frames=(SLEEP,)):
    """Give a sampled stack that stands for so long."""
    return Stack(frames, weight_s, on_cpu, background)


@pytest.mark.parametrize(
    ("owner", "function", "starts"),
    [
        ("stdlib", "Thread.start", True),
        ("project", "Thread.start", False),
        ("stdlib", "ThreadPoolExecutor.submit", True),
        ("library", "AsyncIOBackend.run_sync_in_worker_thread", True),
        ("stdlib", "Event.wait", False),
    ],
)
def test_work_is_handed_over_by_others_code_alone(owner, function, starts):
    """A project may name a function of its own so."""
    assert hands_over(of(0.1, frames=(Frame("threading.py", 1, function, owner),))) is starts


def test_a_loop_that_starts_a_thread_does_not_wait_itself():
    """The new thread has to get the GIL first: contention, which is told apart from waiting."""
    start = Frame("/lib/threading.py", 940, "Thread.start", "stdlib")
    assert waiting_s(stall(1.0, 0.1, off_cpu_s=0.1, stacks=(of(0.1, frames=(start, SLEEP)),))) == 0


@pytest.mark.parametrize(
    ("stacks", "share"),
    [
        ((of(0.1),), 1.0),
        ((of(0.3), of(0.1, frames=())), 0.75),
        ((of(0.1, frames=()), of(0.3, on_cpu=True)), 0.0),
        ((of(0.3, on_cpu=True),), 1.0),
        ((of(0.3), of(0.1, background=True)), 0.75),
        ((of(0.1, background=True),), 0.0),
        ((), 0.0),
    ],
    ids=["own", "parked", "on CPU", "no sample off CPU", "mixed", "background", "no sample"],
)
def test_a_wait_is_shared_out_by_the_samples_off_the_cpu(stacks, share):
    """Where no sample fell into the wait, all of the stall's speak for it."""
    assert waiting_s(stall(0, 0.8, off_cpu_s=0.8, stacks=stacks)) == pytest.approx(0.8 * share)


@pytest.mark.parametrize(
    ("stacks", "share"),
    [
        ((), 1.0),
        ((of(0.1, on_cpu=True, frames=()),), 1.0),
        ((of(0.1, on_cpu=True), of(0.3, on_cpu=True, background=True)), 0.25),
        ((of(0.1, on_cpu=True), of(0.3, background=True)), 1.0),
    ],
)
def test_computing_that_nobody_sampled_is_a_requests(stacks, share):
    """A computation that keeps the GIL is over before a sample can be taken."""
    found = stall(0, 0.8, on_cpu_s=0.8, stacks=stacks)
    assert computing_s(found) == pytest.approx(0.8 * share)


def test_a_collection_is_nobodys_computing():
    """What the collector began of itself is told apart from work, and is no less than nothing."""
    assert computing_s(stall(1.0, 0.1, on_cpu_s=0.1, gc_s=0.07)) == pytest.approx(0.03)
    assert computing_s(stall(1.0, 0.1, on_cpu_s=0.1, gc_s=0.2)) == 0.0


@pytest.mark.parametrize(
    ("culprit", "held_s"),
    [(None, 0.5), (of(0.5, on_cpu=True), 0.4), (of(0.5, on_cpu=True, background=True), 0.0)],
)
def test_a_kept_gil_is_the_requests_unless_another_thread_of_the_app_kept_it(culprit, held_s):
    """Less a collection in that thread, where the thread is known."""
    found = stall(0, 0.6, gil_held_s=0.5, gil_gc_s=0.1, culprit=culprit)
    assert gil_held_s(found) == pytest.approx(held_s)


@pytest.mark.parametrize(("held_s", "perhaps_s"), [(0.3, 0.5), (0.0, 0.0)])
def test_a_loop_without_a_core_does_not_see_for_how_long_the_gil_was_kept(held_s, perhaps_s):
    """Perhaps through all of that wait; but where nobody was seen keeping it, nobody did."""
    found = stall(0, 0.6, gil_held_s=held_s, starved_s=0.2)
    assert perhaps_gil_held_s(found) == pytest.approx(perhaps_s)
    collected = stall(0, 0.6, gil_held_s=0.1, gil_gc_s=0.1, culprit=of(0.1), starved_s=0.2)
    assert perhaps_gil_held_s(collected) == 0.0


def test_what_no_request_ran_is_apart():
    """Its waiting, its computing, and the GIL that a thread of the app's own kept."""
    mixed = stall(
        0,
        2.0,
        off_cpu_s=0.8,
        on_cpu_s=0.4,
        gil_held_s=0.2,
        stacks=(
            of(0.3, background=True),
            of(0.1),
            of(0.1, on_cpu=True, background=True),
            of(0.1, on_cpu=True),
        ),
        culprit=of(0.2, on_cpu=True, background=True),
    )
    assert background_s(mixed) == pytest.approx(0.75 * 0.8 + 0.5 * 0.4 + 0.2)
    own = replace(mixed, culprit=of(0.2, on_cpu=True))
    assert background_s(own) == pytest.approx(0.75 * 0.8 + 0.5 * 0.4)
    assert waiting_s(mixed) + computing_s(mixed) == pytest.approx(0.25 * 0.8 + 0.5 * 0.4)
    assert background_s(stall(0, 1.0, off_cpu_s=1.0, on_cpu_s=1.0)) == 0.0


def test_a_handed_over_task_is_no_wait_of_the_background_either():
    """A periodic task that starts a thread waits for the GIL alone."""
    start = Frame("/lib/threading.py", 940, "Thread.start", "stdlib")
    found = stall(0, 0.1, off_cpu_s=0.1, stacks=(of(0.1, background=True, frames=(start,)),))
    assert background_s(found) == 0.0


@pytest.mark.parametrize(
    "asking",
    [
        {"stacks": (of(0.1, on_cpu=True, frames=(COLLECT,)),)},
        {"culprit": of(0.1, on_cpu=True, frames=(COLLECT,))},
    ],
)
def test_collections_that_the_code_asks_for_are_its_own(asking):
    """By gc.collect, on the loop or in a thread; then all of the window's are."""
    collected = stall(0, 0.1, on_cpu_s=0.1, gc_s=0.08, gil_gc_s=0.01)
    asked = stall(1, 0.1, on_cpu_s=0.1, gc_s=0.08, gil_gc_s=0.01, **asking)
    assert with_own_collections([collected]) == [collected]
    both = with_own_collections([collected, asked])
    assert [(s.gc_s, s.gil_gc_s) for s in both] == [(0.0, 0.0)] * 2
    assert both == collections_counted([collected, asked])


def test_a_collection_beneath_other_code_was_not_asked_for():
    """Only the innermost frame calls; a stack without frames calls nothing."""
    beneath = of(0.1, on_cpu=True, frames=(SLEEP, COLLECT))
    nothing = of(0.1, on_cpu=True, frames=())
    stalls = [stall(0, 0.1, on_cpu_s=0.1, gc_s=0.08, stacks=(beneath, nothing))]
    assert with_own_collections(stalls) == stalls


@pytest.mark.parametrize(
    ("parts", "long"),
    [
        ({}, False),
        ({"gc_s": 0.002}, False),
        ({"gc_s": 0.0021}, True),
        ({"gil_gc_s": 0.0021}, True),
        ({"gc_s": 0.0011, "gil_gc_s": 0.001}, True),
    ],
)
def test_a_collection_is_told_above_what_the_probe_resolves(parts, long):
    """2 ms, all stalls together."""
    assert collects([stall(0, 0.1, **parts)]) is long
    assert collects([stall(0, 0.1, **{n: v / 2 for n, v in parts.items()})] * 2) is long


def test_a_thread_kept_the_gil_for_no_longer_than_it_computed():
    """Where it was seen, its CPU time bounds what a loop without a core may have missed."""
    found = stall(0, 0.6, gil_held_s=0.03, culprit=of(0.04), starved_s=0.2)
    assert perhaps_gil_held_s(found) == pytest.approx(0.04)
