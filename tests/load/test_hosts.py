"""A load from several hosts: a master, three workers and a server, each on a network of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from hosts import hosts

from neverblock.errors import ExitCode

HERE = Path(__file__).parent
WORKERS = ("worker1", "worker2", "worker3")
PORT, SERVED = 5557, 8000


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are of Linux")
@pytest.mark.parametrize("poor", [None, "worker3"], ids=["clean", "delayed and lossy"])
def test_three_workers_on_hosts_of_their_own_make_one_load(tmp_path, poor):
    """All that they asked comes home over the wire, and how sure their clocks are is said."""
    with hosts("master", "server", *WORKERS, poor=poor) as host, ExitStack() as stack:
        serve = ("-m", "uvicorn", "load_app:app", "--host", "0.0.0.0", "--port", SERVED)  # noqa: S104 - in a namespace
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        server = host["server"].start(*serve, cwd=HERE, **quiet)
        stack.callback(end, server)
        at = f"{host['master'].address}:{PORT}"
        for name in WORKERS:
            worker = host[name].start("-m", "neverblock", "worker", at, **quiet)
            stack.callback(end, worker)
        answers_on(host["master"], host["server"].address)
        url = f"http://{host['server'].address}:{SERVED}"
        shop = ("-f", HERE / "shop_locustfile.py", "-u", 9, "-r", 9, "-t", "5s")
        many = ("--expect-workers", 3, "--bind", at, "--allow-remote", host["server"].address)
        kept = ("--json", tmp_path / "run.json", "--reports", tmp_path)
        command = ("-m", "neverblock", "load", url, *shop, *many, *kept)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        master = host["master"].start(*command, cwd=tmp_path, **pipes)
        stack.callback(end, master)
        said, _ = master.communicate(timeout=80)
    assert master.returncode == ExitCode.OK, said
    load = json.loads((tmp_path / "run.json").read_text())["load"]
    assert (load["workers"], load["users"]) == (3, 9)
    assert load["requests"] > 100
    assert load["endpoints"]
    assert not any("load generator" in note for note in load["notes"])
    if poor:
        # the answer lies somewhere in a round trip of 40 ms, and one was lost now and then
        assert 0.005 < load["clock_uncertainty_s"] < 0.2
    else:
        assert 0 < load["clock_uncertainty_s"] < 0.1


def end(process):
    """End what was started there, and wait for it."""
    process.kill()
    process.wait()


ASK = f"import socket; socket.create_connection((__import__('sys').argv[1], {SERVED}), 1)"


def answers_on(host, address):
    """Wait until the server accepts connections from another host."""
    until_s = time.monotonic() + 30
    while host.start("-c", ASK, address, stderr=subprocess.DEVNULL).wait():
        assert time.monotonic() < until_s, "the server does not answer"
        time.sleep(0.2)
