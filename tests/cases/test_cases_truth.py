"""The apps are sound by themselves: their truth is complete, and every endpoint answers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import httpx
import pytest
from cases_check import environment, present
from cases_judge import complaints, complaints_of_app
from cases_truth import LONG, App, Case, Line, apps

from neverblock.model import Diagnosis, Verdict

APPS = apps()
CASES = [case for app in APPS for case in app.cases]
HAS_A_LINE = {"blocking-io", "blocking-cpu", "gil-held"}
LINE = Line("shop.py", 7, 9, "buy")


def result(verdict, diagnosis, *blame, reason="waits on the loop", **more):
    """Make what a run's file says of an endpoint."""
    blame = [{"file": f, "line": n, "function": "buy", "held_s": s} for f, n, s in blame]
    return {"verdict": verdict, "diagnosis": diagnosis, "reason": reason, "blame": blame, **more}


def test_there_are_apps():
    """Each app has endpoints, and no two of them share a name within it."""
    assert len(APPS) >= 20
    for app in APPS:
        assert len({case.name for case in app.cases}) == len(app.cases)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_declares_a_whole_truth(case):
    """Its words are those of the project, and lines are marked where one has to be named."""
    assert set(case.verdicts) <= set(Verdict)
    assert set(case.diagnoses) <= set(Diagnosis)
    if case.verdicts == ("fail",):
        assert bool(case.lines) == bool(HAS_A_LINE & set(case.diagnoses))
    shares = [line.share for line in case.lines if line.share is not None]
    assert not shares or sum(shares) == pytest.approx(1)


@pytest.mark.parametrize("app", [a for a in APPS if a.module in LONG], ids=lambda app: app.module)
def test_every_endpoint_answers(app, tmp_path):
    """Under plain uvicorn, asked one after the other; that of the others is seen by measuring."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", f"{app.module}:app", "--app-dir", str(app.folder)]
    options = ["--port", str(port), "--log-level", "error"]
    server = subprocess.Popen([*command, *options], env={**os.environ, **environment(tmp_path)})
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            wait_until_served(client, server)
            statuses = {case.name: ask(client, case) for case in filter(present, app.cases)}
            statuses |= {path: client.get(f"{path}/").status_code for path in app.listed}
    finally:
        server.terminate()
        server.wait(20)
    assert {name: status for name, status in statuses.items() if status != 200} == {}


def wait_until_served(client, server):
    """Wait for the first answer, whatever it is."""
    until_s = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < until_s:
        try:
            client.get("/no-such-path")
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"The app was not served, exit code {server.poll()}.")


def ask(client, case: Case):
    """Ask an endpoint once, as its truth says, and give the status."""
    method, path = case.name.split(" ", 1)
    path = path.format_map({"warehouse": "1", **case.path})
    files = {"file": b"x" * case.upload_bytes} if case.upload_bytes else None
    content = b"x" * case.body_bytes if case.body_bytes else None
    return client.request(method, path, content=content, files=files).status_code


def test_a_result_is_held_to_its_truth():
    """Verdict, diagnosis, line and words: each is a complaint of its own."""
    case = Case("GET /buy", ("fail",), ("blocking-io",), (LINE,))
    right = result("fail", "blocking-io", ("/src/shop.py", 8, 0.1))
    assert complaints(case, right) == []
    assert complaints(case, None) == ["not checked"]
    assert complaints(case, result("fail", "serialized")) == ["fail, serialized", "line"]
    elsewhere = result("fail", "blocking-io", ("shop.py", 10, 0.1), ("shop.py", 7, 0.1))
    assert complaints(case, elsewhere) == ["line"]
    free = {**right, "reason": "keeps the event loop free"}
    assert complaints(case, free) == ["says 'free'"]
    vague = Case("GET /buy", ("pass",), ("concurrent",), words=("made up",))
    assert complaints(vague, result("pass", "concurrent")) == ["does not say 'made up'"]
    noted = result("pass", "concurrent", notes=["its values were made up"])
    assert complaints(vague, noted) == []


def test_lines_that_share_the_time_have_each_their_own():
    """One line with all of it is wrong where two were to share it."""
    lines = (Line("shop.py", 7, 7, "buy", share=0.7), Line("shop.py", 9, 9, "buy", share=0.3))
    case = Case("GET /buy", ("fail",), ("blocking-io",), lines)
    shared = result("fail", "blocking-io", ("shop.py", 7, 0.066), ("shop.py", 9, 0.034))
    assert complaints(case, shared) == []
    assert complaints(case, result("fail", "blocking-io", ("shop.py", 7, 0.1))) == ["line"]


def test_what_belongs_to_no_endpoint_is_asked_for(tmp_path):
    """A background line has to be named, a mounted path to be listed."""
    app = App(tmp_path, "shop", (), background=(LINE,), listed=("/gauges",))
    assert len(complaints_of_app(app, {"results": [], "unchecked": []})) == 2
    background = [{"place": {"file": "shop.py", "line": 7, "function": "buy"}}]
    listed = [{"method": "GET", "path": "/gauges/{path}", "reason": "it is mounted"}]
    run = {"results": [], "unchecked": listed, "background": background}
    assert complaints_of_app(app, run) == []
