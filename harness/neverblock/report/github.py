"""GitHub's workflow commands: each finding as an annotation on its line.

The escapes are those of GitHub's own toolkit (actions/toolkit, packages/core/src/command.ts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.report.findings import Level, complaint, findings, lines
from neverblock.report.summary import printable

if TYPE_CHECKING:
    from neverblock.report.findings import Finding, Place
    from neverblock.result import Run

COMMANDS = {Level.ERROR: "error", Level.NOTE: "notice"}
SHOWN = 10
"""Annotations of one kind that GitHub shows for a step; it drops the others without a word."""


def render(run: Run) -> str:
    """Give the run as workflow commands, one a line; empty where there is no finding."""
    commands = []
    if complained := complaint(run):
        commands.append(command("error", complained, {"title": "neverblock"}))
    all_findings = findings(run)
    for level, name in COMMANDS.items():
        of_level = [_annotation(f) for f in all_findings if f.level is level]
        room = SHOWN - len(commands) if level is Level.ERROR else SHOWN
        if left := len(of_level) - room if len(of_level) > room else 0:
            left += 1
            more = command(name, f"{left} more are in the step summary.", {"title": "neverblock"})
            of_level[room - 1 :] = [more]
        commands += of_level
    return "".join(f"{line}\n" for line in commands)


def command(name: str, message: str, properties: dict[str, str]) -> str:
    """Give one workflow command, which nothing in its values can end or extend."""
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(message)}"


def _annotation(finding: Finding) -> str:
    properties = _where(finding.place) if finding.place.exact else {}
    properties["title"] = printable(finding.title)
    return command(COMMANDS[finding.level], "\n".join(lines(finding)), properties)


def _where(place: Place) -> dict[str, str]:
    """Give the file and line; the columns only within one line, as GitHub wants them."""
    where = {"file": printable(place.file), "line": str(place.line)}
    if place.end_line:
        where["endLine"] = str(place.end_line)
    if place.column and place.end_column and place.end_line in {None, place.line}:
        where |= {"col": str(place.column), "endColumn": str(place.end_column)}
    return where


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
