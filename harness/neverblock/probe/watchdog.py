"""The watchdog thread: samples the loop thread when its heartbeat is overdue."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from typing import TYPE_CHECKING

from .armed import armed
from .attribution import Sample, attribute
from .config import RESOLUTION_S
from .frames import FrameTable, Level, Owners, current_frames, walk
from .gc_pauses import collecting_s
from .heartbeat import BEAT_S, BUSY_BEAT_S, IDLE_BEAT_S, Gap, Heartbeat
from .internals import has_gil, stands_still
from .marks import marks_from
from .numbered import Numbered
from .pending import Pending
from .request_mark import request_of
from .switching import Switching
from .thread_state import State, may_have_lost_gil
from .tier import current_tier
from .trace import TraceWriter

if TYPE_CHECKING:
    from .config import ProbeConfig
    from .gc_pauses import GcPause

TICK_S = {BEAT_S: 0.02, BUSY_BEAT_S: 1.0, IDLE_BEAT_S: 0.25}
"""Between two reports, by the pace of the heartbeat. A report costs a saturated loop up to 1.5 ms
on uvloop, which releases the GIL at every callback; most of that is waking the waiting thread."""
SAMPLE_S = 0.001
SPARSE_SAMPLE_S = 0.01
STARVED_S = 0.02
"""A stall in which the loop only waited for a core, or nobody knows why, is written from this
length on."""
RUNNING_TO_STOPPED = 9
"""Without a GIL, how long the app runs to how long it is stopped for a look at its stacks: that is
some milliseconds where it has many threads, and would make a computation several times as long."""
OPEN_STALL_S = 0.25
"""How often an unfinished stall is written, in case the server does not survive it."""


def arm(config: ProbeConfig) -> Watchdog:
    """Start heartbeat and watchdog for the loop that is running in this thread.

    Raises RuntimeError where no thread can be looked at: a free-threaded build up to 3.13.
    """
    if not stands_still():
        raise RuntimeError("a free-threaded Python is watched from 3.14 on")
    watchdog = Watchdog(Heartbeat(asyncio.get_running_loop()), config)
    watchdog.start()
    watchdog.heart.start()
    return watchdog


class Watchdog(threading.Thread):
    """Samples the loop thread while the loop is overdue, and writes the trace."""

    def __init__(self, heartbeat: Heartbeat, config: ProbeConfig) -> None:
        """Take the heartbeat to watch. To be called on its loop."""
        super().__init__(name="neverblock-watchdog", daemon=True)
        self._heart = heartbeat
        self._trace = TraceWriter(config.trace_dir)
        self._frames = FrameTable(Owners(config.project_roots), self._trace.note)
        self._samples: list[Sample] = []
        self._gc_pauses: list[GcPause] = []
        self._gc_s = 0.0
        self._written_until_s = 0.0
        self._stacks: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._endpoint: object = None
        self._number = 0
        self._ticked_s, self._turns = -math.inf, 0
        self._open_from_s = self._next_open_s = self._stopped_s = 0.0
        self._switching = Switching()
        self._pending = Pending(heartbeat.loop)
        self._marks = marks_from(config.marks)

    @property
    def heart(self) -> Heartbeat:
        """The heartbeat that is watched."""
        return self._heart

    def disarm(self) -> None:
        """End the watch. To be called in the loop's thread."""
        self._heart.stop()
        self.join()
        if self._marks is not None:
            self._marks.stop()
        self._heart.close()

    def run(self) -> None:
        """Watch until the heartbeat stops or the process ends; write a failure into the trace."""
        try:
            self._run()
        except Exception as error:  # noqa: BLE001 - nothing of the probe's may reach the app
            self._trace.note({"kind": "failed", "why": repr(error)})
            self._switching.restore()
        self._trace.close()

    def _run(self) -> None:
        heart = self._heart
        heart.other_threads.not_these.add(threading.get_ident())
        tier = current_tier()
        self._gil = heart.other_threads.gil = tier.gil_wait()
        self._meter = tier.meter(heart.ident, heart.native_id)
        self._trace.note(armed(heart.loop, heart.native_id, tier, self._gil))
        while not heart.stopped:
            fired = self._overdue or heart.deadline.wait(self._tick_due_s - time.monotonic())
            if fired or self._overdue:  # the wait for the GIL may have outlasted the timeout
                self._watch()
            self._close_gaps()
            self._tick()
            if not self._overdue:
                self._trace.flush()
        self._trace.note({"kind": "ended", "at_s": time.monotonic()})
        self._meter.close()

    @property
    def _overdue(self) -> bool:
        """Whether the loop should have given a sign of life by now."""
        return self._heart.deadline.at_s <= time.monotonic() and not self._heart.stopped

    @property
    def _tick_due_s(self) -> float:
        """When the next report is due: by the pace of the heartbeat, and at once at each turn."""
        if self._heart.turns != self._turns:
            return -math.inf
        return self._ticked_s + TICK_S[self._heart.pace_s]

    def _watch(self) -> None:
        """Sample until the loop has given a sign of life, and is not overdue again.

        Hazard: sample first wherever the GIL was released (writing, sleeping) or may have been
        lost; README.md says why.
        """
        heart = self._heart
        if heart.gaps:  # the loop was back before this thread could run
            heart.other_threads.check(heart.gaps[-1].overdue_s)
        before, due_s, began_s = None, 0.0, 0.0
        while self._overdue:
            if heart.before is not before:
                before, due_s, began_s = heart.before, heart.deadline.at_s, time.monotonic()
                self._open_from_s, self._next_open_s = before.at_s, began_s + OPEN_STALL_S
                self._stacks.clear()
            self._sample(due_s)
            self._switching.restore()
            for chore in (self._close_gaps, self._tick, self._write_open):
                self._sample_again()
                chore()
            self._sample_again()
            due_s = time.monotonic()
            self._switching.adapt(self._samples, before.cpu_s)
            if not self._trace.flush() or self._stopped_s:
                pause_s = min(max(SAMPLE_S, (due_s - began_s) / 20), SPARSE_SAMPLE_S)
                pause_s = max(pause_s, self._stopped_s * RUNNING_TO_STOPPED)
                due_s += pause_s
                time.sleep(pause_s)
        self._switching.restore()
        self._stacks.clear()

    def _sample_again(self) -> None:
        """Take another sample if the GIL may have been lost since the last one."""
        if may_have_lost_gil(self._heart.sampled_s):
            self._sample(self._heart.sampled_s)

    def _sample(self, due_s: float) -> None:
        """Sample the loop thread, and again where the GIL may have been lost in it."""
        if not self._sampled(due_s):
            self._switching.interrupted()
            self._sampled(self._heart.sampled_s)

    def _sampled(self, due_s: float) -> bool:
        """Take a sample, and keep it unless the GIL may have been lost in it."""
        heart = self._heart
        at_s = heart.sampled_s = time.monotonic()
        state = self._gil.state(self._meter.system_call())
        frame = current_frames().get(heart.ident)
        self._stopped_s = 0.0 if has_gil() else time.monotonic() - at_s
        left_at = heart.greenlets.left_at()
        levels = walk(frame if left_at is None else left_at, heart.base)
        if left_at is not None:  # hazard: within a greenlet that runs C alone there is no frame
            levels = [*(walk(frame, None) if frame is not None else ()), *levels]
        elif state is State.BLOCKED and not levels:
            state = State.IDLE
        task = asyncio.current_task(heart.loop)
        mark = None if task is None else request_of(task)
        background = task is not None and mark is None
        request = mark if isinstance(mark, Numbered) else None
        clocks = self._meter.cpu_s(), *self._meter.schedule(), time.process_time()
        if may_have_lost_gil(at_s):
            return False
        stack = self._numbered(levels)
        self._samples.append(Sample(due_s, at_s, state, *clocks, stack, background, request))
        self._heart.other_threads.check(due_s)
        return True

    def _numbered(self, levels: list[Level]) -> tuple[int, ...]:
        """Give a stack as numbers, resolving each distinct one once in a stall."""
        key = tuple(part for frame, at in levels for part in (id(frame.f_code), at))
        numbers = self._stacks.get(key)
        if numbers is None:
            numbers = self._stacks[key] = self._frames.stack(levels)
        return numbers

    def _close_gaps(self) -> None:
        """Write the finished gaps, with the samples taken in them, as stalls."""
        gaps = self._heart.gaps
        self._written_until_s = self._heart.before.at_s
        self._take_gc_pauses()
        while gaps:
            gap = gaps.popleft()
            self._write(gap)
            self._number += 1
        # Later ones belong to an unfinished stall.
        until_s, other_threads = self._written_until_s, self._heart.other_threads
        self._samples = [s for s in self._samples if s.at_s > until_s]
        other_threads.gil_holders = [h for h in other_threads.gil_holders if h.to_s > until_s]
        self._gc_pauses = [p for p in self._gc_pauses if p.to_s > until_s]

    def _take_gc_pauses(self) -> None:
        ended = self._heart.gc_pauses.take()
        self._gc_pauses += ended
        self._gc_s += sum(p.cpu_s for p in ended if p.ident == self._heart.ident)

    def _write_open(self) -> None:
        """Write an unfinished stall as if it ended now, when that is due."""
        now, before = time.monotonic(), self._heart.before
        if now < self._next_open_s:
            return
        self._next_open_s = now + OPEN_STALL_S
        if before.at_s != self._open_from_s or not self._samples:
            return
        last = self._samples[-1]
        cpu_s = before.cpu_s if last.cpu_s is None else last.cpu_s
        after = before._replace(
            at_s=last.at_s,
            cpu_s=cpu_s,
            starved_s=last.starved_s,
            slices=last.slices,
            process_cpu_s=last.process_cpu_s,
        )
        self._write(Gap(before, after, before.at_s, before.at_s, last.due_s))

    def _write(self, gap: Gap) -> None:
        samples = [s for s in self._samples if gap.before.at_s < s.at_s <= gap.after.at_s]
        from_s, to_s, pauses = gap.before.at_s, gap.after.at_s, self._gc_pauses
        holders = self._heart.other_threads.kept_gil(from_s, to_s, pauses)
        own_s = collecting_s(pauses, self._heart.ident, from_s, to_s)
        parts = attribute(gap, samples, holders, own_s, current_tier().tick_s, gil=has_gil())
        unlucky_s = parts.starved_s + parts.frozen_s
        if parts.length_s - unlucky_s > RESOLUTION_S or unlucky_s > STARVED_S:
            culprit = parts.culprit
            requests = [each and [each.number, each.route] for each in parts.requests]
            record = {
                **parts._asdict(),
                "culprit": culprit
                and [self._numbered(culprit.levels), culprit.cpu_s, culprit.background],
                "requests": requests if any(requests) else [],
            }
            self._trace.note({"kind": "stall", "number": self._number, **record})

    def _tick(self) -> None:
        heart = self._heart
        now = time.monotonic()
        if now < self._tick_due_s:
            return
        self._ticked_s, self._turns = now, heart.turns
        if heart.pulse.endpoint is not self._endpoint:
            self._endpoint = heart.pulse.endpoint
            if definition := self._frames.definition(self._endpoint):
                self._trace.note({"kind": "endpoint", "at_s": now, **definition})
        if self._marks is not None and (record := self._marks.report(now)):
            self._trace.note(record)
        heart.other_threads.check(now)
        # Without a GIL a look stops every thread, and shows no thread's executor.
        heart.pools.refresh(threads := current_frames() if has_gil() else {})
        self._take_gc_pauses()
        if heart.in_flight == 0:
            heart.other_threads.stand_by(threads)
            heart.pools.rest()
        elif heart.in_flight > 1:
            look = now, self._frames, heart.in_flight, heart.other_threads
            if record := self._pending.look(*look):
                self._trace.note(record)
        self._trace.note(
            {
                "kind": "tick",
                "alive_s": self._written_until_s,
                "in_flight": heart.in_flight,
                "gc_s": self._gc_s,
                "process_cpu_s": heart.before.process_cpu_s - time.thread_time(),
                "tasks": self._pending.counted(),
                **heart.clocks(),
                **heart.pools.state(),
                "at_s": time.monotonic(),  # hazard: keep this last, see README.md
            }
        )
