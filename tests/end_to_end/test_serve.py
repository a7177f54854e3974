from __future__ import annotations

import os
import re
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading

import httpx
import pytest
from canned import canned_run

from neverblock.report.run_server import RunServer
from neverblock.storage import run_file

NEVERBLOCK = (sys.executable, "-m", "neverblock")


@pytest.fixture
def reports(tmp_path):
    """Give a folder with one run and one that is damaged."""
    folder = tmp_path / "reports"
    (folder / "first").mkdir(parents=True)
    run_file.save(canned_run(), folder / "first")
    (folder / "broken").mkdir()
    (folder / "broken" / run_file.RUN_FILE).write_text("[]", encoding="utf-8")
    return folder


@pytest.fixture
def client(reports):
    """Serve the folder, and give a client of it."""
    with RunServer(reports, 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with httpx.Client(base_url=server.address, trust_env=False, timeout=60) as client:
            yield client
        server.shutdown()
        thread.join()


def test_the_runs_are_listed_and_shown(client):
    """The list leads to each run's page; one that cannot be read says why."""
    assert "/runs/first/" in client.get("/").text
    assert "What to fix first" in client.get("/runs/first/").text
    assert "format_version" in client.get("/runs/broken/").text


def test_a_run_that_comes_later_is_shown(client, reports):
    """Nothing need be started anew after a run."""
    (reports / "second").mkdir()
    run_file.save(canned_run(), reports / "second")
    assert "/runs/second/" in client.get("/").text


@pytest.mark.parametrize(
    "path", ["/runs/absent/", "/runs/..%2f..%2fetc/", "/etc/passwd", "/runs/", "/runs/first/x"]
)
def test_nothing_else_is_there(client, path):
    """Only the list and its runs can be asked for."""
    assert client.get(path).status_code == 404


def test_another_host_name_gets_nothing(client):
    """A web page cannot read the runs through a name of its own that points to loopback."""
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/", headers={"Host": "localhost"}).status_code == 200


def test_the_command_serves_until_ctrl_c(reports):
    """It says where, answers there, and ends at Ctrl-C without a traceback."""
    command = [*NEVERBLOCK, "serve", "--reports", str(reports), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            told = process.stderr.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+/", told)[0]
            assert httpx.get(address, trust_env=False, timeout=60).status_code == 200
            process.send_signal(signal.SIGINT)
            assert "Traceback" not in process.stderr.read()
            assert process.wait() == 0
        finally:
            process.kill()


def test_a_taken_port_is_told(reports):
    """The error names the port and what to type."""
    with RunServer(reports, 0) as server:
        port = str(server.server_port)
        done = subprocess.run(
            [*NEVERBLOCK, "serve", "--reports", str(reports), "--port", port],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert f"Port {port} cannot be listened on" in done.stderr
    assert "--port" in done.stderr


def test_report_opens_its_page_in_a_browser(reports, tmp_path):
    """--open writes the run's page anew, and starts the user's browser with it."""
    browser, seen = tmp_path / "browser", tmp_path / "seen"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{seen}"\n', encoding="utf-8")
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    done = subprocess.run(
        [*NEVERBLOCK, "report", "first", "--reports", str(reports), "--open"],
        env=os.environ | {"BROWSER": f"{browser} %s"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    page = reports / "first" / "index.html"
    assert seen.read_text(encoding="utf-8").strip() == page.as_uri()
    assert "What to fix first" in page.read_text(encoding="utf-8")
    assert str(page) in done.stderr


def test_no_link_leads_out_of_the_folder(client, reports, tmp_path):
    """Whoever can write a run could show any file that its reader can read."""
    outside = tmp_path / "outside"
    outside.mkdir()
    run_file.save(canned_run(), outside)
    (reports / "linked").mkdir()
    (reports / "linked" / run_file.RUN_FILE).symlink_to(outside / run_file.RUN_FILE)
    (reports / "folder").symlink_to(outside)
    (reports / "piped").mkdir()
    os.mkfifo(reports / "piped" / run_file.RUN_FILE)
    assert "first" in client.get("/").text
    for name in ("linked", "folder", "piped"):
        assert f"/runs/{name}/" not in client.get("/").text
        assert client.get(f"/runs/{name}/").status_code == httpx.codes.NOT_FOUND


def test_a_run_that_cannot_be_shown_does_not_end_the_server(client, monkeypatch, capfd):
    """Nor does a browser that goes away; neither prints a traceback."""

    def fail(*_):
        raise KeyError("of a renderer")

    with monkeypatch.context() as patched:
        patched.setattr("neverblock.report.run_server.create_renderer", fail)
        answer = client.get("/runs/first/")
    assert (answer.status_code, "KeyError" in answer.text) == (500, True)
    host, port = client.base_url.host, client.base_url.port
    for _ in range(3):
        with socket.create_connection((host, port)) as gone:
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            gone.sendall(f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    assert client.get("/").status_code == httpx.codes.OK
    assert "Traceback" not in capfd.readouterr().err
