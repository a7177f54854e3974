"""What options have in common: their types, and how a person writes a duration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.policy import FailOn

EPILOG = (
    "Exit codes: 0 all well, 1 a verdict is not as it should be, 2 usage or environment, "
    "3 could not measure, 130 interrupted."
)

Reports = Annotated[Path, typer.Option(help="Folder that keeps the runs.")]
AppDir = Annotated[Path, typer.Option(help="Folder the import strings are looked up in.")]
Expression = Annotated[
    str | None, typer.Option("-k", help="Endpoints whose names fit, e.g. 'users and not bad'.")
]
RequestsAtOnce = Annotated[int, typer.Option("-n", min=3, max=1000, help="Requests at once.")]
LoopLimit = Annotated[str, typer.Option(help="Longest computation that may hold the loop.")]
Deadline = Annotated[str, typer.Option(help="The longest that one request may take.")]
Baseline = Annotated[str | None, typer.Option(help="An earlier run to hold this one against.")]
FailOnOption = Annotated[
    FailOn | None,
    typer.Option(
        "--fail-on", help="any: every failure [default]; new: only what is worse than before."
    ),
]
AllowInconclusive = Annotated[bool, typer.Option(help="Pass over what could not be told.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show the figures behind each verdict.")
]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the run here; - for stdout.")]
HtmlFile = Annotated[Path | None, typer.Option("--html", help="Write the page here; - for stdout.")]
JunitFile = Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML here.")]
SarifFile = Annotated[Path | None, typer.Option("--sarif", help="Write SARIF 2.1.0 here.")]
GitlabFile = Annotated[
    Path | None, typer.Option("--gitlab", help="Write GitLab's code quality JSON here.")
]
MarkdownFile = Annotated[
    Path | None, typer.Option("--md", help="Write Markdown for a pull request here.")
]
