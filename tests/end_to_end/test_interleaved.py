"""Two servers measured in one job, the rounds in turns."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from stage_end_to_end import APPS, leftovers, plan, subject

from neverblock.gate.compare import Change, compare
from neverblock.model import Verdict
from neverblock.observe.machine import environment
from neverblock.observe.window import Observer
from neverblock.plan import Target
from neverblock.probe.config import CANARY_PATH
from neverblock.result import Criterion, Run
from neverblock.run.log import Log, Watcher
from neverblock.run.rig import set_up
from neverblock.run.trials import Trials
from neverblock.target.probed import probed_server


class Turnstile:
    """Lets requests through to an engine; knows who was asked, and how many at once."""

    def __init__(self, engine, null_url):
        """Take the engine, and the server that both measure their floor by."""
        self._engine, self._null_url = engine, null_url
        self._inside = 0
        self.most = 0
        self.asked = []

    async def fire(self, base_url, request, scenario, **more):
        """Fire as the engine does."""
        self._inside += 1
        self.most = max(self.most, self._inside)
        if base_url != self._null_url:
            self.asked.append((base_url, scenario.n))
        try:
            return await self._engine.fire(base_url, request, scenario, **more)
        finally:
            self._inside -= 1


async def side_by_side(base, head, turn):
    """Measure an endpoint of each of two servers of one app; give both runs, and who was asked."""
    empty = Run("0", "", 0.0, "app", 1.0, Criterion(), environment(None), ())
    log = Log(Watcher(lambda _: None, lambda *_: None, lambda _: None), empty)
    servers = []

    def targets(traces):
        target = Target("awkward:app", APPS, loop="asyncio")
        servers.extend(probed_server(target, name, traces / name, {}) for name in ("base", "head"))
        return servers

    async with set_up((), "asyncio", log, beside=targets) as rig:
        watched = Turnstile(rig.engines["gather"], rig.null.base_url)
        shared = replace(rig, engines={"gather": watched})

        async def measure(server, path):
            observer = Observer(server, rig.traces / server.spec.name, CANARY_PATH)
            trials = Trials(plan(), observer, shared, lambda _: None, 2, turn)
            found = [result async for result in trials.results((subject(path),))]
            named = [replace(r, endpoint=replace(r.endpoint, name="e")) for r in found]
            return replace(empty, results=tuple(named))

        both = [measure(server, path) for server, path in zip(servers, (base, head), strict=True)]
        runs = await asyncio.gather(*both)
        return runs, watched, [server.base_url for server in servers]


@pytest.fixture(scope="module")
def measured():
    """Measure an endpoint that is free in the one and blocks in the other."""
    found = asyncio.run(side_by_side("/free", "/blocks", asyncio.Lock()))
    assert not leftovers()
    return found


def test_only_one_of_them_is_asked_at_any_time(measured):
    """Else they would measure each other."""
    _, watched, _ = measured
    assert watched.most == 1


def test_they_take_turns(measured):
    """A series of one, a series of the other: whatever the machine does meanwhile hits both."""
    _, watched, urls = measured
    series = [url for at, (url, n) in enumerate(watched.asked) if watched.asked[at - 1] != (url, n)]
    assert series[:4] == [*urls, *urls]
    assert {url for url, n in watched.asked if n == 10} == set(urls)


def test_what_became_of_it_can_be_told(measured):
    """Both were measured under the same conditions, so that they are compared."""
    (base, head), _, _ = measured
    assert base.results[0].judgement.verdict is Verdict.PASS
    assert [d.change for d in compare(base, head).differences] == [Change.NEWLY_BLOCKING]


def test_groups_that_share_no_turn_do_not_wait_for_each_other():
    """Pairs that only wait are measured side by side."""
    _, watched, _ = asyncio.run(side_by_side("/free", "/free", None))
    assert watched.most == 2
