"""Figures in; what every other request suffered, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, judged, measured, parallel, result, solo

from neverblock.analysis.harm import FAULTS, contradicts, harm_s, harms, unexplained_harm_s
from neverblock.analysis.judge import NO_CHECKS, VERDICTS
from neverblock.model import Diagnosis, Machine, Ping, Verdict
from neverblock.result import Criterion, Judgement

WAITED = (Ping(100.0, 101.0, ok=True),)
SEEN = measured(solo(2.0), burst_round(parallel(2.0), pings=WAITED))


def of_loop(figures, *, burst=None, **more):
    """Give the same figures, but for these of the loop."""
    changed = replace(figures.loop.burst, **(burst or {}))
    return replace(figures, loop=replace(figures.loop, burst=changed, **more))


@pytest.mark.parametrize(
    ("figures", "harmed_s"),
    [
        (SEEN, 1.0),
        (replace(SEEN, solo_canary=replace(SEEN.solo_canary, median_s=0.1)), 0.9),
        (replace(SEEN, floor_s=0.2), 0.8),
        (replace(SEEN, floor_s=0.1, solo_canary=replace(SEEN.solo_canary, median_s=0.3)), 0.7),
        (replace(SEEN, machine=Machine(0.25, 0.0)), 0.75),
        (replace(SEEN, machine=Machine(0.0, 0.0, None, 0.4)), 0.6),
        (replace(SEEN, machine=Machine(0.0, 0.9, 0.9)), 0.1),
        (replace(SEEN, machine=Machine(0.0, 0.9)), 0.1),
        (of_loop(SEEN, burst={"starved_s": 0.03}), 0.7),
        (of_loop(SEEN, background_s=0.25), 0.75),
        (replace(SEEN, client_lag_s=0.1), 0.9),
        (replace(SEEN, client_lag_s=0.1, client_late_s=0.3), 0.7),
        (replace(SEEN, client_cpu_s=0.2), 0.8),
        (replace(SEEN, client_lag_s=5.0), 0.0),
        (replace(of_loop(SEEN, background_s=0.25), loop=None), 1.0),
    ],
    ids=[
        "all of it",
        "usual alone",
        "usual in a burst",
        "the larger of both",
        "stolen",
        "throttled",
        "threads without a core",
        "nobody counts whether they had one",
        "loop without a core",
        "background",
        "late client",
        "client late again and again",
        "busy client",
        "never below nothing",
        "no probe",
    ],
)
def test_harm_is_the_longest_wait_of_another_request_less_what_explains_it(figures, harmed_s):
    """A second, less what is usual, and what machine, client and background may have added."""
    assert harm_s(figures) == pytest.approx(harmed_s)


def test_harm_begins_beyond_the_loop_limit():
    """A wait of just the limit harms nobody; the limit can be set lower."""
    assert harms(SEEN, Criterion(loop_limit_s=0.999))
    assert not harms(SEEN, Criterion(loop_limit_s=1.0))


@pytest.mark.parametrize(
    ("figures", "left_s"),
    [
        (SEEN, 1.0),
        (of_loop(SEEN, cpu_s=0.25), 0.75),
        (of_loop(SEEN, burst={"waiting_s": 0.02}), 0.8),
        (of_loop(SEEN, burst={"gil_s": 0.03}), 0.7),
        (of_loop(SEEN, cpu_s=0.25, burst={"gil_s": 0.03, "waiting_s": 0.02}), 0.25),
        (of_loop(SEEN, burst={"frozen_s": 0.03}), 1.0),
        (of_loop(SEEN, process_cpu_s=0.2, burst={"frozen_s": 0.03}), 0.8),
        (of_loop(SEEN, process_cpu_s=0.2, gil=False, burst={"frozen_s": 0.03}), 1.0),
        (of_loop(SEEN, cpu_s=0.2, process_cpu_s=0.3, burst={"frozen_s": 0.06}), 0.7),
        (of_loop(SEEN, cpu_s=2.0), 0.0),
        (replace(SEEN, loop=None), 0.0),
    ],
)
def test_what_was_seen_of_the_loop_explains_harm(figures, left_s):
    """Computing, waiting, the GIL, and what froze it while threads computed; no probe saw none."""
    assert unexplained_harm_s(figures) == pytest.approx(left_s)


@pytest.mark.parametrize(
    ("diagnosis", "verdict", "said", "limit_s", "contradicted"),
    [
        (Diagnosis.CONCURRENT, Verdict.PASS, "keeps the loop free", 1.0, None),
        (Diagnosis.CONCURRENT, Verdict.PASS, "fine", 0.9, "free, and others waited 1.00 s"),
        (Diagnosis.CPU_BOUND, Verdict.PASS, "the loop is free", 0.9, "free, and others waited"),
        (Diagnosis.CPU_BOUND, Verdict.PASS, "computes", 0.9, None),
        (Diagnosis.GIL_HELD, Verdict.FAIL, "freezes the loop", 0.9, None),
        (Diagnosis.CPU_BOUND, Verdict.FAIL, "computes", 9.0, "fail does not go with cpu-bound"),
        (Diagnosis.SERIALIZED, Verdict.PASS, "queues", 9.0, "pass does not go with serialized"),
    ],
)
def test_a_verdict_that_contradicts_the_harm_is_known(
    diagnosis, verdict, said, limit_s, contradicted
):
    """Others waited for a second; and no endpoint fails without a fault, nor passes with one."""
    judgement = Judgement(NO_CHECKS, verdict, diagnosis, said)
    found = contradicts(judged(SEEN, judgement=judgement), Criterion(loop_limit_s=limit_s))
    assert found is None if contradicted is None else contradicted in found


def test_what_was_not_measured_contradicts_nothing():
    """There is no harm to hold it to."""
    assert contradicts(result(Verdict.PASS), Criterion()) is None
    assert contradicts(result(Verdict.ERROR), Criterion()) is None


def test_every_fault_fails_and_nothing_else_does():
    """One table says what a verdict is, the other what a fault is."""
    assert {d for d, verdict in VERDICTS.items() if verdict is Verdict.FAIL} == FAULTS
