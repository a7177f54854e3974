"""A control that saw nothing ends the run before anything is measured."""

from __future__ import annotations

import asyncio
import json
import os
from types import SimpleNamespace

import pytest

from neverblock.errors import ControlError, ExitCode
from neverblock.result import Control, Criterion
from neverblock.run import rig
from neverblock.run.log import Log, Watcher, blank_run


def log():
    """Give a log that nobody watches."""
    watcher = Watcher(lambda _: None, lambda *_: None, lambda _: None)
    return Log(watcher, blank_run("a:b", Criterion(), None))


def decide(noted, monkeypatch, folder, control, tier):
    """Have the control found to be so by a probe of that tier, and noted in a log."""

    async def found(*_):
        return control

    traces = folder / "null"
    traces.mkdir()
    armed = {"kind": "armed", "tier": tier, "python": "3.14.0"}
    (traces / f"{os.getpid()}.jsonl").write_text(json.dumps(armed) + "\n")
    monkeypatch.setattr(rig, "run_control", found)
    own = rig.Rig({"gather": None}, SimpleNamespace(), folder)
    asyncio.run(rig.control(own, noted))


def test_a_control_that_was_not_seen_ends_the_run(monkeypatch, tmp_path):
    """With exit code 3 and the reason; no minutes of results that count for nothing."""
    unseen = Control(False, 0.1, 0.0, "a.py:1", None, "it saw 0 ms of a block of 100 ms")
    noted = log()
    with pytest.raises(ControlError, match="it saw 0 ms of a block of 100 ms") as raised:
        decide(noted, monkeypatch, tmp_path, unseen, "portable")
    assert raised.value.exit_code is ExitCode.NOT_MEASURED
    assert noted.run.control == unseen


def test_a_control_that_was_seen_says_the_tier_and_the_python_of_the_run(monkeypatch, tmp_path):
    """The probe's own word; a run without a probe has none."""
    noted = log()
    assert noted.run.environment["tier"] == "none"
    seen = Control(True, 0.1, 0.1, "a.py:1", "a.py:1")
    decide(noted, monkeypatch, tmp_path, seen, "portable")
    assert noted.run.environment["tier"] == "portable"
    assert noted.run.environment["python"] == "3.14.0"
