"""The single requests of a load in little room, to be gone through again and again.

To read a million from their file takes longer than to judge them, and as objects they would take
what the whole harness may. Where there are more, they are thinned: each second one stands for two.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from neverblock.model import UserRequest

_About = tuple[str, str | None, int | None, str | None]
_Kind = tuple[int | None, str | None]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


MOST = 1_000_000
"""Of 48 bytes each: with all else an hour's load stays below 300 MB."""

NO_NUMBER = -1


class Singles:
    """At most so many requests of a load; the first that a process answers by a route is kept."""

    def __init__(self, requests: Iterable[UserRequest], most: int = MOST) -> None:
        """Read all requests, in the order of their file."""
        self._abouts: dict[_About, int] = {}
        self._columns = _Columns()
        first, stride = set[_Kind](), 1
        for at, request in enumerate(requests):
            if _is_first(request, first):
                self._add(request)
            elif at % stride == 0:
                self._add(request, stride)
            if len(self._columns.about) > most:
                stride *= 2
                self._thin()

    def __iter__(self) -> Iterator[UserRequest]:
        """Give them one by one."""
        return self._read(self._columns)

    def _read(self, columns: _Columns) -> Iterator[UserRequest]:
        abouts = list(self._abouts)
        for about, number, start_s, end_s, unsure_s, weight in columns.rows():
            name, error, pid, route = abouts[about]
            of_pid = None if number == NO_NUMBER else number
            yield UserRequest(name, start_s, end_s, error, pid, of_pid, route, unsure_s, weight)

    def _add(self, request: UserRequest, stands_for: int = 1) -> None:
        name, start_s, end_s, error, pid, number, route, unsure_s, weight = request
        columns, abouts = self._columns, self._abouts
        columns.about.append(abouts.setdefault((name, error, pid, route), len(abouts)))
        columns.number.append(NO_NUMBER if number is None else number)
        columns.start_s.append(start_s)
        columns.end_s.append(end_s)
        columns.unsure_s.append(unsure_s)
        columns.weight.append(weight * stands_for)

    def _thin(self) -> None:
        before, self._columns = self._columns, _Columns()
        first = set[_Kind]()
        for at, request in enumerate(self._read(before)):
            if _is_first(request, first):
                self._add(request)
            elif at % 2 == 0:
                self._add(request, 2)


class _Columns:
    def __init__(self) -> None:
        self.about, self.number = array("l"), array("q")
        self.start_s, self.end_s = array("d"), array("d")
        self.unsure_s, self.weight = array("d"), array("d")

    def rows(self) -> Iterator[tuple[int, int, float, float, float, float]]:
        times = self.start_s, self.end_s, self.unsure_s
        return zip(self.about, self.number, *times, self.weight, strict=True)


def _is_first(request: UserRequest, first: set[_Kind]) -> bool:
    """Say whether a request is the first of its process and route, and note that it was."""
    kind = request.pid, request.route
    if kind in first:
        return False
    first.add(kind)
    return True
