from __future__ import annotations

import asyncio
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest
from stage import FREEZE_S, SERIAL_S

from neverblock.errors import EngineError, UsageError
from neverblock.load.gather import GatherEngine
from neverblock.load.locust import LocustEngine
from neverblock.model import Request
from scenarios import SCENARIOS

CROWD = replace(SCENARIOS["crowd"], n=4, duration_s=1.5)

HARNESS = """
import asyncio
from neverblock.load.locust import LocustEngine

async def main():
    async with LocustEngine() as engine:
        print(engine._process.pid, flush=True)
        await asyncio.sleep(3600)

asyncio.run(main())
"""


def fire(base_url, path, scenario, timeout_s=10.0):
    """Fire one scenario by a Locust process of its own."""

    async def once():
        async with LocustEngine() as engine:
            return await engine.fire(
                base_url, Request("GET", path), scenario, timeout_s=timeout_s, canary_path="/"
            )

    return asyncio.run(once())


def gone(pid):
    """Say whether the process ends within ten seconds, reaped or not."""
    for _ in range(200):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_crowd_asks_again_and_again_beside_a_light_user(stage):
    """Users in a closed loop send many requests each, and the light user's stand apart."""
    burst = fire(stage, "/serial", CROWD)
    assert len(burst.records) > 2 * CROWD.n
    assert all(record.ok for record in (*burst.records, *burst.light))
    assert burst.wall_s > len(burst.records) * SERIAL_S * 0.9
    assert statistics.median(r.done_s - r.sent_s for r in burst.light) < CROWD.n * SERIAL_S


def test_light_user_suffers_from_a_crowd_that_freezes_the_server(own_stage):
    """Beside a crowd whose requests freeze the loop, the light user waits for whole freezes."""
    burst = fire(own_stage, "/freeze", CROWD)
    assert max(r.done_s - r.sent_s for r in burst.light) > FREEZE_S * 0.8


def test_crowd_is_not_for_the_gather_engine(stage):
    """A scenario with a duration is refused by the engine that only fires bursts."""

    async def once():
        async with GatherEngine() as engine:
            await engine.fire(stage, Request("GET", "/"), CROWD, timeout_s=1.0, canary_path="/")

    with pytest.raises(UsageError, match="'crowd'"):
        asyncio.run(once())


@pytest.mark.parametrize("locustfile", [None, "no/such/file.py"])
def test_scenario_without_a_locustfile_is_a_usage_error(stage, locustfile):
    """No locustfile, or one that does not exist, is said with the scenario's name."""
    with pytest.raises(UsageError, match="'burst'"):
        fire(stage, "/", replace(SCENARIOS["burst"], locustfile=locustfile))


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("raise LookupError('no such town')", "LookupError: no such town"),
        ("print('nobody here')", "has no user class"),
        ("raise SystemExit(3)", "SystemExit: 3"),
    ],
)
def test_bad_locustfile_is_an_error_that_says_what_it_raised(stage, tmp_path, source, complaint):
    """What a locustfile raises or lacks reaches the user in one line."""
    path = tmp_path / "bad.py"
    path.write_text(source)
    with pytest.raises(EngineError, match=complaint):
        fire(stage, "/", replace(SCENARIOS["burst"], locustfile=str(path)))


def test_locustfile_that_asks_for_nothing_is_an_error(stage, tmp_path):
    """Fewer records than users are no burst: an absent measurement never passes."""
    path = tmp_path / "idle.py"
    path.write_text(
        "import gevent, locust\n"
        "class Idle(locust.User):\n"
        "    @locust.task\n"
        "    def rest(self):\n"
        "        gevent.spawn(self.environment.runner.quit)\n"
        "        raise locust.exception.StopUser\n"
    )
    with pytest.raises(EngineError, match="0 records of 10"):
        fire(stage, "/", replace(SCENARIOS["burst"], locustfile=str(path)))


def test_missing_locust_says_what_to_install(monkeypatch):
    """Without Locust the engine is a usage error that names the extra."""
    monkeypatch.setitem(sys.modules, "locust", None)

    async def enter():
        async with LocustEngine():
            pass

    with pytest.raises(UsageError) as caught:
        asyncio.run(enter())
    assert "neverblock[load]" in caught.value.hint


def test_locust_process_that_dies_ends_the_burst_with_an_error(stage):
    """A burst whose Locust process is killed fails at once, and so does the next one."""

    async def shoot(engine):
        await engine.fire(
            stage, Request("GET", "/hang"), SCENARIOS["burst"], timeout_s=60.0, canary_path="/"
        )

    async def main():
        async with LocustEngine() as engine:
            burst = asyncio.create_task(shoot(engine))
            await asyncio.sleep(0.5)
            engine._process.kill()
            with pytest.raises(EngineError, match="ended with code -9"):
                await burst
            with pytest.raises(EngineError, match="ended with code -9"):
                await shoot(engine)

    asyncio.run(main())


def test_leaving_the_engine_ends_a_burst_under_way(stage):
    """Ctrl-C in the middle of a burst leaves no Locust process behind."""

    async def main():
        async with LocustEngine() as engine:
            burst = asyncio.create_task(
                engine.fire(
                    stage, Request("GET", "/hang"), SCENARIOS["burst"], timeout_s=60.0,
                    canary_path="/",
                )
            )  # fmt: skip
            await asyncio.sleep(0.3)
            burst.cancel()
            await asyncio.gather(burst, return_exceptions=True)
            return engine._process.pid

    assert gone(asyncio.run(main()))


def test_locust_ends_when_the_harness_is_killed():
    """A harness that gets SIGKILL cannot clean up; Locust sees its pipe close and ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HARNESS], stdout=subprocess.PIPE, text=True
    ) as harness:
        locust = int(harness.stdout.readline())
        assert psutil.pid_exists(locust)
        harness.send_signal(signal.SIGKILL)
        harness.wait()
        assert gone(locust)


def test_harness_and_scenarios_never_import_locust():
    """Locust monkey-patches on import, so the process that measures must be free of it."""
    code = (
        "import sys, scenarios, neverblock.load.locust, neverblock.load.gather\n"
        "sys.exit(any(name in sys.modules for name in ('locust', 'gevent')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
