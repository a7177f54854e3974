"""Walls of null bursts in; what is taken off the burst after each, out."""

from __future__ import annotations

from neverblock.run.floors import Floors


def test_no_more_is_taken_off_for_a_null_burst_than_is_usual():
    """A hiccup of 185 ms in it would turn 3 s of queueing into a pass."""
    floors = Floors()
    taken_s = [floors.take("gather", 10, wall_s) for wall_s in (0.02, 0.185, 0.01, 0.03)]
    assert taken_s == [0.02, 0.02, 0.01, 0.02]


def test_what_is_usual_is_so_for_an_engine_and_a_number_of_requests():
    """A thousand requests by Locust cost what they cost."""
    floors = Floors()
    floors.take("gather", 10, 0.01)
    assert floors.take("locust", 10, 0.05) == 0.05
    assert floors.take("locust", 1000, 0.2) == 0.2
