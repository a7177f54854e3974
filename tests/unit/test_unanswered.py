"""What is concluded of requests that got no answer, from what held the loop meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import SLEEP, burst_round, measured, result, serial, solo, stall

from neverblock.analysis.unanswered import held_without_answer, hung
from neverblock.gate.compare import Change, change_of
from neverblock.measurement import Frame, Stack
from neverblock.model import CheckState, Diagnosis, Verdict
from neverblock.result import Criterion

LIMITS = Criterion()
CLIENT = Frame("/usr/lib/python3.11/re/__init__.py", 166, "match", "library")
OWN = Frame("/app/parse.py", 30, "parse", "project")


@pytest.mark.parametrize(
    ("held", "diagnosis", "told"),
    [
        ({"off_cpu_s": 3.2}, Diagnosis.BLOCKING_IO, "waited on the loop for 3.20 s"),
        ({"on_cpu_s": 3.2}, Diagnosis.BLOCKING_CPU, "computed on the loop for 3.20 s at once"),
        ({"gil_s": 3.2, "gil_held_s": 3.2}, Diagnosis.GIL_HELD, "kept the GIL"),
    ],
)
def test_what_held_the_loop_is_the_finding(held, diagnosis, told):
    """It fails by the same limits as anything else, and says for how long nobody was answered."""
    found = held_without_answer([stall(0.0, 3.2, **held)], LIMITS, 3.0, 1)
    assert (found.judgement.verdict, found.judgement.diagnosis) == (Verdict.FAIL, diagnosis)
    assert "no answer within 3.00 s" in found.judgement.reason
    assert told in found.judgement.reason
    assert found.judgement.checks.loop is CheckState.FAIL


def test_the_line_that_waited_is_blamed_with_its_advice():
    """As in any other finding."""
    (place,) = held_without_answer([stall(0.0, 3.2, off_cpu_s=3.2)], LIMITS, 3.0, 1).blame
    assert (place.file, place.line, place.target) == (SLEEP.file, SLEEP.line, "time.sleep")
    assert place.advice is not None


UNSURE = stall(0.0, 3.2, off_cpu_s=3.2, unsure_s=3.2)


@pytest.mark.parametrize("stalls", [[], [stall(0.0, 0.04, off_cpu_s=0.04)], [UNSURE]])
def test_a_free_loop_is_no_finding(stalls):
    """Something else kept the answer, or may have: nobody is accused."""
    assert held_without_answer(stalls, LIMITS, 3.0, 1) is None


def test_what_no_request_ran_is_not_the_endpoints():
    """A periodic task held the loop: the endpoint that was asked is innocent of it."""
    task = replace(stall(0.0, 3.2, off_cpu_s=3.2), stacks=(Stack((SLEEP,), 3.2, False, True),))
    assert held_without_answer([task], LIMITS, 3.0, 1) is None


@pytest.mark.parametrize(
    ("wanted_s", "diagnosis"), [(4.9, Diagnosis.BLOCKING_CPU), (0.1, Diagnosis.BLOCKING_IO)]
)
def test_where_a_silent_server_stood_is_the_finding(wanted_s, diagnosis):
    """Whether it computed or waited is told by the CPU that it used, or wanted."""
    found = hung((CLIENT, OWN), LIMITS, 3.0, 5.0, wanted_s)
    assert "no answer within 3.00 s, and none in the 5.00 s after that; " in found.judgement.reason
    assert found.judgement.diagnosis is diagnosis
    assert [(place.file, place.line) for place in found.blame] == [(OWN.file, OWN.line)]
    assert found.blame[0].held_s == pytest.approx(8.0)


def test_silence_without_a_stack_is_an_error():
    """A server that cannot be looked into may be slow, gone or held: no verdict says which."""
    found = hung((), LIMITS, 3.0, 5.0, 0.0)
    assert found.judgement.verdict is Verdict.ERROR
    assert "answers nobody since" in found.judgement.reason


def test_no_answer_any_more_is_worse_than_a_slow_one():
    """And known as it is where there was none before: a baseline excuses what became no worse."""
    silent = result(Verdict.FAIL)
    blocks = [stall(at, 0.2, off_cpu_s=0.2) for at in (0.0, 1.2, 2.4)]
    slow = replace(silent, measurement=measured(solo(0.2, *blocks), burst_round(serial(0.2))))
    assert change_of(slow, silent, ()) is Change.WORSE
    assert change_of(silent, slow, ()) is Change.BETTER
    assert change_of(silent, silent, ()) is Change.SAME
    assert change_of(result(Verdict.PASS), silent, ()) is Change.NEWLY_BLOCKING
