"""``neverblock load``: the user's own app under the traffic that its users make."""

from __future__ import annotations

import os
from math import ceil
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from neverblock.analysis.codes import CODES
from neverblock.cli.address import address
from neverblock.cli.check import START_TIMEOUT_S, target_of
from neverblock.cli.deciding import policy_of
from neverblock.cli.measuring import complete, watching
from neverblock.cli.options import (
    AllowRemote,
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
from neverblock.errors import UsageError
from neverblock.load.installed import insist_on_locust
from neverblock.load.traffic import Distributed
from neverblock.run.load import LoadOrder, locustfile_of, run_load
from neverblock.run.log import Watcher
from neverblock.run.order import Order

LOAD = "The load, as Locust takes it"
MANY = "From one machine to many"
OURS = {
    *("--host", "-H", "--processes", "--headless", "--autostart", "--master", "--worker"),
    *("--master-host", "--master-port", "--master-bind-host", "--master-bind-port"),
}
MAX_WAIT_S = 60.0
"""As long as the app itself may take to start."""

USERS, RUN_TIME = "10", "30s"
"""Of a load without a locustfile: as many as a check asks at once, for long enough to see some."""


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
            "--spawn-rate", "-r", help="Users that start in a second.", rich_help_panel=LOAD
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
    - `neverblock load main:app -u 50 -t 30s`: no locustfile, every endpoint evenly.
    - `neverblock load main:app -f locustfile.py --cmd 'uvicorn --workers 4 {app}'`
    - `neverblock load main:app -f locustfile.py -u 2000 -t 5m --workers 4`: four Locust processes.
    - `neverblock load main:app -f locustfile.py --expect-workers 8 --bind 0.0.0.0:5557`: others'.
    - `neverblock load main:app -f locustfile.py --tags buyers`: Locust's options, after TARGET.
    - `neverblock load main:app --write-locustfile locustfile.py`: one to begin from.
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
        expression=expression,
        named=names_of(endpoint or []),
        ceiling=not no_ceiling,
    )
    if write_locustfile is not None:
        written(order, write_locustfile)
        return
    if rate is not None:
        users, spawn_rate = paced(rate, users, spawn_rate)
    given = locust_options(locustfile or [], users, spawn_rate, run_time)
    ordered = LoadOrder(
        order,
        (*given, *handed_on(context.args)),
        has_locustfile=bool(locustfile),
        web=web,
        rate_per_s=rate,
        distributed=distributed(workers, expect_workers, expect_workers_max_wait, bind),
    )
    copies = copies_of(json, html, junit, None, None, md, None)
    foresee(copies)
    insist_on_locust()
    with watching(reports, None) as (watcher, folder):
        run = complete(run_load(ordered, watcher))
    policy = policy_of(config, None, allow_inconclusive=False)
    finish((run, folder), copies, policy, verbose=verbose)


def written(order: Order, file: Path) -> None:
    """Write the locustfile that a load without one is made by. Raises NeverblockError."""
    silent = Watcher(lambda _: None, lambda *_: None, lambda _: None)
    write(file, complete(locustfile_of(order, file.name, silent)))
    console(stderr=True).print(
        f"Written: {escape(str(file))}. Type: neverblock load {escape(order.target.app)} "
        f"-f {escape(str(file))} -u 10 -t 30s",
        highlight=False,
        soft_wrap=True,
    )


def distributed(
    here: int | None, expected: int | None, max_wait_s: float | None, bind: str | None
) -> Distributed | None:
    """Give how several processes make the load; None where one does.

    Raises UsageError where others are expected at no address, or where one says too little.
    """
    if here is None and expected is None:
        given = "--bind" if bind else "--expect-workers-max-wait" if max_wait_s else None
        if given is not None:
            raise UsageError(f"{given} says nothing without others.", "Add --expect-workers N.")
        return None
    if expected is not None and bind is None:
        raise UsageError(
            f"{expected} load generators are expected, and nobody said where they report.",
            "Name an address of this machine that they reach: --bind 0.0.0.0:5557.",
        )
    at = ("127.0.0.1", 0) if bind is None else address(bind)
    return Distributed(here or 0, expected or 0, at, max_wait_s or MAX_WAIT_S)


def paced(rate: float, users: str | None, spawn_rate: str | None) -> tuple[str, str]:
    """Give how many users keep up a rate, and how fast they start. Raises UsageError.

    A user is busy until its task is over: by default there are enough for tasks of a second.
    """
    if rate <= 0:
        raise UsageError(f"{rate:g} is no rate.", "Write tasks a second: --rate 200.")
    users = users or str(max(int(USERS), ceil(rate)))
    return users, spawn_rate or users


def handed_on(options: list[str]) -> list[str]:
    """Give the options that are Locust's. Raises UsageError for one that is not the user's to set.

    What is loaded, and by which processes, is said to neverblock.
    """
    for option in options:
        if option.partition("=")[0] in OURS:
            raise UsageError(
                f"{option!r} is not handed on to Locust.",
                "The target's address and Locust's processes are neverblock's to choose.",
            )
    return options


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
    files = ",".join(map(str, locustfiles)) or None
    given = [("-f", files), ("-u", users), ("-r", spawn_rate), ("-t", run_time)]
    return tuple(part for name, value in given if value is not None for part in (name, value))
