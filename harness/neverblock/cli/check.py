"""``neverblock check``: the user's own app."""

from __future__ import annotations

import os
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from dotenv import dotenv_values

from neverblock.analysis.codes import CODES
from neverblock.cli.deciding import earlier_run, policy_of
from neverblock.cli.measuring import complete, keeping, watching
from neverblock.cli.options import (
    DECIDING,
    AllowInconclusive,
    Baseline,
    FailOnOption,
    GitlabFile,
    HtmlFile,
    JsonFile,
    JunitFile,
    MarkdownFile,
    Reports,
    SarifFile,
    Verbose,
)
from neverblock.cli.output import finish, foresee
from neverblock.config import Config, load_config
from neverblock.config.duration import duration
from neverblock.errors import UsageError
from neverblock.gate.policy import Policy
from neverblock.plan import Target
from neverblock.run.check import run_check
from neverblock.run.interleaved import run_interleaved
from neverblock.run.order import Order
from neverblock.target.remote import is_url, permitted

if TYPE_CHECKING:
    from neverblock.result import Run

WHICH = "Which endpoints"
HOW = "How they are measured"
SERVING = "How the app is served"


class Loop(StrEnum):
    """What uvicorn serves on; auto is uvloop where it is installed."""

    AUTO = "auto"
    ASYNCIO = "asyncio"
    UVLOOP = "uvloop"


def check(
    target: Annotated[
        str | None,
        typer.Argument(help="package.module:app, or a URL; [tool.neverblock] app by default."),
    ] = None,
    *,
    endpoint: Annotated[
        list[str] | None,
        typer.Option(
            "--endpoint",
            "-e",
            help="Check this one as well: 'POST /items'; repeatable.",
            rich_help_panel=WHICH,
        ),
    ] = None,
    expression: Annotated[
        str | None,
        typer.Option(
            "-k", help="Endpoints whose names fit: 'users and not DELETE'.", rich_help_panel=WHICH
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="As few requests as can tell.", rich_help_panel=HOW)
    ] = False,
    repeat: Annotated[
        int,
        typer.Option(
            min=1, max=20, help="Measure each so often; what all say counts.", rich_help_panel=HOW
        ),
    ] = 1,
    n: Annotated[
        int | None,
        typer.Option("-n", min=3, help="Requests at once [default: 10].", rich_help_panel=HOW),
    ] = None,
    loop_limit: Annotated[
        str | None,
        typer.Option(
            help="Longest computation that may hold the loop [default: 50ms].", rich_help_panel=HOW
        ),
    ] = None,
    deadline: Annotated[
        str | None,
        typer.Option(
            help="The longest that one request may take [default: 30s].", rich_help_panel=HOW
        ),
    ] = None,
    no_ceiling: Annotated[
        bool,
        typer.Option(
            "--no-ceiling", help="Lift the limits on the number of requests.", rich_help_panel=HOW
        ),
    ] = False,
    factory: Annotated[
        bool,
        typer.Option(
            "--factory", help="TARGET is a callable that makes the app.", rich_help_panel=SERVING
        ),
    ] = False,
    app_dir: Annotated[
        Path | None,
        typer.Option(
            help="Folder TARGET is looked up in [default: this one].", rich_help_panel=SERVING
        ),
    ] = None,
    env_file: Annotated[
        Path | None, typer.Option(help="Environment of the server.", rich_help_panel=SERVING)
    ] = None,
    loop: Annotated[
        Loop, typer.Option(help="The event loop.", rich_help_panel=SERVING)
    ] = Loop.AUTO,
    start_timeout: Annotated[
        str, typer.Option(help="The longest its start may take.", rich_help_panel=SERVING)
    ] = "60s",
    cmd: Annotated[
        str | None,
        typer.Option(
            help="Serve by this command, e.g. 'hypercorn {app} --bind 127.0.0.1:{port}'.",
            rich_help_panel=SERVING,
        ),
    ] = None,
    canary: Annotated[
        str | None,
        typer.Option(
            help="A cheap path of a URL target, such as /health.", rich_help_panel=SERVING
        ),
    ] = None,
    allow_remote: Annotated[
        list[str] | None,
        typer.Option(help="Another machine's host that may be burdened.", rich_help_panel=SERVING),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the app's base: measured in turns, and the baseline.",
            rich_help_panel=DECIDING,
        ),
    ] = None,
    baseline: Baseline = None,
    fail_on: FailOnOption = None,
    allow_inconclusive: AllowInconclusive = False,
    verbose: Verbose = False,
    reports: Reports = Path("reports"),
    json: JsonFile = None,
    html: HtmlFile = None,
    junit: JunitFile = None,
    sarif: SarifFile = None,
    gitlab: GitlabFile = None,
    md: MarkdownFile = None,
) -> None:
    """Check your own app: which endpoints block the event loop, and by which line.

    Serves the app, finds its endpoints in its OpenAPI document (every GET whose parameters can be
    filled), and fires 10 requests at once at each. What is not checked is listed with the reason.

    - `neverblock check main:app`: all that can be asked.
    - `neverblock check main:app -k users -e 'POST /search'`: some of it, and one that is no GET.
    - `neverblock check main:app --cmd 'gunicorn -k uvicorn.workers.UvicornWorker {app}'`
    - `neverblock check http://127.0.0.1:8000 --canary /health`: from outside, without the probe.
    - `neverblock check main:app --against ../base --fail-on new`: only what is worse there.
    """
    config = load_config(Path(), os.environ, {code.code for code in CODES}).with_options(
        app=target,
        n=n,
        loop_limit_s=None if loop_limit is None else duration(loop_limit),
        deadline_s=None if deadline is None else duration(deadline),
        factory=factory or None,
        app_dir=app_dir,
        env_file=env_file,
        cmd=cmd,
        canary=canary,
        allow_remote=tuple(allow_remote) if allow_remote else None,
    )
    order = Order(
        target=target_of(config, loop.value, duration(start_timeout)),
        config=config.naming(endpoint or []),
        expression=expression,
        repeat=repeat,
        quick=quick,
        ceiling=not no_ceiling,
    )
    copies = {
        "json": json,
        "html": html,
        "junit": junit,
        "sarif": sarif,
        "gitlab": gitlab,
        "markdown": md,
    }
    foresee(copies)
    policy = policy_of(config, fail_on, allow_inconclusive=allow_inconclusive)
    if against is None:
        base = earlier_run(reports, baseline or config.baseline)
        measured = measure(order, reports)
    else:
        base, measured = measure_both(base_of(order, against), order, reports)
    finish(measured, copies, policy, baseline=base, verbose=verbose)


def target_of(config: Config, loop: str, start_timeout_s: float) -> Target:
    """Give what the settings say is to be served, or asked. Raises UsageError where they do not."""
    if config.app is None:
        raise UsageError(
            "Nothing says which app to check.",
            "Name it: neverblock check main:app, or run `neverblock init` to write it down.",
        )
    if is_url(config.app):
        permitted(config.app, config.allow_remote)
    elif ":" not in config.app:
        raise UsageError(
            f"{config.app!r} is neither an import string nor a URL.",
            "Write it as package.module:app, or as http://127.0.0.1:8000.",
        )
    return Target(
        config.app,
        config.app_dir,
        factory=config.factory,
        loop=loop,
        command=config.cmd,
        env=environment_of(config.env_file),
        start_timeout_s=start_timeout_s,
    )


def environment_of(file: Path | None) -> dict[str, str]:
    """Read an environment file. Raises UsageError where there is none."""
    if file is None:
        return {}
    if not file.is_file():
        raise UsageError(f"There is no file '{file}'.", "Name another with --env-file.")
    return {name: value for name, value in dotenv_values(file).items() if value is not None}


def measure(order: Order, reports: Path) -> tuple[Run, Path]:
    """Check as ordered, showing progress; save after each result."""
    with watching(reports, None) as (watcher, folder):
        run = complete(run_check(order, watcher))
    return run, folder


def base_of(order: Order, folder: Path) -> Order:
    """Give the order for another state of the same app. Raises UsageError where it has none.

    What the policy allows is said of the newer one.
    """
    if is_url(order.target.app):
        raise UsageError(
            f"{order.target.app} is served already, and of one state.",
            "Name an app for --against, or hold it to an earlier run: --baseline RUN.",
        )
    if not folder.is_dir():
        raise UsageError(
            f"There is no folder '{folder}'.",
            "Check the base out first: git worktree add ../base origin/main.",
        )
    return replace(
        order,
        target=replace(order.target, app_dir=folder),
        config=replace(order.config, app_dir=folder, policy=Policy()),
    )


def measure_both(base: Order, head: Order, reports: Path) -> tuple[Run, tuple[Run, Path]]:
    """Check both in turns, saving both; give the base's run, and the head's with its folder."""
    with keeping(reports) as (quiet, _), watching(reports, None) as (watcher, folder):
        runs = complete(run_interleaved((base, quiet), (head, watcher)))
    return runs[0], (runs[1], folder)
