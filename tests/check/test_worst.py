"""An app whose endpoints do the worst: each gets its own cause, and the others are measured."""

from __future__ import annotations

import pytest
from checking import APPS, Checked, marked


@pytest.fixture(scope="module")
def worst(tmp_path_factory):
    """Check the worst app, once; a request may take a second."""
    folder = tmp_path_factory.mktemp("worst")
    return Checked(folder, "worst:app", "--app-dir", APPS, "--deadline", "1s", "--quick")


@pytest.mark.parametrize("name", ["sleeps", "hangs"])
def test_what_holds_the_loop_past_the_deadline_is_a_finding_with_its_line(worst, name):
    """Also where it never lets go, and where the probe itself could not see it."""
    result = worst.results[f"GET /{name}"]
    assert result["verdict"] == "fail"
    assert result["code"] in {"NB101", "NB102"}
    assert "no answer within 1.0" in result["reason"]
    blamed = result["blame"][0]
    assert (blamed["file"], blamed["line"]) == ("worst.py", marked("worst", name))


def test_advice_comes_with_the_worst_block(worst):
    """What the probe saw is named by its call, and what to use instead."""
    blamed = worst.results["GET /sleeps"]["blame"][0]
    assert blamed["target"] == "time.sleep"
    assert "asyncio.sleep" in blamed["advice"]["instead"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ends", ["exit code 7"]),
        ("faults", ["signal 11, SIGSEGV", 'worst.py", line', "in faults"]),
    ],
)
def test_the_end_of_the_server_is_told_with_who_was_asked(worst, name, told):
    """By its exit code, or its signal and where it stood."""
    result = worst.results[f"GET /{name}"]
    assert result["verdict"] == "error"
    for text in (f"GET /{name} was asked", *told):
        assert text in result["reason"]


def test_what_comes_after_the_end_of_the_server_is_measured(worst):
    """The last endpoint of the document passes, after four that took the server down or held it."""
    assert worst.results["GET /free"]["verdict"] == "pass"
    assert worst.results["GET /free"]["measurement"] is not None


def test_a_traceback_is_shown_to_the_endpoint_that_left_it_and_to_no_other(worst):
    """What one request printed is no cause of the next one's answer."""
    assert "what /raises says" in worst.results["GET /raises"]["reason"]
    assert "what /says says" in worst.results["GET /says"]["reason"]
    assert "/raises" not in worst.results["GET /says"]["reason"]


@pytest.mark.parametrize(
    ("name", "told"),
    [("cut", "in the middle"), ("garbled", "Decoding"), ("limited", "answers 429")],
)
def test_what_was_asked_and_gave_no_usable_answer_is_an_error(worst, name, told):
    """It is not left out without a word, and the check does not pass."""
    result = worst.results[f"GET /{name}"]
    assert result["verdict"] == "error"
    assert told in result["reason"]


def test_what_answers_to_made_up_values_is_unchecked(worst):
    """Nobody gave the number, so that nothing was asked of the endpoint's own."""
    assert list(worst.unchecked) == ["GET /known/{number}"]
