"""Every value that crosses a seam: frozen, made of the standard library, units in the names.

Times ending in ``_s`` are seconds. Instants (``*_at_s`` and the fields of records) are readings of
the machine's monotonic clock, which client, Locust and server processes share, so that a request
and a stall can be laid on one axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """What a person is told about one endpoint under one scenario."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    ERROR = "error"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"


JUDGED = frozenset({Verdict.PASS, Verdict.FAIL})
"""The verdicts that say something of an endpoint; the others say why there is none."""


class CheckState(StrEnum):
    """What one check said: ``blind`` if it could not have failed, ``n/a`` if it has no say."""

    PASS = "pass"  # noqa: S105 - a state, no password
    FAIL = "fail"
    BLIND = "blind"
    NOT_APPLICABLE = "n/a"


class Diagnosis(StrEnum):
    """Why an endpoint behaves as it does."""

    CONCURRENT = "concurrent"
    BLOCKING = "blocking"
    BLOCKING_IO = "blocking-io"
    BLOCKING_CPU = "blocking-cpu"
    GIL_HELD = "gil-held"
    GIL_CONTENTION = "gil-contention"
    COOPERATIVE_CPU = "cooperative-cpu"
    CPU_BOUND = "cpu-bound"
    SHORT_WAITS = "short-waits"
    EXECUTOR_SATURATED = "executor-saturated"
    SERIALIZED = "serialized"
    ERRORING = "erroring"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request to fire, complete but for the server's address."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is measured; pair and variant are None for a user's own app."""

    name: str
    method: str
    path: str
    pair: str | None = None
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """How load is applied: which engine fires how many requests, and for how long.

    ``duration_s`` is None for a burst (n requests released together, one each) and a time for a
    crowd (n users in a closed loop). ``locustfile`` is a path, for the Locust engine only.
    """

    name: str
    title: str
    engine: str
    n: int = 10
    duration_s: float | None = None
    locustfile: str | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a variant of the reference app must turn out to be."""

    verdict: Verdict
    diagnosis: Diagnosis


@dataclass(frozen=True, slots=True)
class Variant:
    """One endpoint of a pair: its request and what it must get."""

    request: Request
    expect: Expectation


@dataclass(frozen=True, slots=True)
class Pair:
    """A lesson: one blocking call and its replacement, as endpoints of the reference app.

    ``own_time_s`` is the time of the work at scale 1, or None where it takes what it takes.
    ``computes`` is true where the work needs the CPU, so that it must be measured alone.
    """

    name: str
    title: str
    blocking_call: str
    replacement: str
    why: str
    own_time_s: float | None
    variants: dict[str, Variant]
    needs: tuple[str, ...] = ()
    computes: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One request as the client saw it.

    ``status`` is None and ``error`` says why where no whole response came. ``answer`` is a digest
    of the body, by which variants are held to the same answer; ``empty`` where it says nothing.
    """

    seq: int
    sent_s: float
    first_byte_s: float | None
    done_s: float
    status: int | None
    error: str | None = None
    answer: str | None = None
    empty: bool = False

    @property
    def ok(self) -> bool:
        """Whether a response below 400 arrived whole."""
        return self.error is None and self.status is not None and self.status < 400  # noqa: PLR2004 - HTTP's first error


@dataclass(frozen=True, slots=True)
class ClientHealth:
    """How the measuring side itself fared: its longest loop lag, and its CPU time.

    ``late_s`` is all its lags together, those aside that are shorter than a tick.
    """

    max_lag_s: float
    cpu_s: float
    late_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Burst:
    """What an engine brings home: the records, and how well the client kept up.

    ``light`` holds the requests of a crowd's light user, who only asks for the canary.
    """

    records: tuple[Record, ...]
    client: ClientHealth
    light: tuple[Record, ...] = ()

    @property
    def started_at_s(self) -> float:
        """The first send."""
        return min(r.sent_s for r in self.records)

    @property
    def ended_at_s(self) -> float:
        """The last response."""
        return max(r.done_s for r in self.records)

    @property
    def wall_s(self) -> float:
        """From the first send to the last response."""
        return self.ended_at_s - self.started_at_s


class UserRequest(NamedTuple):
    """One request of a load, by the load generator's name for it.

    ``error`` says why it failed, None where it did not. ``pid`` is the process that served it,
    ``number`` which of that process's requests it was, and ``route`` what answered it, each None
    where the answer does not say so. Both instants are within ``unsure_s`` on the clock of the
    servers; it stands for ``weight`` requests like it, where a sample of them came home. It is a
    tuple since a million of them are made of one load, several times.
    """

    name: str
    start_s: float
    end_s: float
    error: str | None = None
    pid: int | None = None
    number: int | None = None
    route: str | None = None
    unsure_s: float = 0.0
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Beat:
    """How a load generator fared when it wrote last: users, CPU seconds so far, lag since before.

    ``requests`` were over since the beat before. ``worker`` says which it was, where there are
    several.
    """

    at_s: float
    users: int
    cpu_s: float
    max_lag_s: float
    requests: int
    worker: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessSample:
    """A server process at one instant: CPU seconds so far, memory, open files and threads.

    ``open_files`` is None where the system does not tell.
    """

    at_s: float
    pid: int
    cpu_s: float
    memory_bytes: int
    open_files: int | None
    threads: int


@dataclass(frozen=True, slots=True)
class LoopState:
    """What one server process had at one instant: requests, threads taken and waited for, tasks.

    ``tasks`` are those of its loop, None where they were not looked at.
    """

    at_s: float
    pid: int
    in_flight: int
    threads_taken: int
    threads_waited_for: int
    tasks: int | None = None


@dataclass(frozen=True, slots=True)
class Ping:
    """One canary request; ``done_s`` is None where no answer came before the canary stopped.

    Latency counts from ``meant_s``, when it was due, so that a frozen server cannot hide
    the pings which a waiting client never sent (coordinated omission).
    """

    meant_s: float
    done_s: float | None
    ok: bool


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine did to a measurement, over one window of it.

    ``steal`` is the share of time the hypervisor took, ``busy`` the share of all cores in use by
    processes other than the server's and the client's, None where the server's cannot be known.
    ``starved_s`` is for how long the server's threads, all together but those that the probe
    watches itself, were runnable without a core, ``throttled_s`` for how long its control group had
    used up its quota, added up over the cores; None where the system does not tell. ``others_s`` is
    the CPU time of all processes but the server's, the client among them, at the most.
    """

    steal: float
    busy: float | None
    starved_s: float | None = None
    throttled_s: float | None = None
    others_s: float | None = None
