"""Where the requests in flight wait: the lines of pending tasks and of threads, counted."""

from __future__ import annotations

import asyncio
import gc
import time
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any

from .frames import Level, current_frames, walk
from .gc_off import gc_off
from .internals import has_gil
from .request_mark import is_of_request

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from .frames import FrameTable
    from .other_threads import OtherThreads

MOST_TASKS = 200
"""Looking at one takes some microseconds, in which nobody else has the GIL. Where there are more,
each stands for its part of all: a set has them in no order."""


MOST_PLACES = 3
"""More places than these say nothing."""

SHARE = 0.01
"""Of a core, for looking: below what the rest of the probe costs."""

_WITH_FRAME = (CoroutineType, GeneratorType)


class Waiting:
    """One place where tasks or threads wait, its stack innermost first, and how many do."""

    __slots__ = ("levels", "tasks")

    def __init__(self, levels: list[Level]) -> None:
        """Take the stack of the first that was seen there."""
        self.levels, self.tasks = levels, 0


class Pending:
    """Looks at the pending tasks of one loop now and then, as rarely as keeps it cheap."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop; the first look is due at once."""
        self._loop = loop
        self._due_s = 0.0
        self._tasks: int | None = None

    def look(
        self, now_s: float, frames: FrameTable, in_flight: int, threads: OtherThreads
    ) -> dict[str, Any] | None:
        """Give a record of where most requests wait; None where a look is not due yet.

        ``in_flight`` requests are under way; of ``threads`` those are looked at that may work for
        one. None without a GIL as well: a task that goes on while its coroutine is read may end the
        process.
        """
        if now_s < self._due_s or not has_gil():
            return None
        began_s = time.thread_time()
        with gc_off():
            tasks = _tasks(self._loop)
            self._tasks = None if tasks is None else len(tasks)
            places = _waiting(tasks or ())
            del tasks
        found = [_own(each, frames)[:MOST_PLACES] for each in (places, standing(threads))]
        # Reading the source of a new place is not counted: that happens once.
        self._due_s = now_s + (time.thread_time() - began_s) / SHARE
        numbered, threaded = (
            [[frames.stack(each.levels), each.tasks] for each in waiting] for waiting in found
        )
        return {
            "kind": "waits",
            "at_s": now_s,
            "in_flight": in_flight,
            "places": numbered,
            "threads": threaded,
        }

    def counted(self) -> int | None:
        """Give how many tasks the loop had at the look since the last call; None without one."""
        tasks, self._tasks = self._tasks, None
        return tasks


def waiting(loop: asyncio.AbstractEventLoop) -> list[Waiting]:
    """Give the places where tasks of requests wait in this loop, the most crowded first.

    May be called in any thread; a task that goes on meanwhile is left out.
    """
    with gc_off():
        return _waiting(_tasks(loop) or ())


def _waiting(tasks: Collection[asyncio.Task[Any]]) -> list[Waiting]:
    looked_at: list[asyncio.Task[Any]] = []
    passed = 0
    for task in tasks:
        if len(looked_at) == MOST_TASKS:
            break
        passed += 1
        if is_of_request(task):
            looked_at.append(task)
    places = _counted((list(_suspended(task.get_coro()))[::-1], 1) for task in looked_at)
    for place in places:
        place.tasks = round(place.tasks * len(tasks) / passed)
    return places


def standing(threads: OtherThreads) -> list[Waiting]:
    """Give the places where threads stand that may work for a request, the most crowded first.

    A worker without work stands there as well, in the library that it waits in.
    """
    frames = current_frames()
    with gc_off():
        stacks = [(each, walk(frames[each], None)) for each in frames.keys() - threads.not_these]
        return _counted((levels, 1) for each, levels in stacks if not threads.is_own(each, levels))


def _own(places: Iterable[Waiting], frames: FrameTable) -> list[Waiting]:
    """Give the lines of the app's own among some places, each with what is beneath it.

    Hazard: describing a level may take a millisecond, in which nobody else has the GIL, and the
    first look is in the middle of a burst. A stack may have a hundred; these are a few of them.
    """
    return _counted((frames.down_to_own(place.levels), place.tasks) for place in places)


def _counted(stacks: Iterable[tuple[list[Level], int]]) -> list[Waiting]:
    """Give each distinct stack, innermost first, with how often it is there; none that is empty."""
    places: dict[tuple[tuple[int, int], ...], Waiting] = {}
    for levels, many in stacks:
        if levels:
            key = tuple((id(level.frame.f_code), level.instruction) for level in levels)
            places.setdefault(key, Waiting(levels)).tasks += many
    return sorted(places.values(), key=lambda place: place.tasks, reverse=True)


def _tasks(loop: asyncio.AbstractEventLoop) -> set[asyncio.Task[Any]] | None:
    try:
        return asyncio.all_tasks(loop)
    except RuntimeError:  # the set of tasks changed each time that it was copied
        return None


def _suspended(coroutine: Any) -> Iterator[Level]:
    """Yield the frames of a coroutine from the outermost one in, as far as they are its own.

    None of one that runs: the current task's, or that of a task which just starts another eagerly
    (3.12 on), so that this one is the current task meanwhile.
    """
    while not getattr(coroutine, "cr_running", getattr(coroutine, "gi_running", True)):
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is None:
            return
        yield Level(frame, frame.f_lasti)
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
        coroutine, generators = _stood_for(coroutine)
        yield from generators


def _stood_for(awaited: Any) -> tuple[Any, list[Level]]:
    """Give the coroutine that is awaited, and the frames of asynchronous generators on the way.

    What ``anext``, ``async for`` and ``__await__`` give has no frame: it stands for the generator
    or coroutine that it refers to. ``ag_running`` is true of a generator that awaits as well.
    """
    levels = []
    while not isinstance(awaited, _WITH_FRAME):
        awaited = next((each for each in gc.get_referents(awaited) if _has_frame(each)), None)
        if not isinstance(awaited, AsyncGeneratorType):
            break
        frame = awaited.ag_frame
        if frame is not None:
            levels.append(Level(frame, frame.f_lasti))
        awaited = awaited.ag_await
    return awaited, levels


def _has_frame(value: object) -> bool:
    return isinstance(value, (*_WITH_FRAME, AsyncGeneratorType))
