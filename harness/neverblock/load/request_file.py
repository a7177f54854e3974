"""What a load generator wrote down of its requests, read as often as it is needed.

The file may be far larger than what a process should keep: requests are given one by one. Where
several generators made the load, their master wrote it, and a second file has what befell them and
the round trips by which their clocks are related to the one here.
"""

from __future__ import annotations

import json
import math
from sys import intern
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from neverblock.analysis.load.burst import BurstSeen
from neverblock.analysis.load.clocks import Clock, Offset, RoundTrip
from neverblock.analysis.load.generators import Event, Told
from neverblock.analysis.load.seconds import unpacked
from neverblock.model import Beat, UserRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neverblock.analysis.load.seconds import Second
from neverblock.load.whole_lines import whole_lines

SAME = Offset(0.0, 0.0)
"""Of what was written by the clock of this machine."""


class RequestFile:
    """The requests and beats of a load; each iteration reads the file anew."""

    def __init__(self, path: Path) -> None:
        """Take the file, which may still grow, or not be there yet."""
        self._path = path
        self._workers = path.with_suffix(".workers")
        self._offset = self._fresh_from = 0

    def __iter__(self) -> Iterator[UserRequest]:
        """Yield the single requests that were kept, on the clock of this machine."""
        clocks = self.clocks()
        for message in _messages(self._path):
            yield from _requests(message, _offset(message, clocks))

    def seconds(self) -> Iterator[Second]:
        """Yield what was counted of all requests, by second and name."""
        clocks = self.clocks()
        for message in _messages(self._path):
            if message["kind"] == "requests":
                yield from _seconds(message, _offset(message, clocks))

    def beats(self) -> Iterator[Beat]:
        """Yield how the generators fared, beat by beat."""
        clocks = self.clocks()
        for message in _messages(self._path):
            if message["kind"] == "requests":
                yield _beat(message, _offset(message, clocks))

    @property
    def begun(self) -> dict[str, Any] | None:
        """What the generator said when it began; None before."""
        first = next(_messages(self._path), None)
        return first and {key: value for key, value in first.items() if key != "bytes"}

    @property
    def made(self) -> bool:
        """Whether any request was made."""
        return any(message.get("counts") for message in _messages(self._path))

    @property
    def ended(self) -> bool:
        """Whether the generator came to its end, and said so."""
        return any(message["kind"] == "ended" for message in _messages(self._path))

    @property
    def unsure_s(self) -> float:
        """How far the clocks of the generators may be from the one here, where that is known."""
        clocks = self.clocks()
        offsets = [
            _offset(message, clocks)
            for message in _messages(self._path)
            if message["kind"] == "requests" and message["rows"]
        ]
        return max((o.unsure_s for o in offsets if not math.isinf(o.unsure_s)), default=0.0)

    def burst(self) -> BurstSeen | None:
        """Give what was seen of a burst; None where its instant was not named."""
        at_s, clocks = None, self.clocks()
        alone: list[tuple[str, float]] = []
        starts: dict[str, list[float]] = {}
        for message in _messages(self._path):
            if message["kind"] == "burst":
                at_s = message["at_s"]
            elif told := message.get("pace"):
                alone += [(name, took_s) for name, took_s in told["alone"]]
                ahead_s = _offset(message, clocks).ahead_s
                own = starts.setdefault(message.get("worker", ""), [])
                own += [start_s - ahead_s for start_s in told["starts"]]
        return None if at_s is None else BurstSeen(at_s, tuple(alone), starts)

    def events(self) -> list[Event]:
        """Give what befell the generators; nothing where Locust was one process."""
        return [
            Event(each["at_s"], each["worker"], Told(each["what"]), each["why"])
            for each in _messages(self._workers)
            if each["kind"] == "event"
        ]

    def clocks(self) -> dict[str, Clock]:
        """Give the clock of each generator on another machine, by the generator's name."""
        trips: dict[str, list[RoundTrip]] = {}
        for each in _messages(self._workers):
            if each["kind"] == "round_trip":
                trip = RoundTrip(each["sent_s"], each["there_s"], each["received_s"])
                trips.setdefault(each["worker"], []).append(trip)
        return {worker: Clock(own) for worker, own in trips.items()}

    def news(self) -> Iterator[tuple[Beat, list[Second]]]:
        """Yield the beats since the last call, each with what was counted before it.

        Clocks of other machines are not related yet: it happened when it came home.
        """
        for message in _messages(self._path, self._offset):
            self._offset += message["bytes"]
            if message["kind"] == "requests":
                offset = _as_it_came(message)
                yield _beat(message, offset), list(_seconds(message, offset))

    def fresh(self) -> Iterator[tuple[Beat, list[UserRequest]]]:
        """Yield the beats since the last call, each with the single requests that came with it."""
        for message in _messages(self._path, self._fresh_from):
            self._fresh_from += message["bytes"]
            if message["kind"] == "requests":
                offset = _as_it_came(message)
                yield _beat(message, offset), list(_requests(message, offset))


def _messages(path: Path, offset: int = 0) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            for line in whole_lines(file):
                yield {**json.loads(line), "bytes": len(line)}
    except FileNotFoundError:
        return


def _offset(message: dict[str, Any], clocks: dict[str, Clock]) -> Offset:
    """Give the offset of the clock of a message; without one it happened when it came home."""
    worker = message.get("worker")
    if worker is None:
        return SAME
    known = clocks[worker].at(message["at_s"]) if worker in clocks else None
    return known or _as_it_came(message)


def _as_it_came(message: dict[str, Any]) -> Offset:
    if "received_s" not in message:
        return SAME
    return Offset(message["at_s"] - message["received_s"], math.inf)


def _requests(message: dict[str, Any], offset: Offset) -> Iterator[UserRequest]:
    for name, start_s, end_s, error, served, weight in message.get("rows", ()):
        why = None if error is None else intern(error)
        yield UserRequest(
            intern(name),
            start_s - offset.ahead_s,
            end_s - offset.ahead_s,
            why,
            *served_by(served),
            unsure_s=offset.unsure_s,
            weight=weight,
        )


def _seconds(message: dict[str, Any], offset: Offset) -> Iterator[Second]:
    for values in message["counts"]:
        yield unpacked(values).moved(-offset.ahead_s)


def _beat(message: dict[str, Any], offset: Offset) -> Beat:
    return Beat(
        message["at_s"] - offset.ahead_s,
        message["users"],
        message["cpu_s"],
        message["max_lag_s"],
        sum(unpacked(values).took.total for values in message["counts"]),
        message.get("worker"),
    )


def served_by(header: str | None) -> tuple[int | None, int | None, str | None]:
    """Give process, number and route from an answer's header, None each where it has none."""
    parts = (header or "").split(";", 2)
    if len(parts) != 3 or not (parts[0].isdigit() and parts[1].isdigit()):  # noqa: PLR2004 - the three
        return None, None, None
    return int(parts[0]), int(parts[1]), intern(unquote(parts[2])) or None
