"""The options that commands have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from neverblock.gate.policy import FailOn

EPILOG = (
    "Exit codes: 0 all well, 1 a verdict is not as it should be, 2 usage or environment, "
    "3 could not measure, 130 interrupted."
)

DECIDING = "What decides"
WRITING = "What is written"


def written(name: str, what: str) -> Any:
    """Give the option of a file that a run is written to."""
    return typer.Option(name, help=f"Write {what} here; - for stdout.", rich_help_panel=WRITING)


Reports = Annotated[Path, typer.Option(help="Folder that keeps the runs.", rich_help_panel=WRITING)]
AppDir = Annotated[Path, typer.Option(help="Folder the import strings are looked up in.")]
Expression = Annotated[
    str | None, typer.Option("-k", help="Endpoints whose names fit, e.g. 'users and not bad'.")
]
RequestsAtOnce = Annotated[int, typer.Option("-n", min=3, max=1000, help="Requests at once.")]
LoopLimit = Annotated[str, typer.Option(help="Longest computation that may hold the loop.")]
Deadline = Annotated[str, typer.Option(help="The longest that one request may take.")]
Baseline = Annotated[
    str | None,
    typer.Option(help="An earlier run to hold this one against.", rich_help_panel=DECIDING),
]
FailOnOption = Annotated[
    FailOn | None,
    typer.Option(
        "--fail-on",
        help="any: every failure [default]; new: only what is worse than before.",
        rich_help_panel=DECIDING,
    ),
]
AllowInconclusive = Annotated[
    bool,
    typer.Option(
        "--allow-inconclusive",
        help="Pass over what could not be told.",
        rich_help_panel=DECIDING,
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", help="Show the figures behind each verdict.", rich_help_panel=WRITING
    ),
]
JsonFile = Annotated[Path | None, written("--json", "the run")]
HtmlFile = Annotated[Path | None, written("--html", "the page")]
JunitFile = Annotated[Path | None, written("--junit", "JUnit XML")]
SarifFile = Annotated[Path | None, written("--sarif", "SARIF 2.1.0")]
GitlabFile = Annotated[Path | None, written("--gitlab", "GitLab's code quality JSON")]
MarkdownFile = Annotated[Path | None, written("--md", "Markdown for a pull request")]
