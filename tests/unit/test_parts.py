"""The parts of the suite: every test is run, in one of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter, defaultdict

import parts
import pytest

FILES = sorted(parts.TESTS.rglob("test_*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(parts.TESTS)))
def test_every_file_belongs_to_exactly_one_part(file):
    """In none it would never be run, in two it would be run twice."""
    assert len(parts.parts_of(file)) == 1


def test_no_two_files_have_the_same_name():
    """Without packages a file is a module of its name: `pytest` alone would refuse the second."""
    names = Counter(file.name for file in FILES)
    assert [name for name, files in names.items() if files > 1] == []


@pytest.mark.parametrize("place", [place for part in parts.PARTS for place in part.places])
def test_every_place_is_there(place):
    """A name that is left over after a file was moved hides that its tests are in no part."""
    assert (parts.TESTS / place).exists()


def test_the_newest_python_runs_probe_check_and_plugin():
    """All that is named for it is run, each in its part, and some of each kind."""
    newest = parts.of_newest()
    assert sorted(place for part in newest for place in part.places) == sorted(parts.NEWEST)
    assert [part.name for part in newest] == ["pure", "processes", "waiting"]
    assert {place.split("/")[0] for place in parts.NEWEST} == {"probe", "check", "plugin"}


def test_the_tests_of_a_file_share_a_worker():
    """Else each worker would start anew what a file starts once: a browser, a server, a check."""
    files = [str(parts.TESTS / f"unit/test_{name}.py") for name in ("cap", "plan")]
    options = ("-n", "2", "--dist", "loadgroup", "-v", "-p", "no:cacheprovider")
    said = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *files],
        cwd=parts.TESTS.parent,
        env={name: value for name, value in os.environ.items() if "XDIST" not in name},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    workers = defaultdict(set)
    for worker, name in re.findall(r"\[(gw\d)\].* PASSED \S*unit/test_(\w+)\.py", said):
        workers[name].add(worker)
    assert [len(workers[name]) for name in ("cap", "plan")] == [1, 1]


@pytest.mark.parametrize(
    ("statuses", "code"), [((0, 0, 0, 0), 0), ((0, 1, 0, 0), 1), ((0, 0, 0, 5), 1)]
)
def test_one_part_that_fails_or_finds_no_tests_fails_all(monkeypatch, capsys, statuses, code):
    """The others are run all the same, and what failed is named, whether it gave way or not."""
    left = {part.name: status for part, status in zip(parts.PARTS, statuses, strict=True)}

    def asked(part):
        return [sys.executable, "-c", f"print({part.name!r}); raise SystemExit({left[part.name]})"]

    monkeypatch.setattr(parts, "command", asked)
    assert parts.main() == code
    said = capsys.readouterr()
    assert "pure took 0.0 min" in said.out
    assert "pure, meanwhile:\npure\n" in said.out
    failed = [name for name, status in left.items() if status]
    assert [name for name in failed if f"{name} (pytest's exit code" not in said.err] == []
    assert bool(said.err) == bool(failed)


def test_what_has_to_be_alone_begins_after_what_gives_way(monkeypatch, tmp_path):
    """And the others begin before that has ended."""
    note = tmp_path / "note"
    note.touch()
    others = f"import time\nwhile 'waiting' not in open({str(note)!r}).read(): time.sleep(0.01)\n"

    def asked(part):
        say = f"open({str(note)!r}, 'a').write('{part.name} ')"
        return [sys.executable, "-c", (others if part.gives_way else "") + say]

    monkeypatch.setattr(parts, "command", asked)
    assert parts.main() == 0
    assert note.read_text().split() == ["processes", "waiting", "pure", "measuring"]
    assert [part.name for part in parts.PARTS if part.alone] == ["measuring"]


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="no such policy here")
def test_what_gives_way_has_what_time_is_left(monkeypatch, tmp_path):
    """All its processes, and not the one that began them."""
    told = "import os, subprocess, sys; print(os.sched_getscheduler(0), flush=True)"
    own = os.sched_getscheduler(0)
    both = f"{told}; subprocess.run([sys.executable, '-c', {told!r}])"
    monkeypatch.setattr(parts, "command", lambda _: [sys.executable, "-c", both])
    with (tmp_path / "said").open("w+b") as said:
        assert parts.begun(parts.PARTS[0], said).process.wait() == 0
        said.seek(0)
        assert said.read().split() == [b"%d" % os.SCHED_IDLE] * 2
    assert os.sched_getscheduler(0) == own
