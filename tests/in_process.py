"""The command line without an interpreter of its own, where what it says is the point."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
from typing import TYPE_CHECKING
from unittest import mock

from neverblock.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def say(*arguments: object, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``neverblock`` in a folder, in this process; give its exit code and both outputs."""
    out, err = io.StringIO(), io.StringIO()
    told = [str(argument) for argument in arguments]
    with (
        mock.patch.dict(os.environ, {"COLUMNS": "120", "TERM": "dumb"} | env),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main(told)
            code = 0
        except SystemExit as end:
            code = end.code or 0
    return subprocess.CompletedProcess(told, code, out.getvalue(), err.getvalue())
