"""The wrapper under every server: it arms, changes nothing, and its trace outlives the process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
import time
from pathlib import Path

import aiohttp
import pytest
from probed_app import marked
from serving import heaviest, served

from neverblock.probe.config import ENVIRONMENT_VARIABLE, ProbeConfig


@pytest.mark.parametrize("name", ["hypercorn", "granian", "gunicorn"])
def test_every_server_arms_and_finds_the_line(name, tmp_path):
    """Hypercorn, granian and gunicorn's workers serve the wrapper and report a blocking line."""
    with served(name, tmp_path) as server:
        server.get("/trivial")
        trace = server.calmest("/wait?ms=20", times=3)
        assert len(trace.pids) == (2 if name == "gunicorn" else 1)
        assert heaviest(trace, on_cpu=False).frames[0].line == marked("fetch")
        assert server.get("/state").body == b'{"started":true}'


def test_the_canary_is_answered_before_the_middleware(server):
    """The canary crosses server and loop, and nothing of the app."""
    canary, page = server.get("/__neverblock__/canary"), server.get("/trivial")
    assert (canary.status, canary.body) == (200, b"ok")
    assert canary.getheader("x-middleware") is None
    assert page.getheader("x-middleware") == "crossed"


def test_streams_lifespan_and_websockets_pass_unchanged(server):
    """Whatever is no canary goes through to the app as it came."""
    assert server.get("/stream").body == b"one two three"
    assert server.get("/state").body == b'{"started":true}'
    assert server.get("/nowhere").status == 404

    async def talk():
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"http://127.0.0.1:{server.port}/echo") as socket,
        ):
            await socket.send_str("hello")
            return await socket.receive_str()

    assert asyncio.run(talk()) == "hello"


def test_a_killed_server_leaves_its_trace(tmp_path):
    """A stall that went on when the server was killed can still be read, with its line."""
    with served("asyncio", tmp_path, target="probed_app:create", factory=True) as server:
        server.get("/trivial")
        from_s = time.monotonic()
        threading.Thread(target=_give_up, args=(server,)).start()
        time.sleep(1.5)
        to_s = time.monotonic()
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        trace = server.reader.window(from_s, to_s)
        assert heaviest(trace, on_cpu=False).frames[0].line == marked("fetch")
        assert max(stall.off_cpu_s for stall in trace.stalls) > 0.5
        assert not server.reader.window(from_s, to_s + 60).armed


def _give_up(server):
    with contextlib.suppress(OSError, EOFError):
        server.get("/wait?ms=30000")


def test_an_import_error_leaves_the_process(tmp_path):
    """A target that does not import ends the server with its own traceback."""
    with (
        pytest.raises(AssertionError, match="No module named 'not_there'"),
        served("asyncio", tmp_path, target="not_there:app"),
    ):
        pass


def test_a_torn_last_line_is_no_error(server, tmp_path):
    """A line that was cut in the middle is left for later, or for ever."""
    server.watch("/wait?ms=30")
    (trace,) = Path(server.reader._folder).glob("*.jsonl")
    copy = tmp_path / trace.name
    copy.write_bytes(trace.read_bytes()[:-20])
    reader = type(server.reader)(tmp_path)
    before = reader.window(0, time.monotonic())
    assert before.pids == (server.process.pid,)
    assert before.stalls
    assert before.complaint


def test_without_a_server_nothing_is_armed(server, tmp_path):
    """A folder without traces gives no figures, and says why."""
    trace = type(server.reader)(tmp_path).window(0, 1)
    assert not trace.armed
    assert "did not start" in trace.complaint


def test_the_configuration_survives_the_environment(monkeypatch):
    """What the harness says is what the server process reads; silence is an error."""
    config = ProbeConfig("a:b", "/tmp/x", factory=True, project_roots=("/p", "/q"))  # noqa: S108 - never opened
    monkeypatch.setitem(os.environ, ENVIRONMENT_VARIABLE, config.to_env()[ENVIRONMENT_VARIABLE])
    assert ProbeConfig.from_env() == config
    monkeypatch.delenv(ENVIRONMENT_VARIABLE)
    with pytest.raises(RuntimeError, match="not set"):
        ProbeConfig.from_env()
