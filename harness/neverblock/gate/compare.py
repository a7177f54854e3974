"""Two runs in; what became of each endpoint out. Pure.

Only figures that are free of scale are compared, each with its interval: seconds differ between
two machines, and on a hosted runner between two runs, by more than any change of the code does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, TypeGuard

from neverblock.analysis.demands import RESOLUTION_S
from neverblock.errors import UsageError
from neverblock.gate.background import over_limit, place_name
from neverblock.gate.change import Change
from neverblock.gate.compare_load import compare_loads, unlike_loads
from neverblock.gate.kind import refuse_unlike_kinds
from neverblock.model import JUDGED, CheckState, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neverblock.gate.compare_load import LoadComparison
    from neverblock.measurement import Measurement
    from neverblock.model import Scenario
    from neverblock.result import Criterion, Result, Run

CONCLUSIVE = {CheckState.PASS, CheckState.FAIL}


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure, and the range in which its samples put it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Shift:
    """One figure in both runs; ``matters`` is the smallest difference that counts."""

    figure: str
    base: Interval
    head: Interval
    matters: float

    @property
    def change(self) -> Change:
        """Worse or better only where the intervals are apart and the difference matters."""
        if abs(self.head.value - self.base.value) < self.matters:
            return Change.SAME
        if self.head.low > self.base.high:
            return Change.WORSE
        return Change.BETTER if self.head.high < self.base.low else Change.SAME


@dataclass(frozen=True, slots=True)
class Difference:
    """One endpoint under one scenario in both runs; a result is None where that run has none."""

    endpoint: str
    scenario: str
    change: Change
    base: Result | None
    head: Result | None
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True)
class LineDifference:
    """A line (``app/jobs.py:14``) that held the loop for no request, in one run or in both."""

    line: str
    change: Change


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side, by endpoint and scenario, in the order of the newer one.

    ``lines`` are those that held the loop for no request, in either run. ``left_out`` names what
    the earlier one has and the command line of the newer one did not choose: it is not gone.
    ``load`` is None where they are no loads.
    """

    base_started_at: str
    head_started_at: str
    differences: tuple[Difference, ...]
    lines: tuple[LineDifference, ...] = ()
    left_out: tuple[str, ...] = ()
    load: LoadComparison | None = None


def compare(base: Run, head: Run) -> Comparison:
    """Set two runs side by side.

    Raises UsageError, saying in what they differ, where their figures would not mean the same.
    """
    refuse_unlike_kinds(base, head)
    if differences := list(unlike(base, head)):
        raise UsageError(
            f"These two runs cannot be compared: {'; '.join(differences)}.",
            "Measure both in one job, on one machine, with the same options.",
        )
    before = {_key(result): result for result in base.results}
    after = {_key(result): result for result in head.results}
    left_out = {name for name, _ in before.keys() - after.keys()} & {*head.left_out}
    return Comparison(
        base.started_at,
        head.started_at,
        tuple(
            difference(key, before.get(key), after.get(key), head.criterion)
            for key in dict.fromkeys([*after, *before])
            if key in after or key[0] not in left_out
        ),
        tuple(line_differences(base, head)),
        tuple(sorted(left_out)),
        compare_loads(base.load, head.load, head.criterion) if base.load and head.load else None,
    )


def line_differences(base: Run, head: Run) -> Iterator[LineDifference]:
    """Yield what became of each line that held the loop for no request, by its file and line."""
    before, after = ([place_name(hold) for hold in over_limit(run)] for run in (base, head))
    for line in dict.fromkeys([*after, *before]):
        known = Change.SAME if line in before else Change.NEWLY_BLOCKING
        yield LineDifference(line, known if line in after else Change.FIXED)


def _key(result: Result) -> tuple[str, str]:
    return result.endpoint.name, result.scenario.name


def difference(
    key: tuple[str, str], base: Result | None, head: Result | None, criterion: Criterion
) -> Difference:
    """Say what became of one endpoint under one scenario, judged by the same limits."""
    shifts: tuple[Shift, ...] = ()
    if _judged(base) and (_judged(head) or (head is not None and fails_unsurely(base, head))):
        shifts = tuple(_shifts(base, head, criterion))
    return Difference(*key, change_of(base, head, shifts), base, head, shifts)


def change_of(base: Result | None, head: Result | None, shifts: tuple[Shift, ...]) -> Change:
    """Give the one word: the verdicts first, then the figures, of which the worse one counts.

    What was skipped was not measured, so that it can come and go. Without a verdict the figures can
    still show that something got worse, and nothing else.
    """
    was, now = _verdict(base), _verdict(head)
    if was is None or now is None:
        return Change.GONE if was else Change.NEW if now else Change.NOT_COMPARABLE
    changes = {shift.change for shift in shifts}
    if not {was, now} <= JUDGED:
        return Change.WORSE if Change.WORSE in changes else Change.NOT_COMPARABLE
    if was is not now:
        return Change.NEWLY_BLOCKING if now is Verdict.FAIL else Change.FIXED
    answered, answers = (one is not None and one.measurement is not None for one in (base, head))
    if answered is not answers:  # without an answer it held the loop for longer than anybody waits
        return Change.BETTER if answers else Change.WORSE
    return next((c for c in (Change.WORSE, Change.BETTER) if c in changes), Change.SAME)


def fails_unsurely(base: Result, head: Result) -> bool:
    """Say whether a known failure was measured again and only its verdict is open.

    A busy machine widens the figures until they allow two verdicts: that is no other fault.
    """
    failed = base.judgement.verdict is Verdict.FAIL
    unsure = head.judgement.verdict is Verdict.INCONCLUSIVE and head.measurement is not None
    return failed and unsure


def _verdict(result: Result | None) -> Verdict | None:
    if result is None or result.judgement.verdict is Verdict.SKIPPED:
        return None
    return result.judgement.verdict


def _judged(result: Result | None) -> TypeGuard[Result]:
    return _verdict(result) in JUDGED


def _shifts(base: Result, head: Result, criterion: Criterion) -> Iterator[Shift]:
    before, now = base.measurement, head.measurement
    if before is None or now is None:
        return
    # Where the wall is the CPU's own limit, the machine's other work is in it.
    if {base.judgement.checks.concurrency, head.judgement.checks.concurrency} <= CONCLUSIVE:
        # One request's own time more for all n: as far as from the ideal to where the check fails.
        yield Shift("wall over serial bound", wall_share(before), wall_share(now), 1 / now.n)
    was, held = held_share(before), held_share(now)
    if was is not None and held is not None:
        resolved = RESOLUTION_S / min(before.solo_s, now.solo_s)
        yield Shift("held", was, held, max(criterion.waiting_share, resolved))


def wall_share(measurement: Measurement) -> Interval:
    """Give the wall, less the null burst's, over the serial bound: 1 is serial, 1/n the ideal.

    The interval goes from the shortest round over the slowest solo request to the longest over the
    fastest. The range of k samples covers their median with probability 1 - 2**(1 - k) (David and
    Nagaraja, "Order Statistics", 3rd ed., 2003, section 7.1), whatever their distribution.
    """
    m = measurement
    low_s, high_s = (max(0.0, wall_s - m.floor_s) for wall_s in (min(m.walls_s), max(m.walls_s)))
    return Interval(
        max(0.0, m.wall_s - m.floor_s) / m.serial_bound_s,
        low_s / (m.requests * max(m.solo_samples_s)),
        high_s / (m.requests * min(m.solo_samples_s)),
    )


def held_share(measurement: Measurement) -> Interval | None:
    """Give the share of its own time for which an endpoint held the loop; None without a probe.

    All of it is the most: what a request held after its answer is no part of its own time. The
    interval is that of its own time, by the range of the solo requests, as above.
    """
    m = measurement
    if m.loop is None:
        return None
    held_s = m.loop.held * m.solo_s
    low, high = (min(1.0, held_s / at(m.solo_samples_s)) for at in (max, min))
    return Interval(min(1.0, m.loop.held), low, high)


def unlike(base: Run, head: Run) -> Iterator[str]:
    """Yield in what two runs differ so that their figures do not mean the same.

    The kernel's and the packages' versions may differ: an upgrade is a thing to measure.
    """
    for name, before, after in (
        ("platform", _platform(base), _platform(head)),
        ("cores", _cores(base), _cores(head)),
        ("scale", base.scale, head.scale),
    ):
        if before != after:
            yield f"{name} {before} and {after}"
    # A run that measured nothing has no loop to compare: that it failed is the finding. The Python
    # of a URL is not known, and older runs do not say how much their probe could see.
    for name, known in (("Python", _python), ("probe", _tier), ("event loop", _loops)):
        if (before := known(base)) != (after := known(head)) and before and after:
            yield f"{name} {before} and {after}"
    yield from unlike_loads(base.load, head.load)
    limits = asdict(head.criterion)
    for name, before in asdict(base.criterion).items():
        if before != limits[name]:
            yield f"{name} {before} and {limits[name]}"
    shapes = {_key(result): _shape(result.scenario) for result in head.results}
    loads = ((result.scenario, shapes.get(_key(result))) for result in base.results)
    yield from dict.fromkeys(
        f"scenario {scenario.name} of {_shape(scenario)} and of {other}"
        for scenario, other in loads
        if other is not None and _shape(scenario) != other
    )


def _python(run: Run) -> str:
    version = str(run.environment.get("python", ""))
    implementation = run.environment.get("implementation")
    return version and f"{implementation} {'.'.join(version.split('.')[:2])}"


def _tier(run: Run) -> str:
    return str(run.environment.get("tier", ""))


def _cores(run: Run) -> str:
    cpus = run.environment.get("cpus")
    return f"{cpus:g}" if isinstance(cpus, int | float) else "unknown"


def _platform(run: Run) -> str:
    words = str(run.environment.get("platform")).split()
    return f"{words[0]} {words[-1]}"


def _loops(run: Run) -> str:
    loops = {
        result.measurement.loop.loop
        for result in run.results
        if result.measurement and result.measurement.loop
    }
    return ", ".join(sorted(str(loop) for loop in loops))


def _shape(scenario: Scenario) -> str:
    length = f" for {scenario.duration_s:g} s" if scenario.duration_s else ""
    return f"{scenario.n} requests by {scenario.engine}{length}"
