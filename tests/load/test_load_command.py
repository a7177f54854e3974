"""``neverblock load`` as a user types it, on a tiny app."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from neverblock.errors import ExitCode

HERE = Path(__file__).parent
APP = HERE / "load_app.py"
LINE = next(n for n, line in enumerate(APP.read_text().splitlines(), 1) if "# mark: slow" in line)


class Loaded:
    """A load that was made: its exit code, what it said, and what was kept of it."""

    def __init__(self, folder: Path, *arguments: object) -> None:
        """Put the tiny app under load, with these arguments after ``load``."""
        self.folder = folder
        command = [sys.executable, "-m", "neverblock", "load", "load_app:app", "--app-dir", HERE]
        self.said = subprocess.run(
            [*map(str, [*command, *arguments]), "--json", folder / "run.json"],
            cwd=folder,
            env={**os.environ, "COLUMNS": "120", "TERM": "dumb"},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        file = folder / "run.json"
        self.load = json.loads(file.read_text())["load"] if file.exists() else None

    @property
    def endpoints(self):
        """The figures by the name of the endpoint."""
        return {each["name"]: each for each in self.load["endpoints"]}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Let a person's own locustfile loose on two workers, once."""
    serve = f"{sys.executable} -m uvicorn --workers 2 --port {{port}} {{app}}"
    users = ("-f", HERE / "shop_locustfile.py", "-u", 6, "-r", 6, "-t", "5s")
    return Loaded(tmp_path_factory.mktemp("shop"), *users, "--cmd", serve)


@pytest.fixture(scope="module")
def evenly(tmp_path_factory):
    """Ask without a locustfile, once."""
    return Loaded(tmp_path_factory.mktemp("evenly"), "-u", 4, "-t", "4s", "-k", "slow or items")


def test_the_line_that_blocks_is_found_with_its_harm(shop):
    """Request by request: whom it kept waiting, for how long, and by which route it was run."""
    assert shop.said.returncode == ExitCode.FAILED, shop.said.stdout + shop.said.stderr
    (found,) = shop.load["findings"]
    assert (found["file"], found["line"], found["code"]) == ("load_app.py", LINE, "NB101")
    assert found["target"] == "time.sleep"
    assert found["routes"] == ["GET /slow"]
    assert found["others_lost_s"] > 0
    assert max(found["victims"], key=found["victims"].get) == "GET one item"
    assert f"load_app.py:{LINE} slow -> time.sleep" in shop.said.stdout
    assert "asyncio.sleep" in shop.said.stdout


def test_every_worker_of_the_server_is_watched(shop):
    """Each has its probe, and answers say which of them it was."""
    assert shop.load["server_workers"] == 2
    assert not any("no process" in note for note in shop.load["notes"])


def test_endpoints_go_by_the_users_names_with_the_route_that_served_them(shop):
    """Of an included router, with its prefix and its parameter."""
    item = shop.endpoints["GET one item"]
    assert item["route"] == "GET /items/{number}"
    assert item["requests"] > item["failures"] == 0
    assert item["p50_s"] <= item["p95_s"] <= item["p99_s"] <= item["max_s"]
    assert item["lost_s"] > 0


def test_what_is_refused_counts_as_failed(shop):
    """It is in the table and in a note, and is no verdict by itself."""
    refused = shop.endpoints["GET /refused"]
    assert refused["failures"] == refused["requests"] > 0
    assert "answered 403" in shop.said.stdout


def test_without_a_locustfile_every_endpoint_is_asked_evenly(evenly):
    """Those that a check would ask, with values for their parameters."""
    assert evenly.said.returncode == ExitCode.FAILED, evenly.said.stdout + evenly.said.stderr
    assert evenly.endpoints.keys() == {"GET /items/{number}", "GET /slow"}
    items, slow = (evenly.endpoints[name]["requests"] for name in sorted(evenly.endpoints))
    assert 0.4 < slow / (items + slow) < 0.6
    assert evenly.load["findings"][0]["line"] == LINE
