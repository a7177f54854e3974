"""Each app as a user checks it: every endpoint gets its true verdict, diagnosis and line.

Measures: it must not run beside other tests. Again and again, with a table: ``make cases``.
"""

from __future__ import annotations

from functools import cache

import pytest
from cases_check import check, present
from cases_judge import complaints, complaints_of_app, contradictions
from cases_truth import apps

APPS = {app.module: app for app in apps()}
CASES = [
    pytest.param(app.module, case, id=f"{app.module}: {case.name}")
    for app in APPS.values()
    for case in app.cases
]
pytestmark = pytest.mark.timeout(660)


@cache
def run_of(module):
    """Check an app once in all."""
    return check(APPS[module])


@cache
def results_of(module):
    """Give the results of an app's endpoints by their names."""
    return {result["endpoint"]["name"]: result for result in run_of(module)["results"]}


@pytest.mark.parametrize(("module", "case"), CASES)
def test_an_endpoint_gets_what_is_true_of_it(module, case):
    """Right, or inconclusive where the machine was too noisy; never wrong."""
    if not present(case):
        pytest.skip(f"{case.needs} is not installed")
    result = results_of(module).get(case.name)
    if result and result["verdict"] == "inconclusive" not in case.verdicts:
        pytest.skip(result["reason"])
    assert complaints(case, result) == [], result and result["reason"]


@pytest.mark.parametrize("module", APPS)
def test_an_app_is_told_the_rest(module):
    """What holds the loop for no endpoint is named, and what no document knows is listed."""
    assert complaints_of_app(APPS[module], run_of(module)) == []


@pytest.mark.parametrize("module", APPS)
def test_no_verdict_contradicts_the_harm(module):
    """No loop is called free that others waited for, whatever the truth is."""
    assert contradictions(run_of(module)) == {}


@pytest.mark.parametrize("module", APPS)
def test_most_endpoints_are_judged_at_all(module):
    """A tool that never dares to judge is never wrong either."""
    verdicts = [result["verdict"] for result in results_of(module).values()]
    assert verdicts.count("inconclusive") <= len(verdicts) / 2
