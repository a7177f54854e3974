"""A project's folder before and after its first table was written."""

from __future__ import annotations

import tomllib

import pytest

from neverblock.cli import init as cli_init
from neverblock.config import Config, load_config
from neverblock.config.app_finder import FoundApp
from neverblock.config.starter import MOST_UNSAFE, Entries, first_table, with_table
from neverblock.endpoints.openapi.discover import discover
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
    """With its file, and what to type next."""
    (tmp_path / "main.py").write_text(APP, encoding="utf-8")
    (tmp_path / "other.py").write_text(APP, encoding="utf-8")
    cli_init.finish(cli_init.begin(tmp_path))
    shown = capsys.readouterr().out
    assert '[tool.neverblock]\napp = "main:app"\n' in shown
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


def test_the_app_that_was_taken_is_told_with_the_others(tmp_path):
    """In one line: with how many routes each has, and how another is named."""
    (tmp_path / "shop").mkdir()
    route = "@app.get('/{}')\nasync def route(): ...\n"
    many = APP + "".join(map(route.format, range(16)))
    (tmp_path / "shop" / "main.py").write_text(many, encoding="utf-8")
    (tmp_path / "upstream.py").write_text(APP + route, encoding="utf-8")
    start = cli_init.begin(tmp_path)
    assert cli_init.taken(start) == (
        "Took shop.main:app (16 routes); it has the most routes. Found as well: upstream:app "
        "(1 route). For another: neverblock init NAME"
    )
    (tmp_path / "upstream.py").unlink()
    assert cli_init.taken(cli_init.begin(tmp_path)) == "Took shop.main:app (16 routes)."


ORDER = {
    "type": "object",
    "required": ["item", "amount", "to"],
    "properties": {
        "item": {"type": "string"},
        "amount": {"type": "integer", "minimum": 2},
        "note": {"type": "string"},
        "to": {
            "type": "object",
            "required": ["city"],
            "properties": {"city": {"type": "string"}},
        },
    },
}


def entry_of(kind, schema):
    """Give the lines for a POST whose body has a media type and a schema."""
    body = {"required": True, "content": {kind: {"schema": schema}}}
    document = {"openapi": "3.1.0", "paths": {"/orders": {"post": {"requestBody": body}}}}
    return discover(document, Config()).unsafe[0]


def test_a_post_is_written_with_the_fields_that_its_body_requires():
    """With values that the schema accepts, and none that it does not require."""
    found = tomllib.loads(entry_of("application/json", ORDER))["tool"]["neverblock"]["endpoint"]
    assert found == [
        {"name": "POST /orders", "json": {"item": "1", "amount": 2, "to": {"city": "1"}}}
    ]


def test_fields_without_a_value_are_named():
    """Nothing fits this pattern with this length; the field is required all the same."""
    field = {"type": "string", "minLength": 9, "maxLength": 3}
    schema = {"type": "object", "required": ["code"], "properties": {"code": field}}
    assert 'json = {code = "..."}' in entry_of("application/json", schema)


@pytest.mark.parametrize("kind", ["multipart/form-data", "image/png"])
def test_a_file_that_is_not_there_is_said_to_be_made(kind):
    """On the line that names it, where whoever takes its mark away sees it."""
    text = entry_of(kind, {"type": "string", "format": "binary"})
    line = next(line for line in text.splitlines() if "body.bin" in line)
    assert line.endswith("# make body.bin first, beside this file")
    assert "body.bin" in str(tomllib.loads(text))
