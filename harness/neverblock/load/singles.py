"""The single requests of a load in little room, to be gone through again and again.

To read a million from their file takes longer than to judge them, and as objects they would take
what the whole harness may. Where there are too many, a sample of them stands for all.
"""

from __future__ import annotations

import random
from array import array
from math import inf
from typing import TYPE_CHECKING

from neverblock.model import UserRequest

_About = tuple[str, str | None, int | None, str | None]
_Kind = tuple[int | None, str | None]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


MOST = 500_000
"""Of 48 bytes each. What a line costs others is known from a quarter of a million to 2 %."""

NO_NUMBER = -1


class Singles:
    """At most ``most`` requests of a load; the first that a process answers by a route is kept."""

    def __init__(self, requests: Iterable[UserRequest], most: int = MOST) -> None:
        """Read all requests, in the order of their file."""
        self._abouts: dict[_About, int] = {}
        self._columns = _Columns()
        self._random = random.Random(0).random  # noqa: S311 - a sample is no secret
        self._take(requests, most)

    def __iter__(self) -> Iterator[UserRequest]:
        """Give them one by one."""
        return self._read(self._columns)

    def _read(self, columns: _Columns) -> Iterator[UserRequest]:
        abouts = list(self._abouts)
        for about, number, start_s, end_s, unsure_s, weight in columns.rows():
            name, error, pid, route = abouts[about]
            of_pid = None if number == NO_NUMBER else number
            yield UserRequest(name, start_s, end_s, error, pid, of_pid, route, unsure_s, weight)

    def _take(self, requests: Iterable[UserRequest], most: float, stride: int = 1) -> None:
        """Take one of each ``stride`` requests, by chance, which stands for the others.

        Always the same of them would be one of a kind where users take turns.
        """
        first = set[_Kind]()
        abouts, columns = self._abouts, self._columns
        chosen = 0
        for at, (name, start_s, end_s, error, pid, number, route, unsure_s, weight) in enumerate(
            requests
        ):
            if (place := at % stride) == 0:
                chosen = int(self._random() * stride)
            stands_for = stride
            if (pid, route) not in first:
                first.add((pid, route))
                stands_for = 1
            elif place != chosen:
                continue
            columns.about.append(abouts.setdefault((name, error, pid, route), len(abouts)))
            columns.number.append(NO_NUMBER if number is None else number)
            columns.start_s.append(start_s)
            columns.end_s.append(end_s)
            columns.unsure_s.append(unsure_s)
            columns.weight.append(weight * stands_for)
            if len(columns.about) > most:
                stride *= 2
                before, columns = columns, _Columns()
                self._columns = columns
                self._take(self._read(before), inf, 2)


class _Columns:
    def __init__(self) -> None:
        self.about, self.number = array("l"), array("q")
        self.start_s, self.end_s = array("d"), array("d")
        self.unsure_s, self.weight = array("d"), array("d")

    def rows(self) -> Iterator[tuple[int, int, float, float, float, float]]:
        times = self.start_s, self.end_s, self.unsure_s
        return zip(self.about, self.number, *times, self.weight, strict=True)
