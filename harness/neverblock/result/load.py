"""What is kept of a load: its figures by endpoint, and what held the loop with its harm."""

from __future__ import annotations

from dataclasses import dataclass, field

from neverblock.model import Verdict  # noqa: TC001 - pydantic reads the annotations at run time
from neverblock.result.capacity import Limit  # noqa: TC001 - pydantic reads the annotations at run time
from neverblock.result.place import Advice, Blame
from neverblock.result.timeline import LoadStall, Moment, Trend  # noqa: TC001 - pydantic reads them as well


@dataclass(frozen=True, slots=True)
class LoadFinding(Blame):
    """A place that held the loop under a load, and what that did to requests of other endpoints.

    ``held_s`` is in sum over all ``holds``, ``longest_s`` the longest of them, and where it is
    longer than the loop limit, the load fails by it. ``routes`` are those whose requests ran it;
    empty for background work. ``others_requests`` requests lost ``others_lost_s`` in sum by it, the
    worst of them ``others_worst_s``; ``victims`` counts them by the name of their endpoint.
    ``calls`` has what was called at the line, each with its share of the time. ``excuse`` says why
    the policy of the run tolerates it.
    """

    code: str = ""
    holds: int = 0
    longest_s: float = 0.0
    routes: tuple[str, ...] = ()
    others_requests: int = 0
    others_lost_s: float = 0.0
    others_worst_s: float = 0.0
    victims: dict[str, int] = field(default_factory=dict)
    excuse: str | None = None
    calls: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoadEndpoint:
    """One endpoint under a load, by the generator's name for it, with the route that served it.

    Percentiles are of all its requests, exact to one per cent. ``lost_s`` is what its requests lost
    in sum while other endpoints' requests held the loop; ``cost_s`` what other endpoints' requests
    lost by its own, and ``held_s`` the longest that one of them held the loop, warm-up aside. Both
    are None where no answer says by which route it came. ``answers`` counts all requests by the
    status of the answer, or by why they failed. ``took_s`` is the time of all its requests in sum,
    None in an older run.
    """

    name: str
    route: str | None
    requests: int
    failures: int
    rate_per_s: float
    p50_s: float
    p90_s: float
    p95_s: float
    p99_s: float
    max_s: float
    lost_s: float
    cost_s: float | None = None
    held_s: float | None = None
    answers: dict[str, int] = field(default_factory=dict)
    took_s: float | None = None


@dataclass(frozen=True, slots=True)
class LoadThreshold:
    """A limit that the project sets to a figure of an endpoint, or of each where it names none.

    ``value`` is None where it was not measured, and then the verdict is a failure.
    """

    endpoint: str | None
    figure: str
    limit: float
    value: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Generator:
    """How the load generator fared: its CPU time as a share of one core, and its longest lag."""

    cpu_share: float
    max_lag_s: float


@dataclass(frozen=True, slots=True)
class LoadBurst:
    """The one burst that a load was: ``users`` asked once each, at one instant.

    It took ``wall_s`` from the first start to the last end. Its requests would take
    ``serial_bound_s`` one after another, by what requests of the same names took alone before,
    ``longest_alone_s`` at the most; both are None where not every name was asked alone. All but one
    in a hundred users began within ``spread_s`` of the first, all within ``widest_s``, and the
    first users of all generators within ``generators_apart_s``.
    """

    users: int
    wall_s: float
    serial_bound_s: float | None
    longest_alone_s: float | None
    spread_s: float
    widest_s: float
    generators_apart_s: float


@dataclass(frozen=True, slots=True)
class LoadWait:
    """A line of the app's at which requests queued, for a lock or a place in a pool.

    ``share`` is that of all requests in flight, on average. ``limit`` is what they queued for,
    ``owner`` whose it is, where that is known.
    """

    file: str
    line: int
    function: str
    call: str
    limit: Limit
    share: float
    owner: str | None = None
    advice: Advice | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """A load as it was made and what came of it.

    ``users`` is the most at once. ``workers`` generators made it; their clocks agree with the
    servers' within ``clock_uncertainty_s``. ``server_workers`` processes answered, 0 where that is
    not known. ``arrival_rate_per_s`` is at which tasks began whoever was waiting, and latencies
    count from when they were due; None where each user waited for an answer. ``findings`` are the
    worst first, by harm. Where it was a ``burst``, all figures are of that alone.
    ``stalls`` are the worst, in the order of time. ``locustfile`` is a digest of the user's own
    text, None where the load was made without one, and in an older run. ``waits`` are where
    requests queued, the most crowded first; there are none in an older run.
    """

    users: int
    workers: int
    server_workers: int
    duration_s: float
    requests: int
    failures: int
    request_rate_per_s: float
    clock_uncertainty_s: float
    generator: Generator
    verdict: Verdict
    reason: str
    notes: tuple[str, ...] = ()
    endpoints: tuple[LoadEndpoint, ...] = ()
    findings: tuple[LoadFinding, ...] = ()
    thresholds: tuple[LoadThreshold, ...] = ()
    arrival_rate_per_s: float | None = None
    timeline: tuple[Moment, ...] = ()
    trends: tuple[Trend, ...] = ()
    burst: LoadBurst | None = None
    stalls: tuple[LoadStall, ...] = ()
    locustfile: str | None = None
    waits: tuple[LoadWait, ...] = ()
