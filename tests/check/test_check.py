"""A service of one's own under ``neverblock check``: found, measured, reported."""

from __future__ import annotations

import pytest
from checking import APPS, Checked, marked

from neverblock.errors import ExitCode

CONFIG = """
[tool.neverblock]
app = "shop:app"
deadline = "2s"

[tool.neverblock.headers]
authorization = "Bearer ${SHOP_TOKEN}"

[[tool.neverblock.endpoint]]
name = "GET /users/{user_id}"
path = { user_id = 7 }

[[tool.neverblock.endpoint]]
name = "POST /orders"
json = { apples = 3 }
n = 5
"""
TOKEN = "open-sesame"  # noqa: S105 - the shop's own


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Check the shop as it is, once."""
    folder = tmp_path_factory.mktemp("plain")
    return Checked(folder, "shop:app", "--app-dir", APPS, "--deadline", "2s", "-v")


@pytest.fixture(scope="module")
def configured(tmp_path_factory):
    """Check the shop by its configuration, once."""
    folder = tmp_path_factory.mktemp("configured")
    (folder / "pyproject.toml").write_text(CONFIG)
    chosen = ("-k", "secret or users or orders")
    return Checked(folder, "--app-dir", APPS, *chosen, env={"SHOP_TOKEN": TOKEN})


def test_endpoints_are_found_though_the_document_is_hidden(plain):
    """Of routers that are included as well."""
    found = plain.results.keys() | plain.unchecked.keys()
    assert {"GET /free", "GET /orders/{order_id}", "POST /orders", "GET /secret"} <= found


def test_what_blocks_is_named_by_its_line(plain):
    """The user's own helper, and the call that it made."""
    assert plain.code == ExitCode.FAILED
    result = plain.results["GET /orders/{order_id}"]
    blamed = result["blame"][0]
    assert result["diagnosis"] == "blocking-io"
    assert (blamed["file"], blamed["line"]) == ("shop.py", marked("shop", "load"))
    assert blamed["target"] == "time.sleep"
    assert "asyncio.sleep" in plain.said.stdout


def test_what_does_not_block_passes(plain):
    """And so does a redirect that the document declares."""
    assert plain.found["GET /free"] == "pass"
    assert plain.found["GET /login"] == "pass"


@pytest.mark.parametrize(
    ("name", "message"),
    [("POST /orders", "named"), ("GET /users/{user_id}", "answers 404")],
)
def test_what_was_not_asked_is_left_out_with_its_reason(plain, name, message):
    """Nor what was asked with made-up values alone; the reason shows the lines that it needs."""
    assert message in plain.unchecked[name]
    assert name not in plain.results
    assert name in plain.said.stdout


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("GET /secret", "needs credentials (Bearer)"),
        ("GET /old", "redirects (307) to /free"),
        ("GET /endless", "endless stream"),
        ("GET /huge", "larger than"),
        ("GET /limited", "a rate limit"),
        ("GET /fragile", "breaks under load"),
        ("GET /broken", "LookupError: no such table: users"),
    ],
)
def test_what_gave_no_usable_answer_is_an_error_and_not_a_block(plain, name, message):
    """With what its failing suggests, and the configuration that it needs."""
    result = plain.results[name]
    assert (result["verdict"], result["diagnosis"]) == ("error", "erroring")
    assert message in result["reason"]


def test_the_evidence_is_shown_on_request(plain):
    """The figures behind each verdict, and what the run cost beside its requests."""
    for text in ("alone: ", "loop together: ", "canary: ", "times the"):
        assert text in plain.said.stdout
    assert "Traceback" not in plain.said.stderr


def test_the_configuration_makes_endpoints_checkable(configured):
    """Parameters, credentials and a body; an unsafe method once it is named."""
    assert configured.found == {
        "GET /orders/{order_id}": "blocking-io",
        "POST /orders": "pass",
        "GET /users/{user_id}": "pass",
        "GET /secret": "pass",
    }
    assert configured.results["POST /orders"]["scenario"]["n"] == 5


def test_a_secret_is_written_nowhere(configured):
    """Not into the run, the page or the terminal."""
    written = [file.read_text() for file in configured.folder.rglob("*") if file.is_file()]
    said = [configured.said.stdout, configured.said.stderr]
    assert len(written) >= 4
    assert [text for text in (*written, *said) if TOKEN in text] == []


def test_measurements_that_agree_are_said_to(tmp_path):
    """``--repeat`` measures each endpoint that number of times."""
    checked = Checked(tmp_path, "shop:app", "--app-dir", APPS, "-k", "free", "--repeat", 2)
    assert checked.code == ExitCode.OK
    assert any("all of 2" in note for note in checked.results["GET /free"]["notes"])


def test_a_quick_check_asks_for_little(tmp_path):
    """As few requests as can tell; what is near a limit is still asked again."""
    checked = Checked(tmp_path, "shop:app", "--app-dir", APPS, "-k", "free or order_id", "--quick")
    assert checked.found == {"GET /free": "pass", "GET /orders/{order_id}": "blocking-io"}
    measured = checked.results["GET /orders/{order_id}"]["measurement"]
    assert (len(measured["solo_samples_s"]), len(measured["walls_s"])) == (3, 1)
