"""Each app under a user's check: every endpoint gets its true verdict, diagnosis and line.

Measures: it must not run beside other tests. Again and again, with a table: ``make cases``.
"""

from __future__ import annotations

from functools import cache

import pytest
from cases_check import check, present
from cases_judge import complaints, complaints_of_app, contradictions
from cases_truth import LONG, apps
from in_process import say

MOST_INCONCLUSIVE = 2
"""Of the endpoints of all apps together; on a quiet machine there is none."""

APPS = {app.module: app for app in apps() if app.module not in LONG}
CASES = [
    pytest.param(app.module, case, id=f"{app.module}: {case.name}")
    for app in APPS.values()
    for case in app.cases
]
pytestmark = [
    pytest.mark.timeout(660),
    # aiohttp's advice to servers; the harness sends large bodies at once, as its users do
    pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning"),
]


@cache
def run_of(module):
    """Check an app once in all."""
    return check(APPS[module], in_this_process)


def in_this_process(arguments, folder, env):
    """Run the command, and give what it said of how it went."""
    return say(*arguments, folder=folder, **env).stderr


@cache
def results_of(module):
    """Give the results of an app's endpoints by their names."""
    return {result["endpoint"]["name"]: result for result in run_of(module)["results"]}


@pytest.mark.parametrize(("module", "case"), CASES)
def test_an_endpoint_gets_what_is_true_of_it(module, case):
    """Right, or inconclusive, of which there may be few; never wrong."""
    if not present(case):
        pytest.skip(f"{case.needs} is not installed")
    result = results_of(module).get(case.name)
    if result is None or result["verdict"] != "inconclusive":
        assert complaints(case, result) == [], result and result["reason"]


@pytest.mark.parametrize("module", APPS)
def test_an_app_is_told_the_rest(module):
    """What holds the loop for no endpoint is named, and what no document knows is listed."""
    assert complaints_of_app(APPS[module], run_of(module)) == []


@pytest.mark.parametrize("module", APPS)
def test_no_verdict_contradicts_the_harm(module):
    """No loop is called free that others waited for, whatever the truth is."""
    assert contradictions(run_of(module)) == {}


def test_few_endpoints_are_inconclusive():
    """A tool that never dares to judge is never wrong either."""
    doubtful = {
        f"{module}: {case.name}": results_of(module)[case.name]["reason"]
        for module, app in APPS.items()
        for case in app.cases
        if present(case)
        and results_of(module)[case.name]["verdict"] == "inconclusive" not in case.verdicts
    }
    assert len(doubtful) <= MOST_INCONCLUSIVE, doubtful
