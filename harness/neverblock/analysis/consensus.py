"""Several measurements of one endpoint, made one: what all of them say counts. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.analysis.judge import inconclusive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.result import Result


def agreed(results: Sequence[Result]) -> Result:
    """Give the last of some measurements if all came to its diagnosis, else an inconclusive one.

    Either says in a note how many there were.
    """
    last, diagnoses = results[-1], Counter(r.judgement.diagnosis for r in results)
    if len(results) == 1:
        return last
    if len(diagnoses) == 1:
        note = f"all of {len(results)} measurements agree"
        judgement = replace(last.judgement, notes=(*last.judgement.notes, note))
        return replace(last, judgement=judgement)
    counts = ", ".join(f"{count} x {diagnosis}" for diagnosis, count in diagnoses.most_common())
    why = f"{len(results)} measurements do not agree: {counts}."
    return replace(last, judgement=inconclusive(why), blame=())
