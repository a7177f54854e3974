"""`neverblock explain`, as it is typed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import neverblock
from neverblock.analysis.codes import CODES, find_code, page
from neverblock.cli.explain import explain
from neverblock.config.page import configuration_page
from neverblock.errors import UsageError

PAGE = re.compile(r"\bdocs/|\b[\w-]+\.md\b(?<!README\.md)")


@pytest.fixture
def typed():
    """Give a function that types the command's arguments and gives what was printed."""
    app = typer.Typer()
    app.command()(explain)

    def run(*arguments, **environment):
        told = CliRunner().invoke(app, arguments, env={"COLUMNS": "100", **environment})
        if told.exception:
            raise told.exception
        return told.output

    return run


def test_without_an_argument_all_codes_are_listed(typed):
    """Whoever does not know the codes begins here."""
    listed = typed()
    assert all(code.code in listed and code.name in listed for code in CODES)


@pytest.mark.parametrize("text", ["NB201", "executor-saturated"])
def test_a_piped_page_is_its_markdown(typed, text):
    """What goes into a file or a pull request stays Markdown."""
    assert typed(text) == page(find_code("NB201"))


def test_in_a_terminal_a_page_is_laid_out(typed):
    """The marks of Markdown give way to headings and colours."""
    told = typed("NB101", FORCE_COLOR="1", TERM="xterm")
    assert "```" not in told
    assert "What it means" in told
    assert "\x1b[" in told


def test_the_configuration_is_explained_where_there_are_no_docs(typed):
    """What messages point to is in the package, and not only in a clone."""
    told = typed("config")
    assert "| `baseline` |" in told
    assert "[[tool.neverblock.endpoint]]" in told


def test_an_unknown_code_reaches_the_command_line_as_an_error(typed):
    """The command line turns it into its two lines and exit code 2."""
    with pytest.raises(UsageError):
        typed("NB999")


def test_no_page_leads_where_a_wheel_has_nothing():
    """A link to a page beside it is a dead end for whoever has the package alone."""
    for text in (configuration_page(), *map(page, CODES)):
        assert re.findall(r"\]\((?!https?:)[^)]*\)", text) == []


def test_no_message_names_a_page_of_the_docs():
    """What the package says to its users is in the package: by explain, or on the report."""
    package = Path(neverblock.__file__).parent
    named = [
        (path.name, node.value)
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if "\n" not in node.value
        and re.search(r"\bdocs/|\b[\w-]+\.md\b(?<!README\.md)", node.value)
    ]
    assert named == [("page.py", "configuration.md")] * 2
