from __future__ import annotations

from dataclasses import replace

import pytest
from test_gate_load import ORDERS, TODAY, loaded

from neverblock.config import config_of
from neverblock.errors import ExitCode, UsageError
from neverblock.gate.decide import decide
from neverblock.gate.policy import Policy
from neverblock.gate.threshold import (
    Figure,
    Threshold,
    held_to,
    refuse_unknown_endpoints,
    threshold_sentence,
)
from neverblock.model import Verdict
from neverblock.report.junit import render as junit
from neverblock.report.markdown import render as markdown

HOME = replace(ORDERS, name="home", route="GET /", p95_s=0.2, rate_per_s=5.0, failures=400)
MEASURED = replace(ORDERS, cost_s=3.0, held_s=0.08)


def kept(figure, limit, endpoint=None, endpoints=(MEASURED, HOME)):
    """Give the verdict and the value of one threshold."""
    made = loaded(Verdict.PASS, endpoints=endpoints, findings=()).load
    (found,) = held_to([Threshold(figure, limit, endpoint)], made).thresholds
    return found.verdict is Verdict.PASS, found.value


@pytest.mark.parametrize(
    ("figure", "limit", "value"),
    [
        (Figure.P50, 0.05, 0.05),
        (Figure.P90, 0.4, 0.4),
        (Figure.P95, 0.9, 0.9),
        (Figure.P99, 2.0, 2.0),
        (Figure.MAX, 3.4, 3.4),
        (Figure.FAILURES, 0.001, 3 / 4000),
        (Figure.LOOP_HELD, 0.08, 0.08),
        (Figure.OTHERS_LOST, 3.0, 3.0),
    ],
)
def test_a_figure_may_be_as_large_as_its_limit(figure, limit, value):
    """And no larger."""
    assert kept(figure, limit, "POST /orders") == (True, value)
    assert kept(figure, value * 0.99, "POST /orders") == (False, value)


def test_a_rate_has_to_reach_its_limit():
    """It is the only figure of which more is better."""
    assert kept(Figure.RATE, 66.7, "POST /orders") == (True, 66.7)
    assert kept(Figure.RATE, 67.0, "POST /orders") == (False, 66.7)


def test_a_threshold_without_an_endpoint_is_for_each():
    """The worst of them decides."""
    assert kept(Figure.P95, 0.5) == (False, 0.9)
    assert kept(Figure.RATE, 10.0) == (False, 5.0)


def test_an_endpoint_goes_by_the_users_name_or_by_its_route():
    """Whichever the threshold names."""
    assert kept(Figure.P95, 0.5, "home") == kept(Figure.P95, 0.5, "GET /") == (True, 0.2)


def test_what_was_not_measured_fails():
    """An endpoint that nobody asked, and a figure that is not known of one of them."""
    assert kept(Figure.P95, 0.5, "GET /nowhere") == (False, None)
    assert kept(Figure.P95, 0.5, endpoints=()) == (False, None)
    assert kept(Figure.LOOP_HELD, 9.9) == (False, None)


def test_a_threshold_that_is_not_kept_fails_the_load():
    """In the gate, JUnit and Markdown, each as a check of its own."""
    thresholds = [Threshold(Figure.P95, 0.3, "POST /orders"), Threshold(Figure.FAILURES, 0.5)]
    run = loaded(Verdict.PASS, endpoints=(MEASURED,), findings=())
    run = replace(run, load=held_to(thresholds, run.load))
    decision = decide(run, Policy(), today=TODAY)
    sentence = "p95 of POST /orders is 900 ms, and shall be at most 300 ms"
    assert decision.exit_code == ExitCode.FAILED
    assert [reason.sentence for reason in decision.reasons] == [sentence]
    assert run.load.reason.endswith(f"1 of 2 thresholds is not kept: {sentence}.")
    assert f'<failure message="{sentence}" type="threshold"' in junit(run)
    assert junit(run).count("<testcase") == 2
    assert "p95 of POST" in markdown(run)


def test_a_load_that_could_not_be_measured_stays_so():
    """Its figures say nothing, whether they keep a threshold or not."""
    made = loaded(Verdict.INCONCLUSIVE).load
    assert held_to([Threshold(Figure.P95, 0.1)], made).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("figure", "value", "limit"),
    [
        (Figure.FAILURES, 0.0123, "failures of e is 1.23%, and shall be at most 1.00%"),
        (Figure.RATE, 7.0, "rate of e is 7 a second, and shall be at least 0.01 a second"),
        (Figure.MAX, None, "max of e was not measured, and shall be at most 10 ms"),
    ],
)
def test_a_threshold_is_said_in_its_own_unit(figure, value, limit):
    """Shares as per cent, rates a second, times as people read them."""
    made = loaded(Verdict.PASS).load
    (found,) = held_to([Threshold(figure, 0.01, "e")], made).thresholds
    assert threshold_sentence(replace(found, value=value)) == limit


def test_a_threshold_that_names_no_endpoint_is_refused_with_the_nearest():
    """Before anything is fired."""
    threshold = Threshold(Figure.P95, 1.0, "POST /order")
    with pytest.raises(UsageError, match="POST /order") as refused:
        refuse_unknown_endpoints([threshold], ["POST /orders", "GET /"])
    assert "Did you mean 'POST /orders'?" in refused.value.hint
    refuse_unknown_endpoints([Threshold(Figure.P95, 1.0)], [])


@pytest.mark.parametrize(
    ("written", "limit"), [("300ms", 0.3), ("1%", 0.01), (0.5, 0.5), (20, 20.0), ("2.5 %", 0.025)]
)
def test_a_limit_is_a_time_a_share_or_a_number(written, limit, tmp_path):
    """As people write it."""
    table = {"threshold": [{"figure": "p95", "limit": written}]}
    config = config_of(table, tmp_path / "pyproject.toml", {})
    assert config.thresholds == (Threshold(Figure.P95, limit),)


@pytest.mark.parametrize(
    ("threshold", "complaint"),
    [
        ({"figure": "p96", "limit": "1s"}, "threshold[1].figure = 'p96'"),
        ({"figure": "p95", "limit": "soon"}, "threshold[1].limit = 'soon'"),
        ({"figure": "p95", "limit": "x%"}, 'a share is wanted, such as "1%"'),
        ({"figure": "p95"}, "threshold[1] lacks the key 'limit'"),
        ({"figure": "p95", "limit": 1, "endpint": "e"}, "did you mean 'endpoint'?"),
    ],
)
def test_a_threshold_that_cannot_be_read_is_refused_by_its_key(threshold, complaint, tmp_path):
    """With the value, and what is wanted."""
    with pytest.raises(UsageError) as refused:
        config_of({"threshold": [threshold]}, tmp_path / "pyproject.toml", {})
    assert complaint in refused.value.what
