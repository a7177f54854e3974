"""What is kept of a capacity: how much an endpoint can take, what limits it, and the proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Limit(StrEnum):
    """What may set a ceiling."""

    LOOP_WAITING = "loop-waiting"
    LOOP_COMPUTING = "loop-computing"
    GIL = "gil"
    CORES = "cores"
    ANYIO_TOKENS = "anyio-tokens"
    DEFAULT_EXECUTOR = "default-executor"
    THREAD_POOL = "thread-pool"
    CONNECTION_POOL = "connection-pool"
    LOCK = "lock"
    SEMAPHORE = "semaphore"
    RATE_LIMIT = "rate-limit"
    UPSTREAM = "upstream"
    GENERATOR = "generator"
    UNKNOWN = "unknown"


class Beyond(StrEnum):
    """What becomes of the rate where more requests are sent than the ceiling takes."""

    FLAT = "flat"
    FALLING = "falling"
    FAILING = "failing"


class ProofVerdict(StrEnum):
    """What came of moving the limit."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    NOT_TRIED = "not-tried"


@dataclass(frozen=True, slots=True)
class Level:
    """What n requests at once came to: answers a second, how long they took, how many failed.

    The rate lies between ``low_per_s`` and ``high_per_s`` with 95 % confidence. ``client_cpu`` is
    the share of one core that the generator's loop took.
    """

    n: int
    rate_per_s: float
    p50_s: float
    p99_s: float
    failures: int
    low_per_s: float
    high_per_s: float
    requests: int
    client_cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What users would see at a share of the ceiling, where requests come at a steady rate.

    Latency counts from when a request was due. ``backlog`` requests had no answer at the end.
    """

    share: float
    rate_per_s: float
    requests: int
    p50_s: float
    p99_s: float
    failures: int
    backlog: int


@dataclass(frozen=True, slots=True)
class LimitSeen:
    """Where the requests stand that come on top: a line of the app, and their share in those.

    ``size`` is how many requests were past it at once, None where that says nothing. ``owner`` is
    the library that they wait in.
    """

    file: str
    line: int
    function: str
    call: str | None
    share: float
    size: int | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class NextLimit:
    """The ceiling that a resource would set if nothing else did, by one request's demand of it."""

    limit: Limit
    per_s: float


@dataclass(frozen=True, slots=True)
class Proof:
    """What was moved, from what to what, and the ceiling then.

    Where it was not tried ``how`` says what to type, and is "" where nobody asked for a proof;
    where it was, but the ceilings before and after are not told apart, it says why that is, and
    nothing counts as tried.
    """

    verdict: ProofVerdict
    moved: str | None = None
    from_: float | None = field(default=None, metadata={"alias": "from"})
    to: float | None = None
    ceiling_per_s: float | None = None
    expected_per_s: float | None = None
    how: str = ""


@dataclass(frozen=True, slots=True)
class Scalability:
    """The universal scalability law, fitted: contention and coherency, each with its interval.

    It holds from one request at once to ``to_n`` and says nothing of more.
    """

    contention: float
    contention_low: float
    contention_high: float
    coherency: float
    coherency_low: float
    coherency_high: float
    to_n: int


@dataclass(frozen=True, slots=True)
class Against:
    """The same endpoint in the base of the app, measured in the same job, and the ratio to it.

    ``ratio`` is the ceiling over the base's, with its interval; None where one of the two has
    none: ``reason`` says why the base has none. ``least`` is the ratio that it is held to, if any.
    """

    ceiling_per_s: float | None
    low_per_s: float | None
    high_per_s: float | None
    limit: Limit
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    least: float | None = None
    reason: str = ""

    @property
    def failed(self) -> bool:
        """Whether the ratio is below what it is held to, wherever in its interval it is."""
        return (
            self.least is not None and self.ratio_high is not None and self.ratio_high < self.least
        )

    @property
    def unmeasured(self) -> bool:
        """Whether it is held to a ratio that could not be measured."""
        return self.least is not None and self.ratio is None


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much one endpoint can take.

    ``ceiling_per_s`` is None where none was reached, and ``reason`` says why. ``solo_s`` is what
    one request takes alone; ``ideal_per_s`` at n is n of those a second, and no more than
    ``predicted_per_s``. ``generator_per_s`` is the most that the generator was seen to reach, 0
    where nobody knows. ``used`` is what the ceiling used of each resource, as a share, and None
    where there was no probe to see it. ``notes`` are sentences. ``against`` is None where no base
    was given, or it has no such endpoint.
    """

    endpoint: str
    ceiling_per_s: float | None
    low_per_s: float | None
    high_per_s: float | None
    at_n: int | None
    beyond: Beyond | None
    limit: Limit
    limit_seen: LimitSeen | None
    predicted_per_s: float | None
    predicted_limit: str | None
    next: tuple[NextLimit, ...]
    proof: Proof
    levels: tuple[Level, ...]
    solo_s: float | None
    generator_per_s: float
    reason: str
    arrivals: tuple[Arrivals, ...] = ()
    scalability: Scalability | None = None
    used: dict[str, float] | None = None
    limit_size: float | None = None
    notes: tuple[str, ...] = ()
    duration_s: float = 0.0
    against: Against | None = None
