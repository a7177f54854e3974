"""Both kinds of users whose number is changed while they ask: our own, and a locustfile's."""

from __future__ import annotations

import asyncio
import time
from statistics import median

import pytest
from stage import FREE_S

from neverblock.errors import EngineError, UsageError
from neverblock.load.closed_loop import ClosedLoop
from neverblock.load.locust_crowd import LocustCrowd
from neverblock.model import Request

LOCUSTFILE = """
from locust import FastHttpUser, task

class User(FastHttpUser):
    @task
    def ask(self):
        self.client.get("/free")
"""


def crowd_of(kind, stage, folder):
    """Give users who all ask for what takes a fifth of a second."""
    if kind == "own":
        return ClosedLoop([stage], Request("GET", "/free"), "/", 10.0)
    file = folder / "locustfile.py"
    file.write_text(LOCUSTFILE, "utf-8")
    return LocustCrowd(("-f", str(file)), stage, folder)


@pytest.mark.parametrize("kind", ["own", "locust"])
def test_a_crowd_has_as_many_users_as_it_is_told(kind, stage, tmp_path):
    """By its answers: as many are under way, but for a user between two at some instant."""

    async def rates():
        async with crowd_of(kind, stage, tmp_path) as crowd:
            for n in (2, 6):
                await crowd.resize(n)
                began_s = time.monotonic()
                assert all(answer.from_s < began_s for answer in crowd.answers(0.0))
                while crowd.whole_until_s < began_s + 3 * FREE_S:
                    await asyncio.sleep(0.05)
                    crowd.answers(0.0)
                answers = crowd.answers(began_s)
                assert all(answer.ok and answer.to_s > began_s for answer in answers)
                assert crowd.cpu_s > 0
                assert crowd.sent >= len(answers) > 0
                instants = [began_s + part * FREE_S for part in (1.0, 1.2, 1.4, 1.6, 1.8)]
                yield (
                    median(sum(a.from_s <= at_s < a.to_s for a in answers) for at_s in instants),
                    n,
                )

    async def compared():
        return [pair async for pair in rates()]

    assert all(n - 1 <= at_once <= n for at_once, n in asyncio.run(compared()))


@pytest.mark.parametrize("text", ["import nowhere", "from locust import User"])
def test_a_locustfile_that_asks_nothing_is_an_error(text, stage, tmp_path):
    """Nobody waits for its first request."""
    file = tmp_path / "locustfile.py"
    file.write_text(text, "utf-8")

    async def resize():
        async with LocustCrowd(("-f", str(file)), stage, tmp_path) as crowd:
            await crowd.resize(2)

    with pytest.raises((UsageError, EngineError), match="Locust made no request"):
        asyncio.run(resize())
