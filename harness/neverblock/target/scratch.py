"""A temporary folder that does not outlive its process for long: the next start removes it.

A process that is killed outright removes nothing. Its folder has a file that it kept locked, and
the kernel let go of that lock with the process. Windows has no such locks, and keeps it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "neverblock-"
OWNER = "owner.lock"
"""The file by which a folder is ours, and as long as it is locked somebody's who lives."""

REMOVE_ATTEMPTS, REMOVE_PAUSE_S = 20, 0.05


@contextmanager
def scratch_folder(kind: str = "") -> Iterator[Path]:
    """Give a folder until the context ends, once what killed processes left behind is removed.

    Raises OSError where none can be made, or it cannot be removed.
    """
    remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX + kind))
    lock = -1
    try:
        if sys.platform != "win32":
            lock = os.open(folder / f"{OWNER}.part", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            # by its name it is seen only once it is locked, so that nobody finds it free before
            (folder / f"{OWNER}.part").rename(folder / OWNER)
        yield folder
    finally:
        _remove(folder)
        if lock >= 0:
            os.close(lock)


def remove_abandoned() -> None:
    """Remove the folders of this user's processes that were killed; nothing else is touched."""
    if sys.platform == "win32":
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # another start may be removing it as well
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            lock = os.open(folder / OWNER, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _remove(folder: Path) -> None:
    """Remove a folder, even if a process that was just killed is still writing a file."""
    for _ in range(REMOVE_ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(REMOVE_PAUSE_S)
    shutil.rmtree(folder)
