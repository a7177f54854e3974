"""The console blocks of the docs: they do what the page says.

What is marked as ``console`` is run, its commands each after a ``$``; what is not to be run is
``sh`` or ``text``. What the page shows beneath a command has to be printed, figures aside; ``...``
stands for anything. ``<!-- file: NAME -->`` before a block writes it into the folder in which they
run, and ``<!-- replace in NAME: A -> B -->`` changes it there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
STEP = re.compile(
    r"<!-- (file|replace in)(?:: | )([^\n]*?) -->\n```\w+\n(.*?)```|()()```console\n(.*?)```",
    re.DOTALL,
)
FIGURE = re.compile(r"[\d.,]+( (ms|s)\b)?( to [\d.,]+ (ms|s)\b)?")
CHECKS = re.compile(r"(?<= )[b✓·]{3}$", re.MULTILINE)
"""Of an endpoint that passes: which of them have a say is up to the machine's noise."""

ANYTHING = re.compile(r"^\.\.\.$", re.MULTILINE)
PAGES = [
    page
    for page in (PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")))
    if "```console" in page.read_text(encoding="utf-8")
]


def test_there_are_blocks_to_run():
    """The page that a new user reads first is among them."""
    assert PROJECT / "docs" / "start.md" in PAGES


def plain(text):
    """Give what is compared of an output: figures, ranges of them and line breaks aside."""
    # Lines are joined first: a longer figure may break one between itself and its unit.
    return FIGURE.sub("N", " ".join(CHECKS.sub("C", text).split()))


def asked(block):
    """Give each command of a block with what the page shows beneath it."""
    parts = re.split(r"^\$ (.*)$", block, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def session(commands, folder, environ):
    """Run commands in one shell, one after another; give what each printed."""
    script = "".join(f"{one}\ns=$?; printf '\\n@@next@@\\n'; (exit $s)\n" for one in commands)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=100,
    )
    return done.stdout.split("\n@@next@@\n")[:-1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_block_does_what_the_page_says(page, tmp_path):
    """Command by command, in a folder with nothing but what the page has written there."""
    folder, programs = tmp_path / "app", tmp_path / "bin"
    folder.mkdir()
    programs.mkdir()
    program = programs / "neverblock"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m neverblock "$@"\n')
    program.chmod(0o755)
    environ = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "COLUMNS": "100"}
    for found in STEP.findall(page.read_text(encoding="utf-8")):
        kind, what, block = (found[at] or found[at + 3] for at in range(3))
        if kind == "file":
            (folder / what).write_text(block)
        elif kind:
            name, _, change = what.partition(": ")
            old, _, new = change.partition(" -> ")
            text = (folder / name).read_text()
            assert old in text
            (folder / name).write_text(text.replace(old, new))
        else:
            steps = asked(block)
            said = session([command for command, _ in steps], folder, environ)
            assert len(said) == len(steps), said
            for (command, shown), output in zip(steps, said, strict=True):
                rest = plain(output)
                for piece in map(plain, ANYTHING.split(shown)):
                    assert piece in rest, f"$ {command}\n{output}\n\nlacks {piece}"
                    rest = rest.partition(piece)[2] if piece else rest
