"""Where in its repository a run is made."""

from __future__ import annotations

import pytest

from neverblock.run.repository import work_dir


@pytest.fixture
def project(tmp_path):
    """Make a repository's folder with a project in a sub-folder; give that."""
    folder = tmp_path / "repo" / "services" / "shop"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("name", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_the_checkout_of_a_job_is_the_root(project, name):
    """Also where there is no .git, as in a container that got the sources alone."""
    root = project.parents[1]
    assert work_dir(project, {name: str(root)}) == "services/shop"
    assert work_dir(root, {name: str(root)}) == ""
    assert work_dir(root.parent, {name: str(root)}) == ""


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_the_nearest_repository_is_the_root(project, tmp_path, kind):
    """Whatever the job says of a folder above; a worktree has a file for it."""
    git = project.parent / ".git"
    if kind == "folder":
        git.mkdir()
    else:
        git.write_text("gitdir: elsewhere")
    assert work_dir(project, {"GITHUB_WORKSPACE": str(tmp_path)}) == "shop"


def test_without_a_repository_there_is_no_folder_of_it(project):
    """Then files are named from where it ran."""
    assert work_dir(project, {"GITHUB_WORKSPACE": ""}) == ""
