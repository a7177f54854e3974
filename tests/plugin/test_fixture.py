"""The fixture in real suites: what it checks, by what limits, and what is told where it fails."""

from __future__ import annotations

from suite import marked, write

from neverblock.errors import ExitCode

pytest_plugins = "pytester"

USES = """
import pytest
import shelf
from shelf import app


def test_by_the_object(neverblock):
    result = neverblock.check(app, "GET /free")
    assert result.judgement.verdict == "pass"
    assert len(shelf.asked) > 10  # it ran here, and what it did can be looked at


def test_overrides_apply(neverblock):
    app.dependency_overrides[shelf.opened] = lambda: None
    neverblock.check(app, "GET /books")
    app.dependency_overrides.clear()


def test_patches_apply(neverblock, monkeypatch):
    kept = []
    monkeypatch.setattr(shelf, "keep", lambda: kept.append(1))
    neverblock.check(app, "GET /kept")
    assert len(kept) > 10


def test_bodies_are_sent(neverblock):
    neverblock.check(app, "POST /books", json={"title": "Emma"})


def test_by_an_import_string(neverblock):
    neverblock.check("shelf:app", "GET /free")
    neverblock.check("shelf:make", "/free", factory=True)


@pytest.mark.asyncio
async def test_with_pytest_asyncio(neverblock):
    await neverblock.acheck(app, "GET /free")


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.mark.anyio
async def test_with_anyio(neverblock):
    await neverblock.acheck(app, "GET /free")
"""


def test_every_way_to_use_it(pytester):
    """Sync and async, by object and by name; what the test replaces is replaced."""
    write(pytester.path, USES)
    pytester.runpytest_subprocess().assert_outcomes(passed=7)


FAILURES = """
import pytest
import shelf
from shelf import app


def test_blocks(neverblock):
    neverblock.check(app, "GET /books")


@pytest.mark.asyncio
async def test_blocks_as_well(neverblock):
    await neverblock.acheck(app, "GET /books")


def test_not_there(neverblock):
    neverblock.check(app, "GET /nowhere")


def test_refuses(neverblock):
    neverblock.check(app, "GET /secret")


def test_errs(neverblock):
    neverblock.check(app, "GET /wrong")


def test_does_not_start(neverblock):
    neverblock.check(shelf.unstarted, "GET /free")


@pytest.mark.neverblock(start_timeout=0.5)
@pytest.mark.parametrize("stuck", [shelf.stuck, "shelf:stuck"], ids=["object", "name"])
def test_never_starts(neverblock, stuck):
    neverblock.check(stuck, "GET /free")


def test_is_no_app(neverblock):
    neverblock.check(None, "GET /free")


def test_names_no_endpoint(neverblock):
    neverblock.check(app, "free")


def test_names_no_module(neverblock):
    neverblock.check("nowhere:app", "GET /free")
"""
TOLD = {
    "test_blocks": f"blocking-io: GET /books: shelf.py:{marked('store')} store -> time.sleep",
    "test_blocks_as_well": "blocking-io: GET /books: shelf.py:",
    "test_not_there": "erroring: GET /nowhere",
    "test_refuses": "erroring: GET /secret",
    "test_errs": "erroring: GET /wrong",
    "test_does_not_start": "GET /free could not be measured: The app did not start",
    "test_never_starts[object]": "GET /free could not be measured: The app did not start within",
    "test_never_starts[name]": "erroring: GET /free",
    "test_is_no_app": "None is no ASGI app",
    "test_names_no_endpoint": "'free' is no endpoint",
    "test_names_no_module": "erroring: GET /free",
}
"""What the short summary has of each, on its one line."""

IN_FULL = (
    "every other request waited up",
    "time.sleep(0.02)  # mark: store",
    "^^^^^^^^^^^^^^^^",
    "+def opened() -> None:",
    "NotMeasuredError: erroring: GET /nowhere",
    "answers 404",
    "give a path that exists to check()",
    "give headers={'authorization': ...} to check()",
    "answers 500",
    "LookupError: no such table: books",
    "Does its lifespan complete?",
    "No module named 'nowhere'",
)


def test_a_failure_tells_what_an_engineer_needs(pytester, monkeypatch):
    """In one line for the summary, and beneath it all the rest; none of our own code."""
    monkeypatch.setenv("CI", "1")  # the summary is then not cut to the width
    write(pytester.path, FAILURES)
    done = pytester.runpytest_subprocess("--show-capture=no")
    done.assert_outcomes(failed=len(TOLD))
    said = done.stdout.str()
    summary = {
        line.split(" - ")[0].rpartition("::")[2]: line
        for line in done.outlines
        if "FAILED test" in line
    }
    assert {name: TOLD[name] in summary[name] for name in TOLD} == dict.fromkeys(TOLD, True)
    unwrapped = " ".join(said.split())
    assert [text for text in IN_FULL if " ".join(text.split()) not in unwrapped] == []
    assert "harness/testing" not in said


LIMITS = """
import pytest
from shelf import app


def of(neverblock):
    result = neverblock.check(app, "GET /free")
    return result.measurement.n, result.criterion.loop_limit_s


def test_of_the_ini_file_and_the_project(neverblock):
    assert of(neverblock) == (5, 0.03)


@pytest.mark.neverblock(n=4)
class TestMarked:
    def test_of_the_class(self, neverblock):
        assert of(neverblock) == (4, 0.03)

    @pytest.mark.neverblock(loop_limit="20ms")
    def test_of_both(self, neverblock):
        assert of(neverblock) == (4, 0.02)

    @pytest.mark.neverblock(n=3)
    def test_nearest(self, neverblock):
        assert of(neverblock) == (3, 0.03)
"""
PROJECT = """
[tool.neverblock]
n = 6
loop-limit = "30ms"
headers = { authorization = "Bearer ${NOT_SET_ANYWHERE}" }
"""


def test_limits_come_from_the_nearest_that_names_them(pytester):
    """Marker over class over ini file over project; what a check needs is not asked for."""
    write(pytester.path, LIMITS, ini="neverblock_n = 5", pyproject=PROJECT)
    pytester.runpytest_subprocess().assert_outcomes(passed=4)


MARKS = {
    "m=5": "unknown key 'm'",
    "5": "has 5 without a name",
    "n=2": "n = 2: should be greater than or equal to 3",
    "n=0": "n = 0: should be",
    "n=2.5": "n = 2.5: should be",
    "loop_limit='soon'": "'soon' is not a duration",
}


def test_a_limit_that_is_none_fails_the_test_in_two_lines(pytester):
    """It is not passed over, and shows no code of ours."""
    tests = ["import pytest"]
    for number, mark in enumerate(MARKS):
        tests += [f"@pytest.mark.neverblock({mark})", f"def test_{number}(neverblock): pass"]
    write(pytester.path, "\n".join(tests))
    done = pytester.runpytest_inprocess()
    done.assert_outcomes(errors=len(MARKS))
    assert [told for told in MARKS.values() if told not in done.stdout.str()] == []
    assert "Traceback" not in done.stdout.str()
    assert done.ret == ExitCode.FAILED


def test_so_does_one_of_the_ini_file(pytester):
    """All that is wrong is told at once."""
    ini = """
    neverblock_n = many
    neverblock_deadline = 0
    """
    write(pytester.path, "def test_it(neverblock): pass", ini=ini)
    done = pytester.runpytest_inprocess()
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*ini file*n = 'many': *; *'0' is not a duration*"])


def test_what_ends_every_measurement_is_told_by_each_test(pytester, monkeypatch):
    """A rig that does not start is no crash: its two lines stand in the failure."""
    monkeypatch.setenv("NEVERBLOCK_TIER", "portabel")
    write(pytester.path, USES)
    done = pytester.runpytest_subprocess("-k", "by_the_object or overrides")
    done.assert_outcomes(failed=2, deselected=5)
    done.stdout.fnmatch_lines(["*NEVERBLOCK_TIER='portabel' names no tier*"])
