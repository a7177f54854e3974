"""The blamed lines are shown as they stand in the app's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from neverblock.measurement import Frame
from neverblock.result import Blame
from neverblock.storage.source_lines import located, relative

LINES = [f"line {number}" for number in range(1, 11)]


@pytest.fixture
def app_file(tmp_path):
    """Give a file of an app: ten lines, each of which says its number."""
    file = tmp_path / "shop" / "main.py"
    file.parent.mkdir()
    file.write_text("\n".join(LINES) + "\n")
    return file


def blame(file, line, **more):
    """One blamed place."""
    return Blame(str(file), line, "f", "time.sleep", 0.1, on_cpu=False, **more)


@pytest.mark.parametrize(
    ("line", "end_line", "first", "last"),
    [(5, None, 2, 8), (5, 6, 2, 9), (1, None, 1, 4), (10, None, 7, 10), (9, 12, 6, 10)],
)
def test_some_lines_around_the_call_are_shown(app_file, tmp_path, line, end_line, first, last):
    """As many as the file has, and the number of the first, so that the call is found in them."""
    found = located(blame(app_file, line, end_line=end_line), tmp_path)
    assert found.source == tuple(LINES[first - 1 : last])
    assert found.source_line == first
    assert found.source[found.line - found.source_line] == f"line {line}"


def test_a_file_that_has_changed_is_read_again(app_file, tmp_path):
    """Two runs of one process may lie on both sides of an edit."""
    located(blame(app_file, 1), tmp_path)
    app_file.write_text("changed, and longer than before\n" * 20)
    assert located(blame(app_file, 1), tmp_path).source[0] == "changed, and longer than before"


def test_a_file_that_cannot_be_read_is_still_named(tmp_path):
    """Blame from another machine has a place and no lines."""
    found = located(blame(tmp_path / "gone.py", 5), tmp_path)
    assert (found.file, found.line, found.source) == ("gone.py", 5, ())


def test_the_whole_path_is_relative_to_the_app(app_file, tmp_path):
    """Nobody's home folder belongs into a report."""
    path = (
        Frame("/venv/lib/python3.12/site-packages/requests/api.py", 73, "get", "library"),
        Frame(str(app_file), 5, "f", "project"),
    )
    found = located(blame(app_file, 5, path=path), tmp_path)
    assert [frame.file for frame in found.path] == ["requests/api.py", "shop/main.py"]
    assert found.file == "shop/main.py"


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("/usr/lib/python3/dist-packages/redis/client.py", "redis/client.py"),
        ("/usr/lib/python3.12/json/encoder.py", "python3.12/json/encoder.py"),
        ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap>"),
        ("/srv/app/.venv/lib/python3.12/site-packages/six.py", "six.py"),
        ("/srv/app/main.py", "main.py"),
        ("/srv/application/main.py", "/srv/application/main.py"),
    ],
)
def test_a_file_is_named_as_a_person_of_the_project_would(file, shown):
    """What is installed by its package, what is the app's by its place there."""
    assert relative(file, Path("/srv/app")) == shown
