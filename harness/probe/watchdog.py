"""The watchdog thread: looks at the loop thread when its heartbeat is overdue."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from harness.probe.executors import Pools
from harness.probe.frames import FrameTable, Owners, walk
from harness.probe.heartbeat import Gap, Heartbeat
from harness.probe.kernel import RUNNING, calibrate, meter
from harness.probe.split import PUNCTUAL_S, Hog, Sample, State, split
from harness.probe.trace import TraceWriter

if TYPE_CHECKING:
    from harness.probe.config import ProbeConfig

TICK_S = 0.02
IDLE_TICK_S = 0.25
SAMPLE_S = 0.001
SPARSE_SAMPLE_S = 0.01
OPEN_STALL_S = 0.25
"""How often a stall that goes on is written down, should the server not survive it."""


def arm(config: ProbeConfig) -> Heartbeat:
    """Start heartbeat and watchdog for the loop that is running in this thread."""
    heartbeat = Heartbeat(asyncio.get_running_loop())
    Watchdog(heartbeat, config).start()
    heartbeat.start()
    return heartbeat


class Watchdog(threading.Thread):
    """Samples the loop thread while the loop is overdue, and writes what it saw."""

    def __init__(self, heartbeat: Heartbeat, config: ProbeConfig) -> None:
        """Take the heartbeat to watch. To be called on its loop."""
        super().__init__(name="neverblock-watchdog", daemon=True)
        self._heart = heartbeat
        self._pools = Pools(heartbeat.loop)
        self._trace = TraceWriter(config.trace_dir)
        self._frames = FrameTable(Owners(config.project_roots), self._trace.write)
        self._samples: list[Sample] = []
        self._hogs: list[Hog] = []
        self._stacks: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._threads_at_s = time.monotonic()
        self._threads: dict[int, float] = {}
        self._number = 0
        self._next_tick_s = 0.0
        self._next_open_s = 0.0

    def run(self) -> None:
        """Watch until the process ends."""
        heart = self._heart
        self._gil = calibrate()
        self._meter = meter(heart.ident, heart.native_id)
        loop = "uvloop" if type(heart.loop).__module__.startswith("uvloop") else "asyncio"
        self._trace.write(
            {
                "kind": "armed",
                "at_s": time.monotonic(),
                "pid": os.getpid(),
                "loop": loop,
                "python": sys.version.split()[0],
                "complaint": None if self._gil else "This system does not show system calls.",
            }
        )
        while True:
            if heart.deadline.wait(self._next_tick_s - time.monotonic()):
                self._watch()
            self._close_gaps()
            self._tick()

    def _watch(self) -> None:
        """Sample until the loop gives a sign of life."""
        heart = self._heart
        before = heart.before
        due_s = heart.deadline.at_s
        if heart.gaps:  # the loop was back before this thread could run
            self._look_around(heart.gaps[-1].overdue_s)
        began_s = time.monotonic()
        self._next_open_s = began_s + OPEN_STALL_S
        while heart.before is before and heart.deadline.at_s <= time.monotonic():
            self._sample(due_s)
            self._tick()
            now = time.monotonic()
            if now >= self._next_open_s:
                self._next_open_s = now + OPEN_STALL_S
                self._write_open(before.at_s)
            pause_s = min(max(SAMPLE_S, (now - began_s) / 20), SPARSE_SAMPLE_S)
            due_s = now + pause_s
            time.sleep(pause_s)
        self._stacks.clear()

    def _sample(self, due_s: float) -> None:
        heart = self._heart
        at_s = time.monotonic()
        call = self._meter.system_call()
        current = sys._current_frames()  # noqa: SLF001 - documented, and the only way
        frames = walk(current[heart.ident], heart.base)
        if call is None:
            state = State.UNKNOWN
        elif call == RUNNING:
            state = State.RUNNING
        elif call in self._gil:
            state = State.GIL
        else:
            state = State.BLOCKED if frames else State.IDLE
        task = asyncio.current_task(heart.loop)
        self._samples.append(
            Sample(
                due_s,
                at_s,
                state,
                self._meter.cpu_s(),
                self._meter.starved_s(),
                time.process_time(),
                self._numbered(frames),
                task.get_name() if task else "",
            )
        )
        self._look_around(due_s)

    def _numbered(self, frames: list[Any]) -> tuple[int, ...]:
        """Give a stack as numbers, resolving each distinct one once in a stall."""
        key = tuple(part for frame in frames for part in (id(frame.f_code), frame.f_lasti))
        numbers = self._stacks.get(key)
        if numbers is None:
            numbers = self._stacks[key] = self._frames.stack(frames)
        return numbers

    def _look_around(self, due_s: float) -> None:
        """Read the other threads' clocks; if this thread came late, note who used the CPU."""
        late_s = time.monotonic() - due_s
        frames = sys._current_frames()  # noqa: SLF001 - documented, and the only way
        mine = threading.get_ident()
        if not hasattr(time, "pthread_getcpuclockid"):
            return
        # Safe while this thread has the GIL: who has frames has not ended.
        clocks = {
            ident: time.clock_gettime(time.pthread_getcpuclockid(ident))
            for ident in frames
            if ident not in (mine, self._heart.ident)
        }
        if late_s > PUNCTUAL_S and clocks:
            ident = max(clocks, key=lambda each: clocks[each] - self._threads.get(each, 0.0))
            used_s = min(late_s, clocks[ident] - self._threads.get(ident, 0.0))
            if used_s > late_s / 4:
                stack = self._frames.stack(walk(frames[ident], None))
                self._hogs.append(Hog(due_s, due_s + late_s, used_s, stack))
        self._threads = clocks

    def _close_gaps(self) -> None:
        """Turn the finished gaps and the samples taken in them into stalls."""
        gaps = self._heart.gaps
        while gaps:
            gap = gaps.popleft()
            self._write(gap)
            self._number += 1
        if not self._heart.deadline.at_s <= time.monotonic():
            self._samples.clear()
            self._hogs.clear()

    def _write_open(self, began_s: float) -> None:
        """Write down a stall which goes on, as if it ended now."""
        heart, last = self._heart, self._samples[-1]
        if heart.before.at_s != began_s or heart.gaps:
            return
        before = heart.before
        cpu_s = before.cpu_s if last.cpu_s is None else last.cpu_s
        after = before._replace(
            at_s=last.at_s,
            cpu_s=cpu_s,
            starved_s=last.starved_s,
            process_cpu_s=last.process_cpu_s,
        )
        self._write(Gap(before, after, before.at_s, before.at_s, last.due_s))

    def _write(self, gap: Gap) -> None:
        samples = [s for s in self._samples if gap.before.at_s < s.at_s <= gap.after.at_s]
        hogs = [h for h in self._hogs if h.from_s < gap.after.at_s and h.to_s > gap.before.at_s]
        parts = split(gap, samples, hogs)
        if parts.length_s > PUNCTUAL_S:
            self._trace.write({"kind": "stall", "number": self._number, **parts._asdict()})

    def _tick(self) -> None:
        heart = self._heart
        now = time.monotonic()
        if now < self._next_tick_s:
            return
        self._next_tick_s = now + (TICK_S if heart.active(now) else IDLE_TICK_S)
        self._look_around(now)
        self._trace.write(
            {
                "kind": "tick",
                "at_s": now,
                "beats": heart.beats,
                "alive_s": heart.before.at_s,
                "in_flight": heart.in_flight,
                "gc_s": heart.before.gc_s,
                **self._pools.state(),
            }
        )
