"""What a load generator wrote down of its requests, read as often as it is needed.

The file may be far larger than what a process should keep: requests are given one by one. Where
several generators made the load, their master wrote it, and a second file has what befell them and
the round trips by which their clocks are related to the one here.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import lru_cache
from sys import intern
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from neverblock.analysis.load.burst import BurstSeen
from neverblock.analysis.load.clocks import Clock, Offset, RoundTrip
from neverblock.analysis.load.generators import Event, Told
from neverblock.analysis.load.seconds import total_of, unpacked
from neverblock.model import Beat, Record, UserRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neverblock.analysis.load.seconds import Second
from neverblock.load.whole_lines import whole_lines

SAME = Offset(0.0, 0.0)
"""Of what was written by the clock of this machine."""

ROWS = '{"kind":"rows",'
"""So begins a line of single requests: they are most of the file, and who counts skips them."""


WHEN = "at_s", "worker", "received_s"
"""What relates instants of a message to the clock of this machine."""


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
        for message in _messages(self._path, rows=True):
            if message["kind"] == "rows":
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
        return first and {key: value for key, value in first.items() if key != "to"}

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
            if message["kind"] == "requests" and message["counts"]
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

    def records(self) -> tuple[Record, ...]:
        """Give the requests that were kept whole, numbered in the order they were sent."""
        clocks = self.clocks()
        kept = [
            _record(fields, _offset(message, clocks).ahead_s)
            for message in _messages(self._path)
            for fields in message.get("records", ())
        ]
        kept.sort(key=lambda record: record.sent_s)
        return tuple(replace(record, seq=seq) for seq, record in enumerate(kept))

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
            self._offset = message["to"]
            if message["kind"] == "requests":
                offset = _as_it_came(message)
                yield _beat(message, offset), list(_seconds(message, offset))

    def fresh(self) -> Iterator[tuple[Beat, list[UserRequest]]]:
        """Yield the beats since the last call, each with the single requests that came with it."""
        requests: list[UserRequest] = []
        for message in _messages(self._path, self._fresh_from, rows=True):
            if message["kind"] == "rows":
                requests += _requests(message, _as_it_came(message))
                continue
            self._fresh_from = message["to"]
            if message["kind"] == "requests":
                yield _beat(message, _as_it_came(message)), requests
                requests = []


def lines_of(message: dict[str, Any]) -> str:
    """Give a message as what is written of it: its single requests in a line of their own."""
    about = {key: value for key, value in message.items() if key != "rows"}
    if not message.get("rows"):
        return _line(about)
    rows = {"kind": "rows"} | {key: about[key] for key in WHEN if key in about}
    return _line(rows | {"rows": message["rows"]}) + _line(about)


def _line(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":")) + "\n"


def _messages(path: Path, offset: int = 0, *, rows: bool = False) -> Iterator[dict[str, Any]]:
    """Yield what the lines from an offset on say, each with where it goes ``to``."""
    skipped = None if rows else ROWS.encode()
    try:
        with path.open("rb") as file:
            file.seek(offset)
            for line in whole_lines(file):
                offset += len(line)
                if skipped is None or not line.startswith(skipped):
                    yield json.loads(line) | {"to": offset}
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
    ahead_s, unsure_s = offset.ahead_s, offset.unsure_s
    for name, start_s, end_s, error, served, weight in message["rows"]:
        pid, number, route = served_by(served)
        why = None if error is None else intern(error)
        when = start_s - ahead_s, end_s - ahead_s
        yield UserRequest(intern(name), *when, why, pid, number, route, unsure_s, weight)


def _record(fields: dict[str, Any], ahead_s: float) -> Record:
    first_byte_s = fields["first_byte_s"]
    when = {"sent_s": fields["sent_s"] - ahead_s, "done_s": fields["done_s"] - ahead_s}
    when["first_byte_s"] = first_byte_s and first_byte_s - ahead_s
    return Record(**(fields | when | {"seq": 0}))


def _seconds(message: dict[str, Any], offset: Offset) -> Iterator[Second]:
    for values in message["counts"]:
        yield unpacked(values).moved(-offset.ahead_s)


def _beat(message: dict[str, Any], offset: Offset) -> Beat:
    return Beat(
        message["at_s"] - offset.ahead_s,
        message["users"],
        message["cpu_s"],
        message["max_lag_s"],
        sum(map(total_of, message["counts"])),
        message.get("worker"),
    )


NOBODY: tuple[None, None, None] = None, None, None


def served_by(header: str | None) -> tuple[int | None, int | None, str | None]:
    """Give process, number and route from an answer's header, None each where it has none."""
    if header is None:
        return NOBODY
    pid, _, rest = header.partition(";")
    number, ends, route = rest.partition(";")
    if not (ends and pid.isdecimal() and number.isdecimal()):
        return NOBODY
    return int(pid), int(number), _route(route)


@lru_cache
def _route(quoted: str) -> str | None:
    return unquote(quoted) or None
