"""What Locust's events tell of each request, kept until it is taken: counts, and single requests.

Imported in a Locust process only.
"""

from __future__ import annotations

import random
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import locust  # noqa: F401 - before all that it monkey-patches

# isort: split
import gevent
from locust.exception import CatchResponseError

from neverblock.analysis.load.seconds import Counting
from neverblock.load.client_lag import LagMeter
from neverblock.load.failure_text import reason_of

if TYPE_CHECKING:
    from neverblock.load.locust_pacing import Pacing

FLUSH_S = 0.25
"""What is lost with a generator that is killed, in seconds."""

CLOCKS_APART_S = 0.005
"""How far the end of a request may seem to be in the future; more means that the wall clock was
set."""


class Recorder:
    """Counts every request, and keeps each of them, or a sample of those in one flush."""

    def __init__(self, header: str, pacing: Pacing, most: int | None = None) -> None:
        """Take the header that is kept of answers, and how many requests to keep at the most.

        ``pacing`` says from when a request counts, where the load has a pace of its own.
        """
        self._header = header
        self.pacing = pacing
        self.most = most
        self._counting = Counting()
        self._rows: list[list[Any]] = []
        self._first: list[list[Any]] = []
        self._seen = 0
        self._known: set[str] = set()
        self._random = random.Random(0)  # noqa: S311 - a sample is no secret

    def keep(self, **request: Any) -> None:
        """Take one request; called by Locust as soon as it is over."""
        now_s = time.monotonic()
        took_s = (request.get("response_time") or 0.0) / 1000
        start_s, end_s = now_s - took_s, now_s
        if (at := request.get("start_time")) is not None:
            # code of the user's may stand between the answer and its event
            began_s = now_s - (time.time() - at)
            if began_s + took_s <= now_s + CLOCKS_APART_S:
                start_s, end_s = began_s, min(now_s, began_s + took_s)
        name = f"{request.get('request_type', '')} {request.get('name', '')}".strip()
        pace = self.pacing.pace
        counts_s = start_s if pace is None else pace.counts_from(name, start_s, end_s)
        error = request.get("exception")
        response = request.get("response")
        served = (getattr(response, "headers", None) or {}).get(self._header)
        status = getattr(response, "status_code", None)
        why = None if error is None else _why(error, status)
        if counts_s is not None:
            start_s = counts_s
            self._counting.add(name, start_s, end_s, why, str(status or "answered"))
        self._sample([name, start_s, end_s, why, served], served)

    def take(self, max_lag_s: float, users: int) -> dict[str, Any]:
        """Give what was kept since the last time, and how the generator fares."""
        rows, first, seen = self._rows, self._first, self._seen
        self._rows, self._first, self._seen = [], [], 0
        self._known |= {_route(row[4]) for row in first}
        weight = seen / len(rows) if rows else 1.0
        pace = self.pacing.pace
        return {
            "kind": "requests",
            "at_s": time.monotonic(),
            "users": users,
            "cpu_s": time.process_time(),
            "max_lag_s": max_lag_s,
            "counts": [second.packed() for second in self._counting.take()],
            "pace": {} if pace is None else pace.take(),
            "rows": [*([*row, 1.0] for row in first), *([*row, weight] for row in rows)],
        }

    def _sample(self, row: list[Any], served: str | None) -> None:
        """Keep a request, each with the same chance where there are too many (algorithm R).

        The first of a route in a process are kept whatever comes: it warms up what others find.
        """
        if served is not None and self.most is not None and _route(served) not in self._known:
            self._first.append(row)
            return
        self._seen += 1
        if self.most is None or len(self._rows) < self.most:
            self._rows.append(row)
        elif (place := self._random.randrange(self._seen)) < self.most:
            self._rows[place] = row


def next_lag_s() -> float:
    """Wait until it is time to flush; give the longest lag of the loop meanwhile, in seconds."""
    with LagMeter(lambda after_s, tick: gevent.spawn_later(after_s, tick).kill) as meter:
        gevent.sleep(FLUSH_S)
    return meter.health.max_lag_s


def _route(served: str) -> str:
    process, _, rest = served.partition(";")
    return f"{process};{rest.partition(';')[2]}"


def _why(error: BaseException | str, status: int | None) -> str:
    """Say why a request failed; Locust hands on an error, or the text that a user gave."""
    if not isinstance(error, BaseException) or isinstance(error, CatchResponseError):
        return str(error)
    if status is not None and status >= HTTPStatus.BAD_REQUEST:
        return f"answered {status}"
    return reason_of(error)
