"""The figures behind a verdict, in the terminal: what ``-v`` adds to each result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from neverblock.analysis.noise import starved_s
from neverblock.analysis.one_line import in_one_line
from neverblock.analysis.waiting import waiting_place
from neverblock.report.resources import burst_s, cap_sentence, parts, sentence
from neverblock.report.summary import SYMBOLS, printable
from neverblock.units import rate, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neverblock.measurement import HoldFigures, LoopFigures, Measurement
    from neverblock.result import Result, Run

MOST = 8
"""The most figures of one kind that are listed."""


def evidence(result: Result) -> Iterator[Text]:
    """Yield what was measured of one result, a line for each side that looked at it."""
    if (m := result.measurement) is None:
        return
    yield _line("alone", f"{_several(m.solo_samples_s)}; the first, cold, {seconds(m.warm_up_s)}")
    yield _line(
        "together",
        f"{_several(m.walls_s)} for {m.requests}, one by one {seconds(m.serial_bound_s)}; the null "
        f"app took {seconds(m.floor_s)}; efficiency {m.efficiency:.2f}, "
        f"serial fraction {m.serial_fraction:.2f}",
    )
    if m.loop is not None:
        yield _line("loop alone", _holds(m.loop.solo))
        yield _line("loop together", _holds(m.loop.burst))
        yield from _executors(m.loop)
        if place := waiting_place(m):
            yield _line("waits", place)
    yield _line(
        "canary",
        f"waited up to {seconds(m.canary.longest_s)}, usually {seconds(m.canary.median_s)} "
        f"({m.canary.sent} pings, {m.canary.lost} lost); alone up to "
        f"{seconds(m.solo_canary.longest_s)}",
    )
    yield from _resources(m)
    yield _line("machine", _machine(m))


def line_of(result: Result) -> str:
    """Give on one line what the table does not have of a result."""
    m = result.measurement
    said = f"{SYMBOLS[result.judgement.verdict]} {result.endpoint.name}: "
    if m is None:
        return printable(said + in_one_line(result.judgement.reason))
    if m.loop is None:
        return printable(
            f"{said}alone {seconds(m.solo_s)}, {m.requests} at once {seconds(m.wall_s)}"
        )
    held = m.loop.solo
    said += f"waits {seconds(held.waiting_s)} on the loop, computes {seconds(held.computing_s)}"
    return printable(said + (f"; at most {rate(m.cap.per_s)}/s" if m.cap else ""))


def spent(run: Run) -> str:
    """Say how long a run took, and how much longer that is than its requests themselves."""
    measured = [m for r in run.results if (m := r.measurement) is not None]
    waits_s = sum(m.warm_up_s + sum(m.solo_samples_s) + sum(m.walls_s) for m in measured)
    if not waits_s:
        return seconds(run.duration_s)
    ratio = run.duration_s / waits_s
    return f"{seconds(run.duration_s)}, {ratio:.1f} times the {seconds(waits_s)} of its requests"


def _line(name: str, said: str) -> Text:
    return Text(printable(f"{name}: {said}"), style="dim")


def _several(values: tuple[float, ...]) -> str:
    rest = f" and {len(values) - MOST} more" if len(values) > MOST else ""
    return ", ".join(map(seconds, sorted(values)[:MOST])) + rest


def _holds(held: HoldFigures) -> str:
    return (
        f"a request waits on it for {seconds(held.waiting_s)} and computes for "
        f"{seconds(held.computing_s)}, at most {seconds(held.longest_computing_s)} at once; waits "
        f"for the GIL {seconds(held.gil_s)}, at most {seconds(held.longest_gil_held_s)} at once"
    )


def _resources(m: Measurement) -> Iterator[Text]:
    """Yield a line for each part of the wall: what one request needs, and what the burst takes."""
    if each := parts(m):
        beyond = f"{seconds(burst_s(m))} for {m.requests}, the null app's aside; needed for them:"
        yield _line("wall", beyond)
    for part in each:
        yield _line(f"  {part.name}", sentence(part))
    if cap := cap_sentence(m):
        yield _line("cap", cap)


def _executors(loop: LoopFigures) -> Iterator[Text]:
    pools = loop.executors
    if pools.anyio_tokens is not None:
        yield _line(
            "anyio's limiter",
            f"{pools.anyio_borrowed} of {pools.anyio_tokens:g} tokens, {pools.anyio_waiting} wait",
        )
    if pools.default_threads is not None:
        yield _line(
            "default executor",
            f"{pools.default_busy} of {pools.default_threads} threads, {pools.default_queued} wait",
        )


def _machine(m: Measurement) -> str:
    cpu, waited, busy = (
        "unknown" if figure is None else form(figure)
        for figure, form in (
            (m.server_cpu_s, seconds),
            (None if m.machine.starved_s is None else starved_s(m), seconds),
            (m.machine.busy, "{:.0%}".format),
        )
    )
    throttled_s = m.machine.throttled_s
    stopped = f", its quota stopped it for {seconds(throttled_s)}" if throttled_s else ""
    return (
        f"server's CPU {cpu}, its waits for a core {waited}{stopped}, others took {busy} "
        f"of the machine's cores, steal {m.machine.steal:.0%}, "
        f"the client lagged {seconds(m.client_lag_s)}"
    )
