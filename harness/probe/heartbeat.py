"""The loop's own side of the probe: signs of life, and the gaps between them."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from harness.probe.deadline import create_deadline
from harness.probe.kernel import meter

if TYPE_CHECKING:
    import asyncio
    from types import CodeType

BEAT_S = 0.001
"""Between heartbeats while requests are in flight."""
IDLE_BEAT_S = 0.025
LATE_S = 0.002
"""What a beat may be late by without being a stall: timers of event loops round to 1 ms."""
GRACE_S = 0.0015
"""After a beat is due, how long until the watchdog looks."""
LINGER_S = 1.0
"""How long to beat fast after the last response or stall: background work comes after it."""


class Reading(NamedTuple):
    """The clocks of the loop thread at one instant, all in seconds."""

    at_s: float
    cpu_s: float
    starved_s: float
    process_cpu_s: float
    gc_s: float


class Gap(NamedTuple):
    """Two readings around a stretch without a sign of life.

    ``alive_s`` is the last sign of life in between, from ``late_s`` on the loop was late, and at
    ``overdue_s`` the watchdog should have looked.
    """

    before: Reading
    after: Reading
    alive_s: float
    late_s: float
    overdue_s: float


class Heartbeat:
    """Beats on the serving loop, notes every sign of life, and records the gaps.

    Signs of life are a timer's beats and the beginning and end of every request, so that a queue
    of requests which the loop works off in one turn is not taken for one long hold.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop which is running in the calling thread."""
        self.loop = loop
        self.ident = threading.get_ident()
        self.native_id = threading.get_native_id()
        self.gaps: deque[Gap] = deque(maxlen=100_000)
        self.beats = 0
        self.in_flight = 0
        self.base: CodeType | None = None
        self.deadline = create_deadline()
        self._meter = meter(self.ident, self.native_id)
        self._gc_s = 0.0
        self._gc_started_s = 0.0
        self.before = self._read(time.monotonic())
        self._alive_s = self._due_s = self.before.at_s
        self._active_until_s = self.before.at_s + LINGER_S
        self._fast = False

    def start(self) -> None:
        """Begin to beat. To be called on the loop."""
        gc.callbacks.append(self._collected)
        self._due_s = time.monotonic()
        self._handle = self.loop.call_soon(self._beat)

    def enter(self) -> None:
        """Note that a request begins."""
        self.in_flight += 1
        if self._fast:
            self._touch()
        else:
            self._handle.cancel()
            self._beat()

    def leave(self) -> None:
        """Note that a request ended."""
        self.in_flight -= 1
        self._touch()
        self._active_until_s = self._alive_s + LINGER_S

    def active(self, now_s: float) -> bool:
        """Whether something is in flight, or was a moment ago."""
        return self.in_flight > 0 or now_s < self._active_until_s

    def _beat(self) -> None:
        now = time.monotonic()
        self.beats += 1
        self.base = sys._getframe(1).f_code  # noqa: SLF001 - the documented way to one's caller
        self._fast = self.active(now)
        interval = BEAT_S if self._fast else IDLE_BEAT_S
        self._note(now)
        self._due_s = now + interval
        self.deadline.push(now, interval + GRACE_S)
        self._handle = self.loop.call_later(interval, self._beat)

    def _touch(self) -> None:
        now = time.monotonic()
        if now - self.before.at_s > BEAT_S:
            self._note(now)
            self.deadline.push(now, BEAT_S + GRACE_S)
        else:
            self._alive_s = now

    def _note(self, now: float) -> None:
        after = self._read(now)
        late = max(self._alive_s, self._due_s)
        if now - late > LATE_S:
            self.gaps.append(Gap(self.before, after, self._alive_s, late, self.deadline.at_s))
            self._active_until_s = max(self._active_until_s, now + LINGER_S)
        self.before = after  # after the gap is recorded: the watchdog goes by this
        self._alive_s = now

    def _read(self, now: float) -> Reading:
        return Reading(
            now, time.thread_time(), self._meter.starved_s(), time.process_time(), self._gc_s
        )

    def _collected(self, phase: str, _: dict[str, int]) -> None:
        if threading.get_ident() != self.ident:
            return
        if phase == "start":
            self._gc_started_s = time.monotonic()
        else:
            self._gc_s += time.monotonic() - self._gc_started_s
