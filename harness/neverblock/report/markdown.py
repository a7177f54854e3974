"""Markdown, for a pull-request comment or a step summary: the verdict first, the rest folded.

What a comment may hold is GitHub's limit. Passes are dropped first, then what was not checked,
then the details of what harms least, then rows of the table; and it says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.analysis.blame import written_place
from neverblock.analysis.one_line import in_one_line
from neverblock.analysis.urgency import others_wait_s
from neverblock.errors import ExitCode
from neverblock.gate.decide import exit_code
from neverblock.gate.threshold import threshold_sentence
from neverblock.model import Verdict
from neverblock.report.asides import asides
from neverblock.report.call_path import call_path
from neverblock.report.capacity_words import capacity_said, capacity_title
from neverblock.report.changes import SYMBOLS as SYMBOL_OF
from neverblock.report.changes import changed, since_baseline
from neverblock.report.findings import Level, findings, held, promise, result_code
from neverblock.report.fix_text import fix_lines, fix_title
from neverblock.report.load_words import made, trend_sentence
from neverblock.report.summary import (
    SYMBOLS,
    answer,
    counts,
    noise,
    printable,
    tier_note,
)
from neverblock.report.suspects_words import (
    STATES,
    by_state,
    coverage_sentence,
    suspect_lines,
    suspect_said,
    suspects_sentence,
    unsuspected_lines,
)
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from neverblock.gate.change import Change
    from neverblock.report.findings import Finding
    from neverblock.result import Blame, Changed, LoadThreshold, Result, Run, Unchecked
    from neverblock.result.suspects import SuspectResult

LIMIT = 65_536
"""Characters of a comment on GitHub."""

RESERVED = 300
"""Of these, for the sentence that says what was dropped."""

LONGEST = 400
"""Of a name or a sentence; what is longer says no more to a reader."""

MARKS = {ExitCode.OK: "✓", ExitCode.FAILED: "✗"}
HEAD = "| | finding | endpoint | where | others waited | instead |\n|---|---|---|---|---:|---|\n"
CHANGES = "| change | endpoint | before | now |\n|---|---|---|---|\n"
NO_FINDING = "| endpoint | scenario | verdict | |\n|---|---|---|---|\n"
CLOSED = "\n</details>\n\n"
MARKUP = re.compile(r"[^\w\s/,;:.?%()'+=-]|_|:(?=\S)|(?<=www)\.|^\W", re.IGNORECASE)
"""What may be markup, or begin a link or a list: it is spelled as HTML's entities."""


def render(run: Run) -> str:
    """Give the run as GitHub's Markdown, of at most ``LIMIT`` characters."""
    head = f"## {MARKS.get(exit_code(run), '?')} neverblock: {sentence(answer(run))}\n\n"
    if counted := since_baseline(run):
        head += f"**{sentence(counted)}**\n\n"
    foot = _foot(run)
    room = LIMIT - len(head) - len(foot) - RESERVED
    shown, left = [head], []
    for section in _sections(run):
        kept = section.fitting(room)
        shown += kept
        room -= sum(map(len, kept))
        if missing := len(section.parts) - max(0, len(kept) - 2):
            left.append(f"{missing} {section.name}")
    if left:
        listed = ", ".join(left)
        shown.append(f"Not shown, as a comment holds {LIMIT:,} characters: {listed}.\n\n")
    return "".join([*shown, foot])


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that may be cut short: what it lists, and what stands around that."""

    name: str
    before: str
    parts: list[str]
    after: str

    def fitting(self, room: int) -> list[str]:
        """Give all of it, or as many of its parts as there is room for; nothing for none."""
        room -= len(self.before) + len(self.after)
        kept = []
        for part in self.parts:
            room -= len(part)
            if room < 0:
                break
            kept.append(part)
        return [self.before, *kept, self.after] if kept else []


def _sections(run: Run) -> Iterator[Section]:
    """Yield the sections, the most important first."""
    changes = [_changed(*each) for each in changed(run)]
    yield Section("changes", CHANGES, changes, "\n")
    listed = findings(run)
    for capacity in run.capacity:
        lines = [f"- {label}: {sentence(text)}\n" for label, text in capacity_said(capacity)]
        title = sentence(capacity_title(capacity))
        yield Section("capacity", f"**{title}**\n\n", lines, "\n")
    if run.load is not None:
        kept = [_threshold(each) for each in run.load.thresholds]
        yield Section("thresholds", "| | threshold |\n|---|---|\n", kept, "\n")
        noted = (*map(trend_sentence, run.load.trends), *run.load.notes)
        yield Section("notes", "", [f"- {sentence(_titled(each))}\n" for each in noted], "\n")
    yield Section("findings", HEAD, [_row(each) for each in listed], "\n")
    yield Section("details of findings", "", [_detail(each) for each in listed], "")
    grouped = by_state(run.suspects or ())
    suspected = [_suspect(each) for group in grouped.values() for each in group]
    yield Section("suspects", _opened(_titled(suspects_sentence(run))), suspected, CLOSED)
    nobody = [f"- {code(line)}\n" for line in unsuspected_lines(run)]
    yield Section("places", _opened("Measured, and not suspected"), nobody, CLOSED)
    unchecked = [_unchecked(each) for each in run.unchecked]
    yield Section("endpoints not checked", _opened("Not checked"), unchecked, CLOSED)
    passes = [_pass(result) for result in run.results if result_code(result) is None]
    yield Section("passes", _opened("No finding") + NO_FINDING, passes, CLOSED)


def _changed(change: Change, each: Changed) -> str:
    """Give a row for what is not as it was in the baseline."""
    cells = (f"{SYMBOL_OF[change]} {change}", code(each.name), each.before, each.now)
    return f"| {' | '.join(cells)} |\n"


def code(text: str) -> str:
    """Give a text of the target's as code, which nothing in it can leave, link or mention."""
    return f"<code>{_escaped(text)}</code>"


def sentence(text: str) -> str:
    """Give a sentence that may quote the target, so that nothing in it is markup or a mention."""
    # GitHub looks for @name and #1 after reading the entities: a space of no width breaks them
    return re.sub(r"&#(64|35);", r"&#\1;&#8203;", _escaped(text))


def _escaped(text: str) -> str:
    return MARKUP.sub(lambda match: f"&#{ord(match[0])};", _short(text))


def _short(text: str) -> str:
    return _cut(printable(" ".join(text.split())))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _row(finding: Finding) -> str:
    blame = finding.blame
    place = finding.place
    where = code(f"{place.file}:{place.line}") if place.exact else ""
    if blame and not place.exact:
        where = code(f"{blame.file}:{blame.line}")
    result = finding.result
    advice = finding.advice.instead if finding.advice else ""
    waited = seconds(others_wait_s(result)) if result and result.measurement else ""
    symbol = SYMBOLS[result.judgement.verdict if result else Verdict.FAIL]
    cells = (
        "note" if finding.level is Level.NOTE else symbol,
        str(finding.code),
        code(finding.who),
        where,
        waited,
        sentence(advice),
    )
    return f"| {' | '.join(cells)} |\n"


def _detail(finding: Finding) -> str:
    result, blame = finding.result, finding.blame
    scenarios = sentence(", ".join(finding.scenarios))
    under = f" (under {scenarios})" if result else ""
    body = f"**{sentence(in_one_line(finding.why))}**{under}\n"
    if "\n" in finding.why:
        body += f"\n{_fenced(finding.why.splitlines()[1:])}"
    if blame is not None:
        said = held(blame) if result else written_place(blame)
        body += f"\n{sentence(said)}\n\n{_fenced(_source(blame), 'python')}"
    if advice := finding.advice:
        body += f"\nUse {sentence(advice.instead)}. {sentence(advice.why)}\n\n"
        body += f"{sentence(fix_title(advice).capitalize())}:\n\n"
        body += _fenced(fix_lines(advice, finding.folder), "diff" if advice.diff else "python")
    if blame is not None and (steps := call_path(blame)):
        body += f"\nCalled through\n\n{_fenced(steps)}"
    notes = [blame.note if blame else None]
    if result is not None:
        notes += [promise(result), *asides(result), *result.judgement.notes]
    body += "\n" + "".join(f"- {sentence(note)}\n" for note in notes if note)
    title = f"{finding.code}: {code(finding.who)}"
    return f"{_opened(title)}{body.rstrip()}\n{CLOSED}"


def _source(blame: Blame) -> list[str]:
    """Give the source around the blamed line, which an arrow marks."""
    shown = [
        f"{line}  # <-- here" if number == blame.line else line
        for number, line in enumerate(blame.source, blame.source_line)
    ]
    while shown and not shown[-1].strip():
        shown.pop()
    return shown


def _fenced(lines: Sequence[str], language: str = "") -> str:
    """Give lines as a block of code, in a fence that is longer than any within."""
    text = "".join(f"{_cut(printable(line.expandtabs(4)))}\n" for line in lines)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}{fence}\n" if lines else ""


def _opened(title: str) -> str:
    return f"<details><summary>{title}</summary>\n\n"


def _pass(result: Result) -> str:
    """Give a row for a result without a finding."""
    name, scenario = code(result.endpoint.name), sentence(result.scenario.name)
    judged = result.judgement
    said = sentence("; ".join([in_one_line(judged.reason), *asides(result)]))
    return f"| {name} | {scenario} | {judged.verdict} | {said} |\n"


def _suspect(suspect: SuspectResult) -> str:
    """Give a suspect as a point of a list, with the lines that would change its state."""
    place = code(f"{suspect.file}:{suspect.line}")
    about = sentence(" ".join((suspect.source, suspect.rule, suspect.endpoint or "")).strip())
    said = sentence(suspect_said(suspect))
    configuration = " ".join(suspect_lines(suspect).split())
    lines = f" {code(configuration)}" if configuration else ""
    return f"- **{STATES[suspect.state]}** {place} {about}: {said}{lines}\n"


def _titled(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _threshold(threshold: LoadThreshold) -> str:
    return f"| {SYMBOLS[threshold.verdict]} | {sentence(threshold_sentence(threshold))} |\n"


def _unchecked(each: Unchecked) -> str:
    return f"- {code(f'{each.method} {each.path}')}: {sentence(in_one_line(each.reason))}\n"


def _foot(run: Run) -> str:
    """Give the counts, where it was measured, and how to learn more."""
    listed = ", ".join(f"{count} {verdict}" for verdict, count in counts(run.results).items())
    measured = listed or (sentence(made(run.load)) if run.load else "no results")
    about = [measured, f"{seconds(run.duration_s)} on {sentence(run.target)}"]
    if run.coverage is not None:
        about.append(sentence(coverage_sentence(run.coverage)))
    if blind := tier_note(run):
        about.append(sentence(blind))
    if noted := noise(run):
        about.append(sentence(noted))
    if run.control is not None and not run.control.seen:
        about.append(
            sentence(f"no verdict counts: {run.control.complaint or 'the control failed'}")
        )
    return f"<sub>{' · '.join(about)}. `neverblock explain CODE` tells more.</sub>\n"
