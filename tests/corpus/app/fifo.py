"""Files whose content comes late, as on a network file system: a FIFO with a slow writer."""

from __future__ import annotations

import os
import threading
import uuid
from typing import TYPE_CHECKING

from app.declared import WAIT_S

if TYPE_CHECKING:
    from pathlib import Path


def late_file(folder: Path) -> str:
    """Give the path of a file that keeps its reader waiting, and is gone once it was read."""
    path = os.path.join(folder, uuid.uuid4().hex)
    os.mkfifo(path)
    threading.Timer(WAIT_S, _write, args=(path,)).start()
    return path


def _write(path: str) -> None:
    with open(path, "w") as file:
        os.unlink(path)
        file.write("late")
