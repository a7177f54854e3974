"""From saved runs to a decision: printed or written as JSON, and turned into an exit code."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from neverblock.cli.output import tell, write
from neverblock.cli.terminal import console
from neverblock.errors import StoreError
from neverblock.gate.decide import decide
from neverblock.report import decision_json
from neverblock.storage import run_file, run_folders

if TYPE_CHECKING:
    from neverblock.config import Config
    from neverblock.gate.compare import Comparison
    from neverblock.gate.policy import FailOn, Policy
    from neverblock.result import Run


def saved_run(reports: Path, name: str) -> Run:
    """Read the run that a person named. Raises StoreError."""
    return run_file.load(run_folders.resolve(reports, name))


def earlier_run(reports: Path, named: str | None, configured: str | Path | None) -> Run | None:
    """Read the baseline; None where none is named, or, with a message, where there is none yet.

    One that is ``configured`` may not be there yet, nor may ``latest``. Raises StoreError for any
    other that is not there, and for one that cannot be read.
    """
    name = named or configured
    if name is None:
        return None
    try:
        path = run_folders.resolve(reports, str(name))
    except StoreError as error:
        if named is not None and named != run_file.LATEST:
            raise
        message = f"[yellow]neverblock:[/] No baseline yet: {escape(error.what)}"
        console(stderr=True).print(message, highlight=False, soft_wrap=True)
        return None
    return run_file.load(path)


def policy_of(
    config: Config, fail_on: FailOn | None, *, allow_inconclusive: bool, require_all: bool = False
) -> Policy:
    """Give the project's policy, with what the command line says over it."""
    return replace(
        config.policy,
        fail_on=fail_on or config.policy.fail_on,
        allow_inconclusive=allow_inconclusive or config.policy.allow_inconclusive,
        require_all=require_all or config.policy.require_all,
    )


def conclude(
    run: Run, policy: Policy, comparison: Comparison | None, json: Path | None, *, quiet: bool
) -> None:
    """Decide, say so unless it has to be quiet, and exit with the decision."""
    decision = decide(run, policy, today=datetime.now(UTC).date(), baseline=comparison)
    if json is not None:
        write(json, decision_json.render(decision))
    if not quiet:
        tell(decision)
    raise typer.Exit(decision.exit_code)
