"""What the machine is, and what it took from a measurement."""

from __future__ import annotations

import os
import platform
import threading
import time
from importlib.metadata import version

import pytest

from neverblock.observe.machine import (
    MachineMeter,
    affinity,
    environment,
    installed,
    usable_cpus,
)
from neverblock.plan import Interpreter
from neverblock.target.interpreter import own_interpreter


@pytest.mark.parametrize("window_s", [0.0, 0.05])
@pytest.mark.parametrize("own_cpu_s", [0.0, 1e6])
def test_shares_are_shares(window_s, own_cpu_s):
    """Of whatever window and whatever part of our own: clocks of kernel and process disagree."""
    meter = MachineMeter()
    time.sleep(window_s)
    seen = meter.read(own_cpu_s)
    assert 0 <= seen.steal <= 1
    assert 0 <= seen.busy <= 1


def test_our_own_work_is_not_taken_for_that_of_others():
    """A busy client and server are what is measured, and no noise."""
    meter = MachineMeter()
    began_s = time.process_time()
    while time.process_time() < began_s + 0.3:
        pass
    own_s = time.process_time() - began_s
    with_ours, server, client = meter.read(0.0), meter.read(own_s), meter.read(0.0, own_s)
    assert server.busy < with_ours.busy > client.busy
    assert server.others_s < with_ours.others_s
    assert client.others_s >= own_s


def test_where_the_servers_cpu_time_is_not_known_nothing_is_said_of_others():
    """A server on another machine has none here."""
    seen = MachineMeter().read(None)
    assert (seen.busy, seen.others_s) == (None, None)


def test_the_environment_says_what_must_match_before_runs_are_compared():
    """Interpreter, machine and the packages that the figures hang on."""
    found = environment(own_interpreter())
    assert found["python"].count(".") == 2
    assert found["implementation"]
    assert found["platform"]
    assert found["cpus"] == usable_cpus() >= 1
    assert found["memory_gib"] > 0
    assert found["packages"]["uvicorn"] == version("uvicorn")
    assert {"neverblock", "fastapi", "httpx", "aiohttp"} <= found["packages"].keys()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="binds nothing to a core")
def test_the_cores_of_another_process_are_its_own():
    """Those that it is bound to, and not ours; of one that ended nobody knows any."""
    ended, bound = threading.Event(), threading.Event()

    def on_one_core():
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
        bound.set()
        ended.wait()

    thread = threading.Thread(target=on_one_core)
    thread.start()
    try:
        assert bound.wait(10)
        assert usable_cpus(thread.native_id) == min(1.0, usable_cpus())
        assert len(affinity(thread.native_id)) == 1
    finally:
        ended.set()
        thread.join()
    assert usable_cpus(2**22 + 1) == usable_cpus()


def test_a_package_that_is_not_installed_is_left_out():
    """Locust, say, which not everybody needs."""
    assert installed("not-there-at-all") is None
    found = environment(None, ["not-there-at-all", "psutil"])
    assert found["packages"] == {"psutil": version("psutil")}


def test_the_apps_python_and_the_tools_are_told_apart():
    """The app's comes first; of a URL it is not known, and is left out."""
    app = Interpreter("/srv/app/bin/python", "3.12.4", "CPython", "named", {"fastapi": "0.100.0"})
    found = environment(app)
    assert found["python"] == "3.12.4"
    assert found["interpreter"] == "/srv/app/bin/python (named)"
    assert found["tool_python"] == platform.python_version()
    assert found["packages"]["fastapi"] == "0.100.0"
    assert found["packages"]["uvicorn"] == f"{version('uvicorn')}, neverblock's"
    assert "python" not in environment(None)
