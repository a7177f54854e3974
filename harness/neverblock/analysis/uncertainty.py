"""Which verdicts hang on a figure that is too near its limit to be told. Pure.

Near is what the samples themselves leave open: where too many of the single requests, or of the
rounds, lie across the limit from the figure that is judged. A steady figure just below its limit
is told at once, and a restless one is not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from math import comb
from typing import TYPE_CHECKING

from neverblock.analysis.counterfactual import as_if, computing_at_best_s, with_loop_on_a_core
from neverblock.analysis.diagnose import cpu_limited, executor_full, overlaps, share_of, too_short
from neverblock.analysis.measure import each_solo, holds, stalls_of_each
from neverblock.analysis.validity import OTHERS_MOST
from neverblock.model import CheckState, Diagnosis, Machine, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from neverblock.analysis.measure import Round, Solo
    from neverblock.model import Stall
    from neverblock.result import Criterion, Judgement, Measurement

DOUBT = 0.125
"""The chance of the sign test up to which samples speak clearly: three of three, six of seven."""

FAR = 2.0
"""One round has no spread: alone it is clear at so many times its limit, or one such part of it."""


class Side(Enum):
    """On which side of its limit a figure lies, as far as its samples tell."""

    UNDER = auto()
    OVER = auto()
    NEAR = auto()


@dataclass(frozen=True, slots=True)
class Standing:
    """A figure's side, and in words what its samples are."""

    side: Side
    told: str


def near(
    solo: Solo,
    rounds: Sequence[Round],
    measurement: Measurement,
    judgement: Judgement,
    criterion: Criterion,
    *,
    spoiled_s: Sequence[float] = (),
) -> str | None:
    """Say which figures are too near their limits for the verdict to be told; None where it is.

    ``spoiled_s`` are the walls of rounds that were thrown away. A failure that is clear by one
    figure needs no other. Only a pass or a fail can be near; what is said from outside, by the
    canary alone, has had its doubts already.
    """
    from_outside = judgement.diagnosis is Diagnosis.BLOCKING
    if judgement.verdict not in {Verdict.PASS, Verdict.FAIL} or from_outside:
        return None
    standings = [*of_loop(solo, rounds, measurement, criterion)]
    if judgement.checks.concurrency is CheckState.PASS:
        standings.append(of_overlap(measurement, criterion))
    elif judgement.checks.concurrency is CheckState.FAIL:
        standings.append(of_queueing(measurement, criterion, spoiled_s))
    elif short_of_both(measurement, criterion):
        standings.append(Standing(Side.NEAR, f"{_walls(measurement)}, short of threads and cores"))
    if any(standing.side is Side.OVER for standing in standings):
        return None
    return "; ".join(s.told for s in standings if s.side is Side.NEAR) or None


def few(across: int, of: int) -> bool:
    """Say whether so few of the samples lie across a limit that their median cannot.

    The sign test (Dixon and Mood, "The statistical sign test", JASA 41, 1946): the chance that as
    few do where the true median lies on the limit. It assumes no distribution.
    """
    return sum(comb(of, k) for k in range(across + 1)) <= DOUBT * (1 << of)


def side_of(over: Sequence[bool], perhaps: Sequence[bool] | None = None) -> Side:
    """Give the side on which samples clearly lie, from whether each is over the limit.

    ``perhaps`` says of which that is not excluded, where it is not known of all.
    """
    if few(len(over) - sum(over), len(over)):
        return Side.OVER
    return Side.UNDER if few(sum(perhaps or over), len(over)) else Side.NEAR


def of_loop(
    solo: Solo, rounds: Sequence[Round], measurement: Measurement, criterion: Criterion
) -> Iterator[Standing]:
    """Yield how what held the loop stands to its limits: alone, and for waits in the burst too."""
    if measurement.loop is None:
        return
    each = each_solo(solo)
    shares = [share_of(h.waiting_s, s) for h, s in zip(each, solo.samples_s, strict=True)]
    waits = "waits on the loop for {} of its own time"
    yield Standing(
        side_of([share > criterion.waiting_share for share in shares]),
        waits.format(_range(shares, "{:.0%}")),
    )
    limit_s = criterion.loop_limit_s
    computing = [h.longest_computing_s for h in each]
    yield Standing(
        side_of([held_s > limit_s for held_s in computing]),
        f"computes on the loop for {_milliseconds(computing)}",
    )
    gil = [h.longest_gil_held_s for h in each]
    # A loop without a core does not see who keeps the GIL meanwhile ...
    perhaps = [
        max(map(_gil_perhaps_held_s, stalls), default=0.0) for stalls in stalls_of_each(solo)
    ]
    side = side_of([held_s > limit_s for held_s in gil], [held_s > limit_s for held_s in perhaps])
    # ... and a thread without a core keeps it for as long as others take the cores.
    if side is Side.OVER and (measurement.machine.busy or 0.0) > OTHERS_MOST:
        side = Side.NEAR
    yield Standing(side, f"keeps the GIL for {_milliseconds(gil)}")
    if any(found.trace is None for found in rounds):
        return
    waited = [holds(r.trace.stalls, len(r.burst.records)).waiting_s for r in rounds if r.trace]
    shares = [share_of(waiting_s, measurement.solo_s) for waiting_s in waited]
    limit = criterion.waiting_share
    yield Standing(
        side_of_rounds(shares, limit), waits.format(_range(shares, "{:.0%}")) + " in a burst"
    )


def _gil_perhaps_held_s(stall: Stall) -> float:
    """Give for how long another thread can have kept the GIL at most, where one was seen to."""
    return stall.gil_held_s + stall.starved_s if stall.gil_held_s else 0.0


def side_of_rounds(figures: Sequence[float], limit: float) -> Side:
    """Give the side of a figure that each round has once.

    Few rounds say little by their number, so that it may be their distance that is clear.
    """
    if min(figures) > limit * FAR:
        return Side.OVER
    if max(figures) < limit / FAR:
        return Side.UNDER
    return side_of([figure > limit for figure in figures])


def of_overlap(measurement: Measurement, criterion: Criterion) -> Standing:
    """Give how a burst that overlapped stands, by every solo request instead of their median.

    Its wall is no matter of doubt: noise only ever adds time.
    """
    over = [
        not overlaps(as_if(measurement, own_s, measurement.wall_s), criterion)
        for own_s in measurement.solo_samples_s
    ]
    return Standing(side_of(over), _walls(measurement))


def of_queueing(
    measurement: Measurement, criterion: Criterion, spoiled_s: Sequence[float] = ()
) -> Standing:
    """Give how a burst that did not overlap stands, by every solo request and by its rounds.

    The shortest possible wall has to be too long as well: with the shortest two of several rounds,
    x1 and x2, that is x1 - (x2 - x1) (Robson and Whitlock, "Estimation of a truncation point",
    Biometrika 51, 1964). Noise only adds time, so that spoiled rounds make it no longer than it is.
    That threads ran out says why, and not that the wall is too long.
    """
    m = measurement
    over = [not overlaps(as_if(m, own_s, m.wall_s), criterion) for own_s in m.solo_samples_s]
    side = side_of(over)
    if side is Side.OVER:
        shortest, *others = sorted([*m.walls_s, *spoiled_s])
        wall_s = max(2 * shortest - others[0], shortest / FAR) if others else shortest / FAR
        if overlaps(as_if(m, m.solo_s, wall_s), criterion):
            side = Side.NEAR
    return Standing(side, _walls(m))


def short_of_both(measurement: Measurement, criterion: Criterion) -> bool:
    """Say whether requests queued for threads while others left the server too few cores.

    Then nobody knows which of both made the wall, unless the server's own CPU time would have been
    too long for an overlap on an idle machine as well.
    """
    m = measurement
    if overlaps(m, criterion) or too_short(m, criterion) or not executor_full(m):
        return False
    alone = replace(with_loop_on_a_core(m), machine=Machine(steal=0.0, busy=0.0))
    return not cpu_limited(alone) and computing_at_best_s(m) < m.solo_s / criterion.efficiency


def _walls(measurement: Measurement) -> str:
    m = measurement
    walls = [(wall_s - m.floor_s) / m.solo_s for wall_s in m.walls_s]
    return f"{m.n} requests take as long as {_range(walls, '{:.2f}')} of them"


def _range(samples: Sequence[float], form: str) -> str:
    low, high = form.format(min(samples)), form.format(max(samples))
    return low if low == high else f"{low} to {high}"


def _milliseconds(samples_s: Sequence[float]) -> str:
    return f"{_range([sample_s * 1000 for sample_s in samples_s], '{:.0f}')} ms"
