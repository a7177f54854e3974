"""What a recorder keeps of canned requests, as JSON, in a process of its own: Locust patches it."""

from __future__ import annotations

import json
import sys
from math import inf
from types import SimpleNamespace

from neverblock.load.locust_pacing import Pacing
from neverblock.load.locust_recorder import Recorder

HEADER = "served"
MANY = 5000


def answered(recorder, route, number=1, took_ms=1.0):
    """One request that process 7 answered."""
    response = SimpleNamespace(status_code=200, headers={HEADER: f"7;{number};{route}"})
    about = {"request_type": "GET", "name": route, "response_length": 0, "context": {}}
    recorder.keep(response_time=took_ms, response=response, exception=None, **about)


def broken(recorder, error, took_ms):
    """One request that has no answer."""
    response = SimpleNamespace(status_code=0, headers=None)
    about = {"request_type": "GET", "response_length": 0, "context": {}}
    recorder.keep(
        name=f"/{error}", response_time=took_ms, response=response, exception=error, **about
    )


def busy(most):
    """Routes that are known, then many requests: as rows of one flush."""
    recorder = Recorder(HEADER, Pacing(), *most)
    answered(recorder, "/a")
    recorder.take(0.0, 1)
    for number in range(MANY):
        answered(recorder, "/a", number)
    answered(recorder, "/new")
    return recorder.take(0.0, 1)


def dying():
    """Let a busy server die: what was in flight breaks, and whoever asks next is refused."""
    recorder = Recorder(HEADER, Pacing())
    for number in range(MANY):
        answered(recorder, "/a", number)
    for _ in range(40):
        broken(recorder, "reset", 200.0)
    for _ in range(MANY):
        broken(recorder, "refused", 0.0)
    return recorder.take(0.0, 1)


sys.stdout.write(json.dumps({"sample": busy(()), "every": busy((inf,)), "dying": dying()}))
