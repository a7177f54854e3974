"""Temporary folders: gone with their process, and after a kill with the next start."""

from __future__ import annotations

import subprocess
import sys

import pytest

from neverblock.target.scratch import OWNER, scratch_folder

HOLD = """
import sys
from neverblock.target.scratch import scratch_folder
with scratch_folder("test-") as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """Give a folder of the test's own for temporary files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def held():
    """Start a process that keeps such a folder; give it, and the folder's path."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, process.stdout.readline().strip()


def test_a_folder_is_gone_with_its_context(temporary):
    """With all that is in it."""
    with scratch_folder() as folder:
        (folder / "trace").mkdir()
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next_start(temporary):
    """And not what a living one has."""
    (killed, left), (living, kept) = held(), held()
    with killed, living:
        killed.kill()
        killed.wait()
        assert {str(path) for path in temporary.iterdir()} == {left, kept}
        with scratch_folder():
            names = {str(path) for path in temporary.iterdir()}
        assert left not in names
        assert kept in names
        living.stdin.close()
        living.wait()
    assert list(temporary.iterdir()) == []


def test_what_is_not_such_a_folder_is_not_touched(temporary):
    """Neither one of the same name without our file, nor what a link leads to."""
    mine = temporary / "neverblock-venv"
    mine.mkdir()
    (mine / "kept").write_text("")
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / OWNER).write_text("")
    (temporary / "neverblock-link").symlink_to(elsewhere)
    (temporary / "neverblock-0.lock").write_text("")
    (temporary / "neverblock-odd").mkdir()
    (temporary / "neverblock-odd" / OWNER).symlink_to(elsewhere / OWNER)
    before = sorted(temporary.rglob("*"))
    with scratch_folder():
        pass
    assert sorted(temporary.rglob("*")) == before
