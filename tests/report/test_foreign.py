"""Nothing that an app says is a workflow command of GitHub's, in any format that is printed."""

from __future__ import annotations

import json
import re

import pytest
from hostile import NASTY, hostile_run

from neverblock.gate.decide import Decision, Reason
from neverblock.report import RENDERERS, create_renderer, decision_text
from neverblock.report.foreign import harmless, harmless_json
from neverblock.report.github import COMMANDS

COMMAND = re.compile(r"(?:^|[\r\n])[^\S\r\n]*::|##\[")
PAGE_STYLE = re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL)
TEXTS = (
    "x\n::error::pwn",
    "x\r::error::pwn",
    "x\r\n \t\u00a0::stop-commands::x",
    "##[error]pwn",
    "x ##[group]y",
    "::add-mask::a",
    *NASTY.values(),
)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_line_of_it_is_a_command(text):
    """After blanks as well, and at every kind of line break that the runner knows."""
    assert not COMMAND.search(harmless(text))


@pytest.mark.parametrize("text", ["std::vector", "a ::b", "# [x]", "12:30::", ""])
def test_what_is_no_command_stays_as_it_is(text):
    """Nothing else is changed."""
    assert harmless(text) == text


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_json_keeps_every_text(text):
    """It has no such line, and whoever reads it gets the very same."""
    said = harmless_json({text: [text]}, indent=2)
    assert not COMMAND.search(said)
    assert json.loads(said) == {text: [text]}


def test_a_page_keeps_its_own_styles():
    """Those have such lines, and nothing of the app's is in them."""
    page = "<style>\n::before{}\n</style>\n::error::x<script>\n::y</script>"
    assert harmless(page) == "<style>\n::before{}\n</style>\n: :error::x<script>\n::y</script>"


@pytest.mark.parametrize("name", sorted(RENDERERS))
@pytest.mark.parametrize("text", TEXTS[:6], ids=range(6))
def test_no_format_lets_one_through(name, text):
    """What is GitHub's own format has the commands of ours alone."""
    said = PAGE_STYLE.sub("", create_renderer(name)(hostile_run(text)))
    lines = [line for line in re.split(r"[\r\n]", said) if COMMAND.match(line)]
    own = tuple(f"::{command} " for command in COMMANDS.values())
    assert [line for line in lines if not (name == "github" and line.startswith(own))] == []
    assert name == "github" or "##[" not in said


def test_a_decision_lets_none_through():
    """What the gate prints quotes the app as well."""
    reason = Reason("x\n::error::pwn ##[error]", 1, "GET /x")
    assert not COMMAND.search(decision_text.render(Decision((reason,))))
