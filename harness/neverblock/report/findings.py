"""What the formats for CI say of a run: each fault once, and a place to show it at. Pure."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from neverblock.analysis.blame import written_place
from neverblock.analysis.codes import code_of, find_code
from neverblock.analysis.one_line import in_one_line
from neverblock.analysis.urgency import others_wait_s
from neverblock.analysis.waiting import waited_at
from neverblock.errors import ExitCode
from neverblock.gate.background import background_code, over_limit
from neverblock.gate.decide import exit_code, failed, unmeasured
from neverblock.gate.load import load_failures
from neverblock.gate.whole_run import UNMEASURED
from neverblock.model import Verdict
from neverblock.report.asides import asides
from neverblock.report.background_words import WHO, background_sentence
from neverblock.report.fix_text import advised
from neverblock.report.load_words import finding_sentence
from neverblock.report.summary import answer, printable
from neverblock.units import seconds

if TYPE_CHECKING:
    from neverblock.analysis.codes import Code
    from neverblock.result import Advice, Background, Blame, LoadFinding, Result, Run

PROJECT_FILE = "pyproject.toml"
"""Where a finding stands that no file of the app can be named for; its settings are there too."""

APP = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*):[^\W\d]")
"""An import string, such as ``shop.main:app``; a URL is none."""


class Level(StrEnum):
    """Whether a finding fails the run, or is a note."""

    ERROR = "error"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is shown: a file, a line, and columns where known.

    Columns count characters from 1; the end is the one after the last. Not ``exact`` is a place
    that only stands in for one, since these formats cannot do without.
    """

    file: str
    line: int = 1
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, and what is to blame for it, worst first.

    ``who`` is the endpoint's name, and ``result`` the worst under the ``scenarios`` it was seen in;
    of what held the loop for no request ``result`` is None, and there are no scenarios. ``why`` is
    the fault in a clause. ``folder`` is the app's own, relative to the repository; empty where they
    are the same.
    """

    code: Code
    level: Level
    who: str
    why: str
    result: Result | None
    scenarios: tuple[str, ...]
    places: tuple[Blame, ...]
    place: Place
    folder: str = ""

    @property
    def blame(self) -> Blame | None:
        """Give the place that held the loop for longest, where there is one."""
        return self.places[0] if self.places else None

    @property
    def advice(self) -> Advice | None:
        """Give what to use instead: of a call that held the loop, else of a queue."""
        if self.blame is not None:
            return self.blame.advice
        return self.result.advice if self.result else None

    @property
    def failed(self) -> bool:
        """Whether something was wrong, and not only unmeasured."""
        return self.result is None or self.result.judgement.verdict is Verdict.FAIL

    @property
    def endpoint(self) -> str:
        """Give the endpoint's name, fit to be shown."""
        return printable(self.who)

    @property
    def title(self) -> str:
        """Give the code and the endpoint: ``NB101 blocking-io: GET /reports``."""
        return f"{self.code}: {self.endpoint}"


def failing(result: Result) -> bool:
    """Say whether a result fails the run; every format asks here, and here alone."""
    return failed(result) and result.excuse is None


def level(result: Result) -> Level:
    """Give an error for what fails the run or could not be measured, a note for all else."""
    missing = unmeasured(result, require_all=False) and result.excuse is None
    wrong = failing(result) or missing
    return Level.ERROR if wrong else Level.NOTE


def findings(run: Run) -> list[Finding]:
    """Give the findings of a run, errors first and then by the harm to others, each fault once.

    What held the loop for no request comes before the endpoints, all of which suffer by it.
    """
    folder = app_folder(run)
    background = [_of_background(hold, folder) for hold in over_limit(run)]
    groups: dict[tuple[str, Code], list[Result]] = {}
    for result in run.results:
        if code := result_code(result):
            groups.setdefault((result.endpoint.name, code), []).append(result)
    collected = []
    for (_, code), results in groups.items():
        worst = max(results, key=_weight)
        scenarios = tuple(dict.fromkeys(printable(r.scenario.name) for r in results))
        name, why = worst.endpoint.name, worst.judgement.reason
        about = (code, level(worst), name, why, worst, scenarios, worst.blame)
        finding = Finding(*about, place_of(worst, run.target, folder), folder)
        collected.append((_weight(worst), finding))
    collected.sort(key=lambda each: each[0], reverse=True)
    of_load = [_of_load(each, folder) for each in load_failures(run)]
    ordered = [*background, *of_load, *(finding for _, finding in collected)]
    return sorted(ordered, key=lambda finding: finding.level is Level.NOTE)


def _of_background(hold: Background, folder: str) -> Finding:
    """Give the finding of a line that held the loop for no request."""
    where = exact_place(hold.place, folder) if is_own(hold.place) else Place(PROJECT_FILE)
    return Finding(
        code=background_code(hold),
        level=Level.NOTE if hold.excuse else Level.ERROR,
        who=WHO,
        why=background_sentence(hold),
        result=None,
        scenarios=(),
        places=(hold.place,),
        place=where,
        folder=folder,
    )


def _of_load(found: LoadFinding, folder: str) -> Finding:
    """Give the finding of a line that held the loop under a load."""
    where = exact_place(found, folder) if is_own(found) else Place(PROJECT_FILE)
    who, why = f"load, {', '.join(found.routes) or WHO}", finding_sentence(found)
    level_of = Level.NOTE if found.excuse else Level.ERROR
    return Finding(find_code(found.code), level_of, who, why, None, (), (found,), where, folder)


def _weight(result: Result) -> tuple[bool, bool, float]:
    return level(result) is Level.ERROR, bool(result.blame), others_wait_s(result)


def result_code(result: Result) -> Code | None:
    """Give the code of a result; of one that should have been found and was not, that code."""
    code = code_of(result.judgement.diagnosis)
    if code is None and failing(result) and result.expected is not None:
        return code_of(result.expected.diagnosis)
    return code


def app_folder(run: Run) -> str:
    """Give the app's folder within the repository, as the run's ``environment`` has it."""
    parts = [run.environment.get(key, "") for key in ("work_dir", "app_dir")]
    folder = posixpath.normpath(posixpath.join("", *(p for p in parts if isinstance(p, str))))
    return folder if folder != "." and is_inside(folder) else ""


def place_of(result: Result, target: str, folder: str) -> Place:
    """Give the blamed line, or where requests wait, or else the app's file where that is known."""
    for blame in result.blame[:1]:
        if is_own(blame):
            return exact_place(blame, folder)
    if (waited := waited_at(result)) and is_inside(waited.file):
        return Place(within(folder, waited.file), max(1, waited.line), exact=True)
    app = APP.match(target)
    file = f"{app[1].replace('.', '/')}.py" if app else PROJECT_FILE
    return Place(within(folder, file))


def exact_place(blame: Blame, folder: str) -> Place:
    """Give a blamed place, in the columns of these formats."""
    place = Place(within(folder, blame.file), max(1, blame.line), exact=True)
    if blame.end_line is not None:
        place = replace(place, end_line=max(place.line, blame.end_line))
    if blame.column is None or blame.end_column is None:
        return place
    start, end = (place.line, blame.column), (place.end_line or place.line, blame.end_column)
    if start < end:  # the interpreter gives an empty range to code that no source stands for
        place = replace(place, column=blame.column + 1, end_column=blame.end_column + 1)
    return place


def within(folder: str, file: str) -> str:
    """Give a file of the app as the repository knows it."""
    return str(PurePosixPath(folder, file))


def is_own(blame: Blame) -> bool:
    """Say whether a blamed file is the app's: not a library's, nor outside the app's folder.

    A library's file is relative too, to the folder that it was installed in.
    """
    foreign = any(
        (frame.file, frame.line) == (blame.file, blame.line) and frame.owner != "project"
        for frame in blame.path
    )
    return not foreign and is_inside(blame.file)


def is_inside(file: str) -> bool:
    """Say whether a path stays within the folder it is relative to."""
    path = PurePosixPath(file)
    return bool(file) and not path.is_absolute() and ".." not in path.parts


def fingerprint(finding: Finding) -> str:
    """Give what stays the same while the fault does, whatever line it has moved to."""
    function = finding.blame.function if finding.blame else ""
    parts = (finding.who, finding.code.code, function)
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def lines(finding: Finding) -> list[str]:
    """Give the sentences of a finding, a line each, fit to be shown."""
    sentences = [f"{finding.who}: {in_one_line(finding.why).rstrip('.')}."]
    if finding.result is not None:
        seen = f"Seen under {', '.join(finding.scenarios)}."
        return [*map(printable, [*sentences, *blame_lines(finding.result, finding.folder)]), seen]
    said = [f"{written_place(finding.places[0])}.", *advised(finding.advice, finding.folder)]
    return [*map(printable, [*sentences, *said])]


def blame_lines(result: Result, folder: str = "") -> list[str]:
    """Give what held the loop, what to use instead, and how the result compares to its pair's.

    Files are named from ``folder`` of the repository.
    """
    sentences = [f"{aside[:1].upper()}{aside[1:]}." for aside in asides(result)]
    if result.blame:
        worst = result.blame[0]
        sentences.insert(0, held(worst))
        sentences += [f"Note: {worst.note}."] if worst.note else []
    sentences += advised(result.blame[0].advice if result.blame else result.advice, folder)
    return sentences + [promise(result)] * bool(promise(result))


def held(blame: Blame) -> str:
    """Say what held the loop where, and for how long."""
    how = "computing" if blame.on_cpu else "waiting"
    held_s = f"{seconds(blame.held_s)} a request on average"
    return f"{written_place(blame)}: held the loop for {held_s}, {how}."


def promise(result: Result) -> str:
    """Say how a result of the reference app compares to what its pair promises, if that matters."""
    if result.as_expected is False and (expected := result.expected) is not None:
        return f"Not as expected: {expected.verdict}, {expected.diagnosis}."
    fails = result.as_expected is True and result.judgement.verdict is Verdict.FAIL
    return "It fails as its pair promises." if fails else ""


def complaint(run: Run) -> str | None:
    """Say what is wrong with a run as a whole: it ended early, measured nothing, or too little."""
    measured = any(r.judgement.verdict is not Verdict.SKIPPED for r in run.results)
    measured = measured or (run.load is not None and run.load.verdict not in UNMEASURED)
    measured = measured or any(each.levels for each in run.capacity)
    short = run.coverage is not None and run.coverage.falls_short
    if measured and exit_code(run) is not ExitCode.INTERRUPTED and not short:
        return None
    return printable(answer(run))
