"""The parts of the suite: every test is run, in one of them."""

from __future__ import annotations

import subprocess

import parts
import pytest

FILES = sorted(parts.TESTS.rglob("test_*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(parts.TESTS)))
def test_every_file_belongs_to_exactly_one_part(file):
    """In none it would never be run, in two it would be run twice."""
    assert len(parts.parts_of(file)) == 1


@pytest.mark.parametrize("place", [place for part in parts.PARTS for place in part.places])
def test_every_place_is_there(place):
    """A name that is left over after a file was moved hides that its tests are in no part."""
    assert (parts.TESTS / place).exists()


def test_the_newest_python_runs_probe_check_and_plugin():
    """All that is named for it is run, each in its part, and some of each kind."""
    newest = parts.of_newest()
    assert sorted(place for part in newest for place in part.places) == sorted(parts.NEWEST)
    assert [part.name for part in newest] == [part.name for part in parts.PARTS]
    assert {place.split("/")[0] for place in parts.NEWEST} == {"probe", "check", "plugin"}


@pytest.mark.parametrize(("statuses", "code"), [((0, 0, 0), 0), ((0, 1, 0), 1), ((0, 0, 5), 1)])
def test_one_part_that_fails_or_finds_no_tests_fails_all(monkeypatch, capsys, statuses, code):
    """The others are run all the same, and what failed is named."""
    left = iter(statuses)

    def run(asked, **_):
        return subprocess.CompletedProcess(asked, next(left))

    monkeypatch.setattr(parts.subprocess, "run", run)
    assert parts.main() == code
    assert list(left) == []
    said = capsys.readouterr()
    assert "pure took 0.0 min; processes took 0.0 min" in said.out
    failed = [p.name for p, status in zip(parts.PARTS, statuses, strict=True) if status]
    assert [name for name in failed if f"{name} (pytest's exit code" not in said.err] == []
    assert bool(said.err) == bool(failed)
