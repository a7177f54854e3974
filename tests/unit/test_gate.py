"""A run and a policy in; a decision with its reasons out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, judged, measured, parallel, result, run, serial, solo
from deciding import FAILS, PASSES, SKIPPED, TODAY, allowing, beside, decision

from neverblock.analysis.judge import NO_CHECKS
from neverblock.analysis.reason import reason
from neverblock.errors import ExitCode
from neverblock.gate.compare import Change
from neverblock.gate.decide import excused_run, exit_code, matches
from neverblock.gate.policy import Allow, FailOn, Policy
from neverblock.measurement import Frame
from neverblock.model import Diagnosis, Expectation, Verdict
from neverblock.report.findings import failing
from neverblock.result import Blame, Control, Criterion, Judgement

BLOCKS = Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO)
FREE = Expectation(Verdict.PASS, Diagnosis.CONCURRENT)
SEEN = Control(seen=True, block_s=0.1, seen_s=0.1, line="n:1", seen_line="n:1")


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([PASSES], ExitCode.OK),
        ([FAILS], ExitCode.FAILED),
        ([PASSES, FAILS], ExitCode.FAILED),
        ([result(Verdict.FAIL, expected=BLOCKS, as_expected=True)], ExitCode.OK),
        ([result(Verdict.PASS, expected=BLOCKS, as_expected=False)], ExitCode.FAILED),
        ([result(Verdict.FAIL, expected=FREE, as_expected=False)], ExitCode.FAILED),
        ([result(Verdict.FAIL, expected=BLOCKS, as_expected=None)], ExitCode.FAILED),
        ([result(Verdict.ERROR)], ExitCode.NOT_MEASURED),
        ([result(Verdict.INCONCLUSIVE)], ExitCode.NOT_MEASURED),
        (
            [result(Verdict.INCONCLUSIVE, expected=FREE, as_expected=False)],
            ExitCode.NOT_MEASURED,
        ),
        ([result(Verdict.ERROR), FAILS], ExitCode.FAILED),
        ([PASSES, SKIPPED], ExitCode.OK),
        ([PASSES, result(Verdict.SKIPPED, expected=FREE)], ExitCode.OK),
        ([SKIPPED], ExitCode.NOT_MEASURED),
        ([], ExitCode.NOT_MEASURED),
    ],
)
def test_the_exit_code_follows_from_the_results(results, code):
    """An absent measurement never passes, and a bad endpoint that passes is a failure."""
    found = decision(*results)
    assert found.exit_code is code
    assert bool(found.reasons) is (code is not ExitCode.OK)


def test_by_itself_a_run_has_no_policy():
    """What is shown of a run beside its verdicts knows of none."""
    assert exit_code(run(FAILS)) is ExitCode.FAILED
    assert exit_code(run(PASSES, SKIPPED)) is ExitCode.OK


def test_a_reason_says_which_endpoint_why_and_where():
    """Whoever reads the job's log knows where to look."""
    place = Blame("app/db.py", 41, "load", "time.sleep", 1.0, on_cpu=False)
    (reason,) = decision(replace(FAILS, blame=(place,))).reasons
    assert (reason.endpoint, reason.scenario) == ("e", "gather")
    assert reason.code == "NB101"
    assert reason.sentence == "is blocking-io; see app/db.py:41 load -> time.sleep"


def test_a_queue_is_told_by_the_line_where_requests_wait():
    """As what held the loop is; once, also where the reason of an older run names no line."""
    lock = Frame("shop/orders.py", 34, "order", "project", call="async with stock_lock")
    loop = replace(PROBED.measurement.loop, waits=((lock, 9),))
    figures = replace(PROBED.measurement, loop=loop)
    told = reason(figures, Diagnosis.SERIALIZED, Criterion())
    for said, sentence in ((told, told), ("one by one", "one by one; see shop/orders.py:34")):
        queued = Judgement(NO_CHECKS, Verdict.FAIL, Diagnosis.SERIALIZED, said)
        (found,) = decision(result(Verdict.FAIL, measurement=figures, judgement=queued)).reasons
        assert found.sentence == sentence
        assert found.sentence.count("shop/orders.py:34") == 1


def test_a_broken_promise_says_what_was_promised():
    """Of the reference app it is not the verdict that fails, but that it is another."""
    (reason,) = decision(result(Verdict.PASS, expected=BLOCKS, as_expected=False)).reasons
    assert "promised fail, blocking-io; measured pass, concurrent" in reason.sentence


def test_what_was_not_measured_says_why():
    """An error is no verdict on blocking."""
    (reason,) = decision(result(Verdict.ERROR)).reasons
    assert reason.sentence == "could not be measured: is erroring"


def test_every_failing_endpoint_has_its_reason():
    """A job's log is read once: it tells all of it."""
    found = decision(FAILS, result(Verdict.FAIL, "f"), result(Verdict.ERROR, "g"))
    assert [reason.endpoint for reason in found.reasons] == ["e", "f", "g"]


def test_the_worst_reason_stands_first():
    """What fails comes before what could not be measured, and by the harm it does to others."""
    mild, harmful = (
        replace(PROBED, endpoint=replace(PROBED.endpoint, name=name), judgement=FAILS.judgement)
        for name in ("mild", "harmful")
    )
    canary = replace(PROBED.measurement.canary, longest_s=2.0)
    harmful = replace(harmful, measurement=replace(PROBED.measurement, canary=canary))
    found = decision(result(Verdict.ERROR, "none"), mild, harmful)
    assert [reason.endpoint for reason in found.reasons] == ["harmful", "mild", "none"]


def test_a_skip_is_a_failure_where_all_is_required():
    """CI installs every part, so nothing may be missing there."""
    found = decision(PASSES, SKIPPED, policy=Policy(require_all=True))
    assert found.exit_code is ExitCode.NOT_MEASURED
    assert [reason.endpoint for reason in found.reasons] == ["s"]


@pytest.mark.parametrize("results", [[], [SKIPPED]])
def test_an_empty_run_says_so(results):
    """That is about the run, and about no endpoint."""
    (reason,) = decision(*results).reasons
    assert (reason.sentence, reason.endpoint) == ("Nothing was measured.", None)


def test_an_interrupted_run_says_so_whatever_was_found():
    """Whatever was measured, the run is not whole."""
    (reason,) = decision(PASSES, interrupted=True).reasons
    assert reason.sentence == "The run was interrupted, so that it is not whole."
    assert reason.exit_code is ExitCode.INTERRUPTED
    assert reason.endpoint is None
    assert decision(FAILS, SKIPPED, interrupted=True).exit_code is ExitCode.INTERRUPTED


PROBED = judged(measured(solo(1.0), burst_round(parallel(1.0))))
FROM_OUTSIDE = replace(PROBED, measurement=replace(PROBED.measurement, loop=None))


@pytest.mark.parametrize(
    ("found", "control", "code", "said"),
    [
        (PROBED, SEEN, ExitCode.OK, None),
        (PROBED, replace(SEEN, seen=False, complaint="blind"), ExitCode.NOT_MEASURED, ": blind."),
        (PROBED, None, ExitCode.NOT_MEASURED, "no verdict counts: there was none."),
        (FROM_OUTSIDE, None, ExitCode.OK, None),
        (PASSES, None, ExitCode.OK, None),
    ],
)
def test_what_the_probe_says_counts_only_with_its_control(found, control, code, said):
    """A probe that did not see a known block sees nothing; where there is no probe, none is due."""
    made = decision(found, control=control)
    assert made.exit_code is code
    assert [said in reason.sentence for reason in made.reasons] == ([True] if said else [])


def test_inconclusive_results_pass_only_where_the_policy_says_so():
    """They are told all the same; and an error is none of them."""
    lenient = Policy(allow_inconclusive=True)
    found = decision(PASSES, result(Verdict.INCONCLUSIVE, "i"), policy=lenient)
    assert found.exit_code is ExitCode.OK
    assert [reason.endpoint for reason in found.tolerated] == ["i"]
    assert found.tolerated[0].sentence.endswith(" (inconclusive results are allowed)")
    assert decision(result(Verdict.ERROR), policy=lenient).exit_code is ExitCode.NOT_MEASURED


def test_an_allow_holds_until_its_day_comes():
    """Before it the failure is tolerated and told with the reason; from it on it fails, and why."""
    held = decision(FAILS, policy=allowing())
    assert (held.exit_code, held.reasons, held.warnings) == (ExitCode.OK, (), ())
    assert "allowed until 2026-03-02: known" in held.tolerated[0].sentence
    over = decision(FAILS, policy=allowing(expires=TODAY))
    assert (over.exit_code, over.tolerated, over.warnings) == (ExitCode.FAILED, (), ())
    assert "it was allowed until 2026-03-01: known" in over.reasons[0].sentence


def test_a_failure_that_was_never_allowed_says_nothing_of_allows():
    """Only an allow that is about this endpoint has anything to do with it."""
    found = decision(FAILS, PASSES, policy=allowing(endpoint="x", expires=TODAY))
    assert found.reasons[0].sentence == "is blocking-io"


def test_one_allow_that_holds_is_enough():
    """An older one for the same endpoint may have expired."""
    policy = Policy(allow=(*allowing(expires=TODAY).allow, *allowing().allow))
    assert decision(FAILS, policy=policy).exit_code is ExitCode.OK


@pytest.mark.parametrize("verdict", [Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.SKIPPED])
def test_no_allow_and_no_baseline_excuse_what_was_not_measured(verdict):
    """Nobody knows what it is."""
    absent = result(verdict)
    policy = replace(allowing(), require_all=True, fail_on=FailOn.NEW)
    known = beside(absent, Change.NOT_COMPARABLE, FAILS)
    assert decision(absent, PASSES, policy=policy, baseline=known).exit_code is (
        ExitCode.NOT_MEASURED
    )


@pytest.mark.parametrize(
    ("endpoint", "code", "fits"),
    [
        ("GET /users/{id}", None, True),
        ("GET /users/*", None, True),
        ("*", None, True),
        ("GET /users", None, False),
        ("get /users/{id}", None, False),
        ("GET /users/[{]id}", None, False),
        ("GET /users/{id}", "NB101", True),
        ("GET /users/{id}", "nb101", True),
        ("GET /users/{id}", "NB102", False),
        ("GET /users/{id}", "blocking-io", True),
        ("GET /users/{id}", "blocking-cpu", False),
        ("*", "serialized", False),
    ],
)
def test_an_allow_is_about_an_endpoint_and_may_be_about_one_code(endpoint, code, fits):
    """A star stands for anything, and all else for itself."""
    allow = Allow(endpoint, "known", TODAY, code)
    assert matches(allow, result(Verdict.FAIL, "GET /users/{id}")) is fits


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([PASSES], "'e' is not needed"),
        ([result(Verdict.FAIL, "x")], "'e' names no endpoint"),
        ([FAILS], None),
        ([result(Verdict.INCONCLUSIVE, "e")], None),
        ([PASSES, replace(FAILS, scenario=replace(FAILS.scenario, name="crowd"))], None),
    ],
)
def test_an_allow_that_nothing_needs_is_a_warning(results, said):
    """A list of known offenders that only grows hides the next one."""
    warnings = decision(*results, policy=allowing()).warnings
    assert len(warnings) == (said is not None)
    assert said is None or said in warnings[0]


def test_every_stale_allow_is_a_warning():
    """One that is needed hides none of the others."""
    policy = Policy(allow=(*allowing().allow, *allowing(endpoint="x").allow))
    (warning,) = decision(FAILS, policy=policy).warnings
    assert "'x' names no endpoint" in warning


def test_a_stale_allow_names_its_code():
    """Of two for one endpoint it has to be clear which."""
    (warning,) = decision(FAILS, policy=allowing(code="serialized")).warnings
    assert "'e' (serialized) is not needed" in warning


def test_a_staircase_is_found_at_the_gate():
    """From requests to the exit code, with nothing made up between."""
    held = judged(measured(solo(0.3), burst_round(serial(0.3))))
    assert decision(held).reasons[0].code == "NB202"


def test_what_was_excused_fails_no_format():
    """The run remembers what its policy tolerated; all else still fails."""
    excused = excused_run(run(FAILS), decision(FAILS, policy=allowing()))
    assert "allowed until" in excused.results[0].excuse
    assert exit_code(excused) is ExitCode.OK
    assert not failing(excused.results[0])
    both = replace(excused, results=(*excused.results, result(Verdict.ERROR, "other")))
    assert exit_code(both) is ExitCode.NOT_MEASURED
