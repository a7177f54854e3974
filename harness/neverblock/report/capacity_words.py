"""What every format says of a capacity: the ceiling, its limit, the proof, what users would see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.gate.ratio import against_sentence
from neverblock.result.capacity import Beyond, Limit, ProofVerdict
from neverblock.units import rate, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neverblock.result.capacity import Arrivals, Capacity, NextLimit, Proof, Scalability

NAMES = {
    Limit.LOOP_WAITING: "the loop, which waits inside a request",
    Limit.LOOP_COMPUTING: "the loop, computing",
    Limit.GIL: "the GIL, which threads share",
    Limit.CORES: "the cores",
    Limit.ANYIO_TOKENS: "anyio's threads",
    Limit.DEFAULT_EXECUTOR: "the default executor's threads",
    Limit.THREAD_POOL: "a pool of threads or processes of the app's own",
    Limit.CONNECTION_POOL: "a connection pool",
    Limit.LOCK: "a lock",
    Limit.SEMAPHORE: "a semaphore",
    Limit.RATE_LIMIT: "a rate limiter",
    Limit.UPSTREAM: "an upstream",
    Limit.GENERATOR: "the generator",
    Limit.UNKNOWN: "unknown",
}
SIZED = {
    Limit.ANYIO_TOKENS: "anyio's {size:g} threads",
    Limit.DEFAULT_EXECUTOR: "the default executor's {size:g} threads",
    Limit.THREAD_POOL: "the app's own pool of {size:g} threads or processes",
    Limit.CONNECTION_POOL: "the connection pool of {size:g}",
    Limit.SEMAPHORE: "a semaphore of {size:g}",
}
BEYOND = {
    Beyond.FLAT: "beyond it the rate stays",
    Beyond.FALLING: "beyond it the rate falls",
    Beyond.FAILING: "beyond it requests fail",
}
LABELS = ("limit", "predicted", "next", "proof", "beyond", "at it")


def a_second(per_s: float) -> str:
    """Give a rate as a person reads it: two digits or more."""
    return rate(per_s)


def capacity_title(capacity: Capacity) -> str:
    """Give the ceiling in one line, with its interval and the n that reaches it."""
    if capacity.ceiling_per_s is None or capacity.low_per_s is None or capacity.high_per_s is None:
        best = max((level.rate_per_s for level in capacity.levels), default=None)
        reached = "" if best is None else f" ({a_second(best)} requests a second were reached)"
        return f"{capacity.endpoint}: no ceiling{reached}"
    interval = f"[{a_second(capacity.low_per_s)}, {a_second(capacity.high_per_s)}]"
    return (
        f"{capacity.endpoint}: {a_second(capacity.ceiling_per_s)} requests a second, "
        f"from {capacity.at_n} at once on {interval}"
    )


def limit_name(capacity: Capacity) -> str:
    """Name the limit, with its size and its library where they are known."""
    size, seen = capacity.limit_size, capacity.limit_seen
    name = NAMES[capacity.limit]
    if size is not None and capacity.limit in SIZED:
        name = SIZED[capacity.limit].format(size=size)
    return f"{name} ({seen.owner})" if seen is not None and seen.owner else name


def limit_sentence(capacity: Capacity) -> str:
    """Name the limit and say how it was seen."""
    name, seen = limit_name(capacity), capacity.limit_seen
    if seen is not None:
        call = f" {_first(seen.call)}" if seen.call else ""
        stand = f"{seen.share:.0%} of the requests on top stand at {seen.file}:{seen.line}{call}"
        return f"{name}: {stand}"
    if capacity.used is None:
        return f"{name}: it is not seen from outside"
    used = capacity.used.get(capacity.limit.value)
    return name if used is None else f"{name}: in use for {min(used, 1.0):.0%} of the time"


def _first(call: str) -> str:
    """Give a call without the block that a with statement opens by it."""
    return call.partition(":")[0] if call.startswith(("with ", "async with ")) else call


def prediction(capacity: Capacity) -> str:
    """Say what one request's demands predict; "" where they predict nothing."""
    if capacity.predicted_per_s is None:
        return ""
    by = f" by {capacity.predicted_limit}" if capacity.predicted_limit else ""
    return f"from one request: {a_second(capacity.predicted_per_s)} a second{by}"


def next_sentence(following: tuple[NextLimit, ...]) -> str:
    """Say what would limit next, the lowest first; "" where nothing is known of it."""
    each = [f"{NAMES[one.limit]} at {a_second(one.per_s)}/s" for one in following]
    return ", then ".join(each)


def proof_sentence(proof: Proof) -> str:
    """Say what came of moving the limit, or how to."""
    if proof.ceiling_per_s is None:
        if not proof.how:
            return "not asked for"
        return f"not tried, and how to: {proof.how}"
    from_, to = proof.from_ or 0.0, proof.to or 0.0
    moved = f"{proof.moved} {from_:g} -> {to:g}: {a_second(proof.ceiling_per_s)}/s"
    if proof.verdict is ProofVerdict.NOT_TRIED:
        return f"not told apart ({moved}): {proof.how}"
    if proof.verdict is ProofVerdict.CONFIRMED:
        return f"confirmed: {moved}"
    return f"not the limit after all: the ceiling stayed ({moved})"


def arrivals_sentence(arrivals: Arrivals) -> str:
    """Say what users would see at a share of the ceiling."""
    said = (
        f"at {arrivals.share:.0%} of it ({a_second(arrivals.rate_per_s)}/s): "
        f"p50 {seconds(arrivals.p50_s)}, p99 {seconds(arrivals.p99_s)}"
    )
    return f"{said}, {arrivals.failures} failed" if arrivals.failures else said


def capacity_said(capacity: Capacity) -> Iterator[tuple[str, str]]:
    """Yield what is said beneath the title, each with its label."""
    if capacity.against is not None:
        yield "against", against_sentence(capacity.against)
    if capacity.ceiling_per_s is None:
        yield "why", capacity.reason
        if capacity.limit is Limit.GENERATOR:
            yield "how to", capacity.proof.how
        return
    yield "limit", limit_sentence(capacity)
    if predicted := prediction(capacity):
        yield "predicted", predicted
    if following := next_sentence(capacity.next):
        yield "next", following
    yield "proof", proof_sentence(capacity.proof)
    if capacity.beyond is not None:
        yield "beyond", BEYOND[capacity.beyond].removeprefix("beyond it ")
    for each in capacity.arrivals:
        where, _, took = arrivals_sentence(each).partition(": ")
        yield where, took
    if (law := capacity.scalability) is not None:
        yield "law", _law(law)
    for note in capacity.notes:
        yield "note", note


def _law(law: Scalability) -> str:
    contention = f"{law.contention_low:.1%}, {law.contention_high:.1%}"
    coherency = f"{law.coherency_low:.2%}, {law.coherency_high:.2%}"
    return (
        f"up to {law.to_n} at once: contention {law.contention:.1%} [{contention}], "
        f"coherency {law.coherency:.2%} [{coherency}] (universal scalability law)"
    )


def outcome(capacities: tuple[Capacity, ...]) -> str:
    """Give what a run of them came to, in one sentence."""
    found = [each for each in capacities if each.ceiling_per_s is not None]
    if not found:
        return f"No ceiling was reached: {capacities[0].reason}."
    least = min(found, key=lambda each: each.ceiling_per_s or 0.0)
    of = f" of {len(capacities)} endpoints" if len(capacities) > 1 else ""
    lowest = f"The lowest ceiling{of} is {a_second(least.ceiling_per_s or 0.0)} requests a second"
    unknown = least.limit is Limit.UNKNOWN
    by = "whose limit is unknown" if unknown else f"by {limit_name(least)}"
    return f"{lowest}, {least.endpoint}, {by}."
