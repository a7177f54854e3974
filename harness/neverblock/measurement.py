"""What was seen of one endpoint, from the stalls of its loop to the figures; nothing judged yet.

Times ending in ``_s`` are seconds, instants are readings of the machine's monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from neverblock.model import Machine, Ping, Record  # noqa: TC001 - pydantic reads the annotations at run time


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
    ``starved_s`` (it was runnable and had no core), ``frozen_s`` (the GIL or the machine, and which
    cannot be told) and ``gc_s`` (of the computing: a collection). ``unsure_s`` is the part of
    ``off_cpu_s`` that may have been a wait for the GIL. The portable tier alone has these two.
    ``gil_held_s`` is the longest unbroken stretch in which another thread kept the GIL,
    ``gil_gc_s`` of it in a collection. ``stacks`` are of the loop thread; ``culprit`` is of the
    other thread that used the CPU while the GIL was held, if any.
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
    gil_gc_s: float = 0.0
    frozen_s: float = 0.0
    unsure_s: float = 0.0


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

    ``held_s`` is thread-seconds: how many of its threads, if known at most ``size``, were taken,
    integrated. For ``queued_s`` at least one request waited for one, at most ``waiting`` at once.
    """

    name: str
    size: int | None
    held_s: float
    queued_s: float
    waiting: int


class Standing(NamedTuple):
    """Where pending tasks or threads stood, innermost frame first, and how many on average."""

    frames: tuple[Frame, ...]
    at_once: float
    in_thread: bool = False


@dataclass(frozen=True, slots=True)
class LoopTrace:
    """What the probe saw of the serving loops between two instants.

    ``armed`` is false where no probe reported for the whole window: then nothing here counts.
    ``loop_cpu_s`` is the CPU time of the loop threads of all ``pids``, ``process_cpu_s`` that of
    all their threads, and ``beats`` counts the heartbeats in it. For ``busy_s``, at least, some
    thread was on a core; for ``starved_s`` the loop's had none, but to beat. ``endpoint`` is the
    definition of the last that answered. ``waits`` are the places where the most requests were seen
    waiting at once, each with how many, ``standing`` all, of ``in_flight`` on average. ``gil`` is
    false in a free-threaded Python. Of the ``pids``, ``recycled`` ended within the window, and
    ``at_once`` served at one instant, at the most; None where nobody counted.
    """

    from_s: float
    to_s: float
    armed: bool
    loop: str | None = None
    pids: tuple[int, ...] = ()
    stalls: tuple[Stall, ...] = ()
    executors: Executors = field(default_factory=Executors)
    gc_s: float = 0.0
    loop_cpu_s: float = 0.0
    endpoint: Frame | None = None
    complaint: str | None = None
    beats: int = 0
    process_cpu_s: float = 0.0
    busy_s: float = 0.0
    starved_s: float = 0.0
    pools: tuple[Pool, ...] = ()
    waits: tuple[tuple[Frame, int], ...] = ()
    standing: tuple[Standing, ...] = ()
    in_flight: float = 0.0
    gil: bool = True
    recycled: int = 0
    at_once: int | None = None


@dataclass(frozen=True, slots=True)
class CanaryFigures:
    """What every other user of the service suffered.

    ``share`` is the part of the window during which a ping had been waiting for longer than
    the loop limit; ``lost`` counts pings without an answer.
    """

    interval_s: float
    sent: int
    lost: int
    longest_s: float
    median_s: float
    share: float
    pings: tuple[Ping, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldFigures:
    """How application code held the loop in one window, summed and at its longest.

    Waiting is off CPU inside application code; computing is on CPU there. ``gil_held`` is one
    unbroken wait for a GIL that another thread kept, ``perhaps_gil_held_s`` the same with what the
    loop waited for a core beside it, ``gil_s`` all waits for the GIL. ``unsure_s`` is the part of
    ``waiting_s`` that may have been one, and of ``frozen_s`` nobody knows the cause. What the
    machine and the collector took is kept apart and blamed on nobody.
    """

    requests: int
    waiting_s: float = 0.0
    longest_waiting_s: float = 0.0
    computing_s: float = 0.0
    longest_computing_s: float = 0.0
    longest_gil_held_s: float = 0.0
    perhaps_gil_held_s: float = 0.0
    gil_s: float = 0.0
    starved_s: float = 0.0
    gc_s: float = 0.0
    unsure_s: float = 0.0
    frozen_s: float = 0.0


@dataclass(frozen=True, slots=True)
class LoopFigures:
    """The probe's view of one endpoint: during solo requests, and during the burst.

    ``held`` is the share of its own time for which one request holds the loop thread. ``each`` has
    every solo request, ``rounds`` every burst that counts. ``cpu_s`` is the CPU time of the loop
    thread in the burst, ``process_cpu_s`` that of all threads of its process, one of which at least
    was on a core for ``busy_s``; for ``starved_s`` the loop's had none, but to beat. ``pools`` are
    of the burst, ``solo_pools`` of the solo requests. ``background_s`` is what no request ran and
    held the loop for, with ``background_loop_cpu_s`` and ``background_threads_cpu_s`` of the CPU
    times. Most requests were seen waiting at ``waits``, so many at each; the share ``inside`` of
    all waits was for the app's own locks and sleeps. ``gil`` is false in a free-threaded Python.
    """

    armed: bool
    loop: str | None
    held: float
    solo: HoldFigures
    burst: HoldFigures
    cpu_s: float = 0.0
    executors: Executors = field(default_factory=Executors)
    stalls: tuple[Stall, ...] = ()
    complaint: str | None = None
    each: tuple[HoldFigures, ...] = ()
    rounds: tuple[HoldFigures, ...] = ()
    process_cpu_s: float = 0.0
    busy_s: float = 0.0
    starved_s: float = 0.0
    beats: int = 0
    pools: tuple[Pool, ...] = ()
    solo_pools: tuple[Pool, ...] = ()
    background_s: float = 0.0
    background_loop_cpu_s: float = 0.0
    background_threads_cpu_s: float = 0.0
    waits: tuple[tuple[Frame, int], ...] = ()
    inside: float = 0.0
    gil: bool = True

    @property
    def background_cpu_s(self) -> float:
        """What the process computed in the burst for no request."""
        return self.background_loop_cpu_s + self.background_threads_cpu_s


@dataclass(frozen=True, slots=True)
class Demand:
    """What one request needs of a serial resource, in seconds, and how many servers it has.

    From what was seen less what the machine may have added to what was seen.
    """

    low_s: float
    high_s: float
    servers: float


@dataclass(frozen=True, slots=True)
class Cap:
    """The most requests a second that one process can answer, and the resource that sets it."""

    per_s: float
    resource: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """Figures of one endpoint under one scenario; nothing judged yet.

    ``walls_s`` are all rounds, of which ``wall_s`` is the smallest; at the pace of its first
    answers, all would have taken ``paced_wall_s``. ``floor_s`` is the null app's wall under the
    same n in the same run. ``server_cpu_s`` is of the server's process tree during the kept round,
    None without a probe. A typical solo request kept the canary waiting for ``solo_frozen_s``.
    ``requests`` were made: n in a burst, any number in a closed loop. ``client_cpu_s`` is the CPU
    time of the client's loop in the kept round, beyond that of the null burst, ``client_lag_s`` how
    late it was at most, ``client_late_s`` in all. ``cap`` follows from the ``demands``.
    """

    n: int
    requests: int
    closed_loop: bool
    solo_s: float
    solo_samples_s: tuple[float, ...]
    serial_bound_s: float
    wall_s: float
    walls_s: tuple[float, ...]
    limit_s: float
    floor_s: float
    speedup: float
    efficiency: float
    serial_fraction: float
    warm_up_s: float
    canary: CanaryFigures
    solo_canary: CanaryFigures
    loop: LoopFigures | None
    server_cpu_s: float | None
    cpus: float
    client_lag_s: float
    machine: Machine
    statuses: dict[str, int] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    throughput_rps: float = 0.0
    light: tuple[Record, ...] = ()
    solo_frozen_s: float = 0.0
    client_late_s: float = 0.0
    client_cpu_s: float = 0.0
    demands: dict[str, Demand] = field(default_factory=dict)
    cap: Cap | None = None
    paced_wall_s: float | None = None
