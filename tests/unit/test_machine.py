"""What the machine is, and what it took from a measurement."""

from __future__ import annotations

import time
from importlib.metadata import version

import pytest

from neverblock.observe.machine import MachineMeter, environment, installed, usable_cpus


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
    with_ours, without = meter.read(0.0), meter.read(time.process_time() - began_s)
    assert without.busy < with_ours.busy


def test_the_environment_says_what_must_match_before_runs_are_compared():
    """Interpreter, machine and the packages that the figures hang on."""
    found = environment()
    assert found["python"].count(".") == 2
    assert found["implementation"]
    assert found["platform"]
    assert found["cpus"] == usable_cpus() >= 1
    assert found["memory_gib"] > 0
    assert found["packages"]["uvicorn"] == version("uvicorn")
    assert {"neverblock", "fastapi", "httpx", "aiohttp"} <= found["packages"].keys()


def test_a_package_that_is_not_installed_is_left_out():
    """Locust, say, which not everybody needs."""
    assert installed("not-there-at-all") is None
    assert environment(["not-there-at-all", "psutil"])["packages"] == {"psutil": version("psutil")}
