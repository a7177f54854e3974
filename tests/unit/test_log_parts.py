"""Where the time of a run went: phases one after another, and parts that each endpoint has."""

from __future__ import annotations

import pytest

from neverblock.result import Criterion
from neverblock.run import log as module
from neverblock.run.log import Log, Watcher, blank_run


def test_what_is_done_for_each_endpoint_is_told_in_sum(monkeypatch):
    """Each part once, in the order of the last endpoint, and nobody is told of it meanwhile."""
    told, instants = [], iter(range(100))
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(instants)))
    watcher = Watcher(told.append, lambda *_: None, lambda _: None)
    log = Log(watcher, blank_run("a:b", Criterion(), None))
    with log.phase("servers"):
        pass
    for _ in range(3):
        with log.part("users"):
            pass
        with pytest.raises(ZeroDivisionError), log.part("proof"):
            raise ZeroDivisionError
    assert [(each.name, each.duration_s) for each in log.run.phases] == [
        ("servers", 1.0),
        ("users", 3.0),
        ("proof", 3.0),
    ]
    assert told == ["servers"]
