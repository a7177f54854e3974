"""The planted limits and their ceilings, by arithmetic: c / D of what each request needs."""

from __future__ import annotations

from dataclasses import dataclass, field

BY_CPU = 0.1
"""Where the CPU is the limit, the server's own work and the generator's have a part of it."""


@dataclass(frozen=True)
class Planted:
    """An endpoint, the limit that was planted in it, and the ceiling in requests a second.

    ``proof`` says what the proof has to come to. ``env`` is for the server.
    """

    path: str
    limit: str
    per_s: float | None
    proof: str = "confirmed"
    beyond: str = "flat"
    within: float = 0.05
    env: dict[str, str] = field(default_factory=dict)
    needs_postgres: bool = False
    size: str = ""

    @property
    def name(self) -> str:
        """What it is called in a table."""
        return f"{self.path}{self.size}"


def planted(cpus: int) -> tuple[Planted, ...]:
    """Give all of them, for a machine with so many cores."""
    return (
        Planted("tokens", "anyio-tokens", 40 / 0.2),
        Planted("executor", "default-executor", min(32, cpus + 4) / 0.1),
        Planted(
            "executor", "default-executor", 32 / 0.1, env={"WIDE_EXECUTOR": "32"}, size=" of 32"
        ),
        Planted("asyncpg", "connection-pool", 5 / 0.1, needs_postgres=True),
        Planted("sqlalchemy", "connection-pool", 5 / 0.1, needs_postgres=True),
        Planted("psycopg", "connection-pool", 5 / 0.2, needs_postgres=True),
        Planted("httpx", "connection-pool", 10 / 0.2),
        Planted("lock", "lock", 1 / 0.05, proof="not-tried"),
        Planted("semaphore", "semaphore", 8 / 0.2),
        Planted("limiter", "rate-limit", 50.0),
        Planted("threads", "thread-pool", 4 / 0.05),
        Planted("processes", "thread-pool", 2 / 0.05, proof="not-tried"),
        Planted("gil", "gil", 1 / 0.02, within=BY_CPU),
        Planted("cores", "cores", 1 / 0.04, within=BY_CPU, env={"CORES": "1"}),
        Planted("computing", "loop-computing", 1 / 0.02, within=BY_CPU),
        Planted("waiting", "loop-waiting", 1 / 0.05),
        Planted("upstream", "upstream", 20 / 0.5),
        Planted("close", "semaphore", 8 / 0.2),
        Planted("failing", "semaphore", 8 / 0.2, beyond="failing"),
        Planted("slower", "semaphore", 8 / 0.12, beyond="falling"),
        Planted("free", "generator", None, proof="not-tried"),
    )
