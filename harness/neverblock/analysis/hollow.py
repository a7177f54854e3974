"""Say of a pass on made-up values and empty answers that it says little. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neverblock.model import Record
    from neverblock.plan import Subject
    from neverblock.result import Result

_OPENING = "values were made up for "


def covering(result: Result, subject: Subject, solo: Iterable[Record]) -> Result:
    """Give a result with what it covers: the made-up values, and whether every answer was empty.

    ``solo`` are the single requests, which count beside the result's own records. A hollow pass
    gets a note with the configuration that names real values.
    """
    empty = all(record.empty for record in (*solo, *result.records))
    result = replace(result, made_up=subject.made_up, empty=empty)
    if not result.hollow:
        return result
    note = (
        f"{_OPENING}{', '.join(subject.made_up)}, and the answer was empty: this pass says little; "
        f"name real ones:\n{subject.entry}"
    )
    judgement = replace(result.judgement, notes=(*result.judgement.notes, note))
    return replace(result, judgement=judgement)


def hollow_note(result: Result) -> str | None:
    """Give the note of a hollow pass: a sentence, then the lines of configuration; else None."""
    notes = (note for note in result.judgement.notes if note.startswith(_OPENING))
    return next(notes, None) if result.hollow else None
