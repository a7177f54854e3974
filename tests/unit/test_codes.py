"""Codes, their pages and the diagnoses stay in step, and every page's examples are real."""

from __future__ import annotations

import re
import tomllib
import warnings
from importlib.resources import files

import pytest
from fastapi import FastAPI

from neverblock.analysis.codes import CODES, code_of, find_code, meaning, page
from neverblock.analysis.judge import VERDICTS
from neverblock.errors import UsageError
from neverblock.model import Diagnosis, Verdict

SECTIONS = [
    "What it means",
    "How it was seen",
    "Bad",
    "Good",
    "How to fix it",
    "How to allow it",
]
HUNDREDS = {"1": Verdict.FAIL, "2": Verdict.FAIL, "3": Verdict.PASS}
EACH = pytest.mark.parametrize("code", CODES, ids=lambda code: code.code)


def blocks(code, language, section=""):
    """Give the fenced blocks of a language in a page, or in one section of it."""
    _, _, text = page(code).partition(f"## {section}\n") if section else ("", "", page(code))
    text = text.partition("\n## ")[0] if section else text
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_every_diagnosis_but_concurrent_has_one_code():
    """Nothing that is found, or could not be measured, goes without a code."""
    assert {code.diagnosis for code in CODES} == set(Diagnosis) - {Diagnosis.CONCURRENT}
    assert len({code.code for code in CODES}) == len({c.diagnosis for c in CODES}) == len(CODES)
    assert code_of(Diagnosis.CONCURRENT) is None
    assert all(code_of(code.diagnosis) is code for code in CODES)


def test_published_codes_keep_their_meaning():
    """Others write these into their configuration: none is renumbered."""
    assert {code.code: code.name for code in CODES} == {
        "NB100": "blocking",
        "NB101": "blocking-io",
        "NB102": "blocking-cpu",
        "NB103": "gil-held",
        "NB201": "executor-saturated",
        "NB202": "serialized",
        "NB301": "gil-contention",
        "NB302": "cooperative-cpu",
        "NB303": "cpu-bound",
        "NB304": "short-waits",
        "NB901": "erroring",
        "NB902": "inconclusive",
        "NB903": "skipped",
    }


@EACH
def test_a_codes_hundred_says_what_becomes_of_it(code):
    """NB1xx and NB2xx fail, NB3xx pass, NB9xx were not measured."""
    verdict = VERDICTS[code.diagnosis]
    expected = HUNDREDS.get(code.code[2])
    assert verdict is expected if expected else verdict not in {Verdict.PASS, Verdict.FAIL}


@EACH
def test_no_title_calls_a_loop_free(code):
    """A title stands beside every harm that may have been measured."""
    assert "free" not in code.title


def test_there_are_no_pages_without_a_code():
    """A page is read through its code, so one without would be read by nobody."""
    found = {
        file.name
        for file in files("neverblock.analysis.codes").iterdir()
        if file.name.endswith(".md")
    }
    assert found == {f"{code.code}.md" for code in CODES}


@EACH
def test_a_page_has_its_title_and_the_sections_of_all(code):
    """Whoever knows one page knows where to look in another."""
    text = page(code)
    assert text.splitlines()[0] == f"# {code}: {code.title}"
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SECTIONS
    assert all(text.partition(f"## {name}\n")[2].partition("\n## ")[0].strip() for name in SECTIONS)
    assert meaning(code)
    assert "\n" not in meaning(code)


@EACH
def test_an_example_in_python_is_an_app_that_can_be_imported(code):
    """An example that does not even import teaches nothing."""
    for section in ("Bad", "Good"):
        examples = blocks(code, "python", section)
        assert examples or code.code in {"NB902", "NB903"}
        for example in examples:
            names = {"__name__": "example"}
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                exec(compile(example, f"{code.code} {section}", "exec"), names)  # noqa: S102 - the page's own example
            assert isinstance(names["app"], FastAPI)
            assert names["app"].openapi()["paths"]


@EACH
def test_a_page_shows_how_to_allow_what_can_be_allowed(code):
    """A failing code comes with the entry to copy, its own code in it; the others have none."""
    entries = [entry for block in blocks(code, "toml") for entry in allowed(block)]
    if VERDICTS[code.diagnosis] is Verdict.FAIL:
        assert [entry["code"] for entry in entries] == [code.code]
        assert set(entries[0]) == {"endpoint", "code", "reason", "expires"}
    else:
        assert entries == []


def allowed(block):
    """Give the entries of a piece of configuration."""
    return tomllib.loads(block)["tool"]["neverblock"]["allow"]


@pytest.mark.parametrize("text", ["NB101", "nb101", "blocking-io", " Blocking_IO "])
def test_a_code_is_found_by_each_of_its_names(text):
    """People write what they saw last: the code, or the diagnosis."""
    assert find_code(text).code == "NB101"


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("N101", "nb101"), ("bloking-io", "blocking-io"), ("serialised", "serial")],
)
def test_an_unknown_code_is_refused_with_the_nearest(text, nearest):
    """A misspelt code is an error that helps, never ignored."""
    with pytest.raises(UsageError, match="There is no code") as caught:
        find_code(text)
    assert nearest in caught.value.hint.lower()
    assert "explain" in caught.value.hint


def test_a_code_like_no_other_is_refused_without_a_guess():
    """A guess that is far off would only mislead."""
    with pytest.raises(UsageError) as caught:
        find_code("xyzzy")
    assert "Did you mean" not in caught.value.hint
