"""The loop's own side of the probe: signs of life, and the gaps between them."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from .config import RESOLUTION_S
from .gc_pauses import GcPauses
from .greenlets import Greenlets
from .other_threads import OtherThreads
from .thread_pools import Pools
from .tier import current_tier

if TYPE_CHECKING:
    import asyncio
    from types import CodeType

BEAT_S = 0.001
"""Between two beats while requests are in flight."""
BUSY_BEAT_S = 0.02
"""The same while requests themselves are frequent signs of life.

A beat costs 36 us (a turn of the loop, the kernel's clocks, its timer): too much for every
millisecond of a saturated loop.
"""
BUSY_REQUESTS_PER_S = 1000
COUNTING_S = 0.025
IDLE_BEAT_S = 0.025
GRACE_S = 0.0015
"""How long after a beat is due the watchdog samples the loop thread."""
_AT_ONCE_S = 1e-6
LINGER_S = 1.0
"""How long to beat fast after the last response or long stall: background work comes after it."""
LONG_S = 0.01
"""After a stall of this length the beat is fast for a while, as more may follow.

Idle loops are late by less all the time on a busy machine. When they beat fast after each of those,
13 idle servers kept one core busy, and by that each other late.
"""


class Reading(NamedTuple):
    """The clocks of the loop thread at one instant, and how often it was put on a core."""

    at_s: float
    cpu_s: float
    starved_s: float
    slices: int
    process_cpu_s: float


class Gap(NamedTuple):
    """Two readings around a stretch without a sign of life.

    ``alive_s`` is the last sign of life in it, from ``late_s`` on the loop was late, and at
    ``overdue_s`` the watchdog should have sampled it.
    """

    before: Reading
    after: Reading
    alive_s: float
    late_s: float
    overdue_s: float


class Pulse:
    """What every request updates: how many entered and left, and the last sign of life.

    Before ``sign_due_s`` a request does not call ``Heartbeat.sign``.
    """

    __slots__ = ("alive_s", "endpoint", "entered", "left", "sign_due_s")

    def __init__(self, now_s: float) -> None:
        """Start without requests."""
        self.alive_s = self.sign_due_s = now_s
        self.entered = self.left = 0
        self.endpoint: object = None


def starved_beside_beats_s(before: Reading, after: Reading, *, late: bool) -> float:
    """Give for how long the loop thread had no core between two readings, but to beat.

    A thread waits for a core before each of its time slices, and one of them was put on it for the
    beat, which would have woken up nobody without the probe. One that was ``late`` kept others.
    """
    starved_s, slices = after.starved_s - before.starved_s, after.slices - before.slices
    return starved_s if late else starved_s * (slices - 1) / slices if slices > 1 else 0.0


class Heartbeat:
    """Beats on the serving loop, notes every sign of life, and records the gaps between them.

    Signs of life are the beats of a timer and the beginning and end of every request, so that many
    requests served in one turn of the loop are not taken for one long stall.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop that runs in the calling thread."""
        self.loop = loop
        self.ident = threading.get_ident()
        self.native_id = threading.get_native_id()
        self.gaps: deque[Gap] = deque(maxlen=100_000)
        self.stopped = self.resting = False
        self.base: CodeType | None = None
        self.deadline = current_tier().create_deadline()
        self.other_threads = OtherThreads(self.ident)
        self.gc_pauses = GcPauses()
        self.greenlets = Greenlets()
        self.pools = Pools(loop)
        self.beats = 0
        self.busy_s = self.starved_s = 0.0
        self.sampled_s = 0.0
        self._meter = current_tier().meter(self.ident, self.native_id)
        self.before = self._read(monotonic())
        self.pulse = Pulse(self.before.at_s)
        self._due_s = self._note_at_s = self._left_s = self._counted_s = self.before.at_s
        self._fast = False
        self.pace_s = IDLE_BEAT_S
        self._wake = False
        self.turns = 0
        self._entered = self._left = 0

    def start(self) -> None:
        """Begin to beat. To be called on the loop."""
        self.gc_pauses.start()
        self._due_s = monotonic()
        self._handle = self.loop.call_soon(self._beat)

    def stop(self) -> None:
        """End the watch. To be called in the loop's thread."""
        self.stopped = True
        self._handle.cancel()
        self.gc_pauses.stop()
        self.deadline.push(monotonic(), _AT_ONCE_S)

    def rest(self) -> None:
        """Leave the loop alone until ``resume``. To be called in the loop's thread.

        Requests are counted all the same. What is beyond the last reading is not known: no gap is
        noted, nothing is sampled, and reports say the same as before.
        """
        if self.resting:
            return
        self.resting = True
        now = monotonic()
        self._note(now)
        self._handle.cancel()
        self.pace_s, self._fast = BUSY_BEAT_S, False
        self.pulse.sign_due_s = math.inf
        self._tell(now)
        self.deadline.at_s = math.inf

    def resume(self) -> None:
        """Watch again. To be called in the loop's thread."""
        if not self.resting:
            return
        self.resting = False
        now = monotonic()
        self.before = self._read(now)
        self.pulse.alive_s = self._due_s = now
        self._set_pace(now)
        self._go_on(now)
        self._tell(now)

    def _tell(self, now: float) -> None:
        """Have the watchdog report at once."""
        self.turns += 1
        self.deadline.push(now, _AT_ONCE_S)

    def close(self) -> None:
        """Close what was opened, once the watchdog has ended as well."""
        self.deadline.close()
        self._meter.close()

    def sign(self, now_s: float) -> None:
        """Take the beginning or end of a request as a sign of life, once that is due."""
        if not self._fast:
            self._handle.cancel()
            self._set_pace(now_s)
            self._go_on(now_s)
        elif now_s >= self._note_at_s or now_s - self.pulse.alive_s > RESOLUTION_S:
            self._note(now_s)
        else:
            self._put_off_signs(now_s)

    def clocks(self) -> dict[str, float]:
        """Give, as of the last reading, the clocks of the loop thread and of its beats."""
        return {
            "loop_cpu_s": self.before.cpu_s,
            "busy_s": self.busy_s,
            "starved_s": self.starved_s,
            "beats": self.beats,
        }

    @property
    def in_flight(self) -> int:
        """The number of requests that have begun and not ended."""
        return self.pulse.entered - self.pulse.left

    def active(self, now_s: float) -> bool:
        """Whether something is in flight, or was a moment ago."""
        return self.in_flight > 0 or now_s < self._left_s + LINGER_S

    def _beat(self) -> None:
        now = monotonic()
        self.beats += 1
        self.greenlets.note()
        self.base = sys._getframe(1).f_code  # noqa: SLF001 - the documented way to one's caller
        self._set_pace(now)
        if self._fast and now < self.before.at_s + self.pace_s / 2:
            # A request has just been noted in this beat's place.
            self._beat_at(self.before.at_s + self.pace_s, now)
        else:
            self._go_on(now)

    def _go_on(self, now: float) -> None:
        self._note(now)
        self._beat_at(now + self.pace_s, now)

    def _beat_at(self, due_s: float, now: float) -> None:
        self._due_s = due_s
        self._handle = self.loop.call_later(due_s - now, self._beat)

    def _set_pace(self, now: float) -> None:
        if self.pulse.left != self._left:
            self._left, self._left_s = self.pulse.left, now
        was_fast, self._fast = self._fast, self.active(now)
        if not self._fast:
            self.pace_s = IDLE_BEAT_S
        elif not was_fast:
            self.pace_s = BEAT_S
        elif now - self._counted_s >= COUNTING_S:
            entered = self.pulse.entered - self._entered
            busy = entered > BUSY_REQUESTS_PER_S * (now - self._counted_s)
            # The watchdog reports rarely beside a busy loop; what waits for quiet needs it now.
            self._wake = self.pace_s == BUSY_BEAT_S and not busy
            self.pace_s = BUSY_BEAT_S if busy else BEAT_S
        else:
            return
        self._counted_s, self._entered = now, self.pulse.entered

    def _note(self, now: float) -> None:
        after = self._read(now)
        pulse = self.pulse
        late = max(pulse.alive_s, self._due_s)
        is_late = now - late > RESOLUTION_S
        self.starved_s += starved_beside_beats_s(self.before, after, late=is_late)
        if is_late:
            overdue_s = self.deadline.at_s
            if self.sampled_s < overdue_s < now:
                self.other_threads.check(overdue_s)
            self.gaps.append(Gap(self.before, after, pulse.alive_s, late, overdue_s))
            if now - late - (after.starved_s - self.before.starved_s) > LONG_S:
                self._left_s = now
        passed_s = after.at_s - self.before.at_s
        self.busy_s += min(passed_s, after.process_cpu_s - self.before.process_cpu_s)
        self.pools.advance(passed_s)
        self.before = after  # hazard: only after the gap is recorded, see README.md
        pulse.alive_s = now
        self._note_at_s = now + self.pace_s
        self._put_off_signs(now)
        self.deadline.push(now, _AT_ONCE_S if self._wake else self.pace_s + GRACE_S)
        self._wake = False

    def _put_off_signs(self, now: float) -> None:
        """Let frequent requests skip ``sign`` for as long as no stall is missed by that.

        A request is not skipped where it stands in for a beat: in a turn of many requests the beat
        itself is late, and the watchdog would wake up for nothing.
        """
        spared = self.pace_s == BUSY_BEAT_S
        self.pulse.sign_due_s = min(now + RESOLUTION_S, self._note_at_s) if spared else now

    def _read(self, now: float) -> Reading:
        starved_s, slices = self._meter.schedule()
        return Reading(now, time.thread_time(), starved_s, slices, time.process_time())
