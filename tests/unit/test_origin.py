"""What may be asked: the target that is permitted, and nothing of another origin."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading

import httpx
import pytest
from in_process import say

from neverblock.config import load_config
from neverblock.errors import EngineError, ExitCode, UsageError
from neverblock.load.gather import GatherEngine
from neverblock.load.http_client import open_client
from neverblock.model import Request, Scenario
from neverblock.target.remote import path_of, permitted

ONE = Scenario("one", "One request", "gather", n=1)


@pytest.fixture
def other():
    """Give the address of another server, and what was asked of it."""
    asked = []

    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999", "http://[::1", "http://127.0.0.1:x", "http://", "http://a b"]
)
def test_what_is_no_url_is_named(url):
    """Whatever is wrong in it, it is a sentence."""
    with pytest.raises(UsageError) as error:
        permitted(url, ())
    assert url in str(error.value)


def test_credentials_do_not_stand_in_a_url():
    """The run names its target, and a password would be saved with it."""
    with pytest.raises(UsageError, match="credentials") as error:
        permitted("http://me:hunter2@127.0.0.1:8000", ())
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("canary", ["http://other/health", "//other/health", "health", "/a\tb"])
def test_a_canary_is_a_path_of_the_target(canary, tmp_path):
    """On the command line as in the file, before anything is asked."""
    with pytest.raises(UsageError, match="canary"):
        path_of(canary)
    done = say("check", "http://127.0.0.1:9", "--canary", canary, folder=tmp_path)
    assert (done.returncode, "canary" in done.stderr) == (ExitCode.USAGE, True)
    table = f'[tool.neverblock]\napp = "m:app"\ncanary = {json.dumps(canary)}\n'
    (tmp_path / "pyproject.toml").write_text(table)
    with pytest.raises(UsageError, match="canary"):
        path_of(load_config(tmp_path, {}).canary or "")


def test_no_request_leaves_for_another_origin(other):
    """A whole URL in the place of a path is refused where requests are sent."""
    address, asked = other

    async def ask():
        async with open_client("http://127.0.0.1:9") as client:
            await client.get(f"{address}/stolen")

    with pytest.raises(httpx.UnsupportedProtocol, match="not of the target"):
        asyncio.run(ask())

    async def fire(path):
        async with GatherEngine() as engine:
            return await engine.fire(
                address, Request("GET", path), ONE, timeout_s=2.0, canary_path="/health"
            )

    (record,) = asyncio.run(fire("http://127.0.0.1:9/stolen")).records
    assert "not of the target" in record.error
    assert asyncio.run(fire("/own")).records[0].status == 200
    assert asked == ["/health", "/health", "/own"]


@pytest.mark.parametrize("path", ["/a\tb", "/a\x1b[2J", "/a\nb"])
def test_a_path_that_no_request_can_have_is_an_error_of_that_endpoint(path):
    """It is raised as what the measuring of one endpoint handles, and not as a bug."""

    async def fire():
        async with GatherEngine() as engine:
            await engine.fire(
                "http://127.0.0.1:9", Request("GET", path), ONE, timeout_s=1.0, canary_path="/"
            )

    with pytest.raises(EngineError, match="no request that can be sent"):
        asyncio.run(fire())


@pytest.mark.parametrize("name", ["GET /a\tb", "GET /a\x1b[2J", "GET /a b", "GET http://x/"])
def test_such_a_path_cannot_be_named(name, tmp_path):
    """Neither on the command line nor in the configuration."""
    done = say("check", "m:app", "-e", name, folder=tmp_path)
    assert (done.returncode, "names no endpoint" in done.stderr) == (ExitCode.USAGE, True)
