"""The report of a session: of all checks, of all processes, and told where it is."""

from __future__ import annotations

import json

from suite import write

from neverblock.errors import ExitCode

pytest_plugins = "pytester"

SUITE = """
import pytest
from shelf import app


@pytest.mark.parametrize("path", ["/free", "/books", "/secret", "/kept"])
def test_check(neverblock, path):
    neverblock.check(app, f"GET {path}")


def test_by_name(neverblock):
    neverblock.check("shelf:app", "GET /free")
"""
VERDICTS = [
    ("GET /books", "fail"),
    ("GET /free", "pass"),
    ("GET /free", "pass"),
    ("GET /kept", "fail"),
    ("GET /secret", "error"),
]


def verdicts(folder):
    """Give what a report says of each endpoint."""
    run = json.loads((folder / "run.json").read_text())
    assert run["control"]["seen"]
    assert "GET /books" in (folder / "index.html").read_text()
    return sorted((one["endpoint"]["name"], one["verdict"]) for one in run["results"])


def test_it_has_all_checks_whatever_they_came_to(pytester):
    """And the last lines of pytest say where it is."""
    write(pytester.path, SUITE)
    done = pytester.runpytest_subprocess("--neverblock-report", "report")
    done.assert_outcomes(passed=2, failed=3)
    assert verdicts(pytester.path / "report") == VERDICTS
    done.stdout.fnmatch_lines(["neverblock: report of all checks: report/index.html"])


def test_it_has_those_of_all_processes(pytester):
    """Of pytest-xdist's, which measure in turns."""
    write(pytester.path, SUITE)
    done = pytester.runpytest_subprocess("-n", "2", "--neverblock-report", "report")
    done.assert_outcomes(passed=2, failed=3)
    assert verdicts(pytester.path / "report") == VERDICTS


def test_a_session_without_checks_says_so(pytester):
    """A report that was asked for is not missing in silence."""
    write(pytester.path, "def test_nothing():\n    pass\n")
    done = pytester.runpytest_inprocess("--neverblock-report", "report")
    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines(["neverblock: no report was written: *"])


def test_a_folder_that_cannot_be_written_to_is_told(pytester):
    """In two lines, and the session fails."""
    write(pytester.path, SUITE)
    (pytester.path / "report").write_text("a file")
    done = pytester.runpytest_subprocess("-k", "free", "--neverblock-report", "report")
    assert done.ret == ExitCode.USAGE
    said = done.stdout.str() + done.stderr.str()
    assert "cannot be written to 'report'" in said
    assert "Traceback" not in said
    assert "INTERNALERROR" not in said
