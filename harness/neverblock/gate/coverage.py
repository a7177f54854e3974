"""Whether enough of the app's routes were asked, as a policy requires. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.errors import ExitCode
from neverblock.units import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neverblock.gate.policy import Policy
    from neverblock.result import Run


def of_coverage(run: Run, policy: Policy) -> Iterator[tuple[str, ExitCode]]:
    """Yield that too few of the app's routes were asked, or that nobody knows how many."""
    if policy.coverage is None:
        return
    required = f"{percent(policy.coverage)} are required ([tool.neverblock] coverage)"
    if run.coverage is None:
        what = f"How many of the app's routes were asked is not known, and {required}."
        yield what, ExitCode.NOT_MEASURED
    elif run.coverage.share < policy.coverage:
        asked = f"{run.coverage.asked} of {run.coverage.routes} routes were asked"
        yield f"{asked} ({percent(run.coverage.share)}), and {required}.", ExitCode.FAILED
