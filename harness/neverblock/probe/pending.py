"""Where the requests in flight wait: the innermost line of each pending task, counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

from neverblock.probe.frames import Level
from neverblock.probe.gc_off import gc_off
from neverblock.probe.request_mark import is_of_request

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_TASKS = 200
"""Looking at one takes some microseconds, in which nobody else has the GIL."""


class Waiting:
    """One place where tasks wait, its stack innermost first, and how many stood there."""

    __slots__ = ("levels", "tasks")

    def __init__(self, levels: list[Level]) -> None:
        """Take the stack of the first task that was seen there."""
        self.levels, self.tasks = levels, 0


def waiting(loop: asyncio.AbstractEventLoop) -> list[Waiting]:
    """Give the places where tasks of requests wait in this loop, the most crowded first.

    May be called in any thread; a task that goes on meanwhile is left out.
    """
    places: dict[tuple[tuple[int, int], ...], Waiting] = {}
    counts: Counter[tuple[tuple[int, int], ...]] = Counter()
    with gc_off():
        for task in _tasks(loop):
            levels = list(_suspended(task.get_coro()))[::-1]
            if not levels:
                continue
            key = tuple((id(level.frame.f_code), level.instruction) for level in levels)
            counts[key] += 1
            places.setdefault(key, Waiting(levels))
    for key, place in places.items():
        place.tasks = counts[key]
    return [places[key] for key, _ in counts.most_common()]


def _tasks(loop: asyncio.AbstractEventLoop) -> list[asyncio.Task[Any]]:
    try:
        tasks = asyncio.all_tasks(loop)
    except RuntimeError:  # the set of tasks changed each time that it was copied
        return []
    running = asyncio.current_task(loop)
    pending = [t for t in tasks if t is not running and is_of_request(t)]
    return pending[:MOST_TASKS]


def _suspended(coroutine: Any) -> Iterator[Level]:
    """Yield the frames of a coroutine from the outermost one in, as far as they are its own."""
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is None:
            return
        yield Level(frame, frame.f_lasti)
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
