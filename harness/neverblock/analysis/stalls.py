"""One stretch in which the loop did not turn: whose it was, and how long. Pure.

Everything here is about requests. What no request ran is apart, in the figures called background:
a periodic task, a hook, a thread of the app's own, a collection that the collector began.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.analysis.demands import RESOLUTION_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neverblock.measurement import Stack, Stall

_HAND_OVER = {
    "Thread.start",
    "ThreadPoolExecutor.submit",
    "AsyncIOBackend.run_sync_in_worker_thread",
}
"""Of threading, concurrent.futures and anyio: where work goes over to a thread."""

_COLLECT = "gc.collect"


def hands_over(stack: Stack) -> bool:
    """Say whether a stack is handing work to a thread, which never waits but for that thread.

    A new thread says that it runs, and one that waits for work gives a queue's lock back; both need
    the GIL for it, so the loop's wait is one for the GIL by way of a lock.
    """
    return any(f.owner != "project" and f.function in _HAND_OVER for f in stack.frames)


def waiting_s(stall: Stall) -> float:
    """Give the seconds for which a request's code held the loop off CPU.

    A stack without frames is the loop parked in itself. Where no sample fell into the wait, all
    samples of the stall speak for it.
    """
    return stall.off_cpu_s * _share(
        stall, on_cpu=False, of=lambda s: _works(s) and not s.background
    )


def unsure_s(stall: Stall) -> float:
    """Give the part of ``waiting_s`` that may have been a wait for the GIL as well, in seconds."""
    return waiting_s(stall) * stall.unsure_s / stall.off_cpu_s if stall.off_cpu_s else 0.0


def computing_s(stall: Stall) -> float:
    """Give the seconds for which a request's code held the loop on CPU.

    A loop without work is off CPU, and a computation that keeps the GIL is over before a sample
    can be taken: so what nobody sampled is the request's.
    """
    own_s = stall.on_cpu_s - stall.gc_s
    return max(0.0, own_s * (1 - _share(stall, on_cpu=True, of=lambda s: s.background)))


def gil_held_s(stall: Stall) -> float:
    """Give the longest unbroken stretch for which a request's thread kept the GIL from the loop."""
    holder = stall.culprit
    if holder is None:
        return stall.gil_held_s
    if holder.background:
        return 0.0
    return stall.gil_held_s - stall.gil_gc_s


def perhaps_gil_held_s(stall: Stall) -> float:
    """Give for how long the GIL was kept at most: a loop without a core does not see by whom.

    A thread that was seen with it kept it for no longer than it computed.
    """
    held_s, holder = gil_held_s(stall), stall.culprit
    if held_s <= 0:
        return 0.0
    most_s = held_s + stall.starved_s + stall.frozen_s
    return most_s if holder is None else max(held_s, min(most_s, holder.weight_s))


def gil_s(stall: Stall) -> float:
    """Give the seconds for which the loop waited for a GIL that requests' threads had."""
    return max(0.0, stall.gil_s - background_gil_s(stall))


def background_s(stall: Stall) -> float:
    """Give the seconds for which what no request ran held the loop."""
    waited_s = stall.off_cpu_s * _share(
        stall, on_cpu=False, of=lambda s: _works(s) and s.background
    )
    return waited_s + background_computing_s(stall) + background_gil_s(stall)


def background_computing_s(stall: Stall) -> float:
    """Give the seconds for which what no request ran held the loop on CPU."""
    own_s = stall.on_cpu_s - stall.gc_s
    return stall.gc_s + own_s * _share(stall, on_cpu=True, of=lambda s: s.background)


def background_gil_s(stall: Stall) -> float:
    """Give the seconds for which another thread kept the GIL, in what no request ran."""
    if stall.culprit is not None and stall.culprit.background:
        return stall.gil_held_s
    return stall.gil_gc_s


def part_within(stall: Stall, from_s: float, to_s: float) -> float:
    """Give the share of a stall that lies between two instants."""
    within_s = min(to_s, stall.start_s + stall.length_s) - max(from_s, stall.start_s)
    return max(0.0, within_s) / stall.length_s if stall.length_s else 0.0


def with_own_collections(stalls: Sequence[Stall]) -> list[Stall]:
    """Count collections as the code's own where any of the stalls shows it asking for one."""
    return collections_counted(stalls) if any(map(_asks_to_collect, stalls)) else list(stalls)


def collections_counted(stalls: Sequence[Stall]) -> list[Stall]:
    """Give the same stalls with their collections as any other computing."""
    return [replace(stall, gc_s=0.0, gil_gc_s=0.0) for stall in stalls]


def collects(stalls: Sequence[Stall]) -> bool:
    """Say whether some stalls have a collection that is long enough to tell."""
    return sum(stall.gc_s + stall.gil_gc_s for stall in stalls) > RESOLUTION_S


def _asks_to_collect(stall: Stall) -> bool:
    stacks = stall.stacks if stall.culprit is None else (stall.culprit, *stall.stacks)
    return any(stack.frames and stack.frames[0].target == _COLLECT for stack in stacks)


def _works(stack: Stack) -> bool:
    return bool(stack.frames) and not hands_over(stack)


def _share(stall: Stall, *, on_cpu: bool, of: Callable[[Stack], bool]) -> float:
    """Give the share of a stall's samples of one kind that a condition is true of."""
    stacks = [s for s in stall.stacks if s.on_cpu == on_cpu] or stall.stacks
    total_s = sum(s.weight_s for s in stacks)
    return sum(s.weight_s for s in stacks if of(s)) / total_s if total_s else 0.0
