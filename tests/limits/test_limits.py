"""The command on planted limits: the ceiling of arithmetic, the right name, and the proof."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from in_process import say
from limits_truth import planted

PLANTED = Path(__file__).with_name("planted.py")
RAISE = '[tool.neverblock.capacity]\nraise = { thread-pool = "THREADS=8" }\n'


@pytest.fixture(scope="module")
def threads(tmp_path_factory):
    """Measure the pool of four threads beside a base of two, and prove it by one of eight."""
    folder, base = (tmp_path_factory.mktemp(name) for name in ("threads", "base"))
    app, size = PLANTED.read_text("utf-8"), 'os.environ.get("THREADS", "4")'
    assert size in app
    (folder / "planted.py").write_text(app, "utf-8")
    (base / "planted.py").write_text(app.replace(size, '"2"'), "utf-8")
    (folder / "pyproject.toml").write_text(RAISE, "utf-8")
    options = ("-k", "/threads", "--most", "40", "--against", base, "--least", "0.8")
    options = (*options, "--json", folder / "run.json")
    said = say("capacity", "planted:app", *options, folder=folder, THREADS="4")
    (found,) = json.loads((folder / "run.json").read_text("utf-8"))["capacity"]
    return said, found


def test_a_pool_of_the_apps_own_is_named_with_its_ceiling(threads):
    """Four threads for 50 ms each let 80 requests a second through."""
    said, found = threads
    truth = next(one for one in planted(2) if one.path == "threads")
    assert said.returncode == 0, said.stderr
    assert found["limit"] == truth.limit
    assert found["ceiling_per_s"] == pytest.approx(truth.per_s, rel=truth.within)
    assert 3 <= found["at_n"] <= 5


def test_a_pool_that_is_raised_takes_the_ceiling_along(threads):
    """Served again with eight threads, it answers about twice as many."""
    proof = threads[1]["proof"]
    assert (proof["verdict"], proof["moved"]) == ("confirmed", "THREADS")
    assert (proof["from"], proof["to"]) == (4, 8)
    assert proof["ceiling_per_s"] > 1.5 * threads[1]["ceiling_per_s"]


def test_a_ceiling_is_held_to_that_of_the_base(threads):
    """A base of two threads takes half as many, measured in the same job."""
    said, found = threads
    assert "and shall be 0.8 at least" in " ".join(said.stdout.split())
    assert found["against"]["ceiling_per_s"] == pytest.approx(40.0, rel=0.05)
    assert found["against"]["ratio"] == pytest.approx(2.0, rel=0.1)


def test_a_ratio_without_a_base_is_refused_before_anything_is_measured(tmp_path):
    """It says what to type."""
    said = say("capacity", "main:app", "--least", "0.8", folder=tmp_path)
    assert said.returncode == 2
    assert "--against ../base" in " ".join(said.stderr.split())


def test_latency_is_that_of_users_who_come_when_they_please(threads):
    """At half of the ceiling a request takes little more than alone; near it, longer."""
    half, most, nearly = threads[1]["arrivals"]
    assert [each["share"] for each in (half, most, nearly)] == [0.5, 0.8, 0.95]
    assert half["p50_s"] < nearly["p99_s"]
    assert half["p50_s"] >= 0.05


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-f", "nowhere.py"), "There is no locustfile 'nowhere.py'"),
        (("-f", "planted.py", "-e", "GET /threads"), "Drop one of the two"),
    ],
)
def test_a_mix_that_cannot_be_asked_is_refused_before_anything_is_measured(options, said):
    """The file has to be there, and it alone says what is asked."""
    refused = say("capacity", "planted:app", *options, folder=PLANTED.parent)
    assert refused.returncode == 2
    assert said in " ".join(refused.stderr.split())
