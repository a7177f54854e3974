"""Results and runs with what is beside a verdict: demands, queues, and work of no request."""

from __future__ import annotations

from dataclasses import replace

from canned import SLEEP_BLAME, canned_run

from neverblock.measurement import Cap, Demand, Frame
from neverblock.model import Diagnosis, Verdict
from neverblock.result import Advice, Background, Seldom

SWEEP = Background(replace(SLEEP_BLAME, file="app/jobs.py", line=14), 13, 0.12, 0.37)
TOKEN = Seldom("the first request", 0.225, replace(SLEEP_BLAME, file="app/tokens.py", line=38))
LARGER = Advice("a larger pool", "create_pool(dsn, max_size=20)", "Ten share one connection.")
ACQUIRE = Frame("app/db.py", 30, "rows", "project", call="pool.acquire")


def passing_run(*background, diagnosis=Diagnosis.CONCURRENT):
    """Give a run of one endpoint that passes, beside what held the loop for no request."""
    passes = next(r for r in canned_run().results if r.endpoint.name == "sleep/good")
    judged = replace(passes.judgement, diagnosis=diagnosis)
    own = replace(passes.endpoint, name="GET /rows", pair=None, variant=None)
    result = replace(passes, endpoint=own, judgement=judged, expected=None, as_expected=None)
    return replace(canned_run(), results=(result,), lessons=(), background=background)


def queueing(advice=LARGER):
    """Give a result whose requests go one by one, nine of ten waiting at one line."""
    result = passing_run().results[0]
    m = result.measurement
    demands = {
        "loop-computing": Demand(0.002, 0.003, 1),
        "default-executor": Demand(0.6, 0.6, 6),
        "unknown": Demand(0.7, 0.9, 1),
    }
    figures = replace(
        m,
        wall_s=10.0,
        floor_s=0.0,
        loop=replace(m.loop, waits=((ACQUIRE, 9),)),
        demands=demands,
        cap=Cap(1.25, "unknown"),
    )
    judged = replace(
        result.judgement,
        verdict=Verdict.FAIL,
        diagnosis=Diagnosis.SERIALIZED,
        reason="requests go one by one",
    )
    return replace(result, measurement=figures, judgement=judged, advice=advice)
