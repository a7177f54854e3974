"""``neverblock gate``: whether a saved run passes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from neverblock.analysis.codes import CODES
from neverblock.analysis.rejudge import rejudge
from neverblock.cli.deciding import conclude, earlier_run, policy_of, saved_run
from neverblock.cli.options import AllowInconclusive, AppDir, Baseline, FailOnOption, Reports, timed
from neverblock.cli.output import STDOUT
from neverblock.config import load_policy
from neverblock.gate.compare import compare
from neverblock.gate.kind import refuse_undecidable
from neverblock.result import Run
from neverblock.storage import run_file
from neverblock.storage.source_lines import located


def gate(
    run: Annotated[
        str, typer.Argument(help="A run's folder, its run.json, or latest.")
    ] = run_file.LATEST,
    *,
    baseline: Baseline = None,
    fail_on: FailOnOption = None,
    allow_inconclusive: AllowInconclusive = False,
    require_all: Annotated[
        bool, typer.Option(envvar="NEVERBLOCK_REQUIRE_ALL", help="What was skipped fails too.")
    ] = False,
    loop_limit: Annotated[
        float | None,
        timed("--loop-limit", "Judge again by this limit of computing on the loop.", None),
    ] = None,
    app_dir: AppDir = Path(),
    reports: Reports = Path("reports"),
    json: Annotated[
        Path | None, typer.Option("--json", help="Write the decision here; - for stdout.")
    ] = None,
) -> None:
    """Decide whether a saved run passes, without firing a single request.

    It fails on a failing check, on what could not be measured, on what was measured in the
    baseline and is not any more, and on an allow that has expired; and says why. Allows, baseline
    and the rest of the policy are read from `[tool.neverblock]`; options go before it.

    - `neverblock gate`: the last run.
    - `neverblock gate --baseline main.json --fail-on new`: only what is worse than there fails.
    - `neverblock gate --loop-limit 10ms`: the last run, judged again by a stricter limit.
    """
    config = load_policy(app_dir, {code.code for code in CODES})
    policy = policy_of(
        config, fail_on, allow_inconclusive=allow_inconclusive, require_all=require_all
    )
    head = saved_run(reports, run)
    refuse_undecidable(head)
    base = earlier_run(reports, baseline, config.baseline)
    head = judged_by(head, loop_limit, app_dir)
    comparison = None if base is None else compare(judged_by(base, loop_limit, app_dir), head)
    conclude(head, policy, comparison, json, quiet=json == STDOUT)


def judged_by(run: Run, limit_s: float | None, app_dir: Path) -> Run:
    """Judge a run again where another limit is given, with the source of what is newly blamed."""
    if limit_s is None:
        return run
    again = rejudge(run, replace(run.criterion, loop_limit_s=limit_s))
    results = [
        replace(result, blame=tuple(b if b.source else located(b, app_dir) for b in result.blame))
        for result in again.results
    ]
    return replace(again, results=tuple(results))
