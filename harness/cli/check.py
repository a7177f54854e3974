"""``neverblock check``: the user's own app."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from dotenv import dotenv_values

from harness.check import Order, run_check
from harness.cli.deciding import earlier_run
from harness.cli.measuring import complete, watching
from harness.cli.options import (
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
from harness.cli.output import finish
from harness.codes import CODES
from harness.config import Config, load_config
from harness.duration import duration
from harness.errors import UsageError
from harness.plan import Target
from harness.policy import FailOn, Policy
from harness.remote import is_url, permitted

if TYPE_CHECKING:
    from harness.result import Run


def check(
    target: Annotated[
        str | None,
        typer.Argument(help="package.module:app, or a URL; [tool.neverblock] app by default."),
    ] = None,
    *,
    endpoint: Annotated[
        list[str] | None,
        typer.Option("--endpoint", "-e", help="Check this one as well: 'POST /items'; repeatable."),
    ] = None,
    expression: Annotated[
        str | None, typer.Option("-k", help="Endpoints whose names fit: 'users and not DELETE'.")
    ] = None,
    n: Annotated[int | None, typer.Option("-n", min=3, help="At once [default: 10].")] = None,
    repeat: Annotated[
        int, typer.Option(min=1, max=20, help="Measure each so often; what all say counts.")
    ] = 1,
    loop_limit: Annotated[
        str | None, typer.Option(help="Longest computation that may hold the loop [default: 50ms].")
    ] = None,
    deadline: Annotated[
        str | None, typer.Option(help="The longest that one request may take [default: 30s].")
    ] = None,
    start_timeout: Annotated[str, typer.Option(help="The longest its start may take.")] = "60s",
    factory: Annotated[
        bool, typer.Option("--factory", help="TARGET is a callable that makes the app.")
    ] = False,
    app_dir: Annotated[
        Path | None, typer.Option(help="Folder TARGET is looked up in [default: this one].")
    ] = None,
    env_file: Annotated[Path | None, typer.Option(help="Environment of the server.")] = None,
    loop: Annotated[str, typer.Option(help="Event loop: auto, asyncio or uvloop.")] = "auto",
    cmd: Annotated[
        str | None,
        typer.Option(help="Serve by this command, e.g. 'hypercorn {app} --bind 127.0.0.1:{port}'."),
    ] = None,
    canary: Annotated[
        str | None, typer.Option(help="A cheap path of a URL target, such as /health.")
    ] = None,
    allow_remote: Annotated[
        list[str] | None, typer.Option(help="Another machine's host that may be burdened.")
    ] = None,
    no_ceiling: Annotated[
        bool, typer.Option("--no-ceiling", help="Lift the limits on the number of requests.")
    ] = False,
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
        target=target_of(config, loop, duration(start_timeout)),
        config=config.naming(endpoint or []),
        expression=expression,
        repeat=repeat,
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
    policy = policy_of(config, fail_on, allow_inconclusive=allow_inconclusive)
    base = earlier_run(reports, baseline or (str(config.baseline) if config.baseline else None))
    finish(measure(order, reports), copies, policy, baseline=base, verbose=verbose)


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


def policy_of(config: Config, fail_on: FailOn | None, *, allow_inconclusive: bool) -> Policy:
    """Give the project's policy, with what the command line says over it."""
    return replace(
        config.policy,
        fail_on=fail_on or config.policy.fail_on,
        allow_inconclusive=allow_inconclusive or config.policy.allow_inconclusive,
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
