"""What a person is told of a judgement, word for word: the sentence is all that most will read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, serial, solo

from neverblock.analysis.judge import (
    NO_CHECKS,
    erroring,
    executor_name,
    inconclusive,
    judge,
    notes,
    reason,
    seconds,
    skipped,
)
from neverblock.measurement import Executors
from neverblock.model import CheckState, Diagnosis, Verdict
from neverblock.result import Criterion, Judgement

FIGURES = measured(solo(1.0), burst_round(serial(1.0)))
FIGURES = replace(
    FIGURES,
    canary=replace(FIGURES.canary, longest_s=0.75),
    loop=replace(
        FIGURES.loop,
        solo=replace(FIGURES.loop.solo, longest_computing_s=0.25, longest_gil_held_s=0.5),
        executors=Executors(anyio_tokens=40.0, anyio_waiting=3, default_threads=6),
    ),
)
OUTSIDE = replace(FIGURES, loop=None)
TOOK = "10 requests took 10.00 s, one takes 1.00 s"
WAITED = "every other request waited up to 750 ms"


@pytest.mark.parametrize(
    ("diagnosis", "told"),
    [
        (Diagnosis.BLOCKING_IO, f"blocks the event loop: {TOOK}; {WAITED}"),
        (Diagnosis.BLOCKING, f"blocks the event loop: {TOOK}; {WAITED}"),
        (
            Diagnosis.BLOCKING_CPU,
            f"blocks the event loop: computes for 250 ms on the loop; {TOOK}; {WAITED}",
        ),
        (
            Diagnosis.GIL_HELD,
            "freezes the event loop: a C call in another thread keeps the GIL for 500 ms",
        ),
        (
            Diagnosis.GIL_CONTENTION,
            f"keeps the loop turning, but threads share one GIL: {TOOK}",
        ),
        (
            Diagnosis.COOPERATIVE_CPU,
            f"computes on the loop in short slices, so requests go one by one: {TOOK}",
        ),
        (Diagnosis.CPU_BOUND, f"keeps the loop free; the wall is the CPU's own limit: {TOOK}"),
        (
            Diagnosis.EXECUTOR_SATURATED,
            f"requests queue for anyio's limiter (40 tokens): {TOOK}",
        ),
        (
            Diagnosis.SERIALIZED,
            (
                "the loop is free, yet requests go one by one (a lock, a pool of one, a limiter, "
                f"an upstream): {TOOK}"
            ),
        ),
        (
            Diagnosis.INCONCLUSIVE,
            (
                f"{TOOK}; {WAITED}: from outside, a held loop, a lock, a queue for threads and the "
                "CPU's own limit cannot be told apart here; serve the app under the probe"
            ),
        ),
        (Diagnosis.CONCURRENT, f"keeps the event loop free: {TOOK}; {WAITED}"),
    ],
)
def test_each_diagnosis_has_its_sentence(diagnosis, told):
    """With the figures that it rests on."""
    assert reason(FIGURES, diagnosis) == told


def test_without_a_probe_the_sentence_says_less():
    """What nobody saw is not made up."""
    assert reason(OUTSIDE, Diagnosis.BLOCKING_CPU) == f"blocks the event loop: {TOOK}; {WAITED}"
    assert reason(OUTSIDE, Diagnosis.GIL_HELD).endswith("keeps the GIL for ?")
    assert executor_name(OUTSIDE) == "a worker thread"


def test_the_pool_with_the_longer_queue_is_named():
    """Of two as long, the one that asyncio.to_thread uses."""
    both = Executors(anyio_tokens=40.0, anyio_waiting=3, default_threads=6, default_queued=3)
    loop = replace(FIGURES.loop, executors=both)
    told = executor_name(replace(FIGURES, loop=loop))
    assert told == "the loop's default executor (6 threads)"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0004, "0.4 ms"),
        (0.0123456, "12.3 ms"),
        (0.9994, "999 ms"),
        (1.0, "1.00 s"),
        (1.5, "1.50 s"),
        (12.3456, "12.35 s"),
    ],
)
def test_a_duration_has_three_figures(value, told):
    """Seconds from one on, milliseconds below."""
    assert seconds(value) == told


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        (
            {"500": 2, "503": 1},
            "2 x 500, 1 x 503 (the app breaks under load: see its log).",
        ),
        ({"404": 1}, "1 x 404."),
        ({"200": 9, "400": 1}, "1 x 400."),
        ({"timeout after 30.0 s": 10}, "10 x timeout after 30.0 s."),
    ],
)
def test_an_error_says_which_and_what_it_means_under_load(statuses, told):
    """The hint is for the first status that has one."""
    found = judge(replace(FIGURES, statuses=statuses), Criterion())
    assert found.reason == f"Requests failed together that went well alone: {told}"
    assert (found.checks, found.verdict) == (NO_CHECKS, Verdict.ERROR)


@pytest.mark.parametrize(("status", "right"), [("404", True), ("200", False), ("409", False)])
def test_an_endpoint_may_name_the_answers_that_are_right(status, right):
    """Then it is those, and no others."""
    found = judge(replace(FIGURES, statuses={status: 10}), Criterion(accepted=(404,)))
    assert (found.verdict is not Verdict.ERROR) is right


def test_what_gives_no_verdict_gives_no_checks():
    """An opinion without figures is on nothing but its reason."""
    assert inconclusive("a") == Judgement(
        NO_CHECKS, Verdict.INCONCLUSIVE, Diagnosis.INCONCLUSIVE, "a"
    )
    assert erroring("b") == Judgement(NO_CHECKS, Verdict.ERROR, Diagnosis.ERRORING, "b")
    assert skipped("c") == Judgement(NO_CHECKS, Verdict.SKIPPED, Diagnosis.SKIPPED, "c")


def test_a_probe_that_gave_no_trace_says_why():
    """In its own words, where it has any."""
    silent = replace(FIGURES, loop=replace(FIGURES.loop, armed=False))
    assert judge(silent, Criterion()).reason == "The probe gave no trace: it never reported."
    told = replace(silent, loop=replace(silent.loop, complaint="no ptrace"))
    assert judge(told, Criterion()).reason == "The probe gave no trace: no ptrace."
    found = judge(OUTSIDE, Criterion())
    assert found.reason == "There is no probe, and the canary was never answered."


def test_the_notes_say_what_a_reader_should_know_besides():
    """Each in words of its own, in the order of their weight."""
    loop = replace(
        FIGURES.loop, complaint="late", burst=replace(FIGURES.loop.burst, waiting_s=0.25)
    )
    figures = replace(FIGURES, loop=loop, discarded=("it lagged", "it lagged"))
    blind = replace(NO_CHECKS, document=CheckState.BLIND)
    assert notes(figures, blind, Diagnosis.CPU_BOUND) == (
        "the 2 s assertion is blind here: even one after the other, 10 requests take 10.00 s",
        "more processes, not more threads, would make it faster",
        "waits on the loop thread for 25% of its own time",
        "the probe: late",
        "2 rounds thrown away: it lagged",
    )
    assert notes(FIGURES, NO_CHECKS, Diagnosis.CONCURRENT) == ()
    assert notes(OUTSIDE, NO_CHECKS, Diagnosis.CONCURRENT) == (
        (
            "no probe: waiting and computing cannot be told apart, no line can be named, and the "
            "loop may be held unseen for up to 100 ms"
        ),
    )
