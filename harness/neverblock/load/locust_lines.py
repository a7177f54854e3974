"""The file that a load is written into, as JSON lines, by the process that ends a full disk's load.

Imported in a Locust process only.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import gevent

from neverblock.load.request_file import lines_of

if TYPE_CHECKING:
    from pathlib import Path

    from locust.env import Environment


class Lines:
    """A file of JSON lines; where it cannot be written any more, it ends the load, once."""

    def __init__(self, path: Path, environment: Environment) -> None:
        """Open the file anew. ``environment`` is that of the load that it is about."""
        self._file = path.open("w", encoding="utf-8")
        self._environment = environment
        self._whole = True

    def say(self, message: dict[str, Any]) -> None:
        """Write a message; nothing more after one that could not be written."""
        if not self._whole:
            return
        try:
            self._file.write(lines_of(message))
            self._file.flush()
        except OSError as error:
            self._whole = False
            sys.stderr.write(f"Error: the records cannot be written: {error.strerror}.\n")
            gevent.spawn(self._end)

    def _end(self) -> None:
        runner = self._environment.runner
        if runner is not None:
            runner.quit()
