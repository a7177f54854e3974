"""The trace file: one JSON object per line, appended by the watchdog, outliving the server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


class TraceWriter:
    """Appends records to ``<trace_dir>/<pid>.jsonl``, each by one write."""

    def __init__(self, trace_dir: str) -> None:
        """Open the file of this process. Raises OSError where the folder cannot be written."""
        path = Path(trace_dir) / f"{os.getpid()}.jsonl"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def write(self, record: dict[str, Any]) -> None:
        """Append one record."""
        os.write(self._file, json.dumps(record, separators=(",", ":")).encode() + b"\n")
