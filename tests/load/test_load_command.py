"""``neverblock load`` as a user types it, on a tiny app."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import sqrt
from pathlib import Path
from threading import Thread

import pytest
from in_process import say

from neverblock.errors import ExitCode
from neverblock.load import installed

HERE = Path(__file__).parent
APP = HERE / "load_app.py"
QUEUES = HERE / "queue_app.py"


def marked(app: Path, name: str) -> int:
    """Give the number of a marked line."""
    lines = app.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if f"# mark: {name}" in line)


LINE = marked(APP, "slow")


class Plain(BaseHTTPRequestHandler):
    """A server without a probe, which answers every path."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with nothing."""
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Loaded:
    """A load that was made: its exit code, what it said, and what was kept of it."""

    def __init__(self, folder: Path, *arguments: object, target: str = "load_app:app") -> None:
        """Put the tiny app under load, with these arguments after ``load``."""
        self.folder = folder
        kept = ("--json", folder / "run.json")
        self.said = say("load", target, "--app-dir", HERE, *arguments, *kept, folder=folder)
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
    users = ("-f", HERE / "shop_locustfile.py", "-u", 6, "-r", 6, "-t", "5s", "--item", 7)
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
    assert max(found["victims"], key=found["victims"].get) == "GET item 7"
    assert f"load_app.py:{LINE} slow -> time.sleep" in shop.said.stdout
    assert "asyncio.sleep" in shop.said.stdout


def test_every_worker_of_the_server_is_watched(shop):
    """Each has its probe, and answers say which of them it was."""
    assert shop.load["server_workers"] == 2
    assert not any("no process" in note for note in shop.load["notes"])


def test_the_load_is_kept_over_time(shop):
    """Every request is in it, with the users, the loops and both server processes beside them."""
    moments = shop.load["timeline"]
    assert sum(moment["requests"] for moment in moments) == shop.load["requests"]
    assert max(moment["users"] for moment in moments) == 6
    assert max(moment["waiting"] for moment in moments) > 0
    assert max(len(moment["processes"]) for moment in moments) == 2
    assert shop.load["trends"] == []


def test_endpoints_go_by_the_users_names_with_the_route_that_served_them(shop):
    """Of an included router, with its prefix and its parameter; the option is the file's own."""
    item = shop.endpoints["GET item 7"]
    assert item["route"] == "GET /items/{number}"
    assert item["requests"] > item["failures"] == 0
    assert item["p50_s"] <= item["p95_s"] <= item["p99_s"] <= item["max_s"]
    assert item["lost_s"] > 0


def test_the_line_at_which_most_requests_queue_is_named_and_fails_nothing(tmp_path):
    """The loop is free, and most stand before a lock; where each only sleeps, nobody queues."""
    # With the pause of a made locustfile, eight users leave only some three before the lock.
    loaded = Loaded(tmp_path, "-u", 24, "-t", "4s", target="queue_app:app")
    assert loaded.said.returncode == ExitCode.OK, loaded.said.stdout + loaded.said.stderr
    assert loaded.endpoints.keys() == {"GET /queues", "GET /sleeps"}
    (wait,) = loaded.load["waits"]
    where = (wait["file"], wait["line"], wait["function"], wait["limit"], wait["owner"])
    assert where == ("queue_app.py", marked(QUEUES, "queues"), "queues", "lock", "asyncio.Lock")
    assert 0.5 < wait["share"] < 1
    told = " ".join(loaded.said.stdout.split())
    assert f"stood at queue_app.py:{wait['line']} async with one_at_a_time (asyncio.Lock)" in told


def test_a_load_from_outside_has_figures_and_no_line(tmp_path):
    """A URL has no probe: rates and latencies are known, what held the loop is not."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Plain) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        tagged = (
            "-f",
            HERE / "shop_locustfile.py",
            "-u",
            4,
            "-r",
            4,
            "-t",
            "2s",
            "--tags",
            "refused",
        )
        loaded = Loaded(tmp_path, *tagged, target=url)
        server.shutdown()
        thread.join()
    assert loaded.said.returncode == ExitCode.OK, loaded.said.stdout + loaded.said.stderr
    assert loaded.endpoints.keys() == {"GET /refused"}
    assert (loaded.load["server_workers"], loaded.load["findings"]) == (0, [])
    assert "not known from outside" in loaded.load["reason"]


def test_another_machine_is_put_under_load_by_name_only(tmp_path):
    """A load at somebody else's service is an attack."""
    loaded = Loaded(tmp_path, "-f", HERE / "shop_locustfile.py", target="http://192.0.2.1")
    assert loaded.said.returncode == ExitCode.USAGE
    assert "--allow-remote 192.0.2.1" in loaded.said.stderr


def test_an_interrupted_load_keeps_what_was_measured(tmp_path):
    """Without an end of its own it goes on until Ctrl-C, and then says what it saw."""
    command = [sys.executable, "-m", "neverblock", "load", "load_app:app", "--app-dir", str(HERE)]
    users = ["-f", str(HERE / "shop_locustfile.py"), "-u", "4", "-r", "4"]
    with subprocess.Popen(
        [*command, *users], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr:
            if line.startswith("load"):
                break
        time.sleep(6)
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED, said + complained
    (file,) = tmp_path.glob("reports/2*/run.json")
    run = json.loads(file.read_text())
    assert run["interrupted"]
    assert run["load"]["requests"] > 0
    assert "Interrupted before the end." in said


def test_an_option_that_nobody_has_is_refused_by_locust(tmp_path):
    """With its own words, and nothing is left behind."""
    loaded = Loaded(tmp_path, "-f", HERE / "shop_locustfile.py", "--no-such-option", 1)
    assert loaded.said.returncode == ExitCode.USAGE
    assert "--no-such-option" in loaded.said.stderr


def test_a_load_without_locust_is_refused_before_anything_starts(tmp_path, monkeypatch):
    """With what to install, and no run of nothing is kept."""
    monkeypatch.setattr(installed, "find_spec", lambda _: None)
    said = say("load", "load_app:app", "--app-dir", HERE, "-u", 1, "-t", "1s", folder=tmp_path)
    assert said.returncode == ExitCode.USAGE
    assert "pip install 'neverblock[load]'" in said.stderr
    assert "servers" not in said.stderr
    assert not (tmp_path / "reports").exists()


def test_a_locustfile_to_begin_from_is_written(tmp_path):
    """It asks for every endpoint, and the load can be made by it."""
    file = tmp_path / "locustfile.py"
    loaded = Loaded(tmp_path, "--write-locustfile", file)
    assert loaded.said.returncode == ExitCode.OK, loaded.said.stderr
    assert 'self.client.get("/items/1", name="/items/{number}")' in file.read_text()
    assert loaded.load is None


def test_a_name_adds_to_what_an_expression_chooses(tmp_path):
    """As in a check: neither is dropped."""
    file = tmp_path / "locustfile.py"
    chosen = ("-k", "slow", "-e", "GET /items/{number}")
    loaded = Loaded(tmp_path, *chosen, "--write-locustfile", file)
    assert loaded.said.returncode == ExitCode.OK, loaded.said.stderr
    assert {name for name in ("/slow", "/items/", "/refused") if name in file.read_text()} == {
        "/slow",
        "/items/",
    }


def test_what_is_refused_counts_as_failed(shop):
    """It is in the table and in a note, and is no verdict by itself."""
    refused = shop.endpoints["GET /refused"]
    assert refused["failures"] == refused["requests"] > 0
    assert "answered 403" in shop.said.stdout


def test_without_a_locustfile_every_endpoint_is_asked_evenly(evenly):
    """Those that a check would ask, with values for their parameters; users pick by chance."""
    assert evenly.said.returncode == ExitCode.FAILED, evenly.said.stdout + evenly.said.stderr
    assert evenly.endpoints.keys() == {"GET /items/{number}", "GET /slow"}
    items, slow = (evenly.endpoints[name]["requests"] for name in sorted(evenly.endpoints))
    assert abs(items - slow) < 4 * sqrt(items + slow)  # four standard deviations of a fair coin
    assert evenly.load["findings"][0]["line"] == LINE


def test_a_line_that_the_base_does_not_have_is_new(tmp_path):
    """The base is put under the same load first; what was known there is no reason to fail."""
    base = tmp_path / "base"
    base.mkdir()
    fixed = APP.read_text().replace("    time.sleep(0.1)", "    await asyncio.sleep(0.1)")
    (base / APP.name).write_text(fixed)
    asked = ("-u", 4, "-t", "3s", "-k", "slow or items", "--fail-on", "new")
    loaded = Loaded(tmp_path, *asked, "--against", base)
    assert loaded.said.returncode == ExitCode.FAILED, loaded.said.stdout + loaded.said.stderr
    told = " ".join(loaded.said.stdout.split())
    assert f"newly-blocking load_app.py:{LINE} (load): - ->" in told
    assert "GET /slow (load): " in told
    known = Loaded(tmp_path, *asked, "--baseline", tmp_path / "run.json")
    assert known.said.returncode == ExitCode.OK, known.said.stdout + known.said.stderr
    assert "no worse than in the baseline" in " ".join(known.said.stdout.split())


def test_workers_that_the_server_recycles_are_counted_up_to_their_end(tmp_path):
    """Requests of the endpoint that holds have their holds, whichever worker answered them.

    Not each: for one whose hold the watchdog slept through, without a core, no line is known. Each
    worker but the last two ends within the load, so that most would be absent if it took theirs
    along.
    """
    recycle = "gunicorn -k uvicorn.workers.UvicornWorker -b 127.0.0.1:{port} -w 2 --max-requests 90"
    users = ("-f", HERE / "shop_locustfile.py", "-u", 6, "-t", "5s")
    loaded = Loaded(tmp_path, *users, "--cmd", f"{recycle} {{app}}")
    assert loaded.said.returncode == ExitCode.FAILED, loaded.said.stdout + loaded.said.stderr
    assert any("ended meanwhile" in note for note in loaded.load["notes"])
    assert loaded.load["server_workers"] == 2
    (found,) = loaded.load["findings"]
    slow = loaded.endpoints["GET /slow"]
    answered = slow["requests"] - slow["failures"]
    assert found["holds"] > 0.75 * answered > 4
