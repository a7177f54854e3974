"""The report of a test session: one run of all that its tests checked."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.errors import StoreError, UsageError
from neverblock.report import create_renderer
from neverblock.storage import run_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from neverblock.result import Run


def encoded(run: Run) -> str:
    """Give a run as text, to be handed from one process of pytest to another."""
    return json.dumps(run_file.to_json(run))


def decoded(text: str) -> Run:
    """Give the run of such a text."""
    return run_file.from_json(json.loads(text))


def merged(runs: Sequence[Run]) -> Run:
    """Make one run of those of several processes."""
    first = runs[0]
    return replace(
        first,
        started_at=min(run.started_at for run in runs),
        duration_s=max(run.duration_s for run in runs),
        results=tuple(result for run in runs for result in run.results),
    )


def write_report(runs: Sequence[Run], folder: Path) -> str:
    """Write ``run.json`` and ``index.html``, and say so; the run alone where no page can be made.

    Raises StoreError where they cannot be written.
    """
    run, page = merged(runs), folder / "index.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        run_file.save(run, folder)
        page.write_text(create_renderer("html")(run), encoding="utf-8")
    except UsageError as error:
        return f"the checks are in {folder / 'run.json'}. {error}"
    except OSError as error:
        raise StoreError(
            f"The report cannot be written to '{folder}': {error.strerror}.",
            "Name another folder: --neverblock-report DIR.",
        ) from error
    return f"report of all checks: {page}"
