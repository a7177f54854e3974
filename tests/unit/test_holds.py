"""Figures of each request in; what held the loop, as a range, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, parallel, solo, stall

from neverblock.analysis.holds import NO_HOLDS, holds_of, share_of
from neverblock.model import Machine


def alone(own_s, *parts):
    """Give solo requests with one stall each, which splits so."""
    return solo(own_s, *(stall(i * (own_s + 1), 0.3, **part) for i, part in enumerate(parts)))


def held(own_s, *parts, machine=Machine(0.0, 0.0)):  # noqa: B008 - a frozen value
    """Give what held the loop in such requests, beside a burst of a free loop."""
    return holds_of(measured(alone(own_s, *parts), burst_round(parallel(own_s), machine=machine)))


def test_without_a_probe_nothing_is_known_to_hold_the_loop():
    """An absent measurement is absent."""
    outside = replace(measured(solo(1.0), burst_round(parallel(1.0))), loop=None)
    assert holds_of(outside) == NO_HOLDS


def test_a_wait_is_a_sum_and_a_share_of_each_requests_own_time():
    """From the least of three requests to the most."""
    found = held(0.5, *({"off_cpu_s": s} for s in (0.1, 0.2, 0.3)))
    assert found.waiting_s == pytest.approx((0.1, 0.3))
    assert found.waiting_share == pytest.approx((0.2, 0.6))
    assert found.computing_s == (0.0, 0.0)
    assert found.gil_held_s == (0.0, 0.0)


def test_the_share_is_of_the_request_that_waited():
    """A slow request may wait for longer without waiting for more of its time."""
    figures = measured(alone(0.5, *[{"off_cpu_s": 0.1}] * 3), burst_round(parallel(0.5)))
    found = holds_of(replace(figures, solo_samples_s=(0.2, 0.5, 1.0)))
    assert found.waiting_share == pytest.approx((0.1, 0.5))


def test_a_wait_in_company_is_a_share_of_the_endpoints_own_time():
    """A thread's lock is free for one request, and held for each of ten."""
    stalls = [stall(100 + i, 0.1, off_cpu_s=0.1) for i in range(10)]
    found = holds_of(measured(solo(0.4), burst_round(parallel(0.4), *stalls)))
    assert found.waiting_s == pytest.approx((0.1, 0.1))
    assert found.waiting_share == pytest.approx((0.25, 0.25))


def test_computing_and_a_kept_gil_are_what_one_request_does_at_once():
    """Two slices of 30 ms are no 60; company makes neither longer."""
    slices = [stall(i * 2.0 + at, 0.03, on_cpu_s=0.03) for i in range(3) for at in (0.1, 0.5)]
    kept = [stall(i * 2.0 + 0.7, 0.04, gil_held_s=0.04, stacks=()) for i in range(3)]
    company = stall(100, 3.0, on_cpu_s=3.0, gil_held_s=3.0)
    found = holds_of(measured(solo(1.0, *slices, *kept), burst_round(parallel(1.0), company)))
    assert found.computing_s == pytest.approx((0.03, 0.03))
    assert found.gil_held_s == pytest.approx((0.04, 0.04))


@pytest.mark.parametrize(("busy", "low_s"), [(0.0, 0.2), (None, 0.2), (0.25, 0.15), (0.75, 0.05)])
def test_a_thread_without_a_core_may_keep_the_gil_for_long(busy, low_s):
    """That is then the others' doing, for as much as they took of the cores."""
    found = held(1.0, *[{"gil_held_s": 0.2, "stacks": ()}] * 3, machine=Machine(0.0, busy))
    assert found.gil_held_s == pytest.approx((low_s, 0.2))


@pytest.mark.parametrize(
    ("gil_held_s", "starved_s", "high_s"), [(0.03, 0.021, 0.051), (0.0, 0.2, 0.0)]
)
def test_a_loop_without_a_core_may_have_missed_a_kept_gil(gil_held_s, starved_s, high_s):
    """For as long again nobody could look; where none was seen, none is."""
    split = {"gil_held_s": gil_held_s, "starved_s": starved_s, "stacks": ()}
    assert held(1.0, *[split] * 3).gil_held_s == pytest.approx((gil_held_s, high_s))


def test_a_wait_that_the_probe_cannot_resolve_is_no_wait():
    """2 ms are its heartbeat's own interval, however short the request is."""
    assert share_of(0.002, 0.004) == 0.0
    assert share_of(0.0021, 0.0042) == pytest.approx(0.5)
    assert held(0.004, *[{"off_cpu_s": 0.0019}] * 3) == NO_HOLDS


@pytest.mark.parametrize(("starved_s", "least_s"), [(None, 0.02), (0.0, 0.04)])
def test_what_may_have_been_a_wait_for_the_gil_or_a_core_is_not_sure(starved_s, least_s):
    """Of 100 ms, 60 may have been for the GIL; others had half of the cores, counted or not."""
    part = {"off_cpu_s": 0.1, "unsure_s": 0.06}
    found = held(1.0, *[part] * 3, machine=Machine(0.0, 0.5, starved_s))
    assert found.waiting_s == pytest.approx((least_s, 0.1))
    assert found.waiting_share == pytest.approx((least_s, 0.1))
