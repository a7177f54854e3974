"""A load by several processes, and what may befall each of them: nothing of it passes as whole."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from many import FILE, HERE, Many, many, worker
from relay import relayed

from neverblock.errors import EngineError, ExitCode
from neverblock.load.traffic import Distributed, PaceOrder, Traffic

APPS = Path(__file__).parent
HANGS = """
import gevent
from locust import FastHttpUser, constant, task

class User(FastHttpUser):
    wait_time = constant(0)
    tasks_done = 0

    @task
    def ask(self):
        self.tasks_done += 1
        if self.tasks_done == 4:
            gevent.sleep(1.5)
        self.client.get("/free")
"""
DIES = "gave no sign of life from"


def test_several_processes_are_one_load(stage, tmp_path):
    """All that they asked comes home: counts, single requests, users, and the clocks' offsets."""

    async def load() -> Many:
        async with many(stage, tmp_path, run_time="3s") as traffic:
            await traffic.ended()
            return traffic

    made = asyncio.run(load())
    assert (made.became().came, made.became().missing) == (2, None)
    assert made.asked() == sum(each.weight for each in made.requests) > 100
    assert len({beat.worker for beat in made.requests.beats()}) == 2
    # one machine has one clock, and the round trips say so
    for clock in made.requests.clocks().values():
        offset = clock.at(next(iter(made.requests)).end_s)
        assert abs(offset.ahead_s) <= offset.unsure_s
    assert 0 < made.requests.unsure_s < 0.1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_a_worker_that_is_killed_or_hangs_is_missed(stage, tmp_path, number):
    """What had come home is kept, what is missing is said, and the rest goes on to its end."""

    async def load() -> Many:
        async with many(stage, tmp_path, run_time="8s") as traffic:
            await traffic.under_way()
            traffic.workers[0].send_signal(number)
            await traffic.ended()
            return traffic

    made = asyncio.run(load())
    assert DIES in made.became().missing
    assert made.asked() > 100


def test_a_worker_that_is_cut_off_for_five_seconds_comes_back_with_all_it_did(stage, tmp_path):
    """Every message is sent again until it is acknowledged; the load is not the one asked for.

    What has the locustfile's name among the machine's temporary files is not in its way.
    """
    another = tmp_path / "machine" / FILE.name
    another.mkdir(parents=True)

    async def load() -> Many:
        async with many(stage, tmp_path, run_time="11s", expected=1) as traffic:
            async with relayed(traffic.port) as (relay, port):
                with worker(port, temporary=another.parent) as other:
                    await traffic.under_way()
                    await relay.cut(5.5)
                    await traffic.ended()
                    await asyncio.to_thread(other.communicate, timeout=20)
            return traffic

    made = asyncio.run(load())
    assert "was cut off from" in made.became().missing
    ours, others = (
        sum(beat.requests for beat in made.requests.beats() if beat.worker == name)
        for name in dict.fromkeys(beat.worker for beat in made.requests.beats())
    )
    assert min(ours, others) > max(ours, others) / 3
    assert list(another.parent.iterdir()) == [another]


def test_a_master_that_dies_leaves_what_had_come_home(stage, tmp_path):
    """And no worker."""

    async def load() -> Many:
        async with many(stage, tmp_path) as traffic:
            await traffic.under_way()
            traffic.master.kill()
            await traffic.ended()
            return traffic

    made = asyncio.run(load())
    assert "Locust ended before its time, with code -9" in made.became().missing
    assert made.asked() > 20


def test_a_worker_with_another_locustfile_or_version_is_refused(stage, tmp_path):
    """With a sentence on both sides; the load waits for the right one, and says so at its end."""
    other_file = tmp_path / "locustfile.py"
    other_file.write_text(FILE.read_text() + "\n# changed\n")
    installed = tmp_path / "neverblock-9.9.9.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: neverblock\nVersion: 9.9.9\n")

    async def load() -> list[tuple[int, str]]:
        became = []
        async with many(stage, tmp_path, expected=1, max_wait_s=20.0) as traffic:
            with (
                worker(traffic.port, "-f", other_file) as changed,
                worker(traffic.port, path=tmp_path) as newer,
            ):
                for other in (changed, newer):
                    _, said = await asyncio.to_thread(other.communicate, timeout=90)
                    became.append((other.returncode, said))
            with pytest.raises(EngineError, match="1 of 2 load generators came") as raised:
                await traffic.ended()
        assert "another one than the master's" in str(raised.value)
        assert "it is neverblock 9.9.9" in str(raised.value)
        return became

    changed, newer = asyncio.run(load())
    assert [changed[0], newer[0]] == [ExitCode.USAGE] * 2
    assert "A worker was refused: its locustfile is another one" in changed[1]
    assert "A worker was refused: it is neverblock 9.9.9" in newer[1]


@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_FSIZE"), reason="no limit from outside here")
def test_a_disk_that_is_full_ends_the_load_with_what_it_has(stage, tmp_path):
    """It neither hangs nor goes on without writing anything down."""

    async def load() -> Many:
        async with asyncio.timeout(60), many(stage, tmp_path, run_time="60s") as traffic:
            await traffic.under_way()
            full = (tmp_path / "requests.jsonl").stat().st_size
            traffic.master.rlimit(psutil.RLIMIT_FSIZE, (full, full))
            await traffic.ended()
            return traffic

    made = asyncio.run(load())
    assert "the records cannot be written" in made.became().missing
    assert made.asked() > 20


@pytest.mark.parametrize("shared", [None, Distributed(2, 0, HERE, 60.0)], ids=["one", "two"])
def test_at_a_rate_of_its_own_a_hang_is_in_the_figures(stage, tmp_path, shared):
    """Two users are asked for eight tasks a second of 0.2 s each, and can do ten.

    A second's hang makes all that was due meanwhile late, where a closed loop would see one of each
    user's. How many of the 48 are asked depends on what else the machine does; there are no more.
    """
    hangs = tmp_path / "locustfile.py"
    hangs.write_text(HANGS)
    options = ["-f", str(hangs), "-u", "2", "-r", "2", "-t", "6s"]
    records = tmp_path / "requests.jsonl"

    async def load() -> Traffic:
        pace = PaceOrder(rate_per_s=8.0)
        paced = Traffic(options, stage, records, distributed=shared, pace=pace)
        async with paced:
            await paced.ended()
            return paced

    asked = sorted(asyncio.run(load()).requests, key=lambda each: each.start_s)
    assert len(asked) <= 52
    late = [each for each in asked if each.end_s - each.start_s > 0.5]
    assert len(late) > 4


def test_the_command_ends_with_3_where_a_generator_was_lost(tmp_path):
    """A line that was seen to hold the loop is kept, and it is no verdict."""
    command = [sys.executable, "-m", "neverblock", "load", "load_app:app", "--app-dir", str(APPS)]
    # Three of the eight read; some of the others, which find the line, are not the lost one's.
    shared = ["-f", APPS / "shop_locustfile.py", "-u", "8", "-r", "8", "-t", "8s", "--workers", "2"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen([*command, *shared], cwd=tmp_path, **pipes) as process:
        for line in process.stdout:
            if line.startswith("load"):
                break
        until_s = time.monotonic() + 30
        while not (found := workers_of(process.pid)) and time.monotonic() < until_s:
            time.sleep(0.1)
        time.sleep(5)
        found[0].kill()
        said, _ = process.communicate(timeout=60)
    assert process.returncode == ExitCode.NOT_MEASURED, said
    assert "The load is not whole: load generator" in " ".join(said.split())
    (file,) = tmp_path.glob("reports/2*/run.json")
    load = json.loads(file.read_text())["load"]
    assert (load["verdict"], load["workers"]) == ("inconclusive", 2)
    assert load["requests"] > 0
    assert [found["function"] for found in load["findings"]] == ["slow"]
    assert [each for each in found if each.is_running()] == []


def workers_of(pid):
    """Give the Locust workers that a process has started."""
    children = psutil.Process(pid).children(recursive=True)
    return [child for child in children if "--worker" in child.cmdline()]
