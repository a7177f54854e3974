from __future__ import annotations

from dataclasses import replace
from html import unescape
from re import sub

import pytest
from canned import canned_run

from neverblock.analysis.fix_advice import SHARES_GIL
from neverblock.model import Endpoint
from neverblock.report import create_renderer
from neverblock.report.fix_text import fix_title
from neverblock.result import Advice

DIFF = """\
--- a/shop/main.py
+++ b/shop/main.py
@@ -9,3 +9,3 @@
 @app.post("/login")
-async def login(form):
+def login(form):
     return {"ok": check(form.password)}"""
EXAMPLE = "hashed = await asyncio.to_thread(bcrypt.hashpw, password, salt)"
FORMATS = ("text", "agent", "html", "markdown", "github", "junit", "sarif")


def shown(name, diff, why="A thread."):
    """Render a run in one format: bcrypt in a plain function that a handler calls."""
    run = canned_run()
    bad = next(r for r in run.results if r.endpoint.name == "sleep/bad")
    advice = Advice("asyncio.to_thread (bcrypt leaves the GIL)", EXAMPLE, why, diff)
    place = replace(
        bad.blame[0],
        source=("def check(given):", "    return bcrypt.checkpw(given, KNOWN)"),
        source_line=4,
        line=5,
        function="check",
        advice=advice,
        path=(),
    )
    endpoint = Endpoint("POST /login", "POST", "/login")
    result = replace(bad, endpoint=endpoint, blame=(place,), expected=None, as_expected=None)
    run = replace(run, results=(result,), lessons=(), unchecked=(), environment={})
    text = create_renderer(name)(run).replace("%0A", "\n").replace("\\n", "\n")
    if name == "html":
        text = unescape(sub(r"</?(?:ins|del)>", "", text.split('id="embedded-run"')[0]))
    return unescape(text).replace('\\"', '"')


@pytest.mark.parametrize("name", FORMATS)
def test_people_and_agents_see_the_same_change(name):
    """Where a rule made a diff, that alone is shown: it works in the reader's own file."""
    text = shown(name, DIFF)
    assert all(line in text for line in DIFF.splitlines())
    assert EXAMPLE not in text
    assert "the smallest change" in text.lower()


@pytest.mark.parametrize("name", FORMATS)
def test_an_example_is_never_taken_for_the_readers_line(name):
    """It stands for no line of theirs, and says where it works and that its names are made up."""
    text = shown(name, "")
    text = " ".join(text.split())
    assert EXAMPLE in text
    assert "for example, in an async def, with your own names" in text.lower()
    assert "-    return bcrypt" not in text


def test_an_example_that_awaits_nothing_works_anywhere():
    """No async function is asked for then."""
    assert fix_title(Advice("x", "gc.freeze()", "y")) == "for example, with your own names"


@pytest.mark.parametrize("name", FORMATS)
def test_that_a_thread_shares_the_gil_is_said_beside_the_diff(name):
    """Whoever applies the change alone would be told of contention by the next run."""
    text = " ".join(shown(name, DIFF, f"It awaits nothing. {SHARES_GIL} More.").split())
    assert SHARES_GIL in text.replace("│ ", "")
