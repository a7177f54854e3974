"""``neverblock run`` and ``neverblock list``: the reference app."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from neverblock.cli.measuring import complete, watching
from neverblock.cli.options import (
    HOW,
    Deadline,
    Expression,
    Format,
    GitlabFile,
    HtmlFile,
    JsonFile,
    JunitFile,
    LoopLimit,
    MarkdownFile,
    Reports,
    SarifFile,
    Shown,
    SpeedscopeFile,
    Verbose,
)
from neverblock.cli.output import copies_of, finish, foresee
from neverblock.cli.terminal import console
from neverblock.endpoints.name_filter import any_of, select
from neverblock.gate.policy import Policy
from neverblock.plan import Plan, Target
from neverblock.reference.listing import left_out, listed_pairs
from neverblock.reference.location import load_reference, reference_dir
from neverblock.reference.pairs import choose, pair_group
from neverblock.reference.runner import run_plan
from neverblock.reference.services import provide
from neverblock.result import Criterion, Run

REFERENCE_APP = "target_app.main:app"
PAIR_NAMES = "target_app.pairs:names"
PAIR_MODULE = "target_app.pairs:load"
SCENARIOS = "scenarios:SCENARIOS"
QUICK_SCALE = 0.2
DEADLINE_S = 30.0


def run_reference(
    pairs: Annotated[
        list[str] | None, typer.Argument(help="Pairs to measure; all by default.")
    ] = None,
    *,
    expression: Expression = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(help="gather, burst or crowd; repeatable.", rich_help_panel=HOW),
    ] = None,
    scale: Annotated[
        float, typer.Option(min=0.01, max=10, help="Times the 1 s of work.", rich_help_panel=HOW)
    ] = 1.0,
    quick: Annotated[
        bool, typer.Option(help=f"The same as --scale {QUICK_SCALE}.", rich_help_panel=HOW)
    ] = False,
    n: Annotated[
        int,
        typer.Option("-n", min=3, max=1000, help="Requests at once.", rich_help_panel=HOW),
    ] = 10,
    loop_limit: LoopLimit = None,
    deadline: Deadline = None,
    one_by_one: Annotated[
        bool, typer.Option(help="Measure no two pairs side by side (slow).", rich_help_panel=HOW)
    ] = False,
    port: Annotated[
        int,
        typer.Option(
            min=0,
            max=65000,
            help="First port of the servers; 0: any free ones.",
            rich_help_panel=HOW,
        ),
    ] = 0,
    require_all: Annotated[
        bool,
        typer.Option(envvar="NEVERBLOCK_REQUIRE_ALL", help="A skipped pair is a failure."),
    ] = False,
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
    """Measure the reference app: every blocking call and its replacement, side by side.

    Fires 10 requests at once at each bad and good endpoint, by httpx and by Locust (those that
    compute by httpx alone, unless --scenario says otherwise), and holds the wall clock, the canary
    and the event loop itself against what each endpoint promises. A bad endpoint that passes fails
    the run, and so does a good one that does not.

    - `neverblock run`: everything, in about three minutes.
    - `neverblock run sleep http --quick`: two pairs, at a fifth of the time.
    - `neverblock run -k 'bad and not cpu' --scenario gather`: some of it.
    """
    chosen_scale = QUICK_SCALE if quick else scale
    table = load_reference(SCENARIOS)
    scenarios = tuple(
        replace(table[name], n=n) for name in choose(scenario or [], list(table), "scenario")
    )
    chosen = choose(pairs or [], load_reference(PAIR_NAMES)(), "pair")
    module = load_reference(PAIR_MODULE)
    # a computation takes its time whoever asks: by default one burst shows it
    computing = () if scenario else (scenarios[0].name,)
    groups = tuple(pair_group(module(name).PAIR, chosen_scale, computing) for name in chosen)
    plan = Plan(
        target=Target(REFERENCE_APP, reference_dir(), loop="asyncio"),
        groups=select(groups, any_of(expression)),
        scenarios=scenarios,
        criterion=Criterion(
            document_limit_s=Criterion().document_limit_s * chosen_scale,
            loop_limit_s=loop_limit or Criterion().loop_limit_s,
        ),
        scale=chosen_scale,
        deadline_s=deadline or DEADLINE_S,
        port=port,
        one_by_one=one_by_one,
    )
    copies = copies_of(json, html, junit, sarif, gitlab, md, speedscope)
    foresee(copies)
    finish(
        measure(plan, reports),
        copies,
        Policy(require_all=require_all),
        verbose=verbose,
        shown=format,
    )


def measure(plan: Plan, reports: Path) -> tuple[Run, Path]:
    """Run a plan with its services, showing progress; save after each result."""
    results = sum(len(group.subjects) * len(plan.scenarios_of(group)) for group in plan.groups)
    needs = sorted({need for group in plan.groups for need in group.needs})
    with watching(reports, results) as (watcher, folder):
        watcher.on_phase("services")
        with provide(needs, lambda text: watcher.on_phase(f"services: {text}")) as services:
            run = complete(run_plan(plan, services, watcher))
    chosen = {subject.endpoint.name for group in plan.groups for subject in group.subjects}
    return replace(run, left_out=left_out(reference_dir(), chosen)), folder


def list_pairs() -> None:
    """List the pairs of the reference app: what blocks, what replaces it, what each needs."""
    table = Table(title="neverblock run PAIR ... measures these", title_justify="left")
    for column in ("pair", "blocks", "instead", "variants", "needs"):
        table.add_column(column, overflow="fold")
    for pair in listed_pairs(reference_dir()):
        table.add_row(
            pair.name,
            pair.blocking_call,
            pair.replacement,
            ", ".join(pair.variants),
            ", ".join(pair.needs) or "-",
        )
    console().print(table)
