"""What Locust's events tell of each request, kept until it is taken: counts, and a sample.

Imported in a Locust process only.
"""

from __future__ import annotations

import random
from collections import defaultdict
from http import HTTPStatus
from time import monotonic, process_time, time
from typing import TYPE_CHECKING, Any

import locust  # noqa: F401 - before all that it monkey-patches

# isort: split
from locust.exception import CatchResponseError

from neverblock.analysis.load.seconds import Counting
from neverblock.load.failure_text import reason_of
from neverblock.load.locust_record import record_of

if TYPE_CHECKING:
    from neverblock.load.locust_pacing import Pacing

SAMPLE = 250
"""Single requests that are kept of one flush, a thousand a second: of users with HttpUser all,
which are some 700, and of those with FastHttpUser a fifth."""

CLOCKS_APART_S = 0.005
"""How far the end of a request may seem to be in the future; more means that the wall clock was
set."""


_About = tuple[str, str, str | None, int | None]
"""What a request was: its type and name, why it failed, and its status."""

_Over = tuple[_About, float, float | None, float | None, str | None, bool]
"""A request that is over: what it was, when it was told of, how long it took in milliseconds, when
it was sent by the wall clock, who served it, and whether it counts."""

_Row = tuple[_About, float, float, str | None]
"""A request: what it was, its start and end, and who served it."""


class Recorder:
    """Counts every request, and keeps a sample of those in one flush: all where they are few."""

    def __init__(
        self, header: str, pacing: Pacing, most: float = SAMPLE, whole_s: float | None = None
    ) -> None:
        """Take the header that is kept of answers, and how many requests to keep at the most.

        ``pacing`` says from when a request counts, where the load has a pace of its own. With their
        deadline ``whole_s`` all requests are kept whole, as an engine gives them.
        """
        self._whole_s = whole_s
        self._records: list[dict[str, Any]] = []
        self._header = header
        self.pacing = pacing
        self._most = most
        self._over: list[_Over] = []
        self._wall_ahead_s = _wall_ahead_s()
        self._known: set[tuple[str, str]] = set()
        self._broke_s: float | None = None
        self._sample = random.Random(0).sample  # noqa: S311 - a sample is no secret

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

        Hazard: what this takes, every request of a generator at full speed takes longer. What can
        wait is done in ``take``.
        """
        told_s = monotonic()
        if self._whole_s is not None:
            told = {"response_time": response_time, "response": response, "exception": exception}
            self._records.append(record_of(told, self._whole_s))
        status = getattr(response, "status_code", None)
        headers = getattr(response, "headers", None)
        served = None
        if headers is not None and self._header in headers:
            served = headers[self._header]
        why = None if exception is None else _why(exception, status)
        about, counts = (request_type, name, why, status), True
        if (pace := self.pacing.pace) is not None:
            start_s, told_s = _times(told_s, response_time, start_time, time() - told_s)
            counts_s = pace.counts_from(_full_name(about), start_s, told_s)
            counts, start_s = counts_s is not None, start_s if counts_s is None else counts_s
            response_time, start_time = (told_s - start_s) * 1000, None
        self._over.append((about, told_s, response_time, start_time, served, counts))

    def take(self, max_lag_s: float, users: int) -> dict[str, Any]:
        """Give what was kept since the last time, and how the generator fares."""
        over, self._over = self._over, []
        records, self._records = self._records, []
        before_s, self._wall_ahead_s = self._wall_ahead_s, _wall_ahead_s()
        was_set = abs(self._wall_ahead_s - before_s) > CLOCKS_APART_S
        wall_ahead_s = None if was_set else self._wall_ahead_s
        ended: dict[_About, list[tuple[float, float]]] = defaultdict(list)
        first: list[_Row] = []
        others: list[_Row] = []
        for about, told_s, took_ms, sent_s, served, counts in over:
            start_s, end_s = _times(told_s, took_ms, sent_s, wall_ahead_s)
            if counts:
                ended[about].append((end_s, start_s))
            row = about, start_s, end_s, served
            (first if self._tells(row) else others).append(row)
        counting = Counting()
        for about, times in ended.items():
            counting.extend(_full_name(about), times, error=about[2], status=about[3])
        self._known |= {_route(row[3]) for row in first if row[3] is not None}
        rows = others if len(others) <= self._most else self._sample(others, int(self._most))
        weight = len(others) / len(rows) if rows else 1.0
        pace = self.pacing.pace
        whole = {} if self._whole_s is None else {"records": records}
        return whole | {
            "kind": "requests",
            "at_s": monotonic(),
            "users": users,
            "cpu_s": process_time(),
            "max_lag_s": max_lag_s,
            "counts": [second.packed() for second in counting.take()],
            "pace": {} if pace is None else pace.take(),
            "rows": [_packed(row, 1.0) for row in first] + [_packed(row, weight) for row in rows],
        }

    def _tells(self, row: _Row) -> bool:
        """Say whether a request says more than others do, so that it is kept in any case."""
        (_, _, why, status), start_s, end_s, served = row
        if why is None or status:
            self._broke_s = None
            # the first of a route warms up what others find warm
            return served is not None and _route(served) not in self._known
        # without an answer: whether it was in flight when the first connection broke, which says
        # what the server was at then; those that find nobody there begin later
        if self._broke_s is None:
            self._broke_s = end_s
        return start_s <= self._broke_s


def _wall_ahead_s() -> float:
    """Give how far the wall clock is ahead of the monotonic one.

    What takes the core away between the two readings makes it less: the most of a few is the best.
    """
    return max(time() - monotonic() for _ in range(3))


def _times(
    told_s: float, took_ms: float | None, sent_s: float | None, wall_ahead_s: float | None
) -> tuple[float, float]:
    """Give start and end of a request that was told of at an instant.

    Code of the user's may stand between the answer and its event: by the wall clock, where that was
    not set meanwhile, is known when it was sent.
    """
    took_s = (took_ms or 0.0) / 1000
    if sent_s is not None and wall_ahead_s is not None:
        start_s = sent_s - wall_ahead_s
        end_s = start_s + took_s
        if end_s <= told_s + CLOCKS_APART_S:
            return start_s, min(told_s, end_s)
    return told_s - took_s, told_s


def _full_name(about: _About) -> str:
    request_type, name, *_ = about
    return f"{request_type} {name}".strip()


def _packed(row: _Row, weight: float) -> list[Any]:
    about, start_s, end_s, served = row
    return [_full_name(about), start_s, end_s, about[2], served, weight]


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
