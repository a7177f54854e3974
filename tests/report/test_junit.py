"""JUnit XML as Jenkins' own schema reads it, and as a CI server counts it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from canned import canned_run
from hostile import NASTY, hostile_run, own

from neverblock.errors import ExitCode
from neverblock.gate.decide import exit_code
from neverblock.model import CheckState, Diagnosis, Verdict
from neverblock.report.junit import render

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("schemas") / "junit-10.xsd")
"""Of Jenkins' xUnit plug-in, MIT licence, as pytest keeps it beside its own tests."""


@pytest.fixture(scope="module")
def run():
    """Give the canned run."""
    return canned_run()


def parsed(run):
    """Give the root of a run's XML."""
    return ET.fromstring(render(run))  # noqa: S314 - our own


def cases(run):
    """Give each test case by (suite, endpoint, check)."""
    return {
        (suite.get("name"), case.get("classname"), case.get("name")): case
        for suite in parsed(run)
        for case in suite.iter("testcase")
    }


def outcomes(run, endpoint):
    """Give what became of an endpoint's checks in the first scenario."""
    return {
        check: next((child.tag for child in case if child.tag != "system-out"), "passed")
        for (suite, name, check), case in cases(run).items()
        if (suite, name) == ("gather", endpoint)
    }


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_hostile_names_leave_it_valid(text):
    """No name of a target's makes XML that a server refuses."""
    SCHEMA.validate(render(hostile_run(text)).encode("utf-8"))


@pytest.mark.parametrize("change", [{}, {"interrupted": True}, {"results": ()}, {"control": None}])
def test_every_kind_of_run_is_valid(run, change):
    """All verdicts, an early end and an empty run follow the schema."""
    SCHEMA.validate(render(replace(run, **change)))


def test_the_schema_refuses_another_shape(run):
    """A schema that allowed anything would prove nothing."""
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        SCHEMA.validate(render(run).replace("<failure", "<failed").replace("</failure", "</failed"))


def test_every_endpoint_has_a_case_for_each_check(run):
    """Three checks an endpoint, in the suite of its scenario."""
    keys = set(cases(replace(run, unchecked=())))
    assert {check for _, _, check in keys} == {"document", "concurrency", "loop"}
    assert len(keys) == 3 * len(run.results)
    assert {suite for suite, _, _ in keys} == {"gather", "burst", "crowd"}


def test_a_failing_check_of_ones_own_app_is_a_failure_that_says_where(run):
    """The message is enough to go and fix it."""
    app = own(run, "sleep/bad")
    assert outcomes(app, "sleep/bad") == dict.fromkeys(
        ("document", "concurrency", "loop"), "failure"
    )
    failure = cases(app)["gather", "sleep/bad", "loop"].find("failure")
    assert failure.get("type") == "NB101"
    assert failure.get("message").startswith("NB101 blocking-io: target_app/pairs/sleep.py:21: ")
    assert "blocks the event loop" in failure.get("message")
    assert "asyncio.sleep" in failure.text


def test_what_a_pair_promises_is_no_failure_and_is_told(run):
    """The reference app's bad endpoints are as they should be."""
    assert set(outcomes(run, "sleep/bad").values()) == {"passed"}
    told = cases(run)["gather", "sleep/bad", "loop"].find("system-out").text
    assert "It fails as its pair promises." in told


def test_a_bad_endpoint_that_passes_every_check_fails_all_the_same(run):
    """Where no check failed, a case of its own says that one should have."""
    bad = next(r for r in run.results if r.endpoint.name == "sleep/good")
    expected = next(r for r in run.results if r.endpoint.name == "sleep/bad").expected
    missed = replace(run, results=(replace(bad, expected=expected, as_expected=False),))
    assert exit_code(missed) is ExitCode.FAILED
    assert outcomes(missed, "sleep/good")["expectation"] == "failure"


def test_what_was_not_measured_never_passes(run):
    """Errors and spoiled measurements are errors, a skip is a skip, a blind check is a skip."""
    assert set(outcomes(run, "http/good").values()) == {"error"}
    assert set(outcomes(run, "image/good").values()) == {"error"}
    assert set(outcomes(run, "mysql/bad").values()) == {"skipped"}
    assert outcomes(run, "hash/better") == {
        "document": "skipped",
        "concurrency": "passed",
        "loop": "passed",
    }
    blind = cases(run)["gather", "hash/better", "document"].find("skipped")
    assert "blind" in blind.get("message")
    assert (
        cases(run)["not checked", f"POST {self_shown(run)}", "checked"].find("skipped") is not None
    )


def self_shown(run):
    """Give the path of the endpoint that was not checked, as it is shown."""
    return run.unchecked[0].path.replace("\x1b", r"\x1b").replace("\x07", r"\x07")


def test_a_failing_check_under_a_passing_verdict_is_no_failure(run):
    """CPU work in threads fails the document's assertion, and the loop stays free."""
    app = own(run, "hash/good")
    result = app.results[0]
    checks = replace(result.judgement.checks, document=CheckState.FAIL)
    judged = replace(result.judgement, checks=checks, diagnosis=Diagnosis.CPU_BOUND)
    assert judged.verdict is Verdict.PASS
    app = replace(app, results=(replace(result, judgement=judged),))
    assert outcomes(app, "hash/good")["document"] == "passed"
    told = cases(app)["gather", "hash/good", "document"].find("system-out").text
    assert "The verdict is pass" in told


@pytest.mark.parametrize(
    "name", ["sleep/bad", "sleep/good", "http/good", "image/good", "hash/good"]
)
@pytest.mark.parametrize("as_own", [True, False])
def test_it_has_failures_or_errors_where_the_exit_code_is_not_zero(run, name, as_own):
    """A CI server that counts comes to the same end as the shell."""
    one = own(run, name) if as_own else run
    one = replace(one, results=tuple(r for r in one.results if r.endpoint.name == name))
    root = parsed(one)
    wrong = int(root.get("failures")) + int(root.get("errors"))
    assert bool(wrong) == (exit_code(one) is not ExitCode.OK)


@pytest.mark.parametrize("change", [{"interrupted": True}, {"results": ()}])
def test_a_run_that_counts_for_nothing_is_an_error(run, change):
    """A server that only counts failures would take an empty run for a good one."""
    root = parsed(replace(run, **change))
    assert root.find("testsuite[@name='run']/testcase/error") is not None
    assert int(root.get("errors")) > 0
