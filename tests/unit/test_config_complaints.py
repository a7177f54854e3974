"""All that is wrong in a configuration, told at once."""

from __future__ import annotations

from textwrap import dedent

import pytest

from neverblock.config import load_config
from neverblock.errors import UsageError


@pytest.fixture
def complaint(tmp_path):
    """Give a function that gives the error which the text of a pyproject.toml leads to."""

    def complaining(text):
        (tmp_path / "pyproject.toml").write_text(dedent(text), encoding="utf-8")
        with pytest.raises(UsageError) as caught:
            load_config(tmp_path, {}, ("NB101", "NB102"))
        return str(caught.value)

    return complaining


def test_what_the_environment_and_the_folder_lack_is_told_at_once_as_well(complaint):
    """A variable that is not set hides no file that is not there, nor a code that is none."""
    text = """
        [tool.neverblock.headers]
        authorization = "Bearer ${NOT_SET}"
        [[tool.neverblock.endpoint]]
        name = "POST /one"
        file = "one.json"
        [[tool.neverblock.endpoint]]
        name = "POST /two"
        files = { first = "first.png", second = "second.png" }
        [[tool.neverblock.allow]]
        endpoint = "x"
        reason = "y"
        expires = 2027-01-01
        code = "NB9"
    """
    said = complaint(text)
    for each in ("NOT_SET is not set", "endpoint[1].file = ", "endpoint[2].files.first = "):
        assert each in said
    assert "endpoint[2].files.second = " in said
    assert "allow[1].code = 'NB9'" in said
    assert "Entries are counted from 1" in said


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("n = 1", False),
        ('app = "x[1]"', False),
        ("exclude = [1]", True),
        ('endpoint = [{name = "GET /x", n = 1}]', True),
        ('allow = [{endpoint = "x"}]', True),
        ('endpoint = [{name = "GET /x", m = 1}]', True),
    ],
)
def test_how_entries_are_counted_is_said_where_one_is_named(complaint, text, counted):
    """Elsewhere it would be about nothing."""
    assert ("Entries are counted" in complaint(f"[tool.neverblock]\n{text}")) is counted
