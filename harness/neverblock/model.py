"""Every value that crosses a seam: frozen, made of the standard library, units in the names.

Times ending in ``_s`` are seconds. Instants (``*_at_s`` and the fields of records) are readings of
the machine's monotonic clock, which client, Locust and server processes share, so that a request
and a stall can be laid on one axis.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """What a person is told about one endpoint under one scenario."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    ERROR = "error"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"


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
    scheduled_s: float
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
    """How the measuring side itself fared: its longest loop lag, and its CPU time."""

    max_lag_s: float
    cpu_s: float


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
    ``starved_s`` is for how long the server's threads, all together, were runnable without a core;
    None where the system does not tell. ``throttled_s`` is for how long a container's quota stopped
    them, None outside of one.
    """

    steal: float
    busy: float | None
    starved_s: float | None = None
    throttled_s: float | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One level of a sampled stack.

    ``call`` is the source text of the expression being evaluated there (without its arguments),
    ``target`` the dotted name it resolves to (``time.sleep``, ``requests.api.get``) where known.
    ``owner`` says whose code it is: project, library, framework, stdlib or probe. Columns are
    0-based characters; None where the interpreter keeps no positions.
    """

    file: str
    line: int
    function: str
    owner: str
    call: str | None = None
    target: str | None = None
    end_line: int | None = None
    column: int | None = None
    end_column: int | None = None


@dataclass(frozen=True, slots=True)
class Stack:
    """A sampled stack of one thread, innermost frame first, and the time it stands for.

    ``background`` says that no request ran it: a periodic task, a hook, a thread of the app's own.
    """

    frames: tuple[Frame, ...]
    weight_s: float
    on_cpu: bool
    background: bool = False


@dataclass(frozen=True, slots=True)
class Stall:
    """One stretch in which the loop did not turn, and where its time went.

    ``length_s`` is what the loop was late by; it splits into ``on_cpu_s`` (the loop thread
    computed), ``off_cpu_s`` (it waited in a system call), ``gil_s`` (it waited for the GIL),
    ``starved_s`` (it was runnable and had no core) and ``gc_s`` (of the computing: a collection).
    ``gil_held_s`` is the longest unbroken stretch in which another thread kept the GIL, of which
    ``gil_gc_s`` went into a collection there.
    ``stacks`` are of the loop thread; ``culprit`` is the other thread that used the CPU while the
    GIL was held, with its stack, where there is one. ``longest_s`` is the longest stretch, on and
    off CPU, within one callback of the loop, as far as samples tell.
    """

    start_s: float
    length_s: float
    on_cpu_s: float
    off_cpu_s: float
    gil_s: float
    starved_s: float
    gc_s: float
    gil_held_s: float = 0.0
    stacks: tuple[Stack, ...] = ()
    culprit: Stack | None = None
    pid: int = 0
    longest_s: float = 0.0
    gil_gc_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Executors:
    """The worst seen of both thread pools: anyio's limiter and the loop's default executor."""

    anyio_tokens: float | None = None
    anyio_borrowed: int = 0
    anyio_waiting: int = 0
    default_threads: int | None = None
    default_busy: int = 0
    default_queued: int = 0


@dataclass(frozen=True, slots=True)
class Pool:
    """What a window saw of one pool of threads.

    ``held_s`` is thread-seconds: how many threads were taken, integrated over the window. For
    ``queued_s`` at least one request waited for a thread, at most ``waiting`` at once. ``size`` is
    how many threads there may be, None where that is not known.
    """

    name: str
    size: int | None
    held_s: float
    queued_s: float
    waiting: int


@dataclass(frozen=True, slots=True)
class LoopTrace:
    """What the probe saw of the serving loops between two instants.

    ``armed`` is false where no probe reported for the whole window: then nothing here counts.
    ``beats`` counts heartbeats and ``loop_cpu_s`` the CPU time of the loop threads, over all
    workers in ``pids``, ``process_cpu_s`` that of all their threads. ``endpoint`` is where the
    endpoint that answered last is defined. For ``busy_s``, at least, some thread of the process
    was on a core. ``waits`` are the places where the most requests of the
    window were seen waiting at once, each with how many.
    """

    from_s: float
    to_s: float
    armed: bool
    loop: str | None = None
    pids: tuple[int, ...] = ()
    beats: int = 0
    stalls: tuple[Stall, ...] = ()
    executors: Executors = field(default_factory=Executors)
    gc_s: float = 0.0
    loop_cpu_s: float = 0.0
    endpoint: Frame | None = None
    complaint: str | None = None
    process_cpu_s: float = 0.0
    busy_s: float = 0.0
    pools: tuple[Pool, ...] = ()
    waits: tuple[tuple[Frame, int], ...] = ()
