"""The same app by servers other than ours: the same verdicts."""

from __future__ import annotations

import pytest
from checking import APPS, Checked
from in_process import say

from neverblock.errors import ExitCode

COMMANDS = {
    "hypercorn": "hypercorn {app} --bind 127.0.0.1:{port}",
    "granian": "granian --interface asgi --port {port} {app}",
    "gunicorn": "gunicorn -k uvicorn.workers.UvicornWorker -b 127.0.0.1:{port} {app}",
}
SHOP = ("shop:app", "--app-dir", APPS, "-k", "free or order_id")


@pytest.mark.parametrize("server", COMMANDS)
def test_a_command_serves_the_app(server, tmp_path):
    """With the probe in it, found where it listens."""
    checked = Checked(tmp_path, *SHOP, "--cmd", COMMANDS[server])
    assert checked.found == {"GET /free": "pass", "GET /orders/{order_id}": "blocking-io"}


def test_the_app_is_measured_and_not_what_it_starts_beside_itself(tmp_path):
    """Of several addresses that answer, the one with the probe behind it."""
    checked = Checked(tmp_path, "sidecar:app", "--app-dir", APPS, "--cmd", COMMANDS["hypercorn"])
    assert checked.diagnoses == {"GET /blocks": "blocking-io"}


def test_several_workers_are_refused(tmp_path):
    """They hide a block; nothing is measured."""
    checked = Checked(tmp_path, *SHOP, "--cmd", f"{COMMANDS['gunicorn']} -w 2")
    assert checked.code == ExitCode.USAGE
    assert "2 workers" in checked.said.stderr


def test_a_worker_that_comes_late_is_refused_as_well(tmp_path):
    """On a busy machine it may start while the first endpoint is measured."""
    late = f"late_worker:app --app-dir {APPS}".split()
    command = f"env FIRST={tmp_path / 'first'} {COMMANDS['gunicorn']} -w 2"
    checked = Checked(tmp_path, *late, "--cmd", command)
    assert checked.code == ExitCode.USAGE
    assert "2 workers" in checked.said.stderr


def test_uvloop_is_told_and_gives_the_same_verdicts(tmp_path):
    """The loop that many serve by."""
    checked = Checked(tmp_path, *SHOP, "--loop", "uvloop")
    assert checked.found == {"GET /free": "pass", "GET /orders/{order_id}": "blocking-io"}
    assert checked.results["GET /free"]["measurement"]["loop"]["loop"] == "uvloop"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shop:app", "--cmd", "uvicorn other:app"], "{app}"),
        (["shop:app", "--cmd", "no-such-server {app}"], "no 'no-such-server'"),
        (["shop:app", "--cmd", "'"], "cannot be read"),
        (["no_lifespan:raises"], "DATABASE_URL is not set"),
        (["no_lifespan:waits", "--start-timeout", "2s"], "lifespan"),
        (["no_such_module:app"], "no_such_module"),
        (["shop:nothing"], "nothing"),
        (["shop"], "package.module:app"),
        (["shop:app", "-k", "nowhere"], "fits none"),
        (["shop:app", "-e", "FETCH /x"], "FETCH"),
        (["shop:app", "-e", "/fre"], "-e 'GET /fre' fits no route of the app: it answers 404"),
        (["shop:app", "-k", "free", "-e", "PUT /free"], "Did you mean 'GET /free'?"),
        (["shop:app", "-n", "2"], "-n"),
        (["shop:app", "--env-file", "none.env"], "none.env"),
        (["http://example.org", "--canary", "/"], "--allow-remote example.org"),
        ([], "neverblock check main:app"),
    ],
)
def test_bad_input_is_two_lines_and_no_traceback(arguments, message, tmp_path):
    """What happened with the value, and what to type next."""
    more = ("--app-dir", APPS) if arguments else ()
    said = say("check", *arguments, *more, "--reports", tmp_path / "reports", folder=tmp_path)
    assert said.returncode == ExitCode.USAGE
    assert message in said.stderr.replace("\n", " ")
    assert "harness/" not in said.stderr
    assert "positive control" not in said.stderr
    assert list(tmp_path.rglob("run.json")) == []


def test_an_allow_for_an_endpoint_or_a_code_that_there_is_not_is_refused(tmp_path):
    """It would allow nothing, and nobody would know."""
    settings = tmp_path / "pyproject.toml"
    allow = 'endpoint = "{}"\ncode = "{}"\nreason = "known"\nexpires = 2999-01-01\n'
    for endpoint, code, message in (
        ("GET /order/{order_id}", "NB101", "Did you mean 'GET /orders/{order_id}'?"),
        ("GET /free", "NB999", "NB999"),
    ):
        settings.write_text(f"[[tool.neverblock.allow]]\n{allow.format(endpoint, code)}")
        checked = Checked(tmp_path, *SHOP)
        assert checked.code == ExitCode.USAGE
        assert message in checked.said.stderr.replace("\n", " ")


def test_a_factory_makes_the_app(tmp_path):
    """As with uvicorn."""
    checked = Checked(tmp_path, "no_lifespan:make", "--factory", "--app-dir", APPS)
    assert checked.found == {"GET /made": "pass"}
