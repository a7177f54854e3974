"""The command line: the only place that prints, exits and wires the parts together."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness import store
from harness.errors import NeverblockError, StoreError, UsageError
from harness.gate import exit_code
from harness.plan import Plan, Target, choose, load, pair_lane
from harness.progress import ProgressDisplay
from harness.render import create_renderer
from harness.result import Criterion, Run
from harness.runner import Watcher, run_plan
from harness.selection import select
from harness.services import provide

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.services import Missing, Provided

REFERENCE_APP = "target_app.main:app"
PAIR_NAMES = "target_app.pairs:names"
PAIR_MODULE = "target_app.pairs:load"
SCENARIOS = "scenarios:SCENARIOS"
QUICK_SCALE = 0.2
EPILOG = (
    "Exit codes: 0 all well, 1 a verdict is not as it should be, 2 usage or environment, "
    "3 could not measure, 130 interrupted."
)

app = typer.Typer(
    name="neverblock",
    help="Proves by measurement whether endpoints keep the event loop free, and names the line "
    "that blocks it.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    """What a run can be shown as."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


def duration(text: str) -> float:
    """Read seconds from ``50ms``, ``0.05s`` or ``0.05``. Raises UsageError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|)", text.strip())
    if match is None or float(match[1]) == 0:
        raise UsageError(f"{text!r} is no duration.", "Write it as 50ms or 0.05s.")
    return float(match[1]) / (1000 if match[2] == "ms" else 1)


Reports = Annotated[Path, typer.Option(help="Folder that keeps the runs.")]
AppDir = Annotated[Path, typer.Option(help="Folder the import strings are looked up in.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the run here; - for stdout.")]
HtmlFile = Annotated[Path | None, typer.Option("--html", help="Write the page here; - for stdout.")]


@app.command("run", epilog=EPILOG)
def run_reference(
    pairs: Annotated[
        list[str] | None, typer.Argument(help="Pairs to measure; all by default.")
    ] = None,
    *,
    expression: Annotated[
        str | None, typer.Option("-k", help="Endpoints whose names fit, e.g. 'sleep and not bad'.")
    ] = None,
    scenario: Annotated[
        list[str] | None, typer.Option(help="gather, burst or crowd; may be given again.")
    ] = None,
    scale: Annotated[float, typer.Option(min=0.01, max=10, help="Times the 1 s of work.")] = 1.0,
    quick: Annotated[bool, typer.Option(help=f"The same as --scale {QUICK_SCALE}.")] = False,
    n: Annotated[int, typer.Option("-n", min=3, max=1000, help="Requests at once.")] = 10,
    loop_limit: Annotated[
        str, typer.Option(help="Longest computation that may hold the loop.")
    ] = "50ms",
    deadline: Annotated[str, typer.Option(help="The longest that one request may take.")] = "30s",
    one_by_one: Annotated[
        bool, typer.Option(help="Measure no two pairs side by side (slow).")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65000, help="First port of the servers; 0: any free ones.")
    ] = 0,
    require_all: Annotated[
        bool,
        typer.Option(envvar="NEVERBLOCK_REQUIRE_ALL", help="A skipped pair is a failure."),
    ] = False,
    app_dir: AppDir = Path(),
    reports: Reports = Path("reports"),
    json: JsonFile = None,
    html: HtmlFile = None,
) -> None:
    """Measure the reference app: every blocking call and its replacement, side by side.

    Fires 10 requests at once at each bad and good endpoint, by httpx and by Locust, and holds the
    wall clock, the canary and the event loop itself against what each endpoint promises. A bad
    endpoint that passes fails the run, and so does a good one that does not.

    - `neverblock run`: everything, in about two minutes.
    - `neverblock run sleep http --quick`: two pairs, at a fifth of the time.
    - `neverblock run -k 'bad and not cpu' --scenario gather`: some of it.
    """
    chosen_scale = QUICK_SCALE if quick else scale
    table = load(SCENARIOS, app_dir)
    scenarios = tuple(
        replace(table[name], n=n) for name in choose(scenario or [], list(table), "scenario")
    )
    chosen = choose(pairs or [], load(PAIR_NAMES, app_dir)(), "pair")
    module = load(PAIR_MODULE, app_dir)
    lanes = tuple(pair_lane(module(name).PAIR, chosen_scale) for name in chosen)
    plan = Plan(
        target=Target(REFERENCE_APP, app_dir.resolve(), loop="asyncio"),
        lanes=select(lanes, expression),
        scenarios=scenarios,
        criterion=Criterion(
            document_limit_s=Criterion().document_limit_s * chosen_scale,
            loop_limit_s=duration(loop_limit),
        ),
        scale=chosen_scale,
        deadline_s=duration(deadline),
        port=port,
        one_by_one=one_by_one,
    )
    finish(measure(plan, reports), json, html, require_all=require_all)


@app.command("list", epilog=EPILOG)
def list_pairs(app_dir: AppDir = Path()) -> None:
    """List the pairs of the reference app: what blocks, what replaces it, what each needs."""
    table = Table(title="neverblock run PAIR ... measures these", title_justify="left")
    for column in ("pair", "blocks", "instead", "variants", "needs"):
        table.add_column(column, overflow="fold")
    module = load(PAIR_MODULE, app_dir)
    for pair in (module(name).PAIR for name in load(PAIR_NAMES, app_dir)()):
        table.add_row(
            pair.name,
            pair.blocking_call,
            pair.replacement,
            ", ".join(pair.variants),
            ", ".join(pair.needs) or "-",
        )
    Console().print(table)


@app.command("report", epilog=EPILOG)
def report(
    run: Annotated[
        str, typer.Argument(help="A run's folder, its run.json, or latest.")
    ] = store.LATEST,
    *,
    format: Annotated[Format, typer.Option("--format", help="What to render.")] = Format.TEXT,  # noqa: A002 - the option's own name
    reports: Reports = Path("reports"),
    json: JsonFile = None,
    html: HtmlFile = None,
) -> None:
    """Render a saved run again, without firing a single request.

    - `neverblock report`: the last run, as text.
    - `neverblock report 2026-11-22T141310Z --html page.html`: that one, as a page.
    """
    path = store.resolve(reports, run)
    saved = store.load(path)
    write_copies(saved, json, html)
    if json is None and html is None:
        show(saved, format)


def measure(plan: Plan, reports: Path) -> tuple[Run, Path]:
    """Run a plan with its services, showing progress; save after each result."""
    folder = store.new_folder(reports, datetime.now(UTC))
    file = store.RunFile(folder)
    console = Console(stderr=True)
    endpoints = sum(len(lane.subjects) for lane in plan.lanes)
    display = ProgressDisplay(console, endpoints * len(plan.scenarios))
    needs = sorted({need for lane in plan.lanes for need in lane.needs})

    def keep(run: Run) -> None:
        file.save(run)
        display.run(run)

    with display.shown():
        display.phase("services")
        with provide(needs, on_event=lambda text: display.phase(f"services: {text}")) as services:
            watcher = Watcher(display.phase, display.lane, keep)
            run = asyncio.run(interruptible(plan, services, watcher))
    return run, folder


async def interruptible(
    plan: Plan, services: Mapping[str, Provided | Missing], watcher: Watcher
) -> Run:
    """Run a plan; SIGTERM ends it as Ctrl-C does, with what was measured so far."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await run_plan(plan, services, watcher)


def finish(
    measured: tuple[Run, Path],
    json: Path | None,
    html: Path | None,
    *,
    require_all: bool,
) -> None:
    """Write the page, point ``latest`` at the run, show the table, and exit with the verdict."""
    run, folder = measured
    store.point_latest(folder)
    if Path("-") not in {json, html}:
        show(run, Format.TEXT)
    write_copies(run, json, html)
    write(folder / "index.html", create_renderer("html")(run))
    Console(stderr=True).print(f"Report: {escape(str(folder / 'index.html'))}", highlight=False)
    raise typer.Exit(exit_code(run, require_all=require_all))


def show(run: Run, format: Format) -> None:  # noqa: A002 - the option's own name
    """Print a run; the text form fits the terminal and its colours."""
    if format is Format.TEXT:
        from harness.render import text  # noqa: PLC0415 - loaded only when it is shown

        console = Console()
        page = text.render(run, width=console.width, colour=console.is_terminal)
        sys.stdout.write(page)
    else:
        sys.stdout.write(create_renderer(format.value)(run))


def write_copies(run: Run, json: Path | None, html: Path | None) -> None:
    """Write the run where the options say."""
    for name, path in (("json", json), ("html", html)):
        if path is not None:
            write(path, create_renderer(name)(run))


def write(path: Path, text: str) -> None:
    """Write a text to a file, or to standard output for ``-``. Raises StoreError."""
    if path == Path("-"):
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"'{path}' cannot be written: {error.strerror}.", "Name another file."
        ) from error


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; an error that the user can mend becomes its two lines."""
    try:
        app(arguments)
    except NeverblockError as error:
        Console(stderr=True).print(
            f"[bold red]neverblock:[/] {escape(str(error))}", highlight=False, soft_wrap=True
        )
        sys.exit(error.exit_code)
