"""Requests in; the rate of their answers with an interval out, and how long they took. Pure."""

from __future__ import annotations

from math import sqrt
from statistics import fmean, stdev
from typing import TYPE_CHECKING, NamedTuple

from neverblock.result.capacity import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

PARTS = 5
"""A level is cut into so many parts of equal length, whose rates say how sure their mean is."""

STUDENT = 2.776
"""Student's t for 95 % and ``PARTS - 1`` degrees of freedom (any table of the distribution)."""

SURE = 0.05
"""The half of an interval, as a share of its rate, at which a level is sure."""


class Answer(NamedTuple):
    """One request of a level: when it was sent and answered, and whether well."""

    from_s: float
    to_s: float
    ok: bool


class Rate(NamedTuple):
    """Answers a second, and the ends of the interval that holds them with 95 % confidence."""

    per_s: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether the interval is within 5 % of the rate."""
        return self.per_s > 0 and self.high - self.per_s <= SURE * self.per_s


def rate_of(answers: Sequence[Answer], from_s: float, to_s: float) -> Rate:
    """Give the rate of good answers between two instants.

    A request that was under way at an edge counts by the part of its time that lies within: n
    requests that are served in step, n at a time, then give the same rate wherever the edge is.
    Those that had no answer at ``to_s`` have to be among ``answers`` too, so wait for them.
    """
    part_s = (to_s - from_s) / PARTS
    if part_s <= 0:
        return Rate(0.0, 0.0, 0.0)
    shares = [0.0] * PARTS
    for answer in answers:
        if not answer.ok or answer.to_s <= from_s or answer.from_s >= to_s:
            continue
        took_s = max(answer.to_s - answer.from_s, 1e-9)
        first = max(0, int((answer.from_s - from_s) / part_s))
        last = min(PARTS - 1, int((answer.to_s - from_s) / part_s))
        for part in range(first, last + 1):
            begins_s = from_s + part * part_s
            within_s = min(answer.to_s, begins_s + part_s) - max(answer.from_s, begins_s)
            shares[part] += max(0.0, within_s) / took_s
    rates = [share / part_s for share in shares]
    mean = fmean(rates)
    half = STUDENT * stdev(rates) / sqrt(PARTS)
    return Rate(mean, max(0.0, mean - half), mean + half)


def level_of(
    answers: Sequence[Answer], n: int, from_s: float, to_s: float, client_cpu: float = 0.0
) -> Level:
    """Give the level of n requests at once between two instants; latency is of good answers."""
    rate = rate_of(answers, from_s, to_s)
    ended = [answer for answer in answers if from_s < answer.to_s <= to_s]
    took = sorted(answer.to_s - answer.from_s for answer in ended if answer.ok)
    return Level(
        n=n,
        rate_per_s=rate.per_s,
        p50_s=percentile(took, 0.5),
        p99_s=percentile(took, 0.99),
        failures=sum(not answer.ok for answer in ended),
        low_per_s=rate.low,
        high_per_s=rate.high,
        requests=len(ended),
        client_cpu=client_cpu,
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Give the least value that so large a share of all is no larger than; 0 of nothing."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, max(0, int(share * len(ordered) + 1 - 1e-9) - 1))]
