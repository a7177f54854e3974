"""How fast users start where nobody says so."""

from __future__ import annotations

SPAWNED_S = 5.0
"""Seconds until all users are there. By Locust's own default, one a second, hundreds of users take
minutes to come."""

SPAWNED_SHARE = 0.1
"""Or within this share of a load that is shorter than ten times that."""


def spawn_rate(users: int, run_time_s: float | None) -> float:
    """Give how many users start in a second, so that all are there soon."""
    within_s = min(SPAWNED_S, SPAWNED_SHARE * run_time_s) if run_time_s else SPAWNED_S
    return users / within_s
