"""What a coding agent needs of a run: each root cause once, the fix as a diff, and how to check it.

No colour and no table; the same run gives the same text. Of many causes the worst are told in full,
and of the others a line each: whoever fixes and checks again gets to them.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from neverblock.analysis.codes import named
from neverblock.analysis.suspects.evidence import lines_of
from neverblock.report.asides import seldom_sentence
from neverblock.report.findings import Level, app_folder, findings, within
from neverblock.report.fix_text import fix_lines, fix_title
from neverblock.report.summary import answer, passes_with_a_note, printable
from neverblock.report.suspects_words import (
    by_state,
    suspect_lines,
    suspect_said,
    suspect_title,
    suspects_sentence,
)
from neverblock.result.suspects import SuspectState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from neverblock.report.findings import Finding
    from neverblock.result import Run

MOST_LINES = 40
"""Of the whole text: what an agent reads again and again has to be short."""

MOST_NAMES = 3
MOST_SUSPECTS = 8
"""The most suspects that are named; the sentence beneath them counts all."""

LONGEST = 300
"""Characters of a sentence; the rest of a traceback is in the text for people."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Findings that one place, or one reason, is behind; the worst comes first."""

    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Finding:
        """Give the finding that does the most harm."""
        return self.findings[0]

    @property
    def where(self) -> str:
        """Give the place and the call, as far as they are known."""
        finding = self.worst
        place = f"{finding.place.file}:{finding.place.line}" if finding.place.exact else ""
        blame = finding.blame
        if blame is not None and not place:
            place = f"{blame.file}:{blame.line}"
        call = (blame.target or blame.call or "") if blame else ""
        return printable(" ".join(part for part in (place, call) if part))

    @property
    def names(self) -> str:
        """Name the endpoints that suffer."""
        names = list(dict.fromkeys(finding.endpoint for finding in self.findings))
        more = [f"{len(names) - MOST_NAMES} more"] * (len(names) > MOST_NAMES)
        return ", ".join([*names[:MOST_NAMES], *more])


def render(run: Run) -> str:
    """Give the causes of what fails, worst first, then what passes do not cover, then suspects.

    ``MOST_LINES`` at most.

    Files are named from where it ran: there commands and diffs are at home.
    """
    run = replace(run, environment={k: v for k, v in run.environment.items() if k != "work_dir"})
    listed = causes(run)
    lines = [printable(answer(run))]
    last = list(_suspects(run, listed))
    notes = [_short(note) for note in _notes(run)]
    most = MOST_LINES - len(last) - bool(notes)
    for at, cause in enumerate(listed):
        full = list(_full(run, cause))
        rest = len(listed) - at - 1
        if len(lines) + len(full) + rest + (rest > 0) <= most:
            lines += full
        elif len(lines) + 1 + (rest > 0) <= most:
            lines.append(_head(cause))
        else:
            lines.append(f"{rest + 1} more causes: fix these first, then check again.")
            break
    room = MOST_LINES - len(last) - len(lines)
    if len(notes) > room:
        left = len(notes) - room + 1
        notes = [*notes[: room - 1], f"{left} more notes of passes: neverblock report has them."]
    return "\n".join([*lines, *notes, *last]) + "\n"


def _notes(run: Run) -> Iterator[str]:
    """Yield what passes do not cover: one endpoint a line."""
    for result in run.results:
        name = result.endpoint.name
        if result.seldom is not None:
            yield f"seldom {name}: {seldom_sentence(result.seldom)}"
        if result.hollow:
            yield f"says little {name}: passes on made-up values, with an empty answer"
    for result in passes_with_a_note(run.results):
        if result.endpoint.pair is None:
            judged = result.judgement
            yield f"note {named(judged.diagnosis)} in {result.endpoint.name}: {judged.reason}"


def causes(run: Run) -> list[Cause]:
    """Put the findings that fail a run together by what is behind them, in their order.

    A bad endpoint of the reference app is among them, though it fails as it should.
    """
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings(run):
        promised = finding.result is not None and finding.result.as_expected is True
        if finding.level is not Level.ERROR and not (promised and finding.failed):
            continue
        blame = finding.blame
        place = (finding.place.file, str(finding.place.line)) if finding.place.exact else ()
        key = place or ((blame.file, str(blame.line)) if blame else (finding.why,))
        groups.setdefault((finding.code.code, *key), []).append(finding)
    return [Cause(tuple(group)) for group in groups.values()]


def _full(run: Run, cause: Cause) -> Iterator[str]:
    """Yield what happened, what to do, and the command that checks it again."""
    finding = cause.worst
    yield _head(cause)
    yield _short(finding.why)
    if (advice := finding.advice) is not None:
        use = f"use {advice.instead}; {fix_title(advice)}:"
        lines = fix_lines(advice, finding.folder)
        if advice.diff:
            yield from (_short(use), *map(printable, lines), _short(advice.why))
        else:
            yield _short(f"{use} {' '.join(lines)}")
    yield f"check again: {again(run, finding)}"


def _head(cause: Cause) -> str:
    where = f" {cause.where}" if cause.where else ""
    return f"{cause.worst.code}{where} in {cause.names}"


def _short(text: str) -> str:
    line = printable(" ".join(text.split()))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _suspects(run: Run, listed: Sequence[Cause]) -> Iterator[str]:
    """Yield suspects, each in a line, in the order of their states, and how many there are of all.

    A confirmed one that is on the way to a cause is told by that. Nothing where no analysis was
    given.
    """
    places = [place for cause in listed for one in cause.findings for place in one.places]
    told = {line for place in places for line in lines_of(place)}
    grouped = by_state(run.suspects or ())
    confirmed = grouped.pop(SuspectState.CONFIRMED, [])
    others = [each for each in confirmed if (each.file, each.line) not in told]
    others += [each for group in grouped.values() for each in group]
    for suspect in others[:MOST_SUSPECTS]:
        named = replace(suspect, file=within(app_folder(run), suspect.file))
        said = f"{named.state} suspect {suspect_title(named)}: {suspect_said(named)}"
        lines = " ".join(suspect_lines(named).split())
        yield _short(f"{said}: {lines}" if lines else said)
    if said := suspects_sentence(run):
        yield printable(said)


def again(run: Run, finding: Finding) -> str:
    """Give the command that checks one finding again, and nothing else."""
    result = finding.result
    if result is not None and result.endpoint.pair is not None:
        endpoint = result.endpoint
        return f"neverblock run {endpoint.pair} -k {endpoint.variant} --scenario gather"
    words = ["neverblock", "check", run.target]
    if finding.folder not in {"", "."}:
        words += ["--app-dir", finding.folder]
    if isinstance(options := run.environment.get("options", ""), str):
        words += shlex.split(options)
    if result is not None:
        words += ["-e", result.endpoint.name]
    return printable(shlex.join(words))
