"""What a server prints, kept in a file without a name until the server is stopped."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from neverblock.target.last_words import last_stack
from neverblock.target.log_tail import log_tail

if TYPE_CHECKING:
    from pathlib import Path

    from neverblock.measurement import Frame


class ServerLog:
    """The output of one server process; a place in it is a number of bytes."""

    def __init__(self, app_dir: Path) -> None:
        """Open it; frames below ``app_dir`` are the user's own in a traceback."""
        self._app_dir = app_dir
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the server is stopped

    def fileno(self) -> int:
        """Give the descriptor that the server writes to."""
        return self._file.fileno()

    def size(self) -> int:
        """Give how much there is by now, in bytes."""
        return os.fstat(self.fileno()).st_size

    def tail(self, since: int = 0) -> str:
        """Give the end of what was printed after a place, for an error message."""
        return log_tail(self._since(since), self._app_dir)

    def last_stack(self, since: int = 0) -> tuple[Frame, ...]:
        """Give where the process stood at a fatal signal, innermost first; empty without one."""
        return last_stack(self._since(since), self._app_dir)

    def close(self) -> None:
        """Forget it."""
        self._file.close()

    def _since(self, place: int) -> str:
        # hazard: never by seek, as the server writes at the offset that both processes share
        chunk, chunks = b"", []
        while chunk := os.pread(self.fileno(), 2**20, place):
            chunks.append(chunk)
            place += len(chunk)
        return b"".join(chunks).decode(errors="replace")
