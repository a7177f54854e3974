"""``neverblock load``: the user's own app under the traffic that its users make."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from neverblock.analysis.codes import CODES
from neverblock.cli.check import START_TIMEOUT_S, base_of, target_of
from neverblock.cli.deciding import earlier_run, policy_of
from neverblock.cli.load_options import at_once, distributed, handed_on, locust_options, paced
from neverblock.cli.measuring import complete, watching
from neverblock.cli.options import (
    Against,
    AllowRemote,
    Baseline,
    Command,
    EnvFile,
    Expression,
    Factory,
    FailOnOption,
    HtmlFile,
    JsonFile,
    JunitFile,
    Loop,
    LoopLimit,
    LoopOption,
    MarkdownFile,
    Named,
    NoCeiling,
    PythonOption,
    Reports,
    StartTimeout,
    TargetDir,
    Verbose,
    timed,
)
from neverblock.cli.output import copies_of, finish, foresee, write
from neverblock.cli.terminal import console
from neverblock.config import load_config, names_of
from neverblock.endpoints.name_filter import any_of
from neverblock.errors import ExitCode, NeverblockError
from neverblock.load.installed import insist_on_locust
from neverblock.load.settled import Settled, settled_by
from neverblock.load.traffic import PaceOrder
from neverblock.result import Run
from neverblock.run.load import LoadOrder, locustfile_of, run_load
from neverblock.run.log import Watcher
from neverblock.run.order import Order

LOAD = "The load, as Locust takes it"
MANY = "From one machine to many"


def load(
    context: typer.Context,
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
            "--spawn-rate",
            "-r",
            help="Users that start in a second [default: all of them within 5 s, or within a tenth "
            "of a shorter load].",
            rich_help_panel=LOAD,
        ),
    ] = None,
    run_time: Annotated[
        str | None,
        typer.Option("--run-time", "-t", help="For how long: 60s, 5m.", rich_help_panel=LOAD),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate",
            help="Tasks that begin in a second, whoever waits for an answer; latencies count from "
            "when each was due.",
            rich_help_panel=LOAD,
        ),
    ] = None,
    burst: Annotated[
        bool,
        typer.Option(
            "--burst",
            help="Each user asks once, all at one instant; -u says how many [default: 10].",
            rich_help_panel=LOAD,
        ),
    ] = False,
    web: Annotated[
        bool, typer.Option("--web", help="Show Locust's own page.", rich_help_panel=LOAD)
    ] = False,
    write_locustfile: Annotated[
        Path | None,
        typer.Option(help="Write a locustfile to begin from here, and stop.", rich_help_panel=LOAD),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Locust processes on this machine.", rich_help_panel=MANY),
    ] = None,
    expect_workers: Annotated[
        int | None,
        typer.Option(min=1, help="Those that come from elsewhere.", rich_help_panel=MANY),
    ] = None,
    expect_workers_max_wait: Annotated[
        float | None,
        timed("--expect-workers-max-wait", "How long to wait for them [default: 60s].", MANY),
    ] = None,
    bind: Annotated[
        str | None,
        typer.Option(help="HOST:PORT at which they report.", rich_help_panel=MANY),
    ] = None,
    no_ceiling: NoCeiling = False,
    allow_remote: AllowRemote = None,
    endpoint: Named = None,
    expression: Expression = None,
    loop_limit: LoopLimit = None,
    factory: Factory = False,
    app_dir: TargetDir = None,
    python: PythonOption = None,
    env_file: EnvFile = None,
    loop: LoopOption = Loop.AUTO,
    start_timeout: StartTimeout = None,
    cmd: Command = None,
    against: Against = None,
    baseline: Baseline = None,
    fail_on: FailOnOption = None,
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
    asked evenly. Options that are not named here are Locust's, or your locustfile's own, and handed
    on: --tags, --exclude-tags, --class-picker. locust.conf is read.

    - `neverblock load main:app -f locustfile.py -u 200 -r 20 -t 60s`
    - `neverblock load main:app -f locustfile.py -t 60s --rate 200`: 200 tasks a second.
    - `neverblock load main:app -e 'GET /slow' --burst -u 1000 --workers 4`: all at one instant.
    - `neverblock load main:app -u 50 -t 30s`: no locustfile, every endpoint evenly.
    - `neverblock load -f locustfile.py --cmd 'uvicorn --workers 4 main:app'`
    - `neverblock load main:app -f locustfile.py -u 2000 -t 5m --workers 4`: four Locust processes.
    - `neverblock load URL -f locustfile.py --expect-workers 8 --bind 0.0.0.0:5557`: others'.
    - `neverblock load main:app -f locustfile.py --tags buyers`: Locust's options, after TARGET.
    - `neverblock load main:app --write-locustfile locustfile.py`: one to begin from.
    - `neverblock load main:app -f locustfile.py -t 60s --against ../base`: the base first, then it.
    - `neverblock load http://127.0.0.1:8000 -f locustfile.py`: from outside, without the probe.
    """
    config = load_config(Path(), os.environ, {code.code for code in CODES}).with_options(
        app=target,
        loop_limit_s=loop_limit,
        factory=factory or None,
        app_dir=app_dir,
        env_file=env_file,
        cmd=cmd,
        allow_remote=tuple(allow_remote or ()) or None,
    )
    order = Order(
        target=target_of(config, loop.value, start_timeout or START_TIMEOUT_S, python),
        config=config.naming(endpoint or []),
        expression=any_of(expression),
        named=names_of(endpoint or []),
        ceiling=not no_ceiling,
    )
    if write_locustfile is not None:
        written(order, write_locustfile)
        return
    if burst:
        users, spawn_rate = at_once(users, spawn_rate, rate=rate, web=web)
    if rate is not None:
        users, spawn_rate = paced(rate, users, spawn_rate)
    handed = handed_on(context.args)
    settled = Settled() if locustfile else settled_by(handed)
    given = locust_options(locustfile or [], users, spawn_rate, run_time, settled)
    ordered = LoadOrder(
        order,
        (*given, *handed),
        has_locustfile=bool(locustfile) or settled.locustfile,
        web=web,
        pace=PaceOrder(rate, burst),
        distributed=distributed(
            workers, expect_workers, expect_workers_max_wait, bind, order.target.app
        ),
    )
    copies = copies_of(json, html, junit, None, None, md, None)
    foresee(copies)
    insist_on_locust()
    policy = policy_of(config, fail_on, allow_inconclusive=False)
    earlier = earlier_run(reports, baseline, None)
    if against is not None:
        earlier = measured_base(replace(ordered, order=base_of(order, against)), reports)
    finish(measured(ordered, reports), copies, policy, baseline=earlier, verbose=verbose)


def measured(ordered: LoadOrder, reports: Path) -> tuple[Run, Path]:
    """Make a load, showing progress; give its run, and the folder that it is saved in."""
    with watching(reports, None) as (watcher, folder):
        return complete(run_load(ordered, watcher)), folder


def measured_base(ordered: LoadOrder, reports: Path) -> Run:
    """Put another state of the app under the same load first, and give its run.

    Raises NeverblockError where it cannot be measured, and exits where it is interrupted.
    """
    told(f"The base first: {ordered.order.target.app_dir}")
    try:
        run, folder = measured(ordered, reports)
    except NeverblockError as error:
        raise type(error)(f"The base: {error.what}", error.hint) from error
    if run.interrupted:
        told(f"Interrupted in the base; what was measured is saved: {folder}")
        raise typer.Exit(ExitCode.INTERRUPTED)
    told("Now the app itself.")
    return run


def told(sentence: str) -> None:
    """Say something on standard error."""
    console(stderr=True).print(escape(sentence), highlight=False, soft_wrap=True)


def written(order: Order, file: Path) -> None:
    """Write the locustfile that a load without one is made by. Raises NeverblockError."""
    silent = Watcher(lambda _: None, lambda *_: None, lambda _: None)
    write(file, complete(locustfile_of(order, file.name, silent)))
    told(f"Written: {file}. Type: neverblock load {order.target.app} -f {file} -u 10 -t 30s")
