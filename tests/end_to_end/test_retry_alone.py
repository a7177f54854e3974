"""What groups spoil for each other side by side is retried alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from stage_end_to_end import FREE, leftovers, plan, subject

from neverblock.analysis.judge import inconclusive
from neverblock.analysis.trial import Trial
from neverblock.model import Verdict
from neverblock.plan import Group
from neverblock.reference import each_group
from neverblock.reference.runner import run_plan
from neverblock.run.log import Watcher

TOGETHER = "endpoints side by side"
ALONE = "what was spoiled side by side, alone"
WHY = "others took it"


def measured(monkeypatch, path, *, stop_at=None):
    """Measure two groups side by side, where one endpoint is spoiled while others are measured."""
    phases, runs = [], []

    def on_phase(phase):
        phases.append(phase)
        if phase == stop_at:
            raise asyncio.CancelledError

    judged = Trial.result

    def spoiled(trial):
        result = judged(trial)
        if (trial.subject.endpoint.path, phases[-1]) == (path, TOGETHER):
            return replace(result, judgement=inconclusive(WHY))
        return result

    monkeypatch.setattr(Trial, "result", spoiled)
    a = Group("a", (subject("/blocks"), subject("/free")))
    b = Group("b", (subject("/other", FREE),))
    watcher = Watcher(on_phase, lambda *_: None, runs.append)
    asyncio.run(run_plan(replace(plan(), groups=(a, b)), {}, watcher))
    assert not leftovers()
    return phases, {result.endpoint.path: result for result in runs[-1].results}


def test_what_was_spoiled_is_measured_again_alone_and_says_so(monkeypatch):
    """Beside others it would have been inconclusive, which on few cores is no news."""
    phases, results = measured(monkeypatch, "/free")
    assert phases.index(ALONE) == phases.index(TOGETHER) + 1
    assert list(results) == ["/blocks", "/free", "/other"]
    free = results["/free"].judgement
    assert free.verdict is Verdict.PASS
    assert any("measured again, alone" in note and WHY in note for note in free.notes)
    assert not any("alone" in note for note in results["/blocks"].judgement.notes)


def test_where_nothing_was_spoiled_nothing_is_measured_again(monkeypatch):
    """The usual case costs nothing."""
    phases, _ = measured(monkeypatch, None)
    assert ALONE not in phases


def test_what_is_measured_again_is_held_to_the_answers_of_its_pair(monkeypatch):
    """No variant can be fast by doing nothing, however often it is asked."""
    _, results = measured(monkeypatch, "/other")
    assert results["/other"].judgement.verdict is Verdict.PASS
    assert results["/other"].as_expected is False


def test_an_interrupt_before_that_leaves_what_there_was(monkeypatch):
    """A finished measurement is never lost, even one that says little."""
    _, results = measured(monkeypatch, "/free", stop_at=ALONE)
    free = results["/free"].judgement
    assert free.verdict is Verdict.INCONCLUSIVE
    assert WHY in free.reason


@pytest.mark.parametrize("places", [1, 2])
def test_no_more_groups_are_measured_at_once_than_the_cores_can_serve(monkeypatch, places):
    """Too many at once spoil each other, and the client with them."""
    at_once, most = 0, 0

    async def measure_group(*_):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1

    monkeypatch.setattr(each_group, "measure_group", measure_group)
    monkeypatch.setattr(each_group, "GROUPS_PER_CORE", places)
    monkeypatch.setattr(each_group, "usable_cpus", lambda: 1)
    groups = tuple(Group(name, (subject("/free"),)) for name in "abc")
    watcher = Watcher(lambda _: None, lambda *_: None, lambda _: None)
    asyncio.run(run_plan(replace(plan(), groups=groups), {}, watcher))
    assert most == places
