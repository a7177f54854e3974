"""Small builders of levels and of what the probe saw of them, for the tests of a capacity."""

from __future__ import annotations

from neverblock.analysis.capacity.level import Answer
from neverblock.analysis.capacity.limit import Seen
from neverblock.analysis.standing import Place
from neverblock.measurement import Frame
from neverblock.result.capacity import Level, Limit

ACQUIRE = Frame("/app/db.py", 30, "orders", "project", call="pool.acquire")


def level(n: int, per_s: float, *, failures: int = 0, requests: int = 200, **more: float) -> Level:
    """Give a level that is sure to two parts in a hundred."""
    figures = {"p50_s": n / per_s, "p99_s": n / per_s, "client_cpu": 0.1, **more}
    low, high = 0.98 * per_s, 1.02 * per_s
    return Level(n, per_s, failures=failures, low_per_s=low, high_per_s=high, requests=requests,
                 **figures)  # fmt: skip


def kink(own_s: float, servers: int, *at: int) -> list[Level]:
    """Give the levels of a pool of servers, of which each request needs one all the time."""
    return [level(n, min(n, servers) / own_s) for n in at]


def served_in_step(n: int, servers: int, own_s: float, until_s: float) -> list[Answer]:
    """Give the requests of n users in a closed loop before servers that take own_s for each."""
    free, ready, answers = [0.0] * servers, [(0.0, user) for user in range(n)], []
    while ready:
        sent_s, user = ready.pop(0)
        first = min(range(servers), key=free.__getitem__)
        done_s = max(free[first], sent_s) + own_s
        free[first] = done_s
        answers.append(Answer(sent_s, done_s, ok=True))
        if done_s < until_s:
            ready.append((done_s, user))
            ready.sort()
    return answers


def seen(
    n: int,
    used: dict[str, float] | None = None,
    *,
    queued: float = 0.0,
    limit: Limit = Limit.CONNECTION_POOL,
    sizes: dict[str, float] | None = None,
    starved: float = 0.0,
    needs_s: dict[str, float] | None = None,
) -> Seen:
    """Give a level as the probe saw it, with some requests standing at one line."""
    places = (Place(ACQUIRE, limit, "asyncpg", queued),) if queued else ()
    return Seen(n, used or {}, sizes or {}, places, float(n), needs_s or {}, starved)
