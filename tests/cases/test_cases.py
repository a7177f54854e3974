"""Each app under a user's check: every endpoint gets its true verdict, diagnosis and line.

Measures: it must not run beside other tests. Again and again, with a table: ``make cases``.
"""

from __future__ import annotations

import pytest
from cases_check import present
from cases_judge import complaints, complaints_of_app, contradictions
from cases_truth import LONG, apps
from two_at_once import Checks, in_doubt

MOST_INCONCLUSIVE = 2
"""Of the endpoints of all apps together; on a quiet machine there is none."""

APPS = {app.module: app for app in apps() if app.module not in LONG}
CASES = [
    pytest.param(app.module, case, id=f"{app.module}: {case.name}")
    for app in APPS.values()
    for case in app.cases
]
pytestmark = pytest.mark.timeout(660)


@pytest.fixture(scope="module")
def checks():
    """Check all apps, two at once."""
    with Checks(APPS) as begun:
        yield begun


@pytest.mark.parametrize(("module", "case"), CASES)
def test_an_endpoint_gets_what_is_true_of_it(checks, module, case):
    """Right, or inconclusive, of which there may be few; never wrong."""
    if not present(case):
        pytest.skip(f"{case.needs} is not installed")
    result = checks.results(module).get(case.name)
    if result is None or result["verdict"] != "inconclusive":
        assert complaints(case, result) == [], result and result["reason"]


@pytest.mark.parametrize("module", APPS)
def test_an_app_is_told_the_rest(checks, module):
    """What holds the loop for no endpoint is named, and what no document knows is listed."""
    assert complaints_of_app(APPS[module], checks.run(module)) == []


@pytest.mark.parametrize("module", APPS)
def test_no_verdict_contradicts_the_harm(checks, module):
    """No loop is called free that others waited for, whatever the truth is."""
    assert contradictions(checks.run(module)) == {}


def test_few_endpoints_are_inconclusive(checks):
    """A tool that never dares to judge is never wrong either."""
    doubtful = {
        f"{module}: {case.name}": checks.results(module)[case.name]["reason"]
        for module, app in APPS.items()
        for case in in_doubt(app, checks.results(module))
    }
    assert len(doubtful) <= MOST_INCONCLUSIVE, doubtful
