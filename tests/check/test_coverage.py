"""What a check covers: values that were made up, what no document describes, bodies by hand."""

from __future__ import annotations

import pytest
from checking import APPS, Checked

from neverblock.errors import ExitCode

CONFIG = """
[tool.neverblock]
app = "covered:app"

[[tool.neverblock.endpoint]]
name = "GET /{tenant}/rows"
path = { tenant = "acme" }

[[tool.neverblock.endpoint]]
name = "POST /raw"
file = "body.bin"
content-type = "application/octet-stream"

[[tool.neverblock.endpoint]]
name = "POST /form"
files = { upload = "body.bin" }
"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Check the app as it is, once."""
    return Checked(tmp_path_factory.mktemp("plain"), "covered:app", "--app-dir", APPS)


@pytest.fixture(scope="module")
def configured(tmp_path_factory):
    """Check the app with real values, bodies and the mount named, once."""
    folder = tmp_path_factory.mktemp("configured")
    (folder / "pyproject.toml").write_text(CONFIG)
    (folder / "body.bin").write_bytes(bytes(range(256)))
    return Checked(folder, "--app-dir", APPS, "-k", "/", "-e", "GET /metrics")


def test_a_pass_that_says_little_says_so(plain):
    """It passes, with what it rests on; an endpoint without values passes plainly."""
    assert plain.code == ExitCode.OK
    covers = {name: (one["made_up"], one["empty"]) for name, one in plain.results.items()}
    assert covers == {"GET /{tenant}/rows": (["tenant"], True), "GET /innocent": ([], True)}
    assert "1 of 2 passes is of made-up values" in plain.said.stdout
    assert 'path = {tenant = "..."}' in plain.said.stdout


def test_what_is_mounted_is_listed(plain):
    """With the line that names it."""
    assert 'name = "GET /metrics"' in plain.unchecked["GET /metrics"]


def test_real_values_find_what_made_up_ones_hide(configured):
    """The same endpoint fails as soon as its request finds something."""
    assert configured.diagnoses["GET /{tenant}/rows"] == "blocking-io"
    assert configured.results["GET /{tenant}/rows"]["made_up"] == []
    assert "made-up values" not in configured.said.stdout


@pytest.mark.parametrize("name", ["GET /metrics", "POST /raw", "POST /form"])
def test_what_is_named_is_answered(configured, name):
    """A mounted app, a body of bytes and an upload are asked as the configuration says."""
    assert set(configured.results[name]["measurement"]["statuses"]) == {"200"}
    assert configured.unchecked == {}
