"""All that was seen of a load in; what is kept of it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.analysis.load.figures import endpoints, tally
from neverblock.analysis.load.findings import findings, longest_by_route
from neverblock.analysis.load.harm import harm
from neverblock.analysis.load.holds import held
from neverblock.analysis.load.judge import judge_load
from neverblock.analysis.load.served import served
from neverblock.result import Generator, Load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from neverblock.measurement import CausedStall, LoopTrace
    from neverblock.model import Beat, UserRequest
    from neverblock.result import Control, Criterion, LoadFinding


@dataclass(frozen=True, slots=True)
class LoadSeen:
    """What was seen of a load; ``requests`` can be gone through again and again.

    ``trace`` is None without a probe; ``beats`` are how the generator fared.
    """

    requests: Iterable[UserRequest]
    beats: Sequence[Beat]
    stalls: Sequence[CausedStall]
    trace: LoopTrace | None
    control: Control | None


def load_of(
    seen: LoadSeen, criterion: Criterion, locate: Callable[[LoadFinding], LoadFinding]
) -> Load:
    """Give the figures of a load, its findings by harm, and the verdict.

    ``locate`` gives a finding with its file as people of the project name it, and its source.
    """
    counted = tally(seen.requests)
    who = served(seen.requests)
    places, pieces = held(seen.stalls)
    pids = seen.trace.pids if seen.trace else ()
    done = harm(seen.requests, pieces, pids, who.routes)
    took_s = sum(counts.took.sum_s for counts in counted.by_name.values())
    found = findings(places, pieces, done, who.first, criterion, took_s=took_s)
    found = tuple(map(locate, found))
    generator = generator_of(seen.beats)
    judged = judge_load(
        counted, found, generator, criterion, probed=seen.trace is not None, doubt=doubt_of(seen)
    )
    return Load(
        users=max((beat.users for beat in seen.beats), default=0),
        workers=1,
        server_workers=len(pids),
        duration_s=counted.duration_s,
        requests=counted.requests,
        failures=counted.failures,
        request_rate_per_s=counted.requests / counted.duration_s if counted.duration_s else 0.0,
        clock_uncertainty_s=0.0,
        generator=generator,
        verdict=judged.verdict,
        reason=judged.reason,
        notes=judged.notes,
        endpoints=endpoints(counted, done, who.routes, longest_by_route(pieces, who.first)),
        findings=found,
    )


def generator_of(beats: Sequence[Beat]) -> Generator:
    """Give how the generator fared from the first user to the last, by its beats."""
    busy = [beat for beat in beats if beat.users]
    if len(busy) < 2:  # noqa: PLR2004 - a share needs a beginning and an end
        return Generator(0.0, max((beat.max_lag_s for beat in beats), default=0.0))
    first, last = busy[0], busy[-1]
    return Generator(
        cpu_share=(last.cpu_s - first.cpu_s) / (last.at_s - first.at_s),
        max_lag_s=max(beat.max_lag_s for beat in busy),
    )


def doubt_of(seen: LoadSeen) -> str | None:
    """Say why what the probe saw cannot be trusted; None where it can, or where there is none."""
    if seen.trace is None:
        return None
    if seen.control is None or not seen.control.seen:
        complaint = seen.control.complaint if seen.control else "there was none"
        return f"The probe failed its positive control: {complaint}."
    if not seen.trace.armed:
        return seen.trace.complaint or "The probe did not report."
    return None
