"""``--suspects``: the outputs of analysers, from files, from standard input, or of ruff run now."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from neverblock.analysis.suspects.read import EXAMPLE, read_suspects
from neverblock.errors import UsageError
from neverblock.run.suspects import found_here
from neverblock.target.remote import is_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.plan import Suspect, Target

AUTO, STDIN = "auto", "-"
RULES = "ASYNC2"
"""Ruff's rules for calls that block; its other ASYNC rules are about how async code is written."""

RUFF_TIMEOUT_S = 120.0


def suspects_of(names: Sequence[str] | None, target: Target) -> tuple[Suspect, ...] | None:
    """Read what ``--suspects`` names, with the files as they are here; None where it names nothing.

    Raises UsageError for what cannot be read, and for a target whose lines nobody sees.
    """
    if not names:
        return None
    if is_url(target.app):
        raise UsageError(
            f"{target.app} is watched from outside, where no line is seen: --suspects has no use.",
            "Name the app as package.module:app, so that neverblock serves it.",
        )
    found: list[Suspect] = []
    for name in names:
        content = by_ruff(target) if name == AUTO else content_of(name)
        found += read_suspects(content, "ruff's output" if name == AUTO else name)
    return found_here(found, target.app_dir)


def content_of(name: str) -> bytes:
    """Read a file, or standard input for ``-``. Raises UsageError where it cannot be read."""
    if name == STDIN:
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"'{name}' cannot be read: {error.strerror}.", EXAMPLE) from error


def by_ruff(target: Target) -> bytes:
    """Let ruff look for calls that block: of the app's environment, else of ours, else of the path.

    Raises UsageError where there is none, and where it fails.
    """
    pythons = (target.python.path if target.python else sys.executable, sys.executable)
    places = [str(Path(python).parent) for python in pythons]
    found = (shutil.which("ruff", path=place) for place in (*places, os.environ.get("PATH")))
    ruff = next(filter(None, found), None)
    if ruff is None:
        raise UsageError(
            "--suspects auto runs ruff, and there is none in this project.",
            "Install it: pip install ruff, or give the output of another: --suspects FILE.",
        )
    command = [ruff, "check", "--select", RULES, "--output-format", "json", "--exit-zero", "."]
    try:
        done = subprocess.run(  # noqa: S603 - the project's own linter, with our arguments
            command, cwd=target.app_dir, capture_output=True, timeout=RUFF_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"ruff did not run: {error}.", f"Try it by hand: {ruff} check.") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise UsageError(f"ruff failed: {said or done.returncode}", "Correct its configuration.")
    return done.stdout
