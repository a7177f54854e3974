"""What is kept of a run: figures, verdicts and all that is needed to judge and render again."""

from __future__ import annotations

from dataclasses import dataclass

from neverblock.measurement import Measurement  # noqa: TC001 - pydantic reads the annotations at run time
from neverblock.model import CheckState, Diagnosis, Endpoint, Expectation, Record, Scenario, Verdict
from neverblock.result.capacity import Capacity
from neverblock.result.load import (
    Generator,
    Load,
    LoadBurst,
    LoadEndpoint,
    LoadFinding,
    LoadThreshold,
    LoadWait,
)
from neverblock.result.place import Advice, Blame
from neverblock.result.suspects import Coverage, SuspectResult  # noqa: TC001 - read at run time
from neverblock.result.timeline import HitRequest, LoadStall, Moment, ServerProcess, Trend

__all__ = [
    "FORMAT_VERSION",
    "JUDGED_AGAIN_FROM",
    "READABLE_VERSIONS",
    "Advice",
    "Background",
    "Blame",
    "Capacity",
    "Changed",
    "Checks",
    "Control",
    "Criterion",
    "Generator",
    "HitRequest",
    "Judgement",
    "Lesson",
    "Load",
    "LoadBurst",
    "LoadEndpoint",
    "LoadFinding",
    "LoadStall",
    "LoadThreshold",
    "LoadWait",
    "Moment",
    "Phase",
    "Result",
    "Run",
    "Seldom",
    "ServerProcess",
    "Trend",
    "Unchecked",
]

FORMAT_VERSION = 3
"""Of ``run.json``. 1: the first format. 2: targets without a probe (no CPU time of the server, the
diagnosis ``blocking``, ``solo_frozen_s``), and the limits of each result. 3: what each single
request held, demands and cap, the diagnosis ``short-waits``, what no request ran; ``cpus`` may be a
fraction, ``throttled_s``; no ``scheduled_s`` of records, no ``longest_s`` of stalls."""

JUDGED_AGAIN_FROM = 3
"""Earlier formats have no demands, and not what each single request held."""

READABLE_VERSIONS = (1, 2, 3)
"""What was added since has a default, and what was removed is ignored, so that older runs can be
read."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """The limits that a measurement is judged by.

    ``document_limit_s`` is the reference documentation's "10 requests < 2 s", times the scale.
    ``efficiency`` is the same assertion free of scale: 10 requests of 1 s in 2 s are one half.
    ``loop_limit_s`` is the longest computation that may hold the loop; ``waiting_share`` the
    share of its own time for which an endpoint may wait on the loop thread. ``accepted`` are the
    statuses that are right answers, all below 400 where empty.
    """

    document_limit_s: float = 2.0
    efficiency: float = 0.5
    loop_limit_s: float = 0.05
    waiting_share: float = 0.1
    accepted: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Seldom:
    """What held the loop in few of an endpoint's requests: in which, for how long, and where."""

    which: str
    held_s: float
    place: Blame


@dataclass(frozen=True, slots=True)
class Background:
    """A line that holds the loop while no request runs it: how often, how long, and where.

    ``held_s`` is the median of ``times`` holds, ``every_s`` the median from one to the next, None
    where there was one. ``excuse`` says why the policy of the run tolerates it.
    """

    place: Blame
    times: int
    held_s: float
    every_s: float | None
    excuse: str | None = None


@dataclass(frozen=True, slots=True)
class Checks:
    """The three checks of one result."""

    document: CheckState
    concurrency: CheckState
    loop: CheckState


@dataclass(frozen=True, slots=True)
class Judgement:
    """The whole opinion on one measurement, in one sentence and its parts."""

    checks: Checks
    verdict: Verdict
    diagnosis: Diagnosis
    reason: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One endpoint under one scenario: measured, judged by ``criterion``, blamed.

    ``criterion`` is None where the run's own counts. ``excuse`` says why the policy of the run
    tolerates a failure. ``advice`` is about a queue, which no line of ``blame`` is to blame for.
    ``made_up`` names the parameters of the request whose values nobody gave; ``empty`` is true
    where no answer held anything.
    """

    endpoint: Endpoint
    scenario: Scenario
    measurement: Measurement | None
    judgement: Judgement
    expected: Expectation | None = None
    as_expected: bool | None = None
    blame: tuple[Blame, ...] = ()
    records: tuple[Record, ...] = ()
    criterion: Criterion | None = None
    excuse: str | None = None
    seldom: Seldom | None = None
    advice: Advice | None = None
    made_up: tuple[str, ...] = ()
    empty: bool = False

    @property
    def hollow(self) -> bool:
        """Whether it passes, but on made-up values that found nothing: such a pass says little."""
        return self.judgement.verdict is Verdict.PASS and bool(self.made_up) and self.empty

    @property
    def spoiled(self) -> bool:
        """Whether what else was measured beside it may have made it so.

        It is inconclusive then, or passes though its wall was too long for the document's limit,
        which one request is within, or for another reason than its pair promises.
        """
        m, verdict = self.measurement, self.judgement.verdict
        if m is None:
            return False
        too_long = self.judgement.checks.document is CheckState.FAIL and m.solo_s < m.limit_s
        otherwise = too_long or self.as_expected is False
        return verdict is Verdict.INCONCLUSIVE or (verdict is Verdict.PASS and otherwise)


@dataclass(frozen=True, slots=True)
class Unchecked:
    """An endpoint that was not checked, and why."""

    method: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Control:
    """The positive control: a block of known length at a known line, and what was seen of it."""

    seen: bool
    block_s: float
    seen_s: float
    line: str
    seen_line: str | None
    complaint: str | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """Where the time of a run went."""

    name: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a pair of the reference app teaches, in its own words."""

    pair: str
    title: str
    blocking_call: str
    replacement: str
    why: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of one endpoint, or of a line that no request runs, since the baseline.

    ``change`` is the comparison's word for it, ``before`` and ``now`` are verdict and diagnosis.
    """

    name: str
    scenario: str
    change: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run, as it is saved.

    ``format_version`` is of the neverblock that measured it, and is kept when a run is read: the
    figures that a later version added are not there. ``suspects`` is None where no analysis was
    given, ``coverage`` where the routes of the app are not known. ``changes`` say what became of
    each endpoint since the run that started at ``baseline``, where it was compared with one.
    ``left_out`` names the endpoints of the app that the command line did not choose.
    """

    tool_version: str
    started_at: str
    duration_s: float
    target: str
    scale: float
    criterion: Criterion
    environment: dict[str, str | int | float | dict[str, str]]
    results: tuple[Result, ...]
    unchecked: tuple[Unchecked, ...] = ()
    control: Control | None = None
    phases: tuple[Phase, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    interrupted: bool = False
    background: tuple[Background, ...] = ()
    suspects: tuple[SuspectResult, ...] | None = None
    coverage: Coverage | None = None
    load: Load | None = None
    capacity: tuple[Capacity, ...] = ()
    baseline: str | None = None
    changes: tuple[Changed, ...] = ()
    left_out: tuple[str, ...] = ()
    format_version: int = FORMAT_VERSION
