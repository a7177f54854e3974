"""Import strings and names as they are typed in; apps, pairs and groups out."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from neverblock.config.import_string import load
from neverblock.errors import TargetError, UsageError
from neverblock.model import Diagnosis, Expectation, Pair, Request, Variant, Verdict
from neverblock.plan import Plan, Target
from neverblock.reference.pairs import choose, pair_group
from neverblock.result import Criterion

KNOWN = ("sleep", "http", "subprocess")
PAIR = Pair(
    name="wait",
    title="",
    blocking_call="",
    replacement="",
    why="",
    own_time_s=1.0,
    needs=("redis",),
    variants={
        "bad": Variant(
            Request("POST", "/wait/bad", content=b"x"),
            Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO),
        ),
        "good": Variant(
            Request("GET", "/wait/good"), Expectation(Verdict.PASS, Diagnosis.CONCURRENT)
        ),
    },
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Give a function that writes a module into a project's folder; its import leaves no trace."""
    monkeypatch.setattr(sys, "path", sys.path.copy())
    before = set(sys.modules)

    def write(name, source):
        (tmp_path / f"{name}.py").write_text(source)
        return tmp_path

    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_names_come_in_the_order_that_is_known_and_once():
    """Whatever the order in which they were typed."""
    assert choose(["subprocess", "sleep", "sleep"], KNOWN, "pair") == ("sleep", "subprocess")


def test_no_name_means_all():
    """So that `neverblock run` alone measures everything."""
    assert choose([], KNOWN, "pair") == KNOWN


def test_an_unknown_name_is_told_with_the_nearest_and_all():
    """The hint for a typing error names what was meant."""
    with pytest.raises(UsageError) as error:
        choose(["sleep", "htpp"], KNOWN, "pair")
    assert error.value.what == "There is no pair 'htpp'."
    assert error.value.hint == "Did you mean 'http'? Choose from: sleep, http, subprocess."


def test_nothing_is_suggested_for_a_name_like_no_other():
    """A far-fetched guess helps nobody."""
    with pytest.raises(UsageError) as error:
        choose(["zzz"], KNOWN, "scenario")
    assert error.value.hint == "Choose from: sleep, http, subprocess."


def test_what_a_module_defines_is_found_in_the_folder_named(project):
    """As uvicorn's --app-dir does."""
    folder = project("served_here", "app = 'the app'")
    assert load("served_here:app", folder) == "the app"


@pytest.mark.parametrize("text", ["", "app", "app.main", ":app", "app:"])
def test_a_text_of_another_form_is_no_import_string(text, tmp_path):
    """The error shows the text and the form."""
    with pytest.raises(UsageError) as error:
        load(text, tmp_path)
    assert repr(text) in error.value.what
    assert "package.module:attribute" in error.value.hint


@pytest.mark.parametrize(
    ("source", "attribute", "said"),
    [
        ("", "app", "app"),
        ("import not_there_at_all", "app", "not_there_at_all"),
        ("from pathlib import Pth", "app", "Pth"),
        ("def app(:\n    pass", "app", "line 1"),
        ("raise RuntimeError('no settings')", "app", "no settings"),
    ],
    ids=["no attribute", "no module of a module", "no name", "syntax", "fails on import"],
)
def test_a_module_that_cannot_be_imported_is_told_in_its_own_words(
    project, source, attribute, said
):
    """The error names the import string, and repeats what went wrong while importing."""
    folder = project("broken_here", source)
    with pytest.raises(TargetError) as error:
        load(f"broken_here:{attribute}", folder)
    assert f"broken_here:{attribute}" in error.value.what
    assert said in error.value.what
    assert error.value.hint


def test_a_module_that_is_not_there_asks_for_the_folder(tmp_path):
    """Most often the command was started somewhere else."""
    with pytest.raises(TargetError, match="not_there:app") as error:
        load("not_there:app", tmp_path)
    assert "--app-dir" in error.value.hint


def test_a_pair_becomes_a_lane_of_its_variants():
    """All of them on one server, which is told the pair, the scale and nothing else."""
    group = pair_group(PAIR, 0.2)
    assert (group.name, group.needs, group.alone) == ("wait", ("redis",), False)
    assert group.env == {"NEVERBLOCK_PAIRS": "wait", "NEVERBLOCK_SCALE": "0.2"}
    bad, good = group.subjects
    assert (bad.endpoint.name, bad.endpoint.pair, bad.endpoint.variant) == (
        "wait/bad",
        "wait",
        "bad",
    )
    assert (bad.endpoint.method, bad.endpoint.path) == ("POST", "/wait/bad")
    assert bad.request is PAIR.variants["bad"].request
    assert [s.expected for s in (bad, good)] == [v.expect for v in PAIR.variants.values()]
    assert [s.own_time_s for s in (bad, good)] == pytest.approx([0.2, 0.2])


def test_work_that_is_not_scaled_keeps_the_limit_of_the_document():
    """At a fifth of the scale 2 s become 0.4 s, but not for a computation that stays as long."""
    waits = pair_group(PAIR, 0.2).subjects[0]
    computes = pair_group(replace(PAIR, own_time_s=None), 0.2).subjects[0]
    limits = Criterion(document_limit_s=0.4, loop_limit_s=0.03)
    plan = Plan(Target("app:app"), (), (), limits, scale=0.2)
    assert plan.criterion_of(waits) == limits
    assert plan.criterion_of(computes).document_limit_s == pytest.approx(2.0)
    assert plan.criterion_of(computes).loop_limit_s == limits.loop_limit_s
