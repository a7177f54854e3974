"""What a person is told of a judgement, word for word: the sentence is all that most will read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, pool, serial, solo

from neverblock.analysis.demands import CORES, GENERATOR, GIL, LOOP_COMPUTING, LOOP_WAITING
from neverblock.analysis.judge import NO_CHECKS, erroring, inconclusive, judge, skipped
from neverblock.analysis.reason import busiest_pool, notes, pool_name, reason
from neverblock.measurement import Demand
from neverblock.model import Diagnosis, Verdict
from neverblock.result import Criterion, Judgement
from neverblock.units import milliseconds, rate, seconds

FIGURES = measured(solo(1.0), burst_round(serial(1.0)))
FIGURES = replace(
    FIGURES,
    canary=replace(FIGURES.canary, longest_s=0.75),
    loop=replace(
        FIGURES.loop,
        solo=replace(FIGURES.loop.solo, longest_computing_s=0.25, longest_gil_held_s=0.5),
        pools=(pool("anyio-tokens", size=40, queued_s=3.0),),
    ),
    demands={
        LOOP_WAITING: Demand(0.3, 0.5, 1),
        LOOP_COMPUTING: Demand(0.03, 0.05, 1),
        GIL: Demand(0.15, 0.2, 1),
        CORES: Demand(0.1, 0.4, 2),
    },
)
OUTSIDE = replace(FIGURES, loop=None, demands={})
TOOK = "10 requests took 10.00 s, one alone takes 1.00 s"
WORK = "work of no request (a collection, a task or thread of the app)"
WAITED = "every other request waited up to 750 ms"


def said(figures, diagnosis):
    """Give the sentence under limits that no wait here is beyond."""
    return reason(figures, diagnosis, Criterion(loop_limit_s=1.0))


@pytest.mark.parametrize(
    ("diagnosis", "told"),
    [
        (
            Diagnosis.BLOCKING_IO,
            f"blocks the event loop for 300 to 500 ms a request: {TOOK}; {WAITED}",
        ),
        (Diagnosis.BLOCKING, f"blocks the event loop: {TOOK}; {WAITED}"),
        (
            Diagnosis.BLOCKING_CPU,
            f"blocks the event loop: computes for 250 ms at once; {TOOK}; {WAITED}",
        ),
        (
            Diagnosis.GIL_HELD,
            "freezes the event loop: a call in another thread keeps the GIL for 500 ms; " + WAITED,
        ),
        (
            Diagnosis.SHORT_WAITS,
            (
                "waits 400 ms on the loop a request: at most 2.3 requests a second in one process; "
                f"{TOOK}; {WAITED}"
            ),
        ),
        (
            Diagnosis.COOPERATIVE_CPU,
            (
                "computes 40 ms on the loop a request: at most 2.3 requests a second in one "
                f"process; {TOOK}; {WAITED}"
            ),
        ),
        (
            Diagnosis.GIL_CONTENTION,
            (
                "computes 200 ms a request in threads that share one GIL: at most 5 requests a "
                f"second in one process; {TOOK}; {WAITED}"
            ),
        ),
        (
            Diagnosis.CPU_BOUND,
            f"computes 100 ms a request: at most 20 requests a second on 2 cores; {TOOK}; {WAITED}",
        ),
        (
            Diagnosis.EXECUTOR_SATURATED,
            f"requests queue for anyio's limiter (40 tokens): {TOOK}",
        ),
        (
            Diagnosis.SERIALIZED,
            (
                "requests go one by one, and nothing in the process explains it (a lock, a pool "
                f"of connections, a limiter, an upstream): {TOOK}"
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
    """With the figures that it rests on; the loop's thread serves waiting and computing in turn."""
    assert said(FIGURES, diagnosis) == told


def test_only_one_sentence_calls_the_loop_free():
    """That of the diagnosis which no harm contradicts."""
    free = {one for one in Diagnosis if "event loop free" in said(FIGURES, one)}
    assert {one for one in Diagnosis if " free" in said(FIGURES, one)} == free
    assert free == {Diagnosis.CONCURRENT}


def test_no_loop_is_called_free_that_others_waited_for():
    """Whoever held it: a wait beyond the limit is said, with whose it was."""
    told = reason(FIGURES, Diagnosis.CONCURRENT, Criterion(loop_limit_s=0.7))
    assert told == f"does not hold the event loop: {TOOK}; {WAITED}, for work of no request"
    told = reason(FIGURES, Diagnosis.CONCURRENT, Criterion(loop_limit_s=0.75))
    assert " free" in told
    busy = replace(FIGURES, canary=replace(FIGURES.canary, longest_s=0.76), client_lag_s=0.1)
    told = reason(busy, Diagnosis.CONCURRENT, Criterion(loop_limit_s=0.75))
    assert told.endswith("waited up to 760 ms, which a busy machine or the client may explain")


def test_without_a_probe_the_sentence_says_less():
    """What nobody saw is not made up."""
    assert said(OUTSIDE, Diagnosis.BLOCKING_CPU) == f"blocks the event loop: {TOOK}; {WAITED}"
    assert said(OUTSIDE, Diagnosis.BLOCKING_IO) == f"blocks the event loop: {TOOK}; {WAITED}"
    assert said(OUTSIDE, Diagnosis.GIL_HELD).endswith(f"keeps the GIL; {WAITED}")
    assert said(OUTSIDE, Diagnosis.CPU_BOUND) == f"computes; {TOOK}; {WAITED}"
    assert pool_name(OUTSIDE) == "a worker thread"


def test_a_need_that_may_be_nothing_caps_nothing():
    """The GIL was surely held for none of it."""
    unsure = replace(FIGURES, demands={GIL: Demand(0.0, 0.2, 1)})
    assert said(unsure, Diagnosis.GIL_CONTENTION).startswith("computes 0 ms a request in threads")


def test_the_pool_with_the_longer_queue_is_named():
    """One that nobody queued for is none of them."""
    pools = (pool("anyio-tokens", queued_s=1.0), pool(queued_s=1.5), pool("thread-pool"))
    longer = replace(FIGURES, loop=replace(FIGURES.loop, pools=pools))
    assert busiest_pool(longer) == pools[1]
    assert pool_name(longer) == "the loop's default executor (6 threads)"
    assert busiest_pool(replace(FIGURES, loop=replace(FIGURES.loop, pools=pools[2:]))) is None


@pytest.mark.parametrize(
    ("low_s", "high_s", "told"),
    [
        (0.012, 0.0154, "12 to 15 ms"),
        (0.012, 0.0121, "12 ms"),
        (0.0012, 0.0034, "1.2 to 3.4 ms"),
        (0.0, 0.05, "0 to 50 ms"),
    ],
)
def test_a_range_is_told_by_its_ends_unless_they_read_alike(low_s, high_s, told):
    """Two digits below 10 ms, whole milliseconds above."""
    assert milliseconds(low_s, high_s) == told


@pytest.mark.parametrize(
    ("per_s", "told"), [(0.123, "0.12"), (9.96, "10"), (10.4, "10"), (400.0, "400")]
)
def test_a_rate_has_two_figures_at_least(per_s, told):
    """Nobody needs more of a bound."""
    assert rate(per_s) == told


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
    told = replace(silent, loop=replace(silent.loop, complaint="no ptrace."))
    assert judge(told, Criterion()).reason == "The probe gave no trace: no ptrace."
    found = judge(OUTSIDE, Criterion())
    assert found.reason == "There is no probe, and the canary was never answered."


def test_the_notes_say_what_a_reader_should_know_besides():
    """Each in words of its own, in the order of their weight."""
    figures = replace(
        FIGURES,
        loop=replace(FIGURES.loop, complaint="late", background_s=0.3),
        demands=FIGURES.demands | {GENERATOR: Demand(0.5, 0.5, 1)},
    )
    assert notes(figures, Diagnosis.CPU_BOUND) == (
        "more cores, or less work for each request, would make it faster",
        "waits on the loop for 300 to 500 ms a request",
        f"{WORK} held the loop for 300 ms of the burst",
        "the probe: late",
    )
    assert notes(OUTSIDE, Diagnosis.CONCURRENT) == (
        (
            "no probe: waiting and computing cannot be told apart, no line can be named, and the "
            "loop may be held unseen for up to 100 ms"
        ),
    )


@pytest.mark.parametrize("diagnosis", [Diagnosis.GIL_CONTENTION, Diagnosis.COOPERATIVE_CPU])
def test_processes_are_recommended_where_one_has_the_limit(diagnosis):
    """Another process has a loop and a GIL of its own; where all cores are busy, it has no core."""
    (note, *_) = notes(FIGURES, diagnosis)
    assert note == "more processes, not more threads, would make it faster"


def test_what_a_sentence_says_no_note_repeats():
    """A wait on the loop is a note where it is not the finding."""
    assert notes(FIGURES, Diagnosis.BLOCKING_IO) == ()
    assert notes(replace(FIGURES, demands={}), Diagnosis.CONCURRENT) == ()


@pytest.mark.parametrize(
    ("client_s", "cores_s", "said"),
    [(0.11, None, True), (0.1, None, False), (0.3, 0.5, True), (0.3, 0.7, False)],
)
def test_a_client_that_needs_most_of_the_burst_says_so(client_s, cores_s, said):
    """Ten answers take it longer than one request takes, and longer than two cores need."""
    demands = {GENERATOR: Demand(client_s, client_s, 1)}
    if cores_s is not None:
        demands[CORES] = Demand(cores_s, cores_s, 2)
    loop = replace(FIGURES.loop, cpu_s=0.0, process_cpu_s=5.0)
    found = notes(replace(FIGURES, demands=demands, loop=loop), Diagnosis.CONCURRENT)
    assert any("the client itself needs" in note for note in found) is said


def test_what_is_held_after_the_answer_is_told_as_what_the_next_waits_for():
    """No canary is out any more by then: that others waited 3 ms is no contradiction."""
    held = replace(FIGURES.loop.solo, computing_s=FIGURES.solo_s + 0.1)
    after = replace(FIGURES, loop=replace(FIGURES.loop, solo=held))
    calm = replace(after, canary=replace(after.canary, longest_s=0.003))
    told = said(calm, Diagnosis.BLOCKING_CPU)
    assert told.endswith("; whoever asks next waits, for it does so after its answer")
    seen = replace(after, canary=replace(after.canary, longest_s=9.0))
    assert said(seen, Diagnosis.BLOCKING_CPU).endswith("waited up to 9.00 s")
