"""The files that an analyser names are found on this machine, or stay as they are."""

from __future__ import annotations

import pytest

from neverblock.plan import Suspect
from neverblock.run.suspects import found_here, marks_of


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Make a repository with an app in a folder of it, and a file above the repository."""
    (tmp_path / "outside.py").touch()
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    (project / "src" / "app").mkdir(parents=True)
    for name in ("src/app/main.py", "src/app/db.py", "shared.py"):
        (project / name).touch()
    monkeypatch.chdir(project / ".git")
    return project


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("app/main.py", "src/app/main.py"),
        ("src/app/main.py", "src/app/main.py"),
        ("shared.py", "shared.py"),
        ("/home/ci/work/project/src/app/db.py", "src/app/db.py"),
        ("../src/app/db.py", "src/app/db.py"),
    ],
    ids=["of the app", "of the repository", "above the app", "of another machine", "of here"],
)
def test_a_file_is_found(project, written, found):
    """By the folders that an analyser may have been run in."""
    suspect = Suspect(written, 3, "R", "", "s", ((written, 1),))
    (here,) = found_here([suspect], project / "src")
    assert here.file == str((project / found).resolve())
    assert here.chain == ((here.file, 1),)


@pytest.mark.parametrize("written", ["outside.py", "nowhere.py", "/nowhere/else.py"])
def test_what_is_not_in_the_project_stays_as_it_is(project, written):
    """It is listed, and what has no path here cannot be marked."""
    (here,) = found_here([Suspect(written, 3, "R", "", "s")], project / "src")
    assert here.file == written


def test_each_line_is_marked_once():
    """Two rules on one line are two suspects and one mark; what was not found is none."""
    places = [("/a.py", 3), ("/a.py", 3), ("/a.py", 4), ("relative.py", 1)]
    suspects = [Suspect(file, line, f"R{at}", "", "s") for at, (file, line) in enumerate(places)]
    assert marks_of(suspects) == (("/a.py", 3), ("/a.py", 4))
