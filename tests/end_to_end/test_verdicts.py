"""The whole road on small apps: servers, bursts, probe, judgement."""

from __future__ import annotations

import json

from stage_end_to_end import BLOCKS, FREE, plan, subject

from neverblock.errors import ExitCode
from neverblock.gate.decide import exit_code
from neverblock.model import CheckState, Diagnosis, Verdict


def test_bad_and_good_are_told_apart_and_the_line_is_named(measured):
    """The lesson: one of them blocks, at this line, by this call."""
    run = measured(plan(subject("/blocks", BLOCKS), subject("/free", FREE)))
    bad, good = run.results
    assert (bad.judgement.verdict, good.judgement.verdict) == (Verdict.FAIL, Verdict.PASS)
    assert (bad.as_expected, good.as_expected) == (True, True)
    assert bad.blame[0].call == "time.sleep"
    blamed = bad.blame[0].source[bad.blame[0].line - bad.blame[0].source_line]
    assert blamed.strip().startswith("time.sleep(0.1)")
    assert good.blame == ()
    assert bad.measurement.speedup < 2 < good.measurement.speedup
    assert bad.measurement.canary.longest_s > 3 * good.measurement.canary.longest_s
    assert run.control.seen
    assert exit_code(run) is ExitCode.OK


def test_a_bad_endpoint_that_passes_fails_the_run(measured):
    """The harness is held to what the pair promises, in both directions."""
    run = measured(plan(subject("/free", BLOCKS), subject("/blocks", FREE)))
    assert [result.as_expected for result in run.results] == [False, False]
    assert exit_code(run) is ExitCode.FAILED


def test_a_variant_that_answers_something_else_is_no_replacement(measured):
    """No variant can be fast by doing nothing."""
    run = measured(plan(subject("/free", FREE), subject("/other", FREE)))
    free, other = run.results
    assert free.as_expected
    assert other.judgement.verdict is Verdict.PASS
    assert other.as_expected is False


def test_an_endpoint_that_fails_under_load_is_an_error_and_not_blocking(measured):
    """A 500 says nothing about the loop."""
    (result,) = measured(plan(subject("/fails-under-load"))).results
    assert (result.judgement.verdict, result.judgement.diagnosis) == (
        Verdict.ERROR,
        Diagnosis.ERRORING,
    )
    assert "500" in result.judgement.reason
    assert result.judgement.checks.loop is CheckState.NOT_APPLICABLE


def test_an_endpoint_that_never_answers_meets_its_deadline(measured):
    """The others are measured all the same."""
    run = measured(plan(subject("/never"), subject("/free"), deadline_s=1.0))
    verdicts = {result.endpoint.path: result.judgement.verdict for result in run.results}
    assert verdicts == {"/never": Verdict.ERROR, "/free": Verdict.PASS}
    never = next(r for r in run.results if r.endpoint.path == "/never")
    assert "timeout after 1.0 s" in never.judgement.reason
    assert exit_code(run) is ExitCode.NOT_MEASURED


def test_a_server_that_dies_in_the_middle_is_started_again_for_the_others(measured):
    """Its end is an error of the endpoint that was asked; what was measured before it is kept."""
    run = measured(plan(subject("/free"), subject("/dies"), subject("/blocks")))
    free, dies, blocks = run.results
    assert free.judgement.verdict is Verdict.PASS
    assert dies.judgement.verdict is Verdict.ERROR
    assert "/dies was asked" in dies.judgement.reason
    assert "exit code 7" in dies.judgement.reason
    assert blocks.judgement.verdict is Verdict.FAIL
    assert blocks.blame[0].call == "time.sleep"
    assert exit_code(run) is ExitCode.FAILED


def test_options_choose_what_is_measured_and_how(neverblock):
    """An expression, a scenario, a number of requests, and a fifth of the time."""
    said = neverblock(
        *("run", "sleep", "executor", "-k", "sleep and good", "--scenario", "gather"),
        *("--quick", "-n", "4", "--json", "-"),
    )
    assert said.returncode == ExitCode.OK, said.stderr
    saved = json.loads(said.stdout)  # pure JSON, with no word before or after it
    (result,) = saved["results"]
    assert result["endpoint"]["name"] == "sleep/good"
    assert saved["scale"] == 0.2
    assert result["measurement"]["n"] == result["scenario"]["n"] == len(result["records"]) == 4
    assert result["as_expected"] is True
