"""What GitHub gets of a run that is measured there: annotations, and the step's summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from neverblock.cli.commands_stopped import commands_heard
from neverblock.errors import StoreError
from neverblock.report import create_renderer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neverblock.result import Run


def tell_github(run: Run, environ: Mapping[str, str]) -> None:
    """Annotate the lines of a run's findings, and append it to the step's summary.

    Annotates in GitHub Actions alone; there is a summary wherever ``GITHUB_STEP_SUMMARY`` names a
    file, as in a container of a step. Raises StoreError where that cannot be written.
    """
    if environ.get("GITHUB_ACTIONS") == "true":
        # the runner reads both streams, and standard output may have the run itself
        with commands_heard() as write:
            write(create_renderer("github")(run))
    if not (summary := environ.get("GITHUB_STEP_SUMMARY")):
        return
    try:
        with Path(summary).open("a", encoding="utf-8", errors="replace") as file:
            file.write(create_renderer("markdown")(run))
    except OSError as error:
        raise StoreError(
            f"The step summary '{summary}' cannot be written: {error.strerror}.",
            "Fix its permissions, or unset GITHUB_STEP_SUMMARY.",
        ) from error
