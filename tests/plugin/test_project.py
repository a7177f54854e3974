"""What a test takes of ``[tool.neverblock]``, and what is said of what it does not take."""

from __future__ import annotations

import textwrap

import pytest
from suite import write

from neverblock.errors import UsageError
from neverblock.testing.limits import Said
from neverblock.testing.project import fits_template, project_of

pytest_plugins = "pytester"

PROJECT = """
[tool.neverblock]
setup = "shelf:login"
document-limit = "3s"
headers = { Authorization = "Bearer ${SHELF_WORD}" }
query = { lang = "en" }

[[tool.neverblock.endpoint]]
name = "GET /mine/{shelf}"
path = { shelf = "top" }
n = 4

[[tool.neverblock.endpoint]]
name = "POST /lend"
json = { to = "ann" }
"""
TESTS = """
from shelf import app


def test_all_is_sent(neverblock):
    result = neverblock.check(app, "GET /mine/{shelf}")
    assert (result.endpoint.name, result.measurement.n) == ("GET /mine/{shelf}", 4)
    assert result.criterion.document_limit_s == 3
    assert "open sesame" not in repr(result)


def test_the_body_is_sent(neverblock):
    neverblock.check(app, "POST /lend")


def test_what_the_test_gives_counts(neverblock):
    neverblock.check(app, "GET /mine/bottom", headers={"authorization": "Bearer nobody"})
"""


def test_a_check_sends_what_the_project_says(pytester, monkeypatch):
    """Headers, values, a query and bodies are the table's, unless the test gives its own."""
    monkeypatch.setenv("SHELF_WORD", "open sesame")
    write(pytester.path, TESTS, pyproject=PROJECT)
    done = pytester.runpytest_subprocess("--show-capture=no")
    done.assert_outcomes(passed=2, failed=1)
    said = " ".join(done.stdout.str().split())
    assert "answers 401 to a single request" in said
    assert "note: setup = 'shelf:login' is not called in a test: log in there" in said


def read(folder, text, **environ):
    """Read the settings of a project that says this, with these variables set."""
    (folder / "pyproject.toml").write_text(textwrap.dedent(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SHELF_WORD", raising=False)
        for name, value in environ.items():
            patch.setenv(name, value)
        return project_of(folder)


def test_what_lacks_a_variable_is_left_out_and_said(tmp_path):
    """A header of a variable that is not set is not sent, and a sentence says what to export."""
    project = read(tmp_path, PROJECT)
    sent = project.request("GET /mine/top", {}, None, None)
    assert dict(sent.headers) == {}
    assert sent.path == "/mine/top?lang=en"
    assert project.unsent[0] == (
        "headers.authorization of [tool.neverblock] is not sent, as the environment variable "
        "SHELF_WORD is not set: export SHELF_WORD=..., or give it to check()"
    )
    assert project.secrets == frozenset()


def test_a_secret_that_is_sent_is_known_as_one(tmp_path):
    """What came from the environment can be taken out of every text."""
    project = read(tmp_path, PROJECT, SHELF_WORD="open sesame")
    assert project.secrets == {"open sesame"}
    assert project.unsent == (project.unsent[0],)
    assert "setup" in project.unsent[0]


@pytest.mark.parametrize(
    ("name", "template", "fits"),
    [
        ("GET /users/1", "GET /users/{id}", True),
        ("GET /users/1/books", "GET /users/{id}", False),
        ("POST /users/1", "GET /users/{id}", False),
        ("GET /users", "GET /users", False),
    ],
)
def test_an_entry_counts_for_the_paths_of_its_template(name, template, fits):
    """``GET /users/1`` takes what the entry of ``GET /users/{id}`` says; other paths do not."""
    assert fits_template(name, template) is fits


def test_a_value_that_nothing_gives_is_asked_for(tmp_path):
    """A template without a value is no path: what to type stands in the message."""
    with pytest.raises(UsageError) as told:
        read(tmp_path, "").request("GET /users/{id}", {}, None, None)
    assert "'GET /users/{id}' has no value for id" in f"{told.value}"
    assert "GET /users/1" in told.value.hint


def test_a_query_in_the_path_goes_on_with_the_projects(tmp_path):
    """What the test wrote counts, and one question mark stands in the path."""
    project = read(tmp_path, '[tool.neverblock.query]\nlang = "en"\nq = "coffee"')
    assert project.request("GET /find?q=tea", {}, None, None).path == "/find?q=tea&lang=en"


def test_an_endpoints_own_limits_come_between_marker_and_ini(tmp_path):
    """Marker, then the endpoint's entry, then the ini file, then the project."""
    project = read(tmp_path, PROJECT)
    general = Said(n=7).over(project.limits)
    own = project.limits_of("GET /mine/top", general)
    assert (own.n, Said(n=9).over(own).n) == (4, 9)
    assert project.limits_of("GET /books", general).n == 7
