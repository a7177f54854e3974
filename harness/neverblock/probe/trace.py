"""The trace file: one JSON object per line, appended by the watchdog, outliving the server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


class TraceWriter:
    """Appends records to ``<trace_dir>/<pid>.jsonl``, whole lines at a time.

    ``note`` only keeps a record in memory, as writing it releases the GIL.
    """

    def __init__(self, trace_dir: str) -> None:
        """Open the file of this process. Raises OSError where the folder cannot be written."""
        path = Path(trace_dir) / f"{os.getpid()}.jsonl"
        binary = getattr(os, "O_BINARY", 0)  # Windows would write other line ends
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | binary, 0o600)
        self._pending: list[bytes] = []

    def note(self, record: dict[str, Any]) -> None:
        """Take one record, to be written with the next ``flush``."""
        self._pending.append(_line(record))

    def flush(self) -> bool:
        """Append what was noted; say whether there was anything."""
        lines, self._pending = self._pending, []
        if lines:
            os.write(self._file, b"".join(lines))
        return bool(lines)

    def close(self) -> None:
        """Append what was noted, and close the file."""
        self.flush()
        os.close(self._file)


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"
