"""What is kept of a load over time, and of what only rose in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """How a server process fared in a moment: its CPU time as a share of one core, and its size.

    ``tasks`` is how many its loop had, None where that was not looked at.
    """

    pid: int
    cpu_share: float
    memory_bytes: int
    open_files: int | None
    threads: int
    tasks: int | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """One stretch of a load, from ``at_s`` after its first request on, ``length_s`` long.

    ``requests`` ended in it, with these percentiles, None where none did. ``waiting``,
    ``computing``, ``gil`` and ``no_core`` are the shares of the loops' time for which they were
    held and by what, None without a probe; as ``in_flight``, the requests that the servers had, and
    the threads that were taken of anyio's limiter and the default executor, with the requests that
    waited for one: the most that was seen. The generator's are of the one that fared the worst.
    """

    at_s: float
    length_s: float
    users: int
    requests: int
    failures: int
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    generator_cpu_share: float
    generator_lag_s: float
    waiting: float | None = None
    computing: float | None = None
    gil: float | None = None
    no_core: float | None = None
    in_flight: int | None = None
    threads_taken: int | None = None
    threads_waited_for: int | None = None
    processes: tuple[ServerProcess, ...] = ()


@dataclass(frozen=True, slots=True)
class HitRequest:
    """One request that a stall hit: sent ``at_s`` after the first of the load, ``took_s`` long.

    It lost ``lost_s`` to that stall.
    """

    name: str
    at_s: float
    took_s: float
    lost_s: float


@dataclass(frozen=True, slots=True)
class LoadStall:
    """One stall of a loop under a load, ``at_s`` after its first request, in process ``pid``.

    ``finding`` is which of the load's findings held it, counted from 0. ``requests`` lost
    ``lost_s`` in sum to it; ``hits`` are those that lost the most.
    """

    at_s: float
    length_s: float
    pid: int
    finding: int
    requests: int
    lost_s: float
    hits: tuple[HitRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure that only got worse at the same load: by how much a minute, and within what.

    ``pid`` is the server process that it is of, None where it is of the whole load. It went from
    ``started`` to ``ended``, each the median of a tenth of the load.
    """

    figure: str
    per_minute: float
    low: float
    high: float
    started: float
    ended: float
    pid: int | None = None
