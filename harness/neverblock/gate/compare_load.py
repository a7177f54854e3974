"""Two loads in; what became of each endpoint and of each line that held the loop out. Pure.

Rates and latencies stand side by side and decide nothing: seconds differ between two runs by more
than a change of the code does, and limits for them are thresholds.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.gate.change import Change
from neverblock.gate.load import failing_findings, load_place
from neverblock.model import JUDGED, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from neverblock.result import Criterion, Load, LoadEndpoint, LoadFinding, LoadThreshold

LOAD = "load"
"""The scenario of what a load compares, beside those of a check."""


@dataclass(frozen=True, slots=True)
class EndpointDifference:
    """One endpoint in two loads, by the generator's name; None where that load did not ask it."""

    endpoint: str
    change: Change
    base: LoadEndpoint | None
    head: LoadEndpoint | None


@dataclass(frozen=True, slots=True)
class FindingDifference:
    """A line that failed one of two loads, or both; None where it did not."""

    change: Change
    base: LoadFinding | None
    head: LoadFinding | None

    @property
    def line(self) -> str:
        """The line as the newer load has it, or as the earlier one had it: ``app/db.py:41``."""
        found = self.head or self.base
        return "" if found is None else load_place(found)


@dataclass(frozen=True, slots=True)
class LoadComparison:
    """Two loads side by side; ``broken`` are the thresholds that the earlier one did not keep.

    ``unmeasured`` says whether the earlier one has no verdict.
    """

    endpoints: tuple[EndpointDifference, ...]
    findings: tuple[FindingDifference, ...]
    broken: tuple[LoadThreshold, ...] = ()
    unmeasured: bool = False


def compare_loads(base: Load, head: Load, criterion: Criterion) -> LoadComparison:
    """Set two loads side by side, judged by the same limits, in the order of the newer one."""
    before = {each.name: each for each in base.endpoints}
    after = {each.name: each for each in head.endpoints}
    both = [(name, before.get(name), after.get(name)) for name in dict.fromkeys([*after, *before])]
    broken = (each for each in base.thresholds if each.verdict is Verdict.FAIL)
    return LoadComparison(
        tuple(EndpointDifference(name, _asked(b, h, criterion), b, h) for name, b, h in both),
        tuple(_findings(base, head, criterion)),
        tuple(broken),
        base.verdict not in JUDGED,
    )


def _asked(base: LoadEndpoint | None, head: LoadEndpoint | None, criterion: Criterion) -> Change:
    """Give the word for an endpoint: by the share of its time that others' holds took.

    The share is free of scale, and the difference that counts is the one for which an endpoint may
    wait on the loop.
    """
    if base is None or head is None:
        return Change.NEW if base is None else Change.GONE
    was, now = lost_share(base), lost_share(head)
    if was is None or now is None:
        return Change.NOT_COMPARABLE
    if abs(now - was) <= criterion.waiting_share:
        return Change.SAME
    return Change.WORSE if now > was else Change.BETTER


def lost_share(endpoint: LoadEndpoint) -> float | None:
    """Give the share of its requests' time that they lost; None where that is not known."""
    if endpoint.route is None or not endpoint.took_s:
        return None
    return endpoint.lost_s / endpoint.took_s


def _findings(base: Load, head: Load, criterion: Criterion) -> Iterator[FindingDifference]:
    """Yield what became of each line that fails either load."""
    measured = {base.verdict, head.verdict} <= JUDGED
    for was, now in paired(failing_findings(base, criterion), failing_findings(head, criterion)):
        change = _held(was, now, criterion) if measured else Change.NOT_COMPARABLE
        yield FindingDifference(change, was, now)


def _held(was: LoadFinding | None, now: LoadFinding | None, criterion: Criterion) -> Change:
    """Give the word for a line: a hold that grew by the loop limit would fail by that alone."""
    if was is None or now is None:
        return Change.NEWLY_BLOCKING if was is None else Change.FIXED
    longer_s = now.held_s / now.holds - was.held_s / was.holds
    if abs(longer_s) <= criterion.loop_limit_s:
        return Change.SAME
    return Change.WORSE if longer_s > 0 else Change.BETTER


def paired(
    base: Sequence[LoadFinding], head: Sequence[LoadFinding]
) -> Iterator[tuple[LoadFinding | None, LoadFinding | None]]:
    """Pair the findings of two loads, the newer one's first.

    A line that only moved, as one was added above it, is the same: it has the same file, function
    and call, and the same place among those that are left.
    """
    found: dict[int, LoadFinding] = {}
    left = list(base)
    for alike in (_at, _in):
        known: dict[tuple[object, ...], list[LoadFinding]] = defaultdict(list)
        for each in sorted(left, key=lambda one: one.line):
            known[alike(each)].append(each)
        for now in sorted(head, key=lambda one: one.line):
            if id(now) not in found and known[alike(now)]:
                found[id(now)] = known[alike(now)].pop(0)
        left = [each for each in base if not _is_among(each, found.values())]
    yield from ((found.get(id(now)), now) for now in head)
    yield from ((each, None) for each in left)


def _is_among(found: LoadFinding, others: Iterable[LoadFinding]) -> bool:
    return any(found is other for other in others)


def _at(found: LoadFinding) -> tuple[object, ...]:
    return found.file, found.function, found.line


def _in(found: LoadFinding) -> tuple[object, ...]:
    return found.file, found.function, found.target or found.call


def unlike_loads(base: Load | None, head: Load | None) -> Iterator[str]:
    """Yield in what two loads differ so that their figures do not mean the same."""
    if base is None or head is None:
        return
    for name, before, after in (
        ("users", base.users, head.users),
        ("server processes", base.server_workers, head.server_workers),
        ("tasks a second", base.arrival_rate_per_s, head.arrival_rate_per_s),
    ):
        if before != after:
            yield f"{name} {_said(before)} and {_said(after)}"
    if (base.burst is None) != (head.burst is None):
        bursts = ("users over time" if each.burst is None else "a burst" for each in (base, head))
        yield " and ".join(bursts)
    files = base.locustfile, head.locustfile
    if None not in files and files[0] != files[1]:
        yield "the text of the locustfile"


def _said(value: float | None) -> str:
    return "as users come to them" if value is None else f"{value:g}"
