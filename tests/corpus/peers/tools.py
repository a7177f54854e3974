"""Which tools there are, in which settings they are tried, and where each is described."""

from __future__ import annotations

from dataclasses import dataclass

OUTSIDE = "outside"
"""The folder of blocksnoop's environment within the peers' own: it needs another protobuf."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One row of the table: a tool in one of its settings.

    ``adapter`` is its function in ``linters`` or ``monitors``; ``threshold_s`` is the shortest
    hold that it is told to report, or None where it knows no such thing.
    """

    distribution: str
    adapter: str
    settings: str
    threshold_s: float | None = None


LINTERS = (
    Tool("ruff", "ruff", "`--preview --select ASYNC2`"),
    Tool("flake8-async", "flake8_async", "`--select ASYNC2`"),
    Tool("flake8-async", "flake8_async_listed", "the same, with a list of blocking calls"),
    Tool("hydroid-cli", "hydroid", "its defaults"),
    Tool("hydroid-cli", "hydroid_everything", "`--cpu --follow-libs`"),
)

MONITORS = (
    Tool("blockbuster", "blockbuster", "calls from the project only"),
    Tool("aiocop", "aiocop", "30 ms, its default", 0.03),
    Tool("aiocop", "aiocop", "10 ms", 0.01),
    Tool("pyleak", "pyleak", "200 ms, its default", 0.2),
    Tool("pyleak", "pyleak", "50 ms", 0.05),
    Tool("loopsentry", "loopsentry", "100 ms, its default", 0.1),
    Tool("loopsentry", "loopsentry", "20 ms", 0.02),
    Tool("fastapi-loopguard", "loopguard", "50 ms, its default", 0.05),
    Tool("fastapi-loopguard", "loopguard", "10 ms", 0.01),
    Tool("livekit-agents", "livekit", "100 ms, its default; unlimited reports", 0.1),
    Tool("livekit-agents", "livekit", "20 ms, its smallest; unlimited reports", 0.02),
    Tool("asyncio", "asyncio_debug", "100 ms, its default", 0.1),
    Tool("asyncio", "asyncio_debug", "10 ms", 0.01),
    Tool("blocksnoop", "blocksnoop", "100 ms, its default", 0.1),
    Tool("blocksnoop", "blocksnoop", "20 ms", 0.02),
)
