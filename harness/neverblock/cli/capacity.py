"""``neverblock capacity``: how much the user's own app can take, what limits it, and the proof."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from neverblock.analysis.codes import CODES
from neverblock.cli.check import START_TIMEOUT_S, base_of, target_of
from neverblock.cli.deciding import policy_of
from neverblock.cli.load_options import locust_options
from neverblock.cli.measuring import complete, watching
from neverblock.cli.options import (
    DECIDING,
    AllowRemote,
    Canary,
    Command,
    Deadline,
    EnvFile,
    Expression,
    Factory,
    Format,
    HtmlFile,
    JsonFile,
    JunitFile,
    Loop,
    LoopOption,
    MarkdownFile,
    Named,
    NoCeiling,
    PythonOption,
    Reports,
    Shown,
    StartTimeout,
    TargetDir,
    Verbose,
    timed,
)
from neverblock.cli.output import copies_of, finish, foresee
from neverblock.config import load_config, names_of
from neverblock.endpoints.name_filter import any_of
from neverblock.errors import UsageError
from neverblock.load.installed import insist_on_locust
from neverblock.load.settled import Settled
from neverblock.run.capacity import run_capacity
from neverblock.run.capacity_order import CapacityOrder
from neverblock.run.order import Order

LOAD = "How much load"
MOST, FOR_S = 1000, 180.0


def capacity(
    target: Annotated[
        str | None,
        typer.Argument(help="package.module:app, or a URL; [tool.neverblock] app by default."),
    ] = None,
    *,
    locustfile: Annotated[
        Path | None,
        typer.Option(
            "--locustfile",
            "-f",
            help="Ask what its users ask, all together, by Locust.",
            rich_help_panel=LOAD,
        ),
    ] = None,
    endpoint: Named = None,
    expression: Expression = None,
    most: Annotated[
        int | None,
        typer.Option(
            "--most",
            min=3,
            help="Requests at once, at most [default: 1000; of another machine, 100].",
            rich_help_panel=LOAD,
        ),
    ] = None,
    for_s: Annotated[
        float | None,
        timed("--for", "The longest for one endpoint, with its proof [default: 3m].", LOAD),
    ] = None,
    no_proof: Annotated[
        bool, typer.Option("--no-proof", help="Move no limit.", rich_help_panel=LOAD)
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the app's base, whose ceiling is measured in turns.",
            rich_help_panel=DECIDING,
        ),
    ] = None,
    least: Annotated[
        float | None,
        typer.Option(
            "--least",
            min=0.0,
            help="Fail below this ratio to the base's ceiling, say 0.8.",
            rich_help_panel=DECIDING,
        ),
    ] = None,
    deadline: Deadline = None,
    no_ceiling: NoCeiling = False,
    canary: Canary = None,
    allow_remote: AllowRemote = None,
    factory: Factory = False,
    app_dir: TargetDir = None,
    python: PythonOption = None,
    env_file: EnvFile = None,
    loop: LoopOption = Loop.AUTO,
    start_timeout: StartTimeout = None,
    cmd: Command = None,
    verbose: Verbose = False,
    format: Shown = Format.TEXT,  # noqa: A002 - the option's own name
    reports: Reports = Path("reports"),
    json: JsonFile = None,
    html: HtmlFile = None,
    junit: JunitFile = None,
    md: MarkdownFile = None,
) -> None:
    """Measure how much your own app can take, name what limits it, and prove the name.

    Serves the app as check does and asks each endpoint by 1, 2, 3, 5, 8, 13, ... users at once,
    until more users bring no more answers. Then it says where the requests on top stand (a pool, a
    lock, a limiter, by line), or which resource is in use all the time; moves that limit where it
    can be moved from outside; and sees whether the ceiling follows. At last requests come at
    random at 50, 80 and 95 % of the ceiling, for the latency that users would see there.

    About half a minute for an endpoint of 20 ms. It ends by itself: on a ceiling that is sure, on
    failures, where the generator is the limit, by --most and by --for.

    - `neverblock capacity main:app -e 'GET /orders'`: this endpoint alone, or beside what -k
      chooses.
    - `neverblock capacity main:app -k orders --most 200 --for 30s`
    - `neverblock capacity main:app`: all that check would ask, one after the other.
    - `neverblock capacity main:app -f locustfile.py`: the whole mix of its users, at more and more
      users, whose pauses are as the file says. Nothing is predicted of a mix.
    - `neverblock capacity main:app -k orders --against ../base --least 0.8`: fail where a ceiling
      is surely below 0.8 of that of another state of the app, measured in the same job. There is no
      limit in requests a second, which would be one of this machine.
    - `neverblock capacity http://127.0.0.1:8000 -e 'GET /orders'`: from outside: its ceiling, and
      not what limits it, which only the probe sees.

    A limit of the app's own is moved by a variable that the app reads, in pyproject.toml:

        [tool.neverblock.capacity]
        raise = { pool = "ORDERS_POOL_SIZE=16" }
    """
    config = load_config(Path(), os.environ, {code.code for code in CODES}).with_options(
        app=target,
        deadline_s=deadline,
        factory=factory or None,
        app_dir=app_dir,
        env_file=env_file,
        cmd=cmd,
        canary=canary,
        allow_remote=tuple(allow_remote or ()) or None,
    )
    order = Order(
        target=target_of(config, loop.value, start_timeout or START_TIMEOUT_S, python),
        config=config.naming(endpoint or []),
        expression=any_of(expression),
        named=names_of(endpoint or []),
        ceiling=not no_ceiling,
    )
    if order.ration is not None:
        most = most or order.ration.at_once
        order.ration.permit(most)
    if least is not None and against is None:
        raise UsageError(
            f"--least {least:g} is a ratio, and nothing is there to compare with.",
            "Name the folder of the base: git worktree add ../base origin/main, --against ../base.",
        )
    mix = mix_of(locustfile, named=bool(endpoint or expression))
    base = None if against is None else base_of(order, against)
    ordered = CapacityOrder(
        order,
        most or MOST,
        for_s or FOR_S,
        prove=not no_proof,
        base=base,
        least=least,
        mix=mix,
        mix_name=f"the users of {locustfile}",
    )
    copies = copies_of(json, html, junit, None, None, md, None)
    foresee(copies)
    with watching(reports, None) as (watcher, folder):
        run = complete(run_capacity(ordered, watcher))
    policy = policy_of(config, None, allow_inconclusive=False)
    finish((run, folder), copies, policy, verbose=verbose, shown=format)


def mix_of(locustfile: Path | None, *, named: bool) -> tuple[str, ...]:
    """Give Locust's options for the users of a locustfile; none without one.

    Raises UsageError where there is no such file, endpoints are ``named`` as well, or Locust is not
    installed.
    """
    if locustfile is None:
        return ()
    if named:
        raise UsageError(
            f"The users of {locustfile} say what is asked, and -e or -k say it too.",
            "Drop one of the two.",
        )
    options = locust_options([locustfile], None, None, None, Settled())
    insist_on_locust()
    return options
