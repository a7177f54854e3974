"""Files whose content comes late, as on a network file system: a FIFO with a slow writer."""

from __future__ import annotations

import os
import tempfile
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.declared import WAIT_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def late_file(folder: Path) -> Iterator[str]:
    """Give the path of a file that can be read once, and keeps its reader waiting."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        path = os.path.join(own, "late")
        os.mkfifo(path)
        writer = threading.Timer(WAIT_S, _write, args=(path,))
        writer.start()
        yield path


def _write(path: str) -> None:
    with open(path, "w") as file:
        file.write("late")
