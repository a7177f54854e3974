"""All that was seen of a load in; what is kept of it out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neverblock.analysis.load.burst import burst_of
from neverblock.analysis.load.figures import endpoints, tally
from neverblock.analysis.load.findings import findings, longest_by_route
from neverblock.analysis.load.generators import Generators
from neverblock.analysis.load.harm import harm
from neverblock.analysis.load.hits import stalls_of
from neverblock.analysis.load.holds import held
from neverblock.analysis.load.judge import judge_load
from neverblock.analysis.load.served import served
from neverblock.analysis.load.timeline import Beside, timeline
from neverblock.analysis.load.trends import trends
from neverblock.analysis.load.waits import wait_note, waits_of
from neverblock.result import Generator, Load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from neverblock.analysis.load.burst import BurstSeen
    from neverblock.analysis.load.seconds import Second
    from neverblock.causes import CausedStall
    from neverblock.measurement import LoopTrace
    from neverblock.model import Beat, LoopState, ProcessSample, UserRequest
    from neverblock.result import Control, Criterion, LoadFinding


@dataclass(frozen=True, slots=True)
class LoadSeen:
    """What was seen of a load; requests, seconds and stalls can be gone through again and again.

    ``requests`` are single ones, ``seconds`` the counts of all. ``trace`` is None without a probe;
    ``beats`` are how the generators fared, ``generators`` what became of them, and ``unsure_s`` how
    far their clocks may be from the servers'. Tasks began ``arrival_rate_per_s`` times a second,
    None where each user waited for an answer. ``states`` and ``samples`` are of the server
    processes, now and then. Where it was a ``burst``, the stalls and counts are those since its
    instant.
    """

    requests: Iterable[UserRequest]
    seconds: Iterable[Second]
    beats: Sequence[Beat]
    stalls: Iterable[CausedStall]
    trace: LoopTrace | None
    control: Control | None
    generators: Generators = field(default_factory=Generators)
    unsure_s: float = 0.0
    arrival_rate_per_s: float | None = None
    states: Sequence[LoopState] = ()
    samples: Sequence[ProcessSample] = ()
    burst: BurstSeen | None = None


def load_of(
    seen: LoadSeen,
    criterion: Criterion,
    locate: Callable[[LoadFinding], LoadFinding],
    name_file: Callable[[str], str] = str,
) -> Load:
    """Give the figures of a load, its findings by harm, and the verdict.

    ``locate`` gives a finding with its source, and its file as people of the project name it, which
    is what ``name_file`` gives of a file alone.
    """
    counted = tally(seen.seconds)
    who = served(seen.requests)
    places, pieces = held(seen.stalls)
    pids = seen.trace.pids if seen.trace else ()
    done = harm(seen.requests, pieces, pids, who.routes, each_other=seen.burst is not None)
    took_s = {name: counts.took.sum_s for name, counts in counted.by_name.items()}
    found = findings(places, pieces, done, who.warm_s, criterion, took_s=took_s)
    worst = stalls_of(done.held, places, found, counted.first_s)
    found = tuple(map(locate, found))
    generator = generator_of(seen.beats)
    probed, doubt = seen.trace is not None, doubt_of(seen)
    workers = seen.generators.came
    judged = judge_load(
        counted, found, generator, criterion, workers=workers, probed=probed, doubt=doubt
    )
    stalls = (caused.stall for caused in seen.stalls)
    beside = Beside(seen.beats, stalls, seen.states, seen.samples, pids)
    over_time = timeline(counted.over_time, beside, counted.first_s)
    notes = [*judged.notes, *seen.generators.notes]
    if probed and done.unplaced:
        notes.append(
            f"{done.unplaced} requests could be told to no process, or to no instant: what they "
            "lost is not known."
        )
    if done.nameless:
        notes.append(
            f"{done.nameless} answers came without the header that says which request they are of, "
            "as from a client that fires events without its response: a hold of their own counts "
            "among those of others."
        )
    recycled = seen.trace.recycled if seen.trace else 0
    if recycled:
        ended = "process ended" if recycled == 1 else "processes ended"
        notes.append(f"{recycled} server {ended} meanwhile; what was seen in them is counted.")
    waits = waits_of(seen.trace, name_file)
    if note := wait_note(waits):
        notes.append(note)
    return Load(
        users=most_users(seen.beats),
        workers=workers,
        server_workers=_at_once(seen.trace),
        duration_s=counted.duration_s,
        requests=counted.requests,
        failures=counted.failures,
        request_rate_per_s=counted.requests / counted.duration_s if counted.duration_s else 0.0,
        clock_uncertainty_s=seen.unsure_s,
        arrival_rate_per_s=seen.arrival_rate_per_s,
        generator=generator,
        verdict=judged.verdict,
        reason=judged.reason,
        notes=tuple(notes),
        endpoints=endpoints(counted, done, who.routes, longest_by_route(pieces, who.warm_s)),
        findings=found,
        timeline=over_time,
        trends=trends(over_time),
        stalls=worst,
        burst=burst_of(seen.burst, counted) if seen.burst else None,
        waits=waits,
    )


def _at_once(trace: LoopTrace | None) -> int:
    """Give how many processes served at once; a server that recycles them has had more in all."""
    if trace is None:
        return 0
    return len(trace.pids) if trace.at_once is None else trace.at_once


def most_users(beats: Iterable[Beat]) -> int:
    """Give how many users there were at once, those of all generators together."""
    most, users = 0, dict[str | None, int]()
    for beat in sorted(beats, key=lambda each: each.at_s):
        users[beat.worker] = beat.users
        most = max(most, sum(users.values()))
    return most


def generator_of(beats: Iterable[Beat]) -> Generator:
    """Give how the generator that fared the worst did, from its first user to its last."""
    of_worker: dict[str | None, list[Beat]] = defaultdict(list)
    for beat in beats:
        of_worker[beat.worker].append(beat)
    every = [_fared(own) for own in of_worker.values()]
    return Generator(
        cpu_share=max((each.cpu_share for each in every), default=0.0),
        max_lag_s=max((each.max_lag_s for each in every), default=0.0),
    )


def _fared(beats: Sequence[Beat]) -> Generator:
    busy = [beat for beat in beats if beat.users]
    if len(busy) < 2:  # noqa: PLR2004 - a share needs a beginning and an end
        return Generator(0.0, max(beat.max_lag_s for beat in beats))
    first, last = busy[0], busy[-1]
    return Generator(
        cpu_share=(last.cpu_s - first.cpu_s) / (last.at_s - first.at_s),
        max_lag_s=max(beat.max_lag_s for beat in busy),
    )


def doubt_of(seen: LoadSeen) -> str | None:
    """Say why the load or what the probe saw of it cannot be trusted; None where both can."""
    if seen.generators.missing is not None:
        return seen.generators.missing
    if seen.trace is None:
        return None
    if seen.control is None or not seen.control.seen:
        complaint = seen.control.complaint if seen.control else "there was none"
        return f"The probe failed its positive control: {complaint}."
    if not seen.trace.armed:
        return seen.trace.complaint or "The probe did not report."
    return None
