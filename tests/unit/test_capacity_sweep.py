"""A sweep ends on a sure ceiling, in time, and within what it may ask; its clock is fake."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from neverblock.analysis.capacity.level import Answer
from neverblock.load.ceiling import Ration
from neverblock.run import sweep as module
from neverblock.run.sweep import Sweep

SLOTS, OWN_S = 8, 0.05


@dataclass
class Clock:
    """Stands for the modules time and asyncio: who sleeps has the time pass at once."""

    now_s: float = 1000.0

    def monotonic(self):
        """Give the instant that it is here."""
        return self.now_s

    async def sleep(self, for_s):
        """Have so much time pass."""
        self.now_s += for_s


@dataclass
class Pool:
    """Users before slots of which each request needs one for a while; all is arithmetic."""

    clock: Clock
    n: int = 0
    began_s: float = 0.0
    sent: int = 0
    sent_before: int = 0
    cpu_s: float = 0.0

    async def resize(self, n):
        """Have so many users from now on."""
        self.n, self.began_s, self.sent_before = n, self.clock.now_s, self.sent

    @property
    def per_s(self):
        """How many are answered a second."""
        return min(self.n, SLOTS) / OWN_S

    @property
    def whole_until_s(self):
        """Until when all have their answer."""
        return self.clock.now_s - self.n / self.per_s

    def answers(self, from_s):
        """Give what was answered since, one after another in equal times."""
        count = int((self.clock.now_s - self.began_s) * self.per_s)
        self.sent = self.sent_before + count
        ends = (self.began_s + (k + 1) / self.per_s for k in range(count))
        return [Answer(end_s - self.n / self.per_s, end_s, ok=True)
                for end_s in ends if end_s > from_s]  # fmt: skip


def swept(monkeypatch, for_s, most=100, **options):
    """Give a sweep that has ended, and how much time it left."""
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(module, "asyncio", clock)
    until_s = clock.now_s + for_s
    sweep = Sweep(Pool(clock), [], until_s, lambda _: None, **options)
    asyncio.run(sweep.rise(most))
    return sweep, until_s - clock.now_s


def test_a_sweep_with_time_ends_on_a_ceiling(monkeypatch):
    """Eight for 50 ms are 160 a second, from eight at once on."""
    sweep, left_s = swept(monkeypatch, 100.0)
    assert (sweep.ended, sweep.plateau.at_n, sweep.plateau.sure) == ("", SLOTS, True)
    assert sweep.plateau.per_s == pytest.approx(SLOTS / OWN_S, rel=0.02)
    assert left_s > 0


@pytest.mark.parametrize("for_s", [6.0, 8.0, 11.0, 15.0, 20.0, 30.0])
@pytest.mark.parametrize("kept", [0, 3])
def test_a_sweep_ends_in_time(monkeypatch, for_s, kept):
    """With time to spare for asking as many levels again as were kept for what comes after it.

    One level there is, however short the time.
    """
    sweep, left_s = swept(monkeypatch, for_s, kept=kept)
    assert left_s >= kept * sweep.least_s or len(sweep.levels) == 1
    assert left_s >= 0
    assert sweep.ended in {"", "the time of --for is over"}
    assert len(sweep.levels) > 1 or kept * sweep.least_s > for_s / 2


def test_a_sweep_asks_no_more_of_another_machine_than_it_may(monkeypatch):
    """It keeps what it has measured, and says what stopped it."""
    ration = Ration(at_once=100, in_all=300)
    sweep, _ = swept(monkeypatch, 100.0, allows=ration.allows)
    assert "--no-ceiling lifts it" in sweep.ended
    assert sweep.levels
    assert sweep.crowd.sent <= 300 + SLOTS / OWN_S * module.POLL_S
