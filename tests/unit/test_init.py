"""A project's folder before and after its first table was written."""

from __future__ import annotations

import tomllib

import pytest

from neverblock.cli import init as cli_init
from neverblock.config import Config, load_config
from neverblock.config.app_finder import FoundApp
from neverblock.config.starter import MOST_UNSAFE, Entries, first_table, with_table
from neverblock.endpoints.openapi.entry import Missing, entry_text, headers_text
from neverblock.errors import UsageError

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
NEEDED = (entry_text("GET /users/{id}", [Missing("path", "id")]), headers_text(["X-Token"]))
PROJECT = '# mine\n[project]\nname = "x"   # odd   spacing\n\n[tool.ruff]\nline-length = 3\n'


def test_the_first_table_is_read_back(tmp_path):
    """The file appears, names the app, and holds what endpoints need as comments."""
    (tmp_path / "main.py").write_text(APP, encoding="utf-8")
    cli_init.finish(cli_init.begin(tmp_path), Entries(NEEDED))
    text = (tmp_path / "pyproject.toml").read_text(encoding="utf-8")
    found = load_config(tmp_path, {})
    assert (found.app, found.app_dir, found.endpoints) == ("main:app", tmp_path, ())
    assert '#name = "GET /users/{id}"\n#path = {id = 1}\n' in text
    assert '#[tool.neverblock.headers]\n#x-token = "1"\n#authorization = ' in text


def taken(text):
    """Give the text with every setting that is a comment in force."""
    return "\n".join(
        line.removeprefix("#") if line[:2] != "# " else line for line in text.splitlines()
    )


def test_everything_works_once_its_mark_is_taken_away(tmp_path):
    """What was commented out is right by what reads it, whatever the app needs."""
    unsafe = tuple(entry_text(f"POST /{n}", []) for n in range(MOST_UNSAFE + 2))
    entries = Entries(NEEDED, (entry_text("GET /b", [Missing("query", "q")]),), unsafe)
    text = first_table(FoundApp("main:app"), entries)
    assert "# 2 more are listed" in text
    (tmp_path / "pyproject.toml").write_text(taken(text), encoding="utf-8")
    found = load_config(tmp_path, {"API_TOKEN": "s3cret"})
    names = ["GET /users/{id}", "GET /b", *(f"POST /{n}" for n in range(MOST_UNSAFE))]
    assert [one.name for one in found.endpoints] == names
    assert found.additions.headers == {"x-token": "1", "authorization": "Bearer s3cret"}
    assert (found.setup, found.exclude) == ("package.module:log_in", ("GET /export/*",))


def test_the_limits_that_are_shown_are_those_that_count(tmp_path):
    """With every mark taken away nothing is another than without a table."""
    (tmp_path / "pyproject.toml").write_text(
        taken(first_table(FoundApp("main:app"))), encoding="utf-8"
    )
    found, plain = load_config(tmp_path, {"API_TOKEN": "x"}), Config()
    for limit in ("n", "loop_limit_s", "deadline_s", "document_limit_s"):
        assert getattr(found, limit) == getattr(plain, limit)


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
