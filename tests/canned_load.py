"""A run that is a load, of one endpoint and one line that held the loop, for all that reads one."""

from __future__ import annotations

from dataclasses import replace

from canned import canned_run

from neverblock.result import Generator, Load, LoadEndpoint, LoadFinding

HELD = LoadFinding(
    "app/db.py",
    41,
    "load_user",
    "conn.execute",
    41.0,
    on_cpu=False,
    target="psycopg2.execute",
    code="NB101",
    holds=312,
    longest_s=0.4,
    routes=("GET /users/{id}",),
    others_requests=2913,
    others_lost_s=104.0,
    others_worst_s=3.1,
    victims={"POST /orders": 2068, "GET /": 845},
)
ORDERS = LoadEndpoint(
    "POST /orders",
    "POST /orders",
    4000,
    3,
    66.7,
    0.05,
    0.4,
    0.9,
    2.0,
    3.4,
    lost_s=80.0,
    cost_s=0.0,
    took_s=400.0,
)


def loaded(verdict, started_at="2026-01-30T12:00:00Z", **more):
    """Give a run that is a load of 200 users for a minute."""
    parts = {"endpoints": (ORDERS,), "findings": (HELD,), **more}
    quiet = Generator(cpu_share=0.3, max_lag_s=0.01)
    load = Load(200, 1, 4, 60.0, 4000, 3, 66.7, 0.0, quiet, verdict, "It was so.", **parts)
    run = replace(canned_run(), results=(), lessons=(), unchecked=(), environment=ENVIRONMENT)
    return replace(run, load=load, started_at=started_at)


ENVIRONMENT = {"python": "3.12.9", "platform": "Linux 6.1.0 x86_64", "cpus": 2}
