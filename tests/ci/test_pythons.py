"""The scripts that find and fetch interpreters: what they say, and what they leave alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"
VERSION = "{}.{}".format(*sys.version_info) + "t" * ("t" in sys.abiflags)
NAMED = f"PYTHON{VERSION.replace('.', '')}"


def run(script, *arguments, **env):
    """Run a script of the project; give its exit code and both outputs."""
    done = subprocess.run(
        [TOOLS / script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | env,
    )
    return done.returncode, done.stdout.strip(), done.stderr.strip()


@pytest.fixture
def unpacked(tmp_path):
    """Give a folder in which this Python looks as if it had been unpacked."""
    python = tmp_path / "usr" / "bin" / f"python{VERSION}"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return tmp_path


def test_what_is_unpacked_and_runs_is_left_alone(unpacked):
    """Nothing is fetched or written, and the interpreter is named."""
    before = sorted(unpacked.rglob("*"))
    where = str(unpacked / "usr" / "bin" / f"python{VERSION}")
    assert run("pythons.sh", "--into", str(unpacked), VERSION) == (0, where, "")
    assert sorted(unpacked.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("3.x",), "'3.x' is no version of Python; say for instance: tools/pythons.sh 3.15"),
        (("3.15t",), "Debian has no Python 3.15t; build it with ./configure --disable-gil"),
        (("--into",), "--into needs a folder."),
        (("--into", "/dev/null/x"), "/dev/null/x cannot be created; name another folder"),
    ],
)
def test_an_error_is_one_sentence(arguments, sentence):
    """With the value that is wrong, and what to type instead."""
    code, said, complained = run("pythons.sh", *arguments)
    assert (code, said) == (2, "")
    assert sentence in complained
    assert len(complained.splitlines()) == 1


def test_no_archive_is_named():
    """The address is the machine's own."""
    assert "://" not in (TOOLS / "pythons.sh").read_text()


def test_an_interpreter_that_is_named_comes_first(unpacked):
    """A variable names it, whatever is on the PATH."""
    python = str(unpacked / "usr" / "bin" / f"python{VERSION}")
    assert run("find-python.sh", VERSION, **{NAMED: python}) == (0, python, "")


def test_an_interpreter_of_another_version_does_not_count():
    """It is looked for elsewhere, and in the end not found."""
    assert run("find-python.sh", "3.99", PYTHON399=sys.executable) == (1, "", "")


def test_a_build_without_a_gil_is_a_version_of_its_own():
    """Where it is asked for, a build that has one does not count."""
    assert run("find-python.sh", "3.99t", PYTHON399t=sys.executable) == (1, "", "")
    other = VERSION.removesuffix("t") if VERSION.endswith("t") else f"{VERSION}t"
    named = f"PYTHON{other.replace('.', '')}"
    found = run("find-python.sh", other, **{named: sys.executable})[1]
    assert found != sys.executable
