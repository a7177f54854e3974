"""Where tasks and threads stood, look by look, in; what a window keeps of it out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from neverblock.analysis.standing import waits_at
from neverblock.measurement import Frame, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Where = tuple[tuple[int, ...], bool]
"""Numbers of frames, innermost first, up to the app's own line; and whether a thread stood there.

There are no more of them than the app has lines to wait at, by the ways to wait beneath each.
"""


class Look(NamedTuple):
    """Where tasks and threads of a process stood at one instant, and how many requests it had."""

    at_s: float
    in_flight: int
    stood: tuple[tuple[Where, int], ...]


def look_of(record: Mapping[str, Any]) -> Look:
    """Give a look as the probe wrote it."""
    kinds = (record["places"], False), (record.get("threads", ()), True)
    stood = tuple(
        ((tuple(numbers), in_thread), count)
        for places, in_thread in kinds
        for numbers, count in places
    )
    return Look(record["at_s"], record.get("in_flight", 0), stood)


class _Count:
    """The looks at one process, counted by where something stood; no look is kept."""

    def __init__(self, frames: Mapping[int, Frame]) -> None:
        """Take the frames by their numbers."""
        self._frames = frames
        self._lines: dict[Where, Frame | None] = {}
        self._fullest: tuple[int, Look | None] = 0, None
        self.times = self.in_flight = 0
        self.counts: Counter[Where] = Counter()

    def add(self, look: Look) -> None:
        """Count one look."""
        self.times += 1
        self.in_flight += look.in_flight
        waiting = 0
        for where, count in look.stood:
            if where not in self._lines:
                self._lines[where] = waits_at(self.standing(where, count))
            self.counts[where] += count
            waiting += count if self._lines[where] else 0
        if waiting > self._fullest[0]:
            self._fullest = waiting, look

    def standing(self, where: Where, at_once: float) -> Standing:
        """Give a place with its frames, and how many stood there."""
        numbers, in_thread = where
        return Standing(tuple(self._frames[each] for each in numbers), at_once, in_thread)

    def fullest(self) -> Counter[Frame]:
        """Count what waited at each of the app's lines at the look that saw the most do so."""
        lines: Counter[Frame] = Counter()
        _, look = self._fullest
        for where, count in look.stood if look is not None else ():
            if (line := self._lines[where]) is not None:
                lines[line] += count
        return lines


def stood(processes: Iterable[tuple[Mapping[int, Frame], Iterable[Look]]]) -> dict[str, Any]:
    """Give what ``LoopTrace`` holds of the places where requests stood, on average over all looks.

    Each process has its frames by number, and the looks at it.
    """
    each_count = []
    for frames, looks in processes:
        count = _Count(frames)
        for look in looks:
            count.add(look)
        each_count.append(count)
    times = max(1, sum(count.times for count in each_count))
    together: Counter[tuple[tuple[Frame, ...], bool]] = Counter()
    for count in each_count:
        for where, stood_there in count.counts.items():
            frames_there, _, in_thread = count.standing(where, stood_there)
            together[frames_there, in_thread] += stood_there
    standing = (
        Standing(frames, many / times, in_thread)
        for (frames, in_thread), many in together.most_common()
    )
    fullest = max((count.fullest() for count in each_count), key=Counter.total, default=None)
    return {
        "standing": tuple(standing),
        "in_flight": sum(count.in_flight for count in each_count) / times,
        "waits": tuple(fullest.most_common()) if fullest else (),
    }
