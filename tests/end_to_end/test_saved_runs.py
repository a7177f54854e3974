"""``neverblock gate`` and ``neverblock compare`` on runs that were saved before."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from canned import canned_run
from stage_end_to_end import leftovers

from neverblock.analysis.capacity.conclude import unmeasured
from neverblock.errors import ExitCode
from neverblock.model import Verdict
from neverblock.result.capacity import Level
from neverblock.storage import run_file

LEVELS = (Level(1, 10.0, 0.1, 0.1, 0, 9.0, 11.0, 50),)
MEASURED = replace(unmeasured("GET /", 0.0, ""), levels=LEVELS)


@pytest.fixture
def neverblock(in_process):
    """Nothing is fired here, so that no process need be started for it."""
    return in_process


@pytest.fixture
def saved(tmp_path):
    """Save a run and give its path; as-expected and whole unless something is replaced."""

    def save(name, *results, **more):
        run = canned_run()
        sound = [r for r in run.results if r.endpoint.pair in {"sleep", "hash"}]
        folder = tmp_path / name
        folder.mkdir()
        run_file.save(replace(run, results=results or tuple(sound), **more), folder)
        return folder / "run.json"

    return save


def failing():
    """Give the canned result of a user's app, which fails."""
    return canned_run().results[-1]


def test_a_run_that_is_as_expected_passes(neverblock, saved):
    """And nothing was started for saying so."""
    said = neverblock("gate", saved("run"))
    assert (said.returncode, said.stderr) == (ExitCode.OK, "")
    assert "The gate passes." in said.stdout
    assert not leftovers()


def test_a_failing_run_says_which_endpoint_and_where(neverblock, saved):
    """The job's log alone has to be enough."""
    said = neverblock("gate", saved("run", failing()))
    assert said.returncode == ExitCode.FAILED
    assert "NB101" in said.stdout
    assert ":21" in said.stdout


def test_the_decision_can_be_had_as_json(neverblock, saved):
    """On standard output it comes alone."""
    said = neverblock("gate", saved("run", failing()), "--json", "-")
    told = json.loads(said.stdout)
    assert (told["exit_code"], said.returncode) == (ExitCode.FAILED, ExitCode.FAILED)
    (reason,) = told["reasons"]
    assert reason["endpoint"] == failing().endpoint.name
    assert reason["scenario"] == "gather"
    assert told["tolerated"] == told["warnings"] == []


def test_a_known_failure_passes_beside_its_baseline(neverblock, saved):
    """Only what is worse fails, and what is tolerated is told."""
    base, head = saved("base", failing()), saved("head", failing())
    said = neverblock("gate", head, "--baseline", base, "--fail-on", "new")
    assert said.returncode == ExitCode.OK
    assert "no worse than in the baseline" in " ".join(said.stdout.split())


def test_a_configured_baseline_that_is_not_there_yet_is_no_error(neverblock, saved, tmp_path):
    """On the first day there is none: it warns, and every failure counts."""
    head = saved("head", failing())
    settings = tmp_path / "pyproject.toml"
    settings.write_text('[tool.neverblock]\nfail-on = "new"\nbaseline = "none.json"\n')
    said = neverblock("gate", head, "--app-dir", tmp_path)
    assert said.returncode == ExitCode.FAILED
    assert "No baseline yet" in said.stderr
    assert "There is no baseline" in said.stdout


@pytest.mark.parametrize("command", ["gate", "check"])
def test_a_baseline_that_is_typed_and_not_there_is_refused(neverblock, saved, command):
    """A typing error must not look like the first day, and nothing is measured for it."""
    about = saved("head") if command == "gate" else "nothing:app"
    said = neverblock(command, about, "--baseline", "typo.json")
    assert said.returncode == ExitCode.USAGE
    assert "There is no run 'typo.json'" in said.stderr
    assert "servers" not in said.stderr


def test_a_baseline_that_cannot_be_read_is_an_error(neverblock, saved, tmp_path):
    """A broken file must not look like the first day."""
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    said = neverblock("gate", saved("head"), "--baseline", broken)
    assert said.returncode == ExitCode.USAGE
    assert "not a saved run" in said.stderr


def test_inconclusive_results_pass_where_the_command_says_so(neverblock, saved):
    """An option of the policy reaches the decision."""
    run = canned_run()
    spoiled = [r for r in run.results if r.judgement.verdict is Verdict.INCONCLUSIVE]
    head = saved("head", run.results[0], *spoiled)
    assert neverblock("gate", head).returncode == ExitCode.NOT_MEASURED
    assert neverblock("gate", head, "--allow-inconclusive").returncode == ExitCode.OK


def test_a_skipped_pair_fails_where_all_is_required(neverblock, saved):
    """By the option, and by the variable that CI sets."""
    run = canned_run()
    skipped = [r for r in run.results if r.judgement.verdict is Verdict.SKIPPED]
    head = saved("head", run.results[0], *skipped)
    absent = {"NEVERBLOCK_REQUIRE_ALL": ""}
    assert neverblock("gate", head, **absent).returncode == ExitCode.OK
    said = neverblock("gate", head, "--require-all", **absent)
    assert said.returncode == ExitCode.NOT_MEASURED
    said = neverblock("gate", head, NEVERBLOCK_REQUIRE_ALL="1")
    assert said.returncode == ExitCode.NOT_MEASURED


def test_the_projects_policy_counts(neverblock, saved, tmp_path):
    """An allow in its file holds until its day, and an option goes before the file."""
    settings = tmp_path / "pyproject.toml"
    head = saved("head", failing())
    allow = '[[tool.neverblock.allow]]\nendpoint = "*"\nreason = "known"\nexpires = {}\n'
    settings.write_text(allow.format("2999-01-01"))
    said = neverblock("gate", head, "--app-dir", tmp_path)
    assert (said.returncode, "allowed until 2999-01-01" in said.stdout) == (ExitCode.OK, True)
    settings.write_text(allow.format("2020-01-01"))
    said = neverblock("gate", head, "--app-dir", tmp_path)
    assert (said.returncode, "2020-01-01" in said.stdout) == (ExitCode.FAILED, True)
    base = saved("base", failing())
    settings.write_text(f'[tool.neverblock]\nfail-on = "new"\nbaseline = "{base}"\n')
    assert neverblock("gate", head, "--app-dir", tmp_path).returncode == ExitCode.OK
    said = neverblock("gate", head, "--app-dir", tmp_path, "--fail-on", "any")
    assert said.returncode == ExitCode.FAILED


def test_a_saved_run_is_judged_by_another_limit(neverblock, saved):
    """What computes for 200 ms passes at half a second, and breaks its promise with that."""
    head = saved("head")
    assert neverblock("gate", head).returncode == ExitCode.OK
    said = neverblock("gate", head, "--loop-limit", "500ms")
    assert said.returncode == ExitCode.FAILED
    assert "hash/bad" in said.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--fail-on", "sometimes"),
        ("--loop-limit", "soon"),
        ("--loop-limit", "0"),
        ("--metric", "p99"),
        ("--baseline",),
    ],
)
def test_what_the_command_does_not_know_is_a_usage_error(neverblock, saved, arguments):
    """A misspelt option is never a gate that is left open."""
    said = neverblock("gate", saved("run"), *arguments)
    assert said.returncode == ExitCode.USAGE
    assert "Traceback" not in said.stderr


def test_a_run_that_is_not_there_is_a_usage_error(neverblock, tmp_path):
    """Nothing to decide about is nothing that passes."""
    said = neverblock("gate", "nowhere", "--reports", tmp_path)
    assert said.returncode == ExitCode.USAGE
    assert "There is no run 'nowhere'" in said.stderr
    assert "neverblock check" in said.stderr


def test_two_runs_are_set_side_by_side(neverblock, saved):
    """What changed is told with both figures; what is the same is counted."""
    base = saved("base")
    kept, *rest = canned_run().results[:5]
    head = saved("head", *rest, failing())
    said = neverblock("compare", base, head)
    assert said.returncode == ExitCode.OK
    assert f"{kept.endpoint.name} (gather)" in said.stdout
    assert "gone" in said.stdout
    assert "1 new" in said.stdout


def test_a_comparison_can_decide(neverblock, saved):
    """Gone is worse; the same is not."""
    base, head = saved("base"), saved("head", *canned_run().results[1:5])
    assert neverblock("compare", base, head, "--fail-on", "new").returncode == 3
    assert neverblock("compare", base, base, "--fail-on", "new").returncode == 0


def test_a_comparison_can_be_had_as_json(neverblock, saved):
    """On standard output it comes alone, and the exit code still decides."""
    base, head = saved("base"), saved("head", *canned_run().results[1:5])
    said = neverblock("compare", base, head, "--json", "-", "--fail-on", "new")
    told = json.loads(said.stdout)
    assert said.returncode == ExitCode.NOT_MEASURED
    changes = {d["endpoint"]: d["change"] for d in told["differences"] if d["scenario"] == "gather"}
    assert changes == {
        "sleep/bad": "gone",
        "sleep/good": "same",
        "hash/bad": "same",
        "hash/good": "same",
        "hash/better": "same",
    }
    (same, *_) = told["differences"]
    assert {figure["figure"] for figure in same["figures"]} == {"wall over serial bound", "held"}


def test_runs_of_other_conditions_are_refused(neverblock, saved):
    """And it is said in what they differ."""
    said = neverblock("compare", saved("base"), saved("head", scale=0.2))
    assert said.returncode == ExitCode.USAGE
    assert "scale 1.0 and 0.2" in said.stderr


def test_a_capacity_that_was_held_to_nothing_is_no_pass(neverblock, saved):
    """It has figures and no verdict: the gate says so, and what to name instead."""
    said = neverblock("gate", saved("run", capacity=(MEASURED,)))
    assert said.returncode == ExitCode.USAGE
    assert "held to nothing" in said.stderr
    assert "--against" in said.stderr


def test_runs_of_two_kinds_are_not_compared(neverblock, saved):
    """What the last run is depends on the last command: the message names both kinds."""
    capacity = saved("capacity", capacity=(MEASURED,))
    said = neverblock("compare", saved("base"), capacity)
    assert said.returncode == ExitCode.USAGE
    assert "the earlier is a check, the newer a capacity" in " ".join(said.stderr.split())
