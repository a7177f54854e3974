"""The trace file: one JSON object per line, appended by the watchdog, outliving the server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


class TraceWriter:
    """Appends records to ``<trace_dir>/<pid>.jsonl``, whole lines at a time."""

    def __init__(self, trace_dir: str) -> None:
        """Open the file of this process. Raises OSError where the folder cannot be written."""
        path = Path(trace_dir) / f"{os.getpid()}.jsonl"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

        self._pending: list[bytes] = []

    def announce(self, record: dict[str, Any]) -> None:
        """Keep a record which the next one refers to; writing would give the GIL away."""
        self._pending.append(_line(record))

    def write(self, record: dict[str, Any]) -> None:
        """Append one record, and before it what was announced."""
        self._pending.append(_line(record))
        lines, self._pending = self._pending, []
        os.write(self._file, b"".join(lines))

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"
