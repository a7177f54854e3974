"""The stable codes of findings: what CI formats, ``allow`` entries and ``explain`` go by.

Grouped by hundreds: NB1xx the loop is held, NB2xx requests queue, NB3xx notes that pass, NB9xx
could not be measured. A code is never given a second meaning. Each has a page beside this file,
``NB101.md``, in Markdown.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files

from neverblock.errors import UsageError
from neverblock.model import Diagnosis


@dataclass(frozen=True, slots=True)
class Code:
    """A diagnosis as machines name it: its code, and what it says in a few words."""

    code: str
    diagnosis: Diagnosis
    title: str

    @property
    def name(self) -> str:
        """Give the diagnosis as it is written: ``blocking-io``."""
        return self.diagnosis.value

    def __str__(self) -> str:
        """Give both names: ``NB101 blocking-io``."""
        return f"{self.code} {self.name}"


CODES = (
    Code("NB100", Diagnosis.BLOCKING, "the event loop is held, as seen from outside"),
    Code("NB101", Diagnosis.BLOCKING_IO, "the event loop waits inside application code"),
    Code("NB102", Diagnosis.BLOCKING_CPU, "the event loop computes inside application code"),
    Code("NB103", Diagnosis.GIL_HELD, "a C call in another thread keeps the GIL"),
    Code("NB201", Diagnosis.EXECUTOR_SATURATED, "requests queue for a worker thread"),
    Code("NB202", Diagnosis.SERIALIZED, "requests go one by one, and nothing explains it"),
    Code("NB301", Diagnosis.GIL_CONTENTION, "threads that run Python share the GIL with the loop"),
    Code(
        "NB302", Diagnosis.COOPERATIVE_CPU, "the loop computes, each time for less than the limit"
    ),
    Code("NB303", Diagnosis.CPU_BOUND, "the cores are busy"),
    Code("NB304", Diagnosis.SHORT_WAITS, "the loop waits, each time for less than the limit"),
    Code("NB901", Diagnosis.ERRORING, "requests failed, so nothing was measured"),
    Code("NB902", Diagnosis.INCONCLUSIVE, "the measurement was spoiled"),
    Code("NB903", Diagnosis.SKIPPED, "what the endpoint needs is not there"),
)
"""Every diagnosis but ``concurrent``, which finds nothing."""

LEFT_OUT = {"How it was seen", "Bad"}
"""The sections of a page that an agent with a finding before it does not need."""

_BY_DIAGNOSIS = {code.diagnosis: code for code in CODES}


def code_of(diagnosis: Diagnosis) -> Code | None:
    """Give the code of a diagnosis; None for ``concurrent``."""
    return _BY_DIAGNOSIS.get(diagnosis)


def named(diagnosis: Diagnosis) -> str:
    """Give a diagnosis with its code in front, where it has one: ``NB101 blocking-io``."""
    return str(code_of(diagnosis) or diagnosis)


def find_code(text: str) -> Code:
    """Give the code that a person wrote as NB101, nb101 or blocking-io.

    Raises UsageError for any other, naming the nearest.
    """
    names = {name: code for code in CODES for name in (code.code.lower(), code.name)}
    wanted = text.strip().lower().replace("_", "-")
    if wanted in names:
        return names[wanted]
    nearest = get_close_matches(wanted, names, n=1)
    hint = f"Did you mean {names[nearest[0]]}? " if nearest else ""
    raise UsageError(
        f"There is no code {text!r}.", f"{hint}`neverblock explain` lists all of them."
    )


def page(code: Code) -> str:
    """Give what there is to know of a code, in Markdown."""
    return (
        files("neverblock.analysis.codes").joinpath(f"{code.code}.md").read_text(encoding="utf-8")
    )


def short_page(code: Code) -> str:
    """Give what a coding agent needs of a page: what the code means, the good example, the rest."""
    sections = page(code).split("\n## ")[1:]
    wanted = [text for text in sections if text.partition("\n")[0] not in LEFT_OUT]
    return f"{code}: {code.title}\n\n" + "\n".join(f"{text.strip()}\n" for text in wanted)


def meaning(code: Code) -> str:
    """Give the first section of a code's page, "What it means", as one paragraph."""
    _, _, rest = page(code).partition("## What it means\n")
    text, _, _ = rest.partition("\n## ")
    return " ".join(text.split())
