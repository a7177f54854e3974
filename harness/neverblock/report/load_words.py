"""What every format says of a load and of what held the loop under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.units import rate, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from neverblock.result import Load, LoadBurst, LoadFinding, Trend

MB = 2**20
WRITTEN: dict[str, Callable[[float], str]] = {
    "rate": lambda value: f"{value:.3g} a second",
    "p95": lambda value: f"{1000 * value:.3g} ms",
    "memory": lambda value: f"{value / MB:.3g} MB",
}
"""How the figure of a trend is written; all others are numbers of things."""


LOST = (
    "It lost: what requests of the endpoint lost while other endpoints' requests held the loop. "
    "Others lost: what requests of other endpoints lost while its own held it."
)

SHARED = "Names that one route answers have the same figure there: it is the route's."

MAJORITY = 0.5
"""Of those that lost anything; an endpoint with fewer of them is no better a name for all."""

LOST_IN_BURST = (
    "It lost: what requests of the endpoint lost while other requests held the loop. Others lost: "
    "what all requests lost while another of the endpoint's held it."
)


def made(load: Load) -> str:
    """Say what load was made, and of what it was answered by."""
    served = f", answered by {load.server_workers} processes" if load.server_workers > 1 else ""
    return (
        f"{load.users} users made {load.requests} requests in {seconds(load.duration_s)}, "
        f"{rate(load.request_rate_per_s)} a second{served}; {load.failures} failed"
    )


def burst_sentence(burst: LoadBurst, users: int) -> str:
    """Say what a burst took beside its requests one after another, and how well it began.

    ``users`` had come to it.
    """
    asked = burst.users if burst.users == users else f"{burst.users} of {users}"
    took = f"{asked} users asked at one instant, and all had their answers in"
    if burst.serial_bound_s is None or burst.longest_alone_s is None:
        beside = "what the requests take alone is not known, as not all of them were asked before"
    else:
        beside = (
            f"one after another the requests would take {seconds(burst.serial_bound_s)}, the "
            f"longest of them {seconds(burst.longest_alone_s)}"
        )
    apart = (
        f"; the generators began within {seconds(burst.generators_apart_s)} of each other"
        if burst.generators_apart_s
        else ""
    )
    return (
        f"{took} {seconds(burst.wall_s)}; {beside}. 99% of the users began within "
        f"{seconds(burst.spread_s)} of the first, all within {seconds(burst.widest_s)}{apart}."
    )


def loop_sentence(load: Load) -> str:
    """Say what the figures leave out, or what they count from: it stands where they stand."""
    if load.burst is not None:
        return burst_sentence(load.burst, load.users)
    if load.arrival_rate_per_s is None:
        return (
            "Each user waits for an answer before asking again, so what real users would have sent "
            "meanwhile is not counted: while the server hangs, too few requests meet it. --rate "
            "asks at a fixed rate instead."
        )
    return (
        f"Tasks began {rate(load.arrival_rate_per_s)} times a second, whoever was still waiting, "
        "and the first request of each counts from when it was due: what a server that hangs keeps "
        "waiting is in the figures."
    )


def table_sentences(load: Load) -> list[str]:
    """Give the sentences beneath the figures by endpoint: what they count, and what they lost."""
    if not load.server_workers:
        return [loop_sentence(load)]
    lost = LOST if load.burst is None else LOST_IN_BURST
    routes = [each.route for each in load.endpoints if each.route is not None]
    shared = [SHARED] if len(set(routes)) < len(routes) else []
    return [lost, *shared, loop_sentence(load)]


def trend_sentence(trend: Trend) -> str:
    """Say what only got worse: by how much a minute, within what, and from where to where."""
    written = WRITTEN.get(trend.figure, "{:.3g}".format)
    ends = sorted((abs(trend.low), abs(trend.high)))
    low, high = (written(end) for end in ends)
    who = "" if trend.pid is None else f" of process {trend.pid}"
    way = "falls" if trend.per_minute < 0 else "rises"
    return (
        f"{trend.figure}{who} only {way}: by {written(abs(trend.per_minute))} a minute "
        f"({low} to {high}), from {written(trend.started)} to {written(trend.ended)}"
    )


def finding_title(found: LoadFinding) -> str:
    """Give a finding in one line: where it is, the call that it made, and for which routes."""
    called = f" -> {call}" if (call := found.target or found.call) else ""
    by = f", in {', '.join(found.routes)}" if found.routes else ""
    return f"{found.file}:{found.line} {found.function}{called}{by}"


def finding_sentence(found: LoadFinding) -> str:
    """Say how often a place held the loop, and what others lost by it."""
    times = f"{found.holds} holds" if found.holds > 1 else "1 hold"
    held = f"{times}, {seconds(found.held_s)} in all, the longest {seconds(found.longest_s)}"
    if len(found.calls) > 1:
        held += f" ({', '.join(f'{call} {part:.0%}' for call, part in found.calls.items())})"
    if not found.others_requests:
        return f"{held}; no request to another endpoint was in flight meanwhile"
    name, most = next(iter(found.victims.items()))
    share = most / found.others_requests
    whose = f"; {share:.0%} of them {name}" if share > MAJORITY else ""
    many = "requests" if found.others_requests > 1 else "request"
    return (
        f"{held}; {found.others_requests:,} other {many} lost {seconds(found.others_lost_s)} in "
        f"all, the worst {seconds(found.others_worst_s)}{whose}"
    )
