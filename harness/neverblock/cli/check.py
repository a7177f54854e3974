"""``neverblock check``: the user's own app."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from dotenv import dotenv_values

from neverblock.analysis.codes import CODES
from neverblock.cli.deciding import earlier_run, policy_of
from neverblock.cli.interpreter import tell_interpreter
from neverblock.cli.measuring import complete, keeping, watching
from neverblock.cli.options import (
    Against,
    AllowInconclusive,
    AllowRemote,
    Baseline,
    Canary,
    Command,
    Deadline,
    EnvFile,
    Expression,
    Factory,
    FailOnOption,
    Format,
    GitlabFile,
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
    Quick,
    Repeat,
    Reports,
    RequestsAtOnce,
    SarifFile,
    Shown,
    SpeedscopeFile,
    StartTimeout,
    Suspects,
    TargetDir,
    Verbose,
    Workers,
)
from neverblock.cli.output import copies_of, finish, foresee
from neverblock.cli.suspects import suspects_of
from neverblock.config import Config, load_config, names_of
from neverblock.config.app_named import import_string_for, is_file_name
from neverblock.endpoints.name_filter import any_of
from neverblock.errors import UsageError
from neverblock.gate.policy import Policy
from neverblock.load.installed import insist_on_locust
from neverblock.plan import Target
from neverblock.run.check import run_check
from neverblock.run.interleaved import run_interleaved
from neverblock.run.order import Order
from neverblock.run.suspects import marks_of
from neverblock.target.command import named_in
from neverblock.target.interpreter import find_interpreter
from neverblock.target.remote import is_url, path_of, permitted

if TYPE_CHECKING:
    from neverblock.result import Run

START_TIMEOUT_S = 60.0


def check(
    target: Annotated[
        str | None,
        typer.Argument(help="package.module:app, or a URL; [tool.neverblock] app by default."),
    ] = None,
    *,
    endpoint: Named = None,
    expression: Expression = None,
    quick: Quick = False,
    repeat: Repeat = 1,
    n: RequestsAtOnce = None,
    workers: Workers = 1,
    loop_limit: LoopLimit = None,
    deadline: Deadline = None,
    no_ceiling: NoCeiling = False,
    suspects: Suspects = None,
    factory: Factory = False,
    app_dir: TargetDir = None,
    env_file: EnvFile = None,
    loop: LoopOption = Loop.AUTO,
    start_timeout: StartTimeout = None,
    cmd: Command = None,
    python: PythonOption = None,
    canary: Canary = None,
    allow_remote: AllowRemote = None,
    against: Against = None,
    baseline: Baseline = None,
    fail_on: FailOnOption = None,
    allow_inconclusive: AllowInconclusive = False,
    verbose: Verbose = False,
    format: Shown = Format.TEXT,  # noqa: A002 - the option's own name
    reports: Reports = Path("reports"),
    json: JsonFile = None,
    html: HtmlFile = None,
    junit: JunitFile = None,
    sarif: SarifFile = None,
    gitlab: GitlabFile = None,
    md: MarkdownFile = None,
    speedscope: SpeedscopeFile = None,
) -> None:
    """Check your own app: which endpoints block the event loop, and by which line.

    Serves the app, finds its endpoints in its OpenAPI document (every GET whose parameters can be
    filled), and fires 10 requests at once at each. What is not checked is listed with the reason.

    - `neverblock check main:app`: all that can be asked.
    - `neverblock check main:app -e 'POST /search'`: this endpoint alone.
    - `neverblock check main:app -k users -e 'POST /search'`: some of it, and one that is no GET.
    - `neverblock check main:app --cmd 'gunicorn -k uvicorn.workers.UvicornWorker {app}'`
    - `neverblock check http://127.0.0.1:8000 --canary /health`: from outside, without the probe.
    - `neverblock check main:app --against ../base --fail-on new`: only what is worse there.
    - `neverblock check main:app -e 'GET /a' -n 1000 --workers 4`: by four Locust processes.
    - `neverblock check main:app --suspects auto`: what ruff suspects beside what is true.
    - `neverblock check main:app --format agent`: short, with diffs, for a coding agent.
    """
    config = load_config(Path(), os.environ, {code.code for code in CODES}).with_options(
        app=target,
        n=n,
        loop_limit_s=loop_limit,
        deadline_s=deadline,
        factory=factory or None,
        app_dir=app_dir,
        env_file=env_file,
        cmd=cmd,
        canary=canary,
        allow_remote=tuple(allow_remote or ()) or None,
    )
    served = target_of(config, loop.value, start_timeout or START_TIMEOUT_S, python)
    suspected = suspects_of(suspects, served)
    order = Order(
        target=replace(served, marks=marks_of(suspected or ())),
        config=config.naming(endpoint or []),
        expression=any_of(expression),
        named=names_of(endpoint or []),
        repeat=repeat,
        quick=quick,
        ceiling=not no_ceiling,
        suspects=suspected,
        workers=workers,
    )
    copies = copies_of(json, html, junit, sarif, gitlab, md, speedscope)
    foresee(copies)
    if workers > 1:
        insist_on_locust()
    policy = policy_of(config, fail_on, allow_inconclusive=allow_inconclusive)
    base, measured = measure_against(order, against, baseline, reports)
    finish(measured, copies, policy, baseline=base, verbose=verbose, shown=format)


def target_of(
    config: Config, loop: str, start_timeout_s: float, python: str | None = None
) -> Target:
    """Give what the settings say is to be served, or asked, and by which Python.

    ``python`` names it on the command line. Raises UsageError where there is no app, or where its
    Python cannot be used.
    """
    app, cmd = named_in(config.cmd, config.app)
    config = config.with_options(app=app, cmd=cmd)
    if config.app is None:
        raise UsageError(
            "Nothing says which app to check.",
            "Name it: neverblock check main:app, or run `neverblock init` to write it down.",
        )
    if is_url(config.app):
        permitted(config.app, config.allow_remote)
        if config.canary is not None:
            path_of(config.canary)
    elif ":" not in config.app or is_file_name(config.app):
        near = import_string_for(config.app, config.app_dir)
        raise UsageError(
            f"{config.app!r} is neither an import string nor a URL.",
            f"{f'Did you mean {near}? ' if near else ''}"
            "Write it as package.module:app, or as http://127.0.0.1:8000.",
        )
    env = environment_of(config.env_file)
    found = None
    if not is_url(config.app) or config.setup is not None:
        environ = {**os.environ, **env}
        found = find_interpreter(config.app_dir, environ, option=python, setting=config.python)
        tell_interpreter(found, use_of(config))
    return Target(
        config.app,
        config.app_dir,
        factory=config.factory,
        loop=loop,
        command=config.cmd,
        env=env,
        start_timeout_s=start_timeout_s,
        python=found,
    )


def use_of(config: Config) -> str | None:
    """Say what the app's Python does, where it does not serve by uvicorn."""
    if is_url(config.app or ""):
        return "it calls setup"
    return None if config.cmd is None else "--cmd serves there"


def environment_of(file: Path | None) -> dict[str, str]:
    """Read an environment file. Raises UsageError where there is none."""
    if file is None:
        return {}
    if not file.is_file():
        raise UsageError(f"There is no file '{file}'.", "Name another with --env-file.")
    return {name: value for name, value in dotenv_values(file).items() if value is not None}


def measure_against(
    order: Order, against: Path | None, baseline: str | None, reports: Path
) -> tuple[Run | None, tuple[Run, Path]]:
    """Check as ordered; give the run to compare with, if any, and the new run with its folder.

    ``against`` is the folder of another state of the app, which is measured now, in turns;
    ``baseline`` names an earlier run, in the place of the one that is configured, which is read
    before anything is measured. Raises NeverblockError.
    """
    if against is not None:
        return measure_both(base_of(order, against), order, reports)
    earlier = earlier_run(reports, baseline, order.config.baseline)
    return earlier, measure(order, reports)


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
            "Name an app for --against, or compare with an earlier run: --baseline RUN.",
        )
    if not folder.is_dir():
        raise UsageError(
            f"There is no folder '{folder}'.",
            "Check the base out first: git worktree add ../base origin/main.",
        )
    return replace(
        order,
        target=replace(order.target, app_dir=folder, marks=()),
        suspects=None,
        config=replace(order.config, app_dir=folder, policy=Policy()),
        earlier=True,
    )


def measure_both(base: Order, head: Order, reports: Path) -> tuple[Run, tuple[Run, Path]]:
    """Check both in turns, saving both; give the base's run, and the head's with its folder."""
    with keeping(reports) as (quiet, _), watching(reports, None) as (watcher, folder):
        runs = complete(run_interleaved((base, quiet), (head, watcher)))
    return runs[0], (runs[1], folder)
