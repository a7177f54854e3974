"""What the formats for CI share: which faults there are, how grave, and where they are shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from canned import canned_run
from hostile import NASTY, hostile_run, own

from neverblock.errors import ExitCode
from neverblock.gate.decide import exit_code
from neverblock.model import Diagnosis, Verdict
from neverblock.report.findings import (
    Level,
    app_folder,
    complaint,
    exact_place,
    failing,
    findings,
    fingerprint,
    held,
    is_inside,
    is_own,
    lines,
)


@pytest.fixture(scope="module")
def run():
    """Give the canned run."""
    return canned_run()


def found(run, name):
    """Give the finding of an endpoint."""
    return next(f for f in findings(run) if f.result.endpoint.name == name)


def test_a_fault_that_several_scenarios_saw_is_told_once(run):
    """Three scenarios are three witnesses of one fault."""
    names = [f.result.endpoint.name for f in findings(run)]
    assert len(names) == len(set(names))
    assert found(run, "sleep/bad").scenarios == ("gather", "burst", "crowd")


def test_what_passes_without_a_remark_is_no_finding(run):
    """A concurrent endpoint has nothing to tell."""
    assert not {"sleep/good", "hash/better"} & {f.result.endpoint.name for f in findings(run)}


def test_errors_come_first_and_then_what_harms_others_most(run):
    """Whoever reads only the beginning reads what matters."""
    ranks = [(f.level is Level.NOTE) for f in findings(run)]
    assert ranks == sorted(ranks)
    names = [f.result.endpoint.name for f in findings(own(run, "sleep/bad", "hash/bad"))]
    assert names == ["hash/bad", "sleep/bad"]


def test_a_finding_is_an_error_where_it_fails_the_run(run):
    """No format disagrees with the exit code."""
    for name in {r.endpoint.name for r in run.results}:
        for one in (own(run, name), replace(run, results=own(run, name).results[:1])):
            errors = [f for f in findings(one) if f.level is Level.ERROR]
            verdicts = {r.judgement.verdict for r in one.results}
            assert bool(errors) == (
                exit_code(one) is not ExitCode.OK and verdicts != {Verdict.SKIPPED}
            )


def test_what_a_pair_promises_is_a_note(run):
    """A bad endpoint of the reference app fails as it should."""
    assert found(run, "sleep/bad").level is Level.NOTE
    assert "It fails as its pair promises." in lines(found(run, "sleep/bad"))


def test_a_bad_endpoint_that_passes_is_an_error_under_the_code_it_should_have_had(run):
    """The harness that misses a fault is itself at fault."""
    bad = next(r for r in run.results if r.endpoint.name == "sleep/bad")
    passed = replace(bad.judgement, verdict=Verdict.PASS, diagnosis=Diagnosis.CONCURRENT)
    missed = replace(bad, judgement=passed, as_expected=False, blame=())
    assert failing(missed)
    finding = found(replace(run, results=(missed,)), "sleep/bad")
    assert (finding.level, finding.code.code) == (Level.ERROR, "NB101")
    assert "Not as expected: fail, blocking-io." in lines(finding)


def test_a_place_counts_columns_from_one(run):
    """These formats begin at 1 where Python begins at 0; lines are the same."""
    place = found(run, "sleep/bad").place
    assert (place.file, place.line) == ("target_app/pairs/sleep.py", 21)
    assert (place.column, place.end_column) == (5, 15)
    assert place.exact


@pytest.mark.parametrize(
    "columns", [{"column": 0, "end_column": 0}, {"column": None}, {"end_column": None}]
)
def test_a_place_without_extent_has_a_line_alone(run, columns):
    """An empty range would mark nothing; half a one is none."""
    blame = replace(found(run, "sleep/bad").blame, **columns)
    place = exact_place(blame, "")
    assert (place.line, place.column, place.end_column) == (21, None, None)


def test_what_held_the_loop_is_told_without_a_call_too(run):
    """Plain Python has no call to name: the place speaks for itself."""
    blame = found(run, "sleep/bad").blame
    assert held(blame).startswith("target_app/pairs/sleep.py:21 bad -> time.sleep: held")
    plain = replace(blame, target=None, call=None)
    assert held(plain).startswith("target_app/pairs/sleep.py:21 bad: held the loop for 1.00 s")


def test_a_place_is_told_as_the_repository_knows_it(run):
    """An app in a folder of the repository has its lines found there."""
    within = replace(run, environment={"app_dir": "services/shop"})
    assert found(within, "sleep/bad").place.file == "services/shop/target_app/pairs/sleep.py"
    assert found(within, "mysql/bad").place.file == "services/shop/target_app/app.py"


@pytest.mark.parametrize("folder", ["/srv/shop", "../shop", 3, ""])
def test_a_folder_outside_of_the_repository_is_not_made_up(run, folder):
    """A path that no viewer could find is not shown."""
    assert app_folder(replace(run, environment={"app_dir": folder})) == ""


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("shop.main:app", "shop/main.py"),
        ("main:create()", "main.py"),
        ("http://127.0.0.1:8000", "pyproject.toml"),
        ("../../etc/passwd:app", "pyproject.toml"),
        ("", "pyproject.toml"),
    ],
)
def test_without_a_blamed_line_the_apps_own_file_stands_for_it(run, target, file):
    """The formats want a place; it says that it is not exact."""
    place = found(replace(run, target=target), "http/good").place
    assert (place.file, place.line, place.exact) == (file, 1, False)


@pytest.mark.parametrize("owner", ["library", "framework", "stdlib"])
def test_a_librarys_file_is_not_the_apps(run, owner):
    """Its path is relative too, and the repository has no such file."""
    blame = found(run, "sleep/bad").blame
    first = replace(blame.path[0], file="requests/api.py", owner=owner)
    foreign = replace(blame, file="requests/api.py", path=(first, *blame.path[1:]))
    assert is_own(blame)
    assert not is_own(foreign)


@pytest.mark.parametrize("file", ["/usr/lib/x.py", "../x.py", "a/../../x.py", ""])
def test_a_file_outside_of_the_app_is_no_place(file):
    """Only relative paths that stay inside are shown."""
    assert not is_inside(file)
    assert is_inside("a/b.py")


def test_a_fingerprint_stays_when_the_line_moves(run):
    """A viewer knows the fault again after an edit above it."""
    before = found(run, "sleep/bad")
    blame = replace(before.blame, line=before.blame.line + 7)
    moved = replace(before, places=(blame,))
    assert fingerprint(moved) == fingerprint(before)


def test_a_fingerprint_tells_faults_apart(run):
    """Another endpoint, code or function is another fault."""
    prints = [fingerprint(f) for f in findings(run)]
    assert len(prints) == len(set(prints))
    one = found(run, "sleep/bad")
    inside = (replace(one.blame, function="helper"),)
    others = [replace(one, who="other"), replace(one, places=inside)]
    assert fingerprint(one) not in {fingerprint(other) for other in others}


def test_a_run_that_counts_for_nothing_says_why(run):
    """No results, or an early end, are not told by any single result."""
    assert complaint(run) is None
    assert complaint(replace(run, results=())) == "Nothing was measured."
    assert "Interrupted" in complaint(replace(run, interrupted=True))


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_what_is_told_is_fit_to_be_shown(text):
    """No line has a character in it that a terminal or a parser would act on."""
    told = [line for f in findings(hostile_run(text)) for line in lines(f)]
    assert told
    assert all(line.isprintable() for line in told)
