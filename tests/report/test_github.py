"""GitHub's annotations, read back as its runner reads them, and the step's summary."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from canned import canned_run
from hostile import NASTY, hostile_run, own

from neverblock.cli.github import tell_github
from neverblock.errors import StoreError
from neverblock.report import create_renderer
from neverblock.report.github import SHOWN, render


@pytest.fixture(scope="module")
def run():
    """Give the canned run."""
    return canned_run()


def unescaped(text, *more):
    """Undo the escapes, the percent sign last, as the runner does."""
    for code, plain in (*more, ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, plain)
    return text


def read(text):
    """Give each command of the output as (name, properties, message), as the runner parses it."""
    commands = []
    for line in text.split("\n")[:-1]:
        assert line.startswith("::")
        head, _, message = line[2:].partition("::")
        name, _, listed = head.partition(" ")
        properties = dict(each.split("=", 1) for each in listed.split(","))
        commands.append(
            (
                name,
                {k: unescaped(v, ("%3A", ":"), ("%2C", ",")) for k, v in properties.items()},
                unescaped(message),
            )
        )
    return commands


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_hostile_names_give_no_command_of_their_own(text):
    """One finding is one command of ours, with our properties alone."""
    commands = read(render(hostile_run(text)))
    assert [name for name, _, _ in commands] == ["error"]
    (_, properties, message) = commands[0]
    assert properties.keys() <= {"file", "line", "endLine", "col", "endColumn", "title"}
    assert all(line.isprintable() for line in message.split("\n"))
    render(hostile_run(text)).encode("utf-8")


def test_escaped_values_come_back_as_they_were(run):
    """A path with a comma and a colon, and a percent sign, reach the annotation whole."""
    app = own(run, "sleep/bad")
    blame = replace(app.results[0].blame[0], file="a,b:c%2C/100%.py")
    judged = replace(app.results[0].judgement, reason="50%0A, done: ok")
    app = replace(app, results=(replace(app.results[0], blame=(blame,), judgement=judged),))
    ((_, properties, message),) = read(render(app))
    assert properties["file"] == "a,b:c%2C/100%.py"
    assert message.splitlines()[0] == "sleep/bad: 50%0A, done: ok."


def test_a_finding_is_an_annotation_on_its_line(run):
    """File, line and columns are the call's own; the title has code and endpoint."""
    ((name, properties, message),) = read(render(own(run, "sleep/bad")))
    assert name == "error"
    assert properties == {
        "file": "target_app/pairs/sleep.py",
        "line": "21",
        "endLine": "21",
        "col": "5",
        "endColumn": "15",
        "title": "NB101 blocking-io: sleep/bad",
    }
    assert "Use asyncio.sleep" in message


def test_a_finding_without_a_line_is_not_pinned_to_one(run):
    """An annotation needs no file; a wrong one would mislead."""
    ((_, properties, _),) = read(render(own(run, "image/good")))
    assert properties == {"title": "NB902 inconclusive: image/good"}


def test_a_call_over_several_lines_has_no_columns(run):
    """GitHub takes columns only within one line."""
    app = own(run, "sleep/bad")
    blame = replace(app.results[0].blame[0], end_line=24)
    app = replace(app, results=(replace(app.results[0], blame=(blame,)),))
    ((_, properties, _),) = read(render(app))
    assert (properties["line"], properties["endLine"]) == ("21", "24")
    assert not {"col", "endColumn"} & properties.keys()


@pytest.mark.parametrize("count", [SHOWN - 1, SHOWN, SHOWN + 1, 3 * SHOWN])
def test_what_github_would_drop_is_counted(run, count):
    """GitHub shows ten of a kind: the last says how many more there are."""
    app = own(run, "sleep/bad")
    one = app.results[0]
    many = tuple(
        replace(one, endpoint=replace(one.endpoint, name=f"e{number}")) for number in range(count)
    )
    commands = read(render(replace(app, results=many)))
    assert len(commands) == min(count, SHOWN)
    told = re.match(r"(\d+) more", commands[-1][2])
    shown = len(commands) - bool(told)
    assert shown + (int(told[1]) if told else 0) == count


def test_a_run_that_counts_for_nothing_is_an_error(run):
    """An empty run leaves no annotation but this one."""
    assert read(render(replace(run, results=()))) == [
        ("error", {"title": "neverblock"}, "Nothing was measured.")
    ]


def test_outside_of_github_nothing_is_told(run, capsys):
    """No other CI reads its commands."""
    tell_github(run, {})
    assert capsys.readouterr() == ("", "")


def test_the_summary_is_written_wherever_it_is_named(run, tmp_path, capsys):
    """A container of a step may be given the file and nothing else of GitHub's."""
    summary = tmp_path / "summary.md"
    tell_github(run, {"GITHUB_STEP_SUMMARY": str(summary)})
    assert capsys.readouterr() == ("", "")
    assert summary.read_text("utf-8") == create_renderer("markdown")(run)


@pytest.mark.parametrize(
    ("work_dir", "app_dir", "file"),
    [
        ("services/shop", ".", "services/shop/"),
        ("services", "shop", "services/shop/"),
        ("services/tools", "../shop", "services/shop/"),
        ("", "services/shop", "services/shop/"),
        ("", ".", ""),
        ("services", "../..", ""),
    ],
)
def test_a_file_is_named_from_the_root_of_the_repository(run, work_dir, app_dir, file):
    """A project in a sub-folder, whose job works there, or names it."""
    app = replace(own(run, "sleep/bad"), environment={"work_dir": work_dir, "app_dir": app_dir})
    ((_, properties, _),) = read(render(app))
    assert properties["file"] == f"{file}target_app/pairs/sleep.py"


def test_on_github_the_run_is_annotated_and_appended_to_the_summary(run, tmp_path, capsys):
    """What an earlier step of the job wrote stays; standard output is left alone."""
    summary = tmp_path / "summary.md"
    summary.write_text("# before\n", "utf-8")
    tell_github(run, {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)})
    assert capsys.readouterr() == ("", render(run))
    assert summary.read_text("utf-8") == "# before\n" + create_renderer("markdown")(run)


def test_a_summary_that_cannot_be_written_is_an_error_to_fix(run, tmp_path):
    """The error names the file."""
    with pytest.raises(StoreError, match="step summary"):
        tell_github(run, {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path)})


def test_without_a_summary_the_annotations_are_told(run, capsys):
    """Older runners have none."""
    tell_github(run, {"GITHUB_ACTIONS": "true"})
    assert capsys.readouterr().err == render(run)
