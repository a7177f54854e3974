"""What a team demands of a load, beyond that nothing holds the loop: limits of figures. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from neverblock.errors import UsageError, nearest
from neverblock.model import Verdict
from neverblock.result import LoadThreshold
from neverblock.units import rate, seconds

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from neverblock.result import Load, LoadEndpoint


class Figure(StrEnum):
    """What a threshold may be about."""

    P50 = "p50"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    MAX = "max"
    FAILURES = "failures"
    RATE = "rate"
    LOOP_HELD = "loop-held"
    OTHERS_LOST = "others-lost"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit for a figure of one endpoint, by its name or route, or of each where it is None.

    Seconds; of ``failures`` the share of requests, of ``rate`` the least requests a second.
    """

    figure: Figure
    limit: float
    endpoint: str | None = None


def refuse_unknown_endpoints(thresholds: Sequence[Threshold], names: Collection[str]) -> None:
    """Raise UsageError where a threshold names none of the endpoints that will be asked."""
    for threshold in thresholds:
        name = threshold.endpoint
        if name is not None and name not in names:
            near = nearest(name, names)
            meant = "" if near is None else f"Did you mean {near!r}? "
            raise UsageError(
                f"The threshold for {name!r} names no endpoint.",
                f"{meant}Correct or drop it in [[tool.neverblock.threshold]].",
            )


def held_to(thresholds: Sequence[Threshold], load: Load) -> Load:
    """Give a load with the thresholds that it was held to: what was not measured fails.

    One for every endpoint is judged by the worst of them.
    """
    results = tuple(_judged(threshold, load.endpoints) for threshold in thresholds)
    load = replace(load, thresholds=results)
    failed = [each for each in results if each.verdict is Verdict.FAIL]
    if not failed or load.verdict not in {Verdict.PASS, Verdict.FAIL}:
        return load
    kept = f"{len(failed)} of {len(results)} thresholds {'is' if len(failed) == 1 else 'are'} not"
    reason = f"{load.reason} {kept} kept: {threshold_sentence(failed[0])}."
    return replace(load, verdict=Verdict.FAIL, reason=reason)


def threshold_sentence(threshold: LoadThreshold) -> str:
    """Say what a threshold demands, and what was measured."""
    figure, value = threshold.figure, threshold.value
    least = figure == Figure.RATE
    wanted = f"{'at least' if least else 'at most'} {_written(figure, threshold.limit)}"
    measured = "was not measured" if value is None else f"is {_written(figure, value)}"
    who = threshold.endpoint or "the worst endpoint"
    return f"{figure} of {who} {measured}, and shall be {wanted}"


def _written(figure: str, value: float) -> str:
    if figure == Figure.FAILURES:
        return f"{value:.2%}"
    return f"{rate(value)} a second" if figure == Figure.RATE else seconds(value)


def _judged(threshold: Threshold, endpoints: Sequence[LoadEndpoint]) -> LoadThreshold:
    name = threshold.endpoint
    figures = [
        figure_of(each, threshold.figure)
        for each in endpoints
        if name is None or name in {each.name, each.route}
    ]
    least = threshold.figure is Figure.RATE
    measured = [figure for figure in figures if figure is not None]
    value = None
    if measured and len(measured) == len(figures):
        value = min(measured) if least else max(measured)
    kept = value is not None and (value >= threshold.limit if least else value <= threshold.limit)
    verdict = Verdict.PASS if kept else Verdict.FAIL
    return LoadThreshold(name, threshold.figure.value, threshold.limit, value, verdict)


def figure_of(endpoint: LoadEndpoint, figure: Figure) -> float | None:
    """Give a figure of an endpoint; None where it was not measured.

    What its requests held, and what others lost by it, is not known without a route.
    """
    match figure:
        case Figure.FAILURES:
            return endpoint.failures / endpoint.requests
        case Figure.RATE:
            return endpoint.rate_per_s
        case Figure.LOOP_HELD:
            return endpoint.held_s
        case Figure.OTHERS_LOST:
            return endpoint.cost_s
    took: dict[Figure, float] = {
        Figure.P50: endpoint.p50_s,
        Figure.P90: endpoint.p90_s,
        Figure.P95: endpoint.p95_s,
        Figure.P99: endpoint.p99_s,
        Figure.MAX: endpoint.max_s,
    }
    return took[figure]
