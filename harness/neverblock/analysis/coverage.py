"""How much of an app a run asked: results in, coverage out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.one_line import in_one_line
from neverblock.result.suspects import Coverage, Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.result import Result, Unchecked

UNTOLD = "left out by -k or -e, or the run ended before it"
"""Why a route was not asked of which nothing is known."""


def coverage(
    routes: Sequence[str], results: Sequence[Result], unchecked: Sequence[Unchecked]
) -> Coverage:
    """Give how many of the app's routes were asked, by which values, and with what answers.

    ``routes`` are the names of all: every method of every path, websockets, mounted apps. Asked is
    a route that was measured; one that refused its request, or broke, was not.
    """
    measured: dict[str, Result] = {}
    for result in results:
        if result.measurement is not None:
            measured.setdefault(result.endpoint.name, result)
    reasons = {f"{one.method} {one.path}": one.reason for one in unchecked}
    reasons |= {
        r.endpoint.name: r.judgement.reason for r in results if r.endpoint.name not in measured
    }
    each = tuple(_route(name, measured, reasons) for name in dict.fromkeys(routes))
    asked = sum(route.asked for route in each)
    return Coverage(
        routes=len(each),
        asked=asked,
        made_up=sum(route.made_up for route in each),
        empty=sum(route.empty for route in each),
        share=asked / len(each) if each else 0.0,
        by_route=each,
    )


def _route(name: str, measured: dict[str, Result], reasons: dict[str, str]) -> Route:
    if (result := measured.get(name)) is not None:
        return Route(name, asked=True, made_up=bool(result.made_up), empty=result.empty)
    why = in_one_line(reasons.get(name, UNTOLD))
    return Route(name, asked=False, why=why)
