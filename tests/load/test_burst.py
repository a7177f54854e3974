"""A burst by one load generator and by several: all users ask at one instant, once."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from in_process import say

from neverblock.errors import ExitCode
from neverblock.load import installed
from neverblock.load.traffic import Distributed, PaceOrder, Traffic

HERE = Path(__file__).parent
USERS, COME_S = 16, 2.0
TWO = Distributed(2, 0, ("127.0.0.1", 0), 15.0)
BURST = PaceOrder(burst=True)
ASKS = """
from locust import FastHttpUser, task

class User(FastHttpUser):
    @task
    def ask(self):
        self.client.get("/serial")
"""


def test_users_of_two_generators_who_come_one_by_one_ask_together(stage, tmp_path):
    """They come within two seconds, and begin within a small part of that, once each."""
    file = tmp_path / "locustfile.py"
    file.write_text(ASKS)
    options = ["-f", str(file), "-u", str(USERS), "-r", str(USERS / COME_S), "-t", "40s"]
    records = tmp_path / "requests.jsonl"

    async def load() -> Traffic:
        traffic = Traffic(options, stage, records, distributed=TWO, pace=BURST)
        async with traffic:
            await traffic.ended()
            return traffic

    made = asyncio.run(load())
    assert made.cut_short is None
    seen = made.requests.burst()
    starts = sorted(start_s for own in seen.starts.values() for start_s in own)
    assert len(seen.starts) == TWO.workers
    assert len(starts) == USERS
    assert sum(second.took.total for second in made.requests.seconds()) == USERS
    assert starts[-1] - starts[0] < COME_S / 4
    assert abs(starts[0] - seen.at_s) < COME_S / 4
    assert 0 < len(seen.alone) <= USERS


def test_a_burst_is_held_to_its_requests_one_after_another(tmp_path):
    """The endpoint that blocks makes all others wait, of its own endpoint too."""
    asked = ("-e", "GET /slow", "--burst", "-u", 8)
    said = say(
        "load", "load_app:app", "--app-dir", HERE, *asked, "--json", tmp_path / "run.json",
        folder=tmp_path,
    )  # fmt: skip
    assert said.returncode == ExitCode.FAILED, said.stdout + said.stderr
    load = json.loads((tmp_path / "run.json").read_text())["load"]
    burst = load["burst"]
    assert (burst["users"], load["requests"], load["workers"]) == (8, 8, 1)
    assert 0.7 < burst["wall_s"] / burst["serial_bound_s"] < 1.5
    assert burst["spread_s"] <= burst["widest_s"] < burst["wall_s"] / 2
    (found,) = load["findings"]
    assert (found["code"], found["holds"]) == ("NB101", 8)
    # All but the first wait; and it as well where its generator is late to read the answer.
    assert found["others_requests"] in {7, 8}
    waited_s = burst["serial_bound_s"] / 8 * sum(range(8))
    assert 0.7 < found["others_lost_s"] / waited_s < 1.5
    told = " ".join(said.stdout.split())
    assert "8 users asked at one instant" in told
    assert "one after another the requests would take" in told


def test_a_check_fires_its_burst_by_several_processes(tmp_path):
    """Its verdicts are those of any check; no setting of the user's for Locust touches it."""
    (tmp_path / "locust.conf").write_text("tags = buyers\n")
    asked = ("-k", "GET /slow or GET /items", "-n", 6, "--workers", 2, "--quick")
    said = say(
        "check", "load_app:app", "--app-dir", HERE, *asked, "--json", tmp_path / "run.json",
        folder=tmp_path,
    )  # fmt: skip
    assert said.returncode == ExitCode.FAILED, said.stdout + said.stderr
    results = json.loads((tmp_path / "run.json").read_text())["results"]
    by_name = {result["endpoint"]["name"]: result for result in results}
    slow, free = by_name["GET /slow"], by_name["GET /items/{number}"]
    assert (slow["verdict"], slow["code"], free["verdict"]) == ("fail", "NB101", "pass")
    mark = (HERE / "load_app.py").read_text().partition("# mark: slow")[0].count("\n") + 1
    assert slow["blame"][0]["line"] == mark
    for result in by_name.values():
        assert result["scenario"]["title"] == "Requests at once, by 2 Locust processes"
        assert [record["status"] for record in result["records"]] == [200] * 6
        sent_s = [record["sent_s"] for record in result["records"]]
        assert max(sent_s) - min(sent_s) < COME_S / 4
    assert slow["measurement"]["canary"]["longest_s"] > slow["measurement"]["solo_s"]


def test_without_locust_a_check_by_several_processes_says_what_to_install(tmp_path, monkeypatch):
    """Before anything is served."""
    monkeypatch.setattr(installed, "find_spec", lambda _: None)
    said = say("check", "load_app:app", "--app-dir", HERE, "--workers", 2, folder=tmp_path)
    assert said.returncode == ExitCode.USAGE
    assert "A load is made by Locust, which is not installed." in said.stderr
    assert "neverblock[load]" in said.stderr
