"""The options of the commands, each as the type of a parameter: its name, its help, its panel."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from neverblock.config.duration import duration
from neverblock.endpoints.name_filter import readable
from neverblock.gate.policy import FailOn

EPILOG = (
    "Exit codes: 0 all well, 1 a verdict is not as it should be, 2 usage or environment, "
    "3 could not measure, 130 interrupted."
)

WHICH = "Which endpoints"
HOW = "How they are measured"
SERVING = "How the app is served"
DECIDING = "What decides"
WRITING = "What is written"


class Loop(StrEnum):
    """What uvicorn serves on; auto is uvloop where it is installed."""

    AUTO = "auto"
    ASYNCIO = "asyncio"
    UVLOOP = "uvloop"


class Format(StrEnum):
    """What a run can be shown as."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    JUNIT = "junit"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"
    MARKDOWN = "markdown"
    SPEEDSCOPE = "speedscope"
    AGENT = "agent"


def written(name: str, what: str) -> Any:
    """Give the option of a file that a run is written to."""
    return typer.Option(name, help=f"Write {what} here; - for stdout.", rich_help_panel=WRITING)


def timed(name: str, what: str, panel: str | None = HOW) -> Any:
    """Give an option that takes a time such as 50ms, and hands on seconds."""
    return typer.Option(name, help=what, parser=duration, metavar="TIME", rich_help_panel=panel)


AppDir = Annotated[Path, typer.Option(help="Folder the import strings are looked up in.")]

Named = Annotated[
    list[str] | None,
    typer.Option(
        "--endpoint",
        "-e",
        help="This endpoint alone, or beside what -k chooses: 'POST /items'; repeatable. All and "
        "this one: -k / -e 'POST /items'.",
        rich_help_panel=WHICH,
    ),
]
Expression = Annotated[
    list[str] | None,
    typer.Option(
        "-k",
        help="Endpoints whose names fit: 'users and not DELETE', 'GET /orders'; repeatable.",
        callback=readable,
        rich_help_panel=WHICH,
    ),
]

Quick = Annotated[
    bool,
    typer.Option("--quick", help="The fewest requests that give a verdict.", rich_help_panel=HOW),
]
Repeat = Annotated[
    int,
    typer.Option(
        min=1,
        max=20,
        help="Measure each this many times; the verdict is what all of them say.",
        rich_help_panel=HOW,
    ),
]
RequestsAtOnce = Annotated[
    int | None,
    typer.Option("-n", min=3, help="Requests at once [default: 10].", rich_help_panel=HOW),
]
Workers = Annotated[
    int,
    typer.Option(
        min=1, help="Locust processes that fire them, where one is too slow.", rich_help_panel=HOW
    ),
]
LoopLimit = Annotated[
    float | None,
    timed("--loop-limit", "Longest computation that may hold the loop [default: 50ms]."),
]
Deadline = Annotated[
    float | None, timed("--deadline", "The longest that one request may take [default: 30s].")
]
NoCeiling = Annotated[
    bool,
    typer.Option(
        "--no-ceiling", help="Lift the limits on requests to another machine.", rich_help_panel=HOW
    ),
]

Suspects = Annotated[
    list[str] | None,
    typer.Option(
        "--suspects",
        metavar="FILE",
        help="What an analyser suspects, joined with what was measured: SARIF, or the JSON of ruff "
        "or hydroid; - for stdin, auto to run ruff; repeatable.",
        rich_help_panel=HOW,
    ),
]

Factory = Annotated[
    bool,
    typer.Option(
        "--factory", help="TARGET is a callable that makes the app.", rich_help_panel=SERVING
    ),
]
TargetDir = Annotated[
    Path | None,
    typer.Option(
        "--app-dir",
        help="Folder TARGET is looked up in [default: this one].",
        rich_help_panel=SERVING,
    ),
]
EnvFile = Annotated[
    Path | None, typer.Option(help="Environment of the server.", rich_help_panel=SERVING)
]
LoopOption = Annotated[Loop, typer.Option(help="The event loop.", rich_help_panel=SERVING)]
StartTimeout = Annotated[
    float | None,
    timed("--start-timeout", "The longest that its start may take [default: 60s].", SERVING),
]
Command = Annotated[
    str | None,
    typer.Option(
        help="Serve by this command, e.g. 'hypercorn main:app --bind 127.0.0.1:{port}'.",
        rich_help_panel=SERVING,
    ),
]
PythonOption = Annotated[
    str | None,
    typer.Option(
        "--python",
        metavar="PATH",
        help="The app's Python, or its environment's folder [default: the active environment, "
        "else the project's .venv, else neverblock's own].",
        rich_help_panel=SERVING,
    ),
]
Canary = Annotated[
    str | None,
    typer.Option(help="A cheap path of a URL target, such as /health.", rich_help_panel=SERVING),
]
AllowRemote = Annotated[
    list[str] | None,
    typer.Option(
        help="Another machine that may be put under load, by its host name; repeatable.",
        rich_help_panel=SERVING,
    ),
]

Against = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the app's base: measured in turns, and the baseline.",
        rich_help_panel=DECIDING,
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option(help="An earlier run to compare this one with.", rich_help_panel=DECIDING),
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
        "--allow-inconclusive", help="Let inconclusive results pass.", rich_help_panel=DECIDING
    ),
]

Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", help="Show the figures behind each verdict.", rich_help_panel=WRITING
    ),
]
Shown = Annotated[
    Format,
    typer.Option(
        "--format", help="What is printed; agent: for a coding agent.", rich_help_panel=WRITING
    ),
]
Reports = Annotated[Path, typer.Option(help="Folder that keeps the runs.", rich_help_panel=WRITING)]
JsonFile = Annotated[Path | None, written("--json", "the run")]
HtmlFile = Annotated[Path | None, written("--html", "the page")]
JunitFile = Annotated[Path | None, written("--junit", "JUnit XML")]
SarifFile = Annotated[Path | None, written("--sarif", "SARIF 2.1.0")]
GitlabFile = Annotated[Path | None, written("--gitlab", "GitLab's code quality JSON")]
SpeedscopeFile = Annotated[
    Path | None, written("--speedscope", "what held the loop, for speedscope,")
]
MarkdownFile = Annotated[Path | None, written("--md", "Markdown for a pull request")]
