"""Runs are saved and read back exactly, in the published shape, and bad files are explained."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime

import jsonschema
import pytest
from canned import canned_run

from neverblock.errors import StoreError
from neverblock.gate.compare import compare
from neverblock.gate.decide import decide
from neverblock.gate.policy import Policy
from neverblock.report import create_renderer
from neverblock.result import FORMAT_VERSION
from neverblock.storage import run_file, run_folders
from neverblock.storage.schema import SCHEMA_FILE, run_schema

NOW = datetime(2026, 1, 30, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def run():
    """Give the canned run."""
    return canned_run()


@pytest.fixture
def saved(run):
    """Give the canned run as it is read from a file."""
    return json.loads(json.dumps(run_file.to_json(run)))


def test_a_run_comes_back_as_it_was(run, saved):
    """Reading what was written gives an equal run, hostile names and all."""
    assert run_file.from_json(saved) == run


def test_a_saved_result_has_the_shape_that_others_build_on(saved):
    """Scripts find the keys of the published contract at the top of a result."""
    assert saved["format_version"] == FORMAT_VERSION
    assert saved["tool"] == {"name": "neverblock", "version": "0.1.0"}
    first = saved["results"][0]
    assert set(first) >= {
        *("endpoint", "scenario", "measurement", "checks", "verdict", "diagnosis", "reason"),
        *("expected", "as_expected", "blame", "records"),
    }
    assert first["checks"] == {"document": "fail", "concurrency": "fail", "loop": "fail"}
    assert {"solo_s", "serial_bound_s", "wall_s", "limit_s", "canary", "loop"} <= set(
        first["measurement"]
    )
    assert {"seq", "sent_s", "done_s", "status", "error"} <= set(first["records"][0])


def test_a_saved_result_carries_the_code_of_its_diagnosis(saved):
    """Scripts go by the code; what finds nothing has none."""
    codes = {result["diagnosis"]: result["code"] for result in saved["results"]}
    assert codes["blocking-io"] == "NB101"
    assert codes["inconclusive"] == "NB902"
    assert codes["concurrent"] is None


def test_a_run_that_was_saved_without_codes_is_read(run, saved):
    """The code follows from the diagnosis, so that older runs lack nothing."""
    for result in saved["results"]:
        del result["code"]
    assert run_file.from_json(saved) == run


def test_a_saved_run_follows_the_published_schema(saved):
    """The canned run, with every kind of result, is valid under the schema in the package."""
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(saved, schema)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda run: run.update(format_version=FORMAT_VERSION + 1),
        lambda run: run["results"][0].update(verdict="maybe"),
        lambda run: run["results"][0].pop("records"),
        lambda run: run["results"][0]["measurement"].update(wall_s="10"),
        lambda run: run["results"][0].update(surprise=1),
        lambda run: run["results"][0].update(code="NB104"),
    ],
)
def test_the_published_schema_refuses_another_shape(saved, spoil):
    """A schema that allowed anything would prove nothing."""
    spoil(saved)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(saved, run_schema())


def test_the_published_schema_is_in_step_with_the_dataclasses():
    """`python -m neverblock.storage.schema` writes it anew after a change of the dataclasses."""
    assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) == run_schema()


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda run: run.update(format_version=99), "format version 99"),
        (lambda run: run.pop("format_version"), "format_version"),
        (lambda run: run.pop("tool"), "tool_version"),
        (lambda run: run["results"][0].update(verdict="maybe"), "results.0.verdict"),
        (lambda run: run["results"][1].pop("checks"), "results.1.checks"),
        (lambda run: run["results"][0]["measurement"].update(wall_s="10"), "wall_s"),
        (lambda run: run.update(results="none"), "results"),
        (lambda run: run["results"][0]["measurement"]["loop"]["frames"].clear(), "results.0."),
        (lambda run: run["results"][0]["measurement"].update(loop=[1]), "measurement.loop"),
        (lambda run: run["results"][0].update(measurement=3), "results.0.measurement"),
        (lambda run: run["results"][0].update(code="NB102"), "code of blocking-io is NB101"),
        (lambda run: run["results"][1].update(code=["NB101"]), "results.1.code"),
        (lambda run: run["results"][0].update(diagnosis=["blocking-io"]), "results.0.diagnosis"),
    ],
)
def test_a_damaged_run_is_refused_and_the_place_is_named(saved, spoil, named):
    """The error says where the fault is and what to do."""
    spoil(saved)
    with pytest.raises(StoreError) as caught:
        run_file.from_json(saved)
    assert named in caught.value.what
    assert caught.value.hint


@pytest.mark.parametrize("saved", [None, [], "run", 3])
def test_json_that_is_no_run_is_refused(saved):
    """Any JSON value may be in a file that a person names."""
    with pytest.raises(StoreError, match="no format_version"):
        run_file.from_json(saved)


def test_saving_leaves_one_file_and_replaces_the_one_before(run, tmp_path):
    """The runner saves after every result: the last one counts, and nothing else stays behind."""
    run_file.save(replace(run, results=()), tmp_path)
    path = run_file.save(run, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert run_file.load(path) == run_file.load(tmp_path) == run


def test_a_growing_run_is_encoded_only_where_it_grew(run, tmp_path):
    """Saving again costs little where one result was added, and writes the same file."""
    growing = replace(run, results=tuple(replace(r) for _ in range(8) for r in run.results))
    file = run_file.RunFile(tmp_path)
    started = time.perf_counter()
    file.save(replace(growing, results=growing.results[:-1]))
    encoded = time.perf_counter()
    path = file.save(growing)
    again = time.perf_counter() - encoded
    assert again < (encoded - started) / 2
    assert run_file.load(path) == growing


def test_frames_are_saved_once_for_all_stacks_that_share_them(saved):
    """Ten stalls at one line name its frames by index."""
    loop = saved["results"][0]["measurement"]["loop"]
    assert len(loop["stalls"]) == 10
    assert len(loop["frames"]) == len(loop["stalls"][0]["stacks"][0]["frames"])


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[1]"])
def test_a_file_that_is_no_run_is_refused(tmp_path, content):
    """A truncated, binary or foreign file gives one clear error."""
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(StoreError):
        run_file.load(tmp_path)


def test_a_missing_run_is_refused(tmp_path):
    """The path that was tried is in the error."""
    with pytest.raises(StoreError, match=r"run\.json"):
        run_file.load(tmp_path)


def test_reports_that_cannot_be_written_are_refused(run, tmp_path):
    """A file where the folder should be stands for every unwritable place, also for root."""
    (blocked := tmp_path / "reports").write_text("in the way")
    for attempt in (
        lambda: run_folders.new_folder(blocked, NOW),
        lambda: run_file.save(run, blocked),
        lambda: run_folders.point_latest(blocked / "x"),
    ):
        with pytest.raises(StoreError, match="cannot be written"):
            attempt()


def test_a_newer_format_names_the_version_that_reads_it():
    """What wrote the run can be installed, and the message says how."""
    saved = {"format_version": 99, "tool": {"name": "neverblock", "version": "7.1.0"}}
    with pytest.raises(StoreError, match=r"pip install 'neverblock==7\.1\.0'"):
        run_file.from_json(saved)


def test_what_an_older_format_had_besides_is_ignored(run, saved):
    """Version 2 had when a request was scheduled and a stall's longest part, and counted cores."""
    saved["format_version"] = 2
    for result in saved["results"]:
        for record in result["records"]:
            record["scheduled_s"] = record["sent_s"]
        if measurement := result["measurement"]:
            measurement["cpus"] = int(measurement["cpus"])
            del measurement["machine"]["throttled_s"]
            for stall in (measurement["loop"] or {"stalls": ()})["stalls"]:
                stall["longest_s"] = 0.0
    assert run_file.from_json(saved) == replace(run, format_version=2)


def test_an_older_run_stays_one_when_it_is_read_and_written(run, saved):
    """What its figures lack does not come with a new number; nor does it change their shape."""
    saved["format_version"] = 2
    again = run_file.to_json(run_file.from_json(saved))
    assert again == saved
    jsonschema.validate(again, run_schema())


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_run_is_rendered_compared_and_gated_by_its_own_verdicts(run, version):
    """Only another limit needs what it lacks."""
    old = replace(run, format_version=version)
    renders = [create_renderer(name) for name in ("text", "markdown", "junit")]
    assert [render(old) for render in renders] == [render(run) for render in renders]
    day = NOW.date()
    assert decide(old, Policy(), today=day) == decide(run, Policy(), today=day)
    assert compare(old, run) == compare(run, run)
