"""What a check's burst by several processes is made of, and how they fared."""

from __future__ import annotations

import pytest

from neverblock.config import Config
from neverblock.errors import UsageError
from neverblock.load.distributed import locustfile, worst_of
from neverblock.model import Beat, ClientHealth, Endpoint, Request
from neverblock.plan import Subject, Target
from neverblock.run.each_endpoint import rationed
from neverblock.run.order import Order


def test_the_worst_of_each_figure_counts_since_the_instant():
    """What a generator computed before is none of the burst's, and a lag within a tick no delay."""
    beats = [
        Beat(1.0, 5, 0.5, 0.9, 0, "a"),
        Beat(2.1, 5, 0.75, 0.02, 5, "a"),
        Beat(2.4, 0, 1.0, 0.004, 0, "a"),
        Beat(1.1, 5, 2.0, 0.9, 0, "b"),
        Beat(2.2, 5, 2.1, 0.015, 5, "b"),
        Beat(2.5, 0, 2.2, 0.016, 0, "b"),
    ]
    worst = worst_of(beats, 2.0)
    assert worst == ClientHealth(0.02, pytest.approx(0.5), pytest.approx(0.031))


def test_the_locustfile_says_what_is_asked_for_byte_by_byte():
    """It is code: whatever stands in a request is a literal there."""
    request = Request("POST", "/a?q='\"", (("x-token", "it's"),), b"\x00\xff")
    asked = []
    calls = locustfile(request, 2.5, "/canary").partition("\n")[2].partition("class")[0]
    exec(calls, {"asks": lambda **said: asked.append(said)})  # noqa: S102 - our own text
    (said,) = asked
    assert said == {
        "method": "POST",
        "path": request.path,
        "header": ["x-token: it's"],
        "content": b"\x00\xff",
        "canary_path": "/canary",
        "deadline": 2.5,
    }


class Served:
    """A target with one engine."""

    def __init__(self):
        """Know the engine."""
        self.rig = self
        self.engines = {"gather": "the engine"}


def test_an_app_on_this_machine_has_no_ceiling_and_another_machine_has():
    """Before anything is fired: who asks for a thousand of the own app means it."""
    endpoint = Endpoint("GET /a", "GET", "/a")
    subjects = [Subject(endpoint, Request("GET", "/a"), n=101)]
    for near in ("main:app", "http://127.0.0.1:8000"):
        assert rationed(Order(Target(near), Config()), subjects, Served()) == "the engine"
    far = Order(Target("http://192.0.2.1"), Config())
    with pytest.raises(UsageError, match="101 requests at once after 0 are over the ceiling"):
        rationed(far, subjects, Served())
