"""The words of the page: names of endpoints, verdicts with their diagnoses, and cards."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from canned import canned_run
from canned_beside import queueing

from neverblock.model import Diagnosis, Endpoint
from neverblock.report import html
from neverblock.report.page_frame import name

UNMEASURED = (Diagnosis.INCONCLUSIVE, Diagnosis.ERRORING, Diagnosis.SKIPPED)


def page_of(*results):
    """Render results as those of a user's app, without the run that the page holds."""
    own = [
        replace(r, endpoint=Endpoint("POST /a/b", "POST", "/a/b"), expected=None) for r in results
    ]
    return html.render(replace(canned_run(), results=tuple(own), lessons=())).split(
        'id="embedded-run"'
    )[0]


def words(markup):
    """Give what a reader sees of markup, its tags as blanks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_a_name_keeps_its_method_and_may_go_on_at_each_slash():
    """Nothing of it is cut, and what a target named is escaped."""
    given = str(name("GET /orders/{id}/<b>", ","))
    assert unescape(given.replace("<wbr>", "")).count("GET /orders/{id}/<b>,") == 1
    assert given.count("<wbr>/") == 2
    assert "<b>" not in given


@pytest.mark.parametrize("diagnosis", UNMEASURED)
def test_a_verdict_and_a_diagnosis_that_say_one_thing_say_it_once(diagnosis):
    """In the table the verdict stands alone; in the card the code is beside it."""
    result = next(r for r in canned_run().results if r.judgement.diagnosis is diagnosis)
    text = page_of(replace(result, as_expected=None))
    row = re.search(r'<span class="judgement">(.*?)</td>', text, re.DOTALL)[1]
    card = re.search(r"<h5>(.*?)</h5>", text, re.DOTALL)[1]
    word = result.judgement.verdict.value
    assert words(row).count(word[:5]) == words(card).count(word[:5]) == 1
    assert re.search(rf"{word} NB90\d$", words(card))


def test_a_diagnosis_that_says_more_stays_beside_its_verdict():
    """What fails is told with what is wrong, and its code."""
    text = page_of(queueing())
    row = re.search(r'<span class="judgement">(.*?)</td>', text, re.DOTALL)[1]
    card = re.search(r"<h5>(.*?)</h5>", text, re.DOTALL)[1]
    assert words(row).endswith("fail serialized")
    assert words(card).endswith("fail NB202 serialized")


def test_the_advice_of_a_queue_stands_on_a_line_of_its_own():
    """It ran on from the code and the name of the finding."""
    text = page_of(queueing())
    item = re.search(r'<ol class="fix-first">(.*?)</ol>', text, re.DOTALL)[1]
    assert re.search(r'<span class="small use">Use <strong>a larger pool', item)
    assert re.search(r"\.use \{[^}]*display: block", text)
