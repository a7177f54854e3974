"""A secret that the app gives back, in any form and any place, stands in no output."""

from __future__ import annotations

import base64
import html
import json
from dataclasses import replace
from urllib.parse import quote, quote_plus

import pytest
from canned import canned_run
from canned_load import HELD, loaded

from neverblock.analysis.trial import failed_result
from neverblock.config.secret import redact
from neverblock.endpoints.probe_request import Answer
from neverblock.endpoints.refusal import LONGEST, why_refused
from neverblock.model import Endpoint, Record, Request, Scenario, Verdict
from neverblock.plan import Subject
from neverblock.report import RENDERERS, create_renderer
from neverblock.result import Background, Blame, Unchecked
from neverblock.run.log import Log, Watcher

FORMS = {
    "plain": str,
    "repr": lambda s: repr(s)[1:-1],
    "bytes": lambda s: repr(s.encode())[2:-1],
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON in JSON": lambda s: json.dumps(json.dumps(s))[3:-3],
    "HTML": html.escape,
    "JSON in HTML": lambda s: html.escape(json.dumps(s)[1:-1]),
    "percent": lambda s: quote(s, safe=""),
    "percent twice": lambda s: quote(quote(s, safe=""), safe=""),
    "form": quote_plus,
    "upper": lambda s: "".join(c.upper() if c.isascii() else c for c in s),
    "lower": lambda s: "".join(c.lower() if c.isascii() else c for c in s),
    "hex": lambda s: s.encode().hex(),
    "HEX": lambda s: s.encode().hex().upper(),
}
ALPHABET = "abcXYZnrt019-_./+=&<>\"'\\ %ü€😀~"
SECRETS = [
    "".join(
        ALPHABET[(seed * 7 + at * (seed + 3)) % len(ALPHABET)] for at in range(12 + seed)
    ).strip()
    for seed in range(24)
]


def logged(*outcomes, secret):
    """Give the run that holds these outcomes, as it is saved and shown."""
    log = watched(replace(canned_run(), results=()), secret)
    log.add(*outcomes)
    return log.run


def watched(run, secret):
    """Give the log of a run whose target has one secret."""
    watcher = Watcher(lambda _: None, lambda *_: None, lambda _: None)
    return Log(watcher, run, secrets=frozenset({secret}))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_hidden(form):
    """However its characters are written; the text around it stays."""
    for secret in SECRETS:
        assert redact(f"a {FORMS[form](secret)} b", {secret}) == "a *** b", secret


@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
def test_base64_is_hidden_wherever_it_stands_in_more(before):
    """As the credentials of Basic have it; a few characters of its neighbours' may stay."""
    for secret in SECRETS:
        encoded = base64.b64encode(f"{before}{secret}".encode()).decode()
        left = redact(encoded, {secret}).replace("***", "")
        assert len(left) <= len(base64.b64encode(before.encode())) + 4, secret


@pytest.mark.parametrize("cut", [0, LONGEST - 10, LONGEST - 40])
def test_what_is_shortened_is_hidden_before(cut):
    """No part of a secret is left at the place where an answer is cut."""
    secret = "0123456789abcdefghijklmnopqrstuv"  # noqa: S105 - of a test
    text = "x" * cut + secret
    subject = Subject(Endpoint("GET /", "GET", "/"), Request("GET", "/"))
    answer = Answer(422, {}, text).hiding(lambda one: redact(one, {secret}))
    said = why_refused(Record(0, 0.0, 0.1, 0.2, 422), subject, answer, "")
    assert not any(secret[at : at + 4] in said for at in range(len(secret) - 3))


def test_the_beginning_of_a_secret_at_the_end_of_a_text_is_hidden():
    """Somebody else may have cut it."""
    assert redact("token 0123456789abcde", {"0123456789abcdefgh"}) == "token ***"


@pytest.mark.parametrize("name", sorted(RENDERERS))
@pytest.mark.parametrize("form", ["plain", "HTML", "percent", "JSON", "upper"])
def test_no_output_has_it(name, form):
    """Not where it came in a reason, a location, an error of a record, a note or the source."""
    secret = "Sk-live_51&H'8x\"Zz/+=q"  # noqa: S105 - of a test
    given = FORMS[form](secret)
    subject = Subject(Endpoint("GET /", "GET", "/"), Request("GET", "/"))
    scenario = Scenario("gather", "Requests at once", "gather")
    failed = failed_result(subject, scenario, f"redirects to /login?next={given}")
    template = next(r for r in canned_run().results if r.blame)
    place = replace(template.blame[0], source=(f"x = '{given}'",), note=given)
    record = Record(0, 0.0, None, 1.0, None, f"LocalProtocolError: {given}")
    told = replace(
        template,
        blame=(place,),
        records=(record,),
        judgement=replace(template.judgement, notes=(given,)),
        measurement=replace(template.measurement, statuses={f"failed: {given}": 1}),
    )
    run = logged(failed, told, Unchecked("GET", "/x", given), secret=secret)
    said = create_renderer(name)(run)
    for each in FORMS.values():
        assert each(secret) not in said


@pytest.mark.parametrize("name", ["text", "json", "html", "markdown", "agent", "sarif"])
def test_no_output_of_a_load_or_of_background_work_has_it(name):
    """The line that held the loop may be the one that has it."""
    secret = "tok-0123456789"  # noqa: S105 - of a test
    line = {"source": (f'TOKEN = "{secret}"',), "source_line": 41}
    run = loaded(Verdict.FAIL, findings=(replace(HELD, **line),))
    place = Blame("app/db.py", 41, "tick", "time.sleep", 0.1, on_cpu=False, **line)
    log = watched(replace(run, background=(Background(place, 3, 0.1, 1.0),)), secret)
    log.publish()
    said = create_renderer(name)(log.run)
    assert secret not in said
    assert "app/db.py" in said


def test_names_by_which_runs_are_compared_stay():
    """A secret that is a word of the app's own does not rename its endpoints and files."""
    template = next(r for r in canned_run().results if r.blame)
    file, word = template.blame[0].file, "users"
    run = logged(replace(template, endpoint=Endpoint("GET /users", "GET", "/users")), secret=word)
    assert run.results[0].endpoint.name == "GET /users"
    run = logged(template, secret=file)
    assert run.results[0].blame[0].file == file
