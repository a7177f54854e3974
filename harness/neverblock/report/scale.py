"""What charts side by side share, so that they can be compared by eye; and what the loop did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from neverblock.analysis.stalls import computing_s, waiting_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.measurement import Measurement, Stall
    from neverblock.model import Record
    from neverblock.result import Result

FREE = "loop free"
LANES = {
    FREE: "pass",
    "loop waits": "fail",
    "loop computes": "compute",
    "GIL kept": "gil",
    "starved": "machine",
}
"""The lanes of the loop's strip, and their colours."""
ALWAYS = frozenset(list(LANES)[:3])
SMALL = 0.1
"""A lane of waits spans at least this part of the time across, so that short waits look short."""
BINS = 16
"""The most stretches that a crowd's time is cut into; fewer where its requests are long."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The seconds across, the longest waits in seconds, answers per second, the loop's lanes."""

    span_s: float
    ping_s: float
    latency_s: float
    rate_rps: float
    lanes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a crowd's time, in seconds from its first send, and what was answered in it.

    The latencies are the median and the 95th percentile in seconds, None where no answer came.
    """

    from_s: float
    to_s: float
    rate_rps: float
    half_s: float | None
    most_s: float | None


def common_scale(results: Sequence[Result]) -> Scale:
    """Give the scale on which all these results can be compared."""
    measured = [(r, m) for r in results if (m := r.measurement) and r.records]
    spans = [
        max(x.done_s for x in r.records) - min(x.sent_s for x in r.records) for r, _ in measured
    ]
    lanes = {lane(stall) for _, m in measured if m.loop for stall in m.loop.stalls}
    crowds = [x for r, m in measured if m.closed_loop for x in stretches(r.records, m.solo_s)]
    span_s = max(spans, default=1.0) or 1.0
    return Scale(
        span_s=span_s,
        ping_s=max(SMALL * span_s, *(longest_wait_s(m) for _, m in measured), 0.0),
        latency_s=max((x.most_s for x in crowds if x.most_s), default=1.0),
        rate_rps=max((x.rate_rps for x in crowds), default=1.0) or 1.0,
        lanes=tuple(each for each in LANES if each in lanes | ALWAYS),
    )


def longest_wait_s(m: Measurement) -> float:
    """Give the longest wait of a ping or of a light user."""
    return max(m.canary.longest_s, *(r.done_s - r.sent_s for r in m.light), 0.0)


def lane(stall: Stall) -> str:
    """Name what took most of a stall."""
    parts = {
        "loop waits": waiting_s(stall),
        "loop computes": computing_s(stall),
        "GIL kept": stall.gil_s,
    }
    parts["starved"] = stall.length_s - sum(parts.values())
    return max(parts, key=lambda each: parts[each])


def occupied(m: Measurement, start_s: float, end_s: float) -> dict[str, list[tuple[float, float]]]:
    """Give when the loop was in each lane, as seconds since the start of the burst.

    Free is what no stall covers, until ``end_s`` after the start.
    """
    spans: dict[str, list[tuple[float, float]]] = {each: [] for each in LANES}
    reached = 0.0
    for stall in sorted(m.loop.stalls if m.loop else (), key=lambda s: s.start_s):
        since = max(0.0, stall.start_s - start_s)
        until = min(end_s, stall.start_s - start_s + stall.length_s)
        if until <= since:
            continue
        spans[lane(stall)].append((since, until))
        if since > reached:
            spans[FREE].append((reached, since))
        reached = max(reached, until)
    if reached < end_s:
        spans[FREE].append((reached, end_s))
    return spans


def stretches(records: Sequence[Record], solo_s: float) -> list[Stretch]:
    """Cut a crowd's time into stretches, none shorter than one request takes alone."""
    done = np.array([r.done_s for r in records])
    took = done - np.array([r.sent_s for r in records])
    ok = np.array([r.ok for r in records])
    start_s = min(r.sent_s for r in records)
    span_s = float(done.max()) - start_s or 1.0
    number = max(1, min(BINS, int(span_s / max(solo_s, 1e-9))))
    each_s = span_s / number
    slot = np.minimum(((done - start_s) / each_s).astype(int), number - 1)
    cut = []
    for k in range(number):
        here = took[(slot == k) & ok]
        half, most = np.percentile(here, (50, 95)) if here.size else (None, None)
        cut.append(Stretch(k * each_s, (k + 1) * each_s, here.size / each_s, half, most))
    return cut
