"""The passes that say little, in the terminal: how many, which, and what makes them say more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from neverblock.analysis.hollow import hollow_note
from neverblock.model import Verdict
from neverblock.report.summary import printable
from neverblock.report.terminal import configured, fitted
from neverblock.report.unchecked_text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from neverblock.result import Run


def hollow_count(run: Run) -> str:
    """Say how many passes are hollow, in a sentence; "" where none is."""
    passes = [r for r in run.results if r.judgement.verdict is Verdict.PASS]
    hollow = sum(r.hollow for r in passes)
    if not hollow:
        return ""
    what = (
        "is of made-up values and an empty answer: it says little"
        if hollow == 1
        else "are of made-up values and empty answers: they say little"
    )
    return f"{hollow} of {len(passes)} passes {what}; name real ones, see above"


def hollow_passes(run: Run, width: int) -> Iterator[RenderableType]:
    """Yield a paragraph with the hollow passes, and the configuration for the first."""
    hollow = [result for result in run.results if result.hollow]
    if not hollow:
        return
    yield Text()
    yield Text.assemble(
        ("says little: ", "bold"), "passes on made-up values, with an empty answer; name real ones"
    )
    names = fitted(listed([result.endpoint.name for result in hollow]), width - 2)
    yield Padding(Text(names), (0, 0, 0, 2))
    for line in (hollow_note(hollow[0]) or "").splitlines()[1:]:
        for part in configured(printable(line), width - 4):
            yield Text(f"    {part}", style="green")
