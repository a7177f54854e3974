"""One small app of each framework: what blocks is found, and what does not is left alone."""

from __future__ import annotations

import pytest
from checking import APPS, Checked, marked

from neverblock.errors import ExitCode

NAMED = ("-e", "GET /free", "-e", "GET /blocks")


@pytest.mark.parametrize("app", ["starlette_app", "litestar_app", "quart_app", "django_app"])
def test_every_framework_is_checked_by_its_line(app, tmp_path):
    """By naming the endpoints, with or without a document."""
    checked = Checked(tmp_path, f"{app}:app", "--app-dir", APPS, *NAMED)
    assert checked.diagnoses["GET /blocks"] == "blocking-io"
    assert checked.results["GET /free"]["verdict"] == "pass"
    blamed = checked.results["GET /blocks"]["blame"][0]
    assert (blamed["file"], blamed["line"]) == (f"{app}.py", marked(app, "blocks"))
    assert checked.code == ExitCode.FAILED


def test_litestar_shows_its_own_document(tmp_path):
    """Its endpoints need not be named."""
    checked = Checked(tmp_path, "litestar_app:app", "--app-dir", APPS)
    assert checked.found == {"GET /free": "pass", "GET /blocks": "blocking-io"}
