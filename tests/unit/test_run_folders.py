"""The folders of saved runs: made, found again, and taken away where nothing was saved."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from canned import canned_run

from neverblock.errors import StoreError
from neverblock.storage import run_file
from neverblock.storage.run_folders import new_folder, own_folder, point_latest, resolve

NOW = datetime(2026, 1, 30, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def run():
    """Give the canned run."""
    return canned_run()


@pytest.mark.parametrize("there", [True, False])
def test_a_run_that_saved_nothing_leaves_no_folder(tmp_path, there):
    """Nor the folder of all runs, where that was made for it alone."""
    reports = tmp_path / "reports"
    if there:
        reports.mkdir()
    with suppress(ValueError), own_folder(reports, NOW) as folder:
        assert folder.is_dir()
        raise ValueError("it does not start")
    assert list(tmp_path.iterdir()) == [reports] * there
    assert not there or list(reports.iterdir()) == []


def test_a_run_that_saved_something_keeps_it(run, tmp_path):
    """Also where it failed afterwards, and beside a run that did not."""
    reports = tmp_path / "reports"
    with suppress(ValueError), own_folder(reports, NOW) as folder:
        run_file.save(run, folder)
        raise ValueError("it failed afterwards")
    with own_folder(reports, NOW):
        pass
    assert {one.name for one in reports.iterdir()} == {folder.name, ".gitignore"}


def test_runs_are_kept_out_of_git_where_the_folder_was_made_for_them(tmp_path):
    """As pytest, ruff and mypy do with theirs; a folder that was there stays as it is."""
    new_folder(tmp_path / "reports", NOW)
    assert (tmp_path / "reports" / ".gitignore").read_text().endswith("\n*\n")
    (tmp_path / "mine").mkdir()
    new_folder(tmp_path / "mine", NOW)
    assert not (tmp_path / "mine" / ".gitignore").exists()


@pytest.mark.parametrize("named", ["basline.json", "{folder}/basline.json", "2026-01-30T12000Z"])
def test_a_misspelt_run_is_refused_with_the_nearest_name(run, tmp_path, monkeypatch, named):
    """A file of the folder that is named, or a saved run."""
    monkeypatch.chdir(tmp_path)
    Path("baseline.json").write_text("{}")
    run_file.save(run, new_folder(Path("reports"), NOW))
    meant = "2026-01-30T120000Z" if named.startswith("2026") else "baseline.json"
    with pytest.raises(StoreError) as caught:
        resolve(Path("reports"), named.format(folder=tmp_path))
    (suggested,) = [line for line in caught.value.hint.split("'") if line.endswith(meant)]
    assert caught.value.hint.startswith(f"Did you mean {suggested!r}? ")


def test_runs_of_the_same_second_get_folders_of_their_own(tmp_path):
    """Two runs never write into one folder."""
    folders = [new_folder(tmp_path / "reports", NOW) for _ in range(3)]
    assert [f.name for f in folders] == [
        "2026-01-30T120000Z",
        "2026-01-30T120000Z-2",
        "2026-01-30T120000Z-3",
    ]


def test_latest_follows_the_newest_run(run, tmp_path):
    """The pointer moves, and names survive that the whole folder is moved elsewhere."""
    for _ in range(2):
        folder = new_folder(tmp_path, NOW)
        run_file.save(run, folder)
        point_latest(folder)
    assert (tmp_path / "latest").resolve() == folder
    assert run_file.load(resolve(tmp_path, "latest")) == run
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [folder.name, "2026-01-30T120000Z", "latest"]
    )


def test_latest_is_a_text_file_where_there_are_no_symlinks(run, tmp_path, monkeypatch):
    """A file system without symlinks still has a latest run."""

    def refuse(*args, **kwargs):
        raise OSError(1, "no symlinks here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    folder = new_folder(tmp_path, NOW)
    run_file.save(run, folder)
    point_latest(folder)
    assert (tmp_path / "latest").is_file()
    assert resolve(tmp_path, "latest") == folder


def test_a_run_is_found_by_name_and_by_path(run, tmp_path):
    """A folder's name below the root, a folder's path and a file's path all will do."""
    folder = new_folder(tmp_path, NOW)
    file = run_file.save(run, folder)
    assert resolve(tmp_path, folder.name) == folder
    assert resolve(Path("elsewhere"), str(folder)) == folder
    assert resolve(Path("elsewhere"), str(file)) == file


def test_an_unknown_run_is_refused_and_the_newest_are_named(run, tmp_path):
    """A person who mistyped sees what there is."""
    run_file.save(run, folder := new_folder(tmp_path, NOW))
    with pytest.raises(StoreError) as caught:
        resolve(tmp_path, "yesterday")
    assert folder.name in caught.value.hint
    with pytest.raises(StoreError, match="latest"):
        resolve(tmp_path / "nowhere", "latest")
