"""What a load generator wrote down of its requests, read as often as it is needed.

The file may be far larger than what a process should keep: requests are given one by one.
"""

from __future__ import annotations

import json
from sys import intern
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from neverblock.model import Beat, UserRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class RequestFile:
    """The requests and beats that one generator wrote; each iteration reads the file anew."""

    def __init__(self, path: Path) -> None:
        """Take the file, which may still grow, or not be there yet."""
        self._path = path
        self._offset = 0

    def __iter__(self) -> Iterator[UserRequest]:
        """Yield the requests in the order in which they ended."""
        for message in self._messages():
            yield from _requests(message)

    def beats(self) -> Iterator[Beat]:
        """Yield how the generator fared, beat by beat."""
        for message in self._messages():
            if message["kind"] == "requests":
                yield _beat(message)

    @property
    def begun(self) -> dict[str, Any] | None:
        """What the generator said when it began; None before."""
        first = next(self._messages(), None)
        return first and {key: value for key, value in first.items() if key != "bytes"}

    def news(self) -> Iterator[tuple[Beat, list[UserRequest]]]:
        """Yield the beats since the last call, each with the requests that ended before it."""
        for message in self._messages(self._offset):
            self._offset += message["bytes"]
            if message["kind"] == "requests":
                yield _beat(message), list(_requests(message))

    def _messages(self, offset: int = 0) -> Iterator[dict[str, Any]]:
        try:
            with self._path.open("rb") as file:
                file.seek(offset)
                for line in file:
                    if line.endswith(b"\n"):  # the last one may be written in part only
                        yield {**json.loads(line), "bytes": len(line)}
        except FileNotFoundError:
            return


def _requests(message: dict[str, Any]) -> Iterator[UserRequest]:
    for name, start_s, end_s, error, served in message.get("rows", ()):
        why = None if error is None else intern(error)
        yield UserRequest(intern(name), start_s, end_s, why, *served_by(served))


def _beat(message: dict[str, Any]) -> Beat:
    return Beat(
        message["at_s"],
        message["users"],
        message["cpu_s"],
        message["max_lag_s"],
        len(message["rows"]),
    )


def served_by(header: str | None) -> tuple[int | None, int | None, str | None]:
    """Give process, number and route from an answer's header, None each where it has none."""
    parts = (header or "").split(";", 2)
    if len(parts) != 3 or not (parts[0].isdigit() and parts[1].isdigit()):  # noqa: PLR2004 - the three
        return None, None, None
    return int(parts[0]), int(parts[1]), intern(unquote(parts[2])) or None
