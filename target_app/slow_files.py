"""A slow file system: files that open only after a while, as on a busy network share.

Each file is a FIFO; opening one for reading blocks in the kernel until a writer opens it too. The
writer is a process of its own (this module, run), so that it is slow whatever the app does.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT = bytes(range(256)) * 128
"""32 KiB: what a pipe holds without a reader."""


class SlowFiles:
    """A folder of files, each of which exists for one reader."""

    def __init__(self, folder: Path, orders: IO[str]) -> None:
        """Take the folder, and the input of the process that writes there."""
        self._folder = folder
        self._orders = orders
        self._numbers = count()

    @contextmanager
    def file(self, delay_s: float) -> Iterator[Path]:
        """Give the path of a file that opens ``delay_s`` seconds from now; remove it at the end."""
        path = self._folder / f"{next(self._numbers)}.dat"
        os.mkfifo(path)
        self._orders.write(json.dumps([str(path), delay_s]) + "\n")
        self._orders.flush()
        try:
            yield path
        finally:
            path.unlink()


@contextmanager
def slow_files() -> Iterator[SlowFiles]:
    """Start the writer; it ends, and removes the folder, once its input is closed."""
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
        start_new_session=True,  # Ctrl-C reaches the server alone, which ends both
    ) as writer:
        assert writer.stdin is not None  # noqa: S101 - opened as a pipe, for the type checker
        assert writer.stdout is not None  # noqa: S101 - the same
        yield SlowFiles(Path(writer.stdout.readline().strip()), writer.stdin)


def write(path: str, delay_s: float) -> None:
    """Write one file when its time has come; a reader who has left is none of our business."""
    time.sleep(delay_s)
    with contextlib.suppress(FileNotFoundError, BrokenPipeError):
        fifo = os.open(path, os.O_WRONLY)  # open() would create a plain file where it is gone
        try:
            os.write(fifo, CONTENT)
        finally:
            os.close(fifo)


def main() -> None:
    """Make a folder and say where; write what the input names, as JSON lists of path and delay.

    The input ends with the server, however that ends. The folder is removed then, and the threads,
    being daemons, end with the process.
    """
    with tempfile.TemporaryDirectory(prefix="neverblock-files-") as folder:
        print(folder, flush=True)  # noqa: T201 - how the folder is reported
        for line in sys.stdin:
            threading.Thread(target=write, args=json.loads(line), daemon=True).start()


if __name__ == "__main__":
    main()
