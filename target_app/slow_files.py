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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT = bytes(range(256)) * 128
"""32 KiB: what a pipe holds without a reader."""


class SlowFiles:
    """A folder of files, each of which exists for one reader."""

    def __init__(self, folder: Path, writer: subprocess.Popen[str]) -> None:
        """Take the folder, and the process that writes what is named on its standard input."""
        self._folder = folder
        self._writer = writer
        self._numbers = count()

    @contextmanager
    def file(self, delay_s: float) -> Iterator[Path]:
        """Give the path of a file that opens ``delay_s`` seconds from now; remove it at the end."""
        path = self._folder / f"{next(self._numbers)}.dat"
        os.mkfifo(path)
        if self._writer.stdin is None:
            raise BrokenPipeError("The writer of slow files was started without an input.")
        self._writer.stdin.write(json.dumps([str(path), delay_s]) + "\n")
        self._writer.stdin.flush()
        try:
            yield path
        finally:
            path.unlink()


@contextmanager
def slow_files() -> Iterator[SlowFiles]:
    """Start the writer; at the end stop it and remove the folder."""
    command = [sys.executable, "-m", __name__]
    root = Path(__file__).parents[1]
    with (
        tempfile.TemporaryDirectory(prefix="neverblock-files-") as folder,
        subprocess.Popen(  # noqa: S603 - our own module
            # In a session of its own, so that Ctrl-C reaches the server alone, which ends both.
            command,
            stdin=subprocess.PIPE,
            text=True,
            cwd=root,
            start_new_session=True,
        ) as writer,
    ):
        try:
            yield SlowFiles(Path(folder), writer)
        finally:
            writer.kill()


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
    """Write what the input names, one JSON list of path and delay per line, until it ends.

    The input ends with the server, however it ends; the threads, being daemons, end with it.
    """
    for line in sys.stdin:
        threading.Thread(target=write, args=json.loads(line), daemon=True).start()


if __name__ == "__main__":
    main()
