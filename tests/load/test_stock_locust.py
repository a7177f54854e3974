"""The scenarios by themselves, as a reader of the repository would run them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

import scenarios

SCENARIOS = Path(scenarios.__file__).parent
LOCUST = [sys.executable, "-m", "locust"]


def free_port():
    """Give a port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def locust(file, base_url, *options):
    """Run stock Locust without its web page, from another directory, and give its statistics."""
    done = subprocess.run(
        [*LOCUST, "-f", SCENARIOS / file, "--host", base_url, "--headless", "--json", *options],
        check=True, capture_output=True, cwd="/", timeout=60,
    )  # fmt: skip
    return {entry["name"]: entry for entry in json.loads(done.stdout)}


def test_burst_runs_under_stock_locust(stage):
    """Each user sends one request, together with the others, and the run ends by itself."""
    entry = locust("burst.py", stage, "--path", "/free", "-u", "10", "-r", "5")["/free"]
    assert (entry["num_requests"], entry["num_failures"]) == (10, 0)
    assert entry["last_request_timestamp"] - entry["start_time"] < 10


def test_burst_takes_method_header_and_content_from_the_command_line(stage):
    """What the harness can ask for, the command line can ask for as well."""
    options = ("--method", "POST", "--header", "X-Token: mine", "--content", "words")
    entry = locust("burst.py", stage, "--path", "/echo", *options)["/echo"]
    assert (entry["method"], entry["num_failures"]) == ("POST", 0)


def test_crowd_runs_under_stock_locust(stage):
    """The crowd and the light user each have their own line in Locust's statistics."""
    options = ("--path", "/serial", "--canary-path", "/", "-u", "5", "-r", "5", "-t", "4s")
    entries = locust("crowd.py", stage, *options)
    assert entries["/serial"]["num_requests"] > 5
    assert entries["/"]["num_requests"] > 3


def test_burst_runs_from_the_web_page_more_than_once(stage):
    """Started twice from Locust's web page with a path of its own, it fires one burst each time."""
    web = f"http://127.0.0.1:{free_port()}"
    command = [
        *LOCUST, "-f", SCENARIOS / "burst.py", "--host", stage,
        "--web-host", "127.0.0.1", "--web-port", web.rpartition(":")[2],
    ]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            client = httpx.Client(base_url=web, transport=httpx.HTTPTransport(retries=8))
            with client:
                for _ in range(2):
                    form = {"user_count": 4, "spawn_rate": 4, "path": "/free"}
                    assert client.post("/swarm", data=form).json()["success"]
                    stats = until_stopped(client)
                    burst = next(entry for entry in stats if entry["name"] == "/free")
                    assert (burst["num_requests"], burst["num_failures"]) == (4, 0)
        finally:
            process.terminate()


def until_stopped(client):
    """Wait for the end of the test, and give its statistics."""
    for _ in range(100):
        report = client.get("/stats/requests").json()
        if report["state"] == "stopped":
            return report["stats"]
        time.sleep(0.1)
    pytest.fail(f"Locust is still {report['state']}.")


@pytest.mark.parametrize(("path", "code"), [("/second", 0), ("/serial-quarter", 1)])
def test_documentation_test_tells_free_from_blocked(stage, path, code):
    """The reference documentation's script passes at a free endpoint and fails at a serial one."""
    done = subprocess.run(
        [sys.executable, SCENARIOS / "gather.py", stage + path], check=False, capture_output=True
    )
    assert done.returncode == code
    assert b"10 requests took" in done.stdout
