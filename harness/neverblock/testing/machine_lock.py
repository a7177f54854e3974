"""A lock of the machine's, for sessions of one user that measure: one at a time."""

from __future__ import annotations

import getpass
import os
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from neverblock.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

    RETRY_S = 0.1

    def _lock(file: IO[str]) -> None:
        """Wait for the first byte of a file; the system itself gives up after 10 s."""
        while True:
            with suppress(OSError):
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # there on Windows alone
                return
            time.sleep(RETRY_S)
else:

    def _lock(file: IO[str]) -> None:
        """Wait for a file."""
        fcntl.flock(file, fcntl.LOCK_EX)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until no other session of this user measures on this machine.

    Raises EngineError where the lock cannot be used.
    """
    user = getattr(os, "getuid", getpass.getuser)()
    path = Path(tempfile.gettempdir()) / f"neverblock-{user}.lock"
    try:
        file = path.open("a")
        _lock(file)
    except OSError as error:
        raise EngineError(
            f"The lock '{path}' cannot be used: {error.strerror}.",
            "Sessions that run side by side take turns by it: remove it, or set TMPDIR.",
        ) from error
    with file:
        yield
