from __future__ import annotations

from loads import counted, request

from neverblock.analysis.load.progress import Progress
from neverblock.model import Beat


def beaten(progress, beats):
    """Let a generator beat each quarter of a second, with five requests of 20 ms in each."""
    for at in range(beats):
        own = [request("GET /", at / 4, 0.02) for _ in range(4)]
        failed = request("GET /", at / 4, 0.02, error="answered 500")
        progress.add(Beat(at / 4, 7, 0.0, 0.0, 5), counted([*own, failed]))
    return progress


def test_the_line_says_how_far_a_load_is():
    """Users, the rate of late, p95, failures, the worst stall, and the time that is left."""
    progress = beaten(Progress(60.0), 21)
    assert progress.line(0.48) == (
        "7 users, 20 requests/s, p95 20 ms, 21 failed, worst stall 480 ms, 55 s left"
    )
    assert (progress.users, progress.requests) == (7, 105)


def test_what_is_not_known_is_not_said():
    """No stall from outside, and no time left of a load without an end."""
    assert beaten(Progress(), 5).line(None) == "7 users, 20 requests/s, p95 20 ms, 5 failed"


def test_several_generators_are_one_load():
    """Their users add up."""
    progress = Progress()
    for at in range(8):
        for worker in ("a", "b"):
            own = counted([request("GET /", at / 4, 0.02)] * 5)
            progress.add(Beat(at / 4, 3, 0.0, 0.0, 5, worker), own)
    assert progress.users == 6
    assert progress.requests == 80


def test_a_load_that_has_just_begun_has_no_figures():
    """It says so."""
    assert Progress(60.0).line(0.0) == "no request is over yet"
