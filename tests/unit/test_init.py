"""A project's folder before and after its first table was written."""

from __future__ import annotations

import tomllib

import pytest

from neverblock.cli import init as cli_init
from neverblock.config import load_config
from neverblock.config.app_finder import FoundApp
from neverblock.config.starter import first_table, with_table
from neverblock.endpoints.openapi.entry import Missing, entry_text
from neverblock.errors import UsageError

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
ENTRY = entry_text("GET /users/{id}", [Missing("path", "id"), Missing("header", "x-token")])
PROJECT = '# mine\n[project]\nname = "x"   # odd   spacing\n\n[tool.ruff]\nline-length = 3\n'


def test_the_first_table_is_read_back(tmp_path):
    """The file appears, names the app, and holds what endpoints need as comments."""
    (tmp_path / "main.py").write_text(APP, encoding="utf-8")
    cli_init.finish(cli_init.begin(tmp_path), [ENTRY])
    text = (tmp_path / "pyproject.toml").read_text(encoding="utf-8")
    found = load_config(tmp_path, {})
    assert (found.app, found.app_dir, found.endpoints) == ("main:app", tmp_path, ())
    assert '# name = "GET /users/{id}"\n# path = {id = 1}\n' in text
    assert '# [tool.neverblock.headers]\n# x-token = "1"\n' in text


def test_the_entries_work_once_their_marks_are_taken_away(tmp_path):
    """What was commented out is the configuration that was missing."""
    text = first_table(FoundApp("main:app"), [ENTRY, entry_text("GET /b", [])])
    marks = "\n".join(
        line.removeprefix("# ")
        for line in text.splitlines()
        if not line.startswith(("# Nothing", "# Put"))
    )
    (tmp_path / "pyproject.toml").write_text(marks, encoding="utf-8")
    found = load_config(tmp_path, {})
    assert [one.name for one in found.endpoints] == ["GET /users/{id}", "GET /b"]
    assert found.additions.headers == {"x-token": "1"}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_rest_of_the_file_stays_as_it_was(tmp_path, newline):
    """Comments, spacing and the kind of line ends: byte for byte."""
    before = PROJECT.replace("\n", newline).encode()
    file = tmp_path / "pyproject.toml"
    file.write_bytes(before)
    cli_init.finish(cli_init.begin(tmp_path, "a:b", factory=True))
    after = file.read_bytes()
    assert after.startswith(before)
    assert after.count(b"\r\n") == (after.count(b"\n") if newline == "\r\n" else 0)
    assert tomllib.loads(after.decode())["tool"] == {
        "ruff": {"line-length": 3},
        "neverblock": {"app": "a:b", "factory": True},
    }


def test_what_was_written_is_shown(tmp_path, capsys):
    """With its file, the other apps that were found, and what to type next."""
    (tmp_path / "main.py").write_text(APP, encoding="utf-8")
    (tmp_path / "other.py").write_text(APP, encoding="utf-8")
    cli_init.finish(cli_init.begin(tmp_path))
    shown = capsys.readouterr().out
    assert '[tool.neverblock]\napp = "main:app"\n' in shown
    assert "other:app" in shown
    assert "neverblock check" in shown


def test_a_table_is_never_overwritten(tmp_path):
    """The error says what to do instead, before anything is started."""
    (tmp_path / "pyproject.toml").write_text("[tool.neverblock]\nn = 5\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"has a \[tool.neverblock\] table already"):
        cli_init.begin(tmp_path, "a:b")


def test_a_folder_without_an_app_is_told(tmp_path):
    """Apps of tests and of installed packages are none of the project's."""
    for folder in ("tests", ".venv", "node_modules"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "main.py").write_text(APP, encoding="utf-8")
    with pytest.raises(UsageError, match="neverblock init package"):
        cli_init.begin(tmp_path)


@pytest.mark.parametrize("text", ["[tool", "tool = {ruff = {}}", "tool = 3"])
def test_a_file_that_takes_no_table_is_told(text):
    """Broken ones, and ones whose tables are closed."""
    with pytest.raises(UsageError, match=r"pyproject\.toml"):
        with_table(text, first_table(FoundApp("a:b")), "pyproject.toml")


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    """A folder of that name is no file."""
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        cli_init.begin(tmp_path, "a:b")
