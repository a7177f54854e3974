"""What Locust's events tell of each request, kept until it is taken: counts, and a sample.

Imported in a Locust process only.
"""

from __future__ import annotations

import random
from http import HTTPStatus
from time import monotonic, process_time, time
from typing import TYPE_CHECKING, Any

import locust  # noqa: F401 - before all that it monkey-patches

# isort: split
import gevent
from locust.exception import CatchResponseError

from neverblock.analysis.load.seconds import Counting
from neverblock.load.client_lag import LagMeter
from neverblock.load.failure_text import reason_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from neverblock.load.locust_pacing import Pacing

FLUSH_S = 0.25
"""What is lost with a generator that is killed, in seconds."""

SAMPLE = 250
"""Single requests that are kept of one flush, a thousand a second: of users with HttpUser all,
which are some 700, and of those with FastHttpUser a fifth."""

CLOCKS_APART_S = 0.005
"""How far the end of a request may seem to be in the future; more means that the wall clock was
set."""


Row = tuple[str, float, float, str | None, str | None]
"""A request: its name, start and end, why it failed, and who served it."""


class Recorder:
    """Counts every request, and keeps a sample of those in one flush: all where they are few."""

    def __init__(self, header: str, pacing: Pacing, most: float = SAMPLE) -> None:
        """Take the header that is kept of answers, and how many requests to keep at the most.

        ``pacing`` says from when a request counts, where the load has a pace of its own.
        """
        self._header = header
        self.pacing = pacing
        self._most = most
        self._counting = Counting()
        self._rows: list[Row] = []
        self._first: list[Row] = []
        self._seen = 0
        self._known: set[tuple[str, str]] = set()
        self._broke_s: float | None = None
        self._random = random.Random(0).random  # noqa: S311 - a sample is no secret

    def keep(
        self,
        request_type: str = "",
        name: str = "",
        response_time: float | None = None,
        response: Any = None,
        exception: BaseException | str | None = None,
        start_time: float | None = None,
        **_: Any,
    ) -> None:
        """Take one request; called by Locust as soon as it is over.

        Hazard: what this takes, every request of a generator at full speed takes longer.
        """
        end_s = now_s = monotonic()
        took_s = (response_time or 0.0) / 1000
        start_s = now_s - took_s
        if start_time is not None:
            # code of the user's may stand between the answer and its event
            began_s = now_s - (time() - start_time)
            ended_s = began_s + took_s
            if ended_s <= now_s + CLOCKS_APART_S:
                start_s, end_s = began_s, min(now_s, ended_s)
        name = f"{request_type} {name}".strip()
        status = getattr(response, "status_code", None)
        headers = getattr(response, "headers", None)
        served = None
        if headers is not None and self._header in headers:
            served = headers[self._header]
        why = None if exception is None else _why(exception, status)
        pace = self.pacing.pace
        counts_s = start_s if pace is None else pace.counts_from(name, start_s, end_s)
        if counts_s is not None:
            start_s = counts_s
            self._counting.add(name, start_s, end_s, why, status)
        row = name, start_s, end_s, why, served
        if why is None or status:
            self._broke_s = None
            # the first of a route warms up what others find warm
            tells = served is not None and _route(served) not in self._known
        else:
            tells = self._was_cut_off(start_s, end_s)
        if tells:
            self._first.append(row)
            return
        self._seen = seen = self._seen + 1
        if seen <= self._most:
            self._rows.append(row)
        elif (place := int(self._random() * seen)) < self._most:  # algorithm R
            self._rows[place] = row

    def take(self, max_lag_s: float, users: int) -> dict[str, Any]:
        """Give what was kept since the last time, and how the generator fares."""
        rows, first, seen = self._rows, self._first, self._seen
        self._rows, self._first, self._seen = [], [], 0
        self._known |= {_route(row[4]) for row in first if row[4] is not None}
        weight = seen / len(rows) if rows else 1.0
        pace = self.pacing.pace
        return {
            "kind": "requests",
            "at_s": monotonic(),
            "users": users,
            "cpu_s": process_time(),
            "max_lag_s": max_lag_s,
            "counts": [second.packed() for second in self._counting.take()],
            "pace": {} if pace is None else pace.take(),
            "rows": [*([*row, 1.0] for row in first), *([*row, weight] for row in rows)],
        }

    def _was_cut_off(self, start_s: float, end_s: float) -> bool:
        """Say whether one without an answer was in flight when the first connection broke.

        It says what the server was at then. Those that find nobody there begin later.
        """
        if self._broke_s is None:
            self._broke_s = end_s
        return start_s <= self._broke_s


def next_lag_s() -> float:
    """Wait until it is time to flush; give the longest lag of the loop meanwhile, in seconds."""
    with LagMeter(_call_later) as meter:
        gevent.sleep(FLUSH_S)
    return meter.health.max_lag_s


def _call_later(after_s: float, tick: Callable[[], None]) -> Callable[[], object]:
    """Call back from the loop itself: a greenlet for each tick takes a hundredth of a core."""
    timer = gevent.get_hub().loop.timer(after_s)
    timer.start(tick)
    stop: Callable[[], object] = timer.stop
    return stop


def _route(served: str) -> tuple[str, str]:
    process, _, route = served.split(";", 2)
    return process, route


def _why(error: BaseException | str, status: int | None) -> str:
    """Say why a request failed; Locust hands on an error, or the text that a user gave."""
    if not isinstance(error, BaseException) or isinstance(error, CatchResponseError):
        return str(error)
    if status is not None and status >= HTTPStatus.BAD_REQUEST:
        return f"answered {status}"
    return reason_of(error)
