"""``neverblock load``: the user's own app under the traffic that its users make."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from neverblock.analysis.codes import CODES
from neverblock.cli.check import START_TIMEOUT_S, target_of
from neverblock.cli.deciding import policy_of
from neverblock.cli.measuring import complete, watching
from neverblock.cli.options import (
    Command,
    EnvFile,
    Expression,
    Factory,
    HtmlFile,
    JsonFile,
    JunitFile,
    Loop,
    LoopLimit,
    LoopOption,
    MarkdownFile,
    Named,
    Reports,
    StartTimeout,
    TargetDir,
    Verbose,
)
from neverblock.cli.output import copies_of, finish, foresee
from neverblock.config import load_config
from neverblock.errors import UsageError
from neverblock.run.load import LoadOrder, run_load
from neverblock.run.order import Order

LOAD = "The load, as Locust takes it"
USERS, RUN_TIME = "10", "30s"
"""Of a load without a locustfile: as many as a check asks at once, for long enough to see some."""


def load(
    target: Annotated[
        str | None,
        typer.Argument(help="package.module:app, or a URL; [tool.neverblock] app by default."),
    ] = None,
    *,
    locustfile: Annotated[
        list[Path] | None,
        typer.Option("--locustfile", "-f", help="Your locustfile.", rich_help_panel=LOAD),
    ] = None,
    users: Annotated[
        str | None, typer.Option("--users", "-u", help="Users at once.", rich_help_panel=LOAD)
    ] = None,
    spawn_rate: Annotated[
        str | None,
        typer.Option(
            "--spawn-rate", "-r", help="Users that start in a second.", rich_help_panel=LOAD
        ),
    ] = None,
    run_time: Annotated[
        str | None,
        typer.Option("--run-time", "-t", help="For how long: 60s, 5m.", rich_help_panel=LOAD),
    ] = None,
    endpoint: Named = None,
    expression: Expression = None,
    loop_limit: LoopLimit = None,
    factory: Factory = False,
    app_dir: TargetDir = None,
    env_file: EnvFile = None,
    loop: LoopOption = Loop.AUTO,
    start_timeout: StartTimeout = None,
    cmd: Command = None,
    verbose: Verbose = False,
    reports: Reports = Path("reports"),
    json: JsonFile = None,
    html: HtmlFile = None,
    junit: JunitFile = None,
    md: MarkdownFile = None,
) -> None:
    """Put your own app under the load that its users make: what blocks whom, and what it costs.

    Serves the app as check does, with as many workers as your command runs, and lets your own
    locustfile loose on it, by stock Locust. Without one, every endpoint that check would ask is
    asked evenly.

    - `neverblock load main:app -f locustfile.py -u 200 -r 20 -t 60s`
    - `neverblock load main:app -u 50 -t 30s`: no locustfile, every endpoint evenly.
    - `neverblock load main:app -f locustfile.py --cmd 'uvicorn --workers 4 {app}'`
    """
    config = load_config(Path(), os.environ, {code.code for code in CODES}).with_options(
        app=target,
        loop_limit_s=loop_limit,
        factory=factory or None,
        app_dir=app_dir,
        env_file=env_file,
        cmd=cmd,
    )
    ordered = LoadOrder(
        Order(
            target=target_of(config, loop.value, start_timeout or START_TIMEOUT_S),
            config=config.naming(endpoint or []),
            expression=expression,
        ),
        options=locust_options(locustfile or [], users, spawn_rate, run_time),
        has_locustfile=bool(locustfile),
    )
    copies = copies_of(json, html, junit, None, None, md)
    foresee(copies)
    with watching(reports, None) as (watcher, folder):
        run = complete(run_load(ordered, watcher))
    policy = policy_of(config, None, allow_inconclusive=False)
    finish((run, folder), copies, policy, verbose=verbose)


def locust_options(
    locustfiles: list[Path], users: str | None, spawn_rate: str | None, run_time: str | None
) -> tuple[str, ...]:
    """Give the options as Locust takes them. Raises UsageError for a locustfile that is not there.

    Without a locustfile the load has an end and some users, whatever Locust's own default is.
    """
    for file in locustfiles:
        if not file.exists():
            raise UsageError(f"There is no locustfile '{file}'.", "Name another with -f.")
    if not locustfiles:
        users, run_time = users or USERS, run_time or RUN_TIME
        spawn_rate = spawn_rate or users
    named = [("-f", str(file)) for file in locustfiles]
    given = [*named, ("-u", users), ("-r", spawn_rate), ("-t", run_time)]
    return tuple(part for name, value in given if value is not None for part in (name, value))
