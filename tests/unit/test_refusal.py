"""Why an endpoint was not measured, from what it answered."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace

import pytest

from neverblock.endpoints.probe_request import Answer
from neverblock.endpoints.refusal import answers_made_up, refused, why_refused
from neverblock.endpoints.refusal_in_test import why_refused_in_test
from neverblock.endpoints.refused_fields import refused_fields
from neverblock.model import Endpoint, Record, Request
from neverblock.plan import Subject


def answered(status=None, *, error=None, first_byte_s=None):
    """Make the record of a single request."""
    return Record(0, 0.0, first_byte_s, 1.0, status, error)


def subject(path="/users/{user_id}", **settings):
    """Make an endpoint that was found, and not named."""
    name = f"GET {path}"
    settings = {"redirects": False, "named": False, **settings}
    return Subject(Endpoint(name, "GET", path), Request("GET", "/users/1"), **settings)


def reason_for(record, *, headers=None, text="", log="", of=None):
    """Say why, given what the probe request showed."""
    return why_refused(record, of or subject(), Answer(record.status, headers or {}, text), log)


@pytest.mark.parametrize("status", [200, 204, 299])
def test_a_success_is_not_refused(status):
    """There is something to burst."""
    assert not refused(answered(status), subject())


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 422, 429, 500, 503])
def test_what_is_no_answer_of_its_own_is_refused(status):
    """A burst of it would measure something else."""
    assert refused(answered(status), subject())


def test_a_redirect_is_an_answer_where_the_document_says_so():
    """The endpoint declares it among its responses."""
    assert not refused(answered(307), subject(redirects=True))


def test_configured_statuses_are_right_answers_and_no_others():
    """Whoever says 404 is right says that 200 is not."""
    assert not refused(answered(404), subject(statuses=(404,)))
    assert refused(answered(200), subject(statuses=(404,)))


def test_no_answer_is_refused():
    """Whatever the reason."""
    assert refused(answered(error="connection reset"), subject())


@pytest.mark.parametrize(
    ("record", "made_up", "unchecked"),
    [
        (answered(404), ("user_id",), True),
        (answered(500), ("user_id",), True),
        (answered(404), (), False),
        (answered(401), (), False),
        (answered(307), (), False),
        (answered(429), (), False),
        (answered(error="timeout after 30.0 s"), ("user_id",), False),
        (answered(error="connection closed", first_byte_s=0.1), ("user_id",), False),
    ],
)
def test_only_an_answer_to_made_up_values_says_nothing(record, made_up, unchecked):
    """Nobody gave the id: that it is not there says nothing of the endpoint, unless it is named."""
    assert answers_made_up(record, subject(made_up=made_up)) is unchecked
    assert not answers_made_up(record, subject(made_up=made_up, named=True))


ENTRY = '[[tool.neverblock.endpoint]]\nname = "GET /users/{user_id}"\npath = {user_id = "..."}'


@pytest.mark.parametrize("status", [400, 404, 422, 500])
def test_alike_refusals_begin_with_the_same_line(status):
    """So that hundreds of them are one paragraph; what was asked is a comment beneath."""
    made_up = {"made_up": ("user_id",), "entry": ENTRY}
    first, second = (
        why_refused(answered(status), of, Answer(status, {}, text), log)
        for of, text, log in (
            (subject(**made_up), "no user 1", "Traceback ...\nKeyError: 1"),
            (subject("/items/{user_id}", **made_up), "no item 1", "Traceback ...\nKeyError: 2"),
        )
    )
    assert first.partition("\n")[0] == second.partition("\n")[0]
    assert first != second
    assert "# /users/1" in first
    assert ENTRY in first
    assert tomllib.loads(first.partition("\n")[2])


@pytest.mark.parametrize(
    ("record", "headers", "text", "part"),
    [
        (answered(401), {}, "", "headers={'authorization': ...}"),
        (answered(404), {}, "missing: q", "give a path that exists to check()"),
        (answered(405), {"allow": "POST"}, "", "it takes POST"),
        (answered(307), {"location": "/login"}, "", "redirects to /login"),
        (answered(422), {}, "missing: q", "give json=, content= or headers= to check()"),
        (answered(500), {}, "missing: q", "missing: q"),
        (answered(error="timeout after 30.0 s"), {}, "", "neverblock(deadline='60s')"),
    ],
)
def test_a_test_is_told_what_works_in_a_test(record, headers, text, part):
    """What check() takes, or a table that every test reads; no entry that `check` needs alone."""
    said = why_refused_in_test(record, subject(), Answer(record.status, headers, text), "")
    assert part in said
    assert "[[tool.neverblock" not in said
    assert "--" not in said


@pytest.mark.parametrize("explain", [why_refused, why_refused_in_test])
def test_an_endpoint_that_fails_now_and_then_is_told_as_such(explain):
    """The next, equal request was answered: its words are no reason for the refusal before."""
    said = explain(answered(503), subject(), Answer(200, {}, "all is well"), "")
    assert "answers 503 to one request" in said
    assert "and 200 to the next" in said
    assert "all is well" not in said


def test_a_login_is_told_with_what_it_asks_for():
    """And where credentials go, with the secret from the environment."""
    said = reason_for(answered(401), headers={"www-authenticate": "Bearer"})
    assert "credentials (Bearer)" in said
    assert "${API_TOKEN}" in said
    assert "setup" in said


LOGIN = '[[tool.neverblock.endpoint]]\nname = "GET /users/{user_id}"\njson = {}'


@pytest.mark.parametrize("status", [401, 403])
def test_a_made_up_body_may_be_the_login_that_fails(status):
    """Both causes are told, each with its own lines; without such a body there is one."""
    both = reason_for(answered(status), of=subject(made_up=("body",), entry=LOGIN))
    assert "needs credentials" in both.partition("\n")[0]
    assert "made-up body" in both.partition("\n")[0]
    table = tomllib.loads(both.partition("\n")[2])["tool"]["neverblock"]
    assert table.keys() == {"headers", "endpoint"}
    assert "body" not in reason_for(answered(status))


DETAIL = json.dumps(
    {
        "detail": [
            {"loc": ["body", "title"], "msg": "Field required", "input": "x" * 3000},
            {"loc": ["body", "lines", 0, "price"], "msg": "should be more than 0"},
            {"loc": ["body", "buyer", "mail"], "msg": "not a mail"},
            {"loc": ["header", "x-tenant"], "msg": "Field required"},
        ]
    }
)


def test_the_fields_that_are_not_accepted_are_named():
    """Those of the answer, in the order of the answer, and a table with a place for each."""
    said = reason_for(answered(422), text=DETAIL, of=subject(made_up=("body",), entry=LOGIN))
    assert "credentials" not in said
    assert "body.title: Field required; body.lines: should be more than 0" in said
    (table,) = tomllib.loads(said.partition("\n")[2])["tool"]["neverblock"]["endpoint"]
    assert table["json"] == {"title": "...", "lines": "...", "buyer": {"mail": "..."}}
    assert table["headers"] == {"x-tenant": "..."}


def test_what_was_accepted_of_a_made_up_body_stays():
    """Else the lines would lack it, and the next answer name it instead; TOML has no null."""
    body = json.dumps({"title": "x", "n": 1, "by": {"mail": "x", "age": 2}, "note": None}).encode()
    wrong = [
        {"loc": ["body", "title"], "msg": "Value error, no such title"},
        {"loc": ["body", "by", "mail"], "msg": "not a mail"},
    ]
    text = json.dumps({"detail": wrong})
    of = replace(subject(made_up=("body",)), request=Request("POST", "/x", content=body))
    said = reason_for(answered(422), text=text, of=of)
    assert "body.title: no such title" in said
    (table,) = tomllib.loads(said.partition("\n")[2])["tool"]["neverblock"]["endpoint"]
    assert table["json"] == {"title": "...", "n": 1, "by": {"mail": "...", "age": 2}}
    given = reason_for(answered(422), text=text, of=replace(of, made_up=()))
    assert "age" not in given


def test_a_body_alone_is_said_to_be_one_and_a_form_stays_a_form():
    """The first line says where to look, the lines how it is written."""
    text = json.dumps({"detail": [{"loc": ["body", "user"], "msg": "Field required"}]})
    form = (("content-type", "application/x-www-form-urlencoded"),)
    asked = Request("POST", "/login", headers=form)
    of = replace(subject(made_up=("body",)), request=asked)
    said = reason_for(answered(422), text=text, of=of)
    assert said.startswith("answers 422, it does not accept the made-up body")
    assert 'form = {user = "..."}' in said
    given = reason_for(answered(422), text=text, of=subject())
    assert given.startswith("answers 422, it does not accept the body")
    assert "body.user" in why_refused_in_test(answered(422), of, Answer(422, {}, text), "")


@pytest.mark.parametrize(
    "text",
    ["no", "[]", '{"detail": "no"}', '{"detail": [1]}', '{"detail": [{"loc": []}]}', "[" * 9999],
)
def test_an_answer_of_another_form_names_no_field(text):
    """Its own words are shown then."""
    assert refused_fields(text) == ()
    assert reason_for(answered(422), text=text).startswith("answers 422, it does not accept")


@pytest.mark.parametrize(
    ("status", "headers", "parts"),
    [
        (404, {}, ["/users/1", "missing: q", "path = { user_id = ... }"]),
        (405, {"allow": "POST"}, ["it takes POST"]),
        (405, {}, ["missing: q"]),
        (500, {}, ["/users/1", "missing: q"]),
        (429, {}, ["rate limit"]),
        (307, {"location": "/login"}, ["to /login", "statuses = [307]"]),
        (422, {}, ["missing: q", "query"]),
    ],
)
def test_each_refusal_says_what_to_do(status, headers, parts):
    """The status, what the answer said of it, and the lines for the configuration."""
    said = reason_for(answered(status), headers=headers, text="missing: q")
    assert str(status) in said
    assert [part for part in parts if part not in said] == []


@pytest.mark.parametrize("status", [307, 404, 422])
def test_the_lines_to_add_are_a_table_of_that_endpoint(status):
    """Filled in, they are read by the configuration."""
    _, _, lines = reason_for(answered(status)).partition("\n")
    table = tomllib.loads(lines.replace("...", "1"))
    assert table["tool"]["neverblock"]["endpoint"][0]["name"] == "GET /users/{user_id}"


def test_what_has_no_parameters_and_is_not_there_needs_no_value():
    """Nothing can be filled in; where nothing is the right answer, that can be said."""
    said = reason_for(answered(404), of=subject("/gone"))
    assert "statuses = [404]" in said
    assert "path = " not in said


def test_a_servers_error_shows_its_traceback():
    """It says more than the answer."""
    log = "Traceback (most recent call last):\nValueError: no"
    said = reason_for(answered(500), text="Internal Server Error", log=log)
    assert said.endswith("ValueError: no")
    assert "Internal Server Error" in reason_for(answered(500), text="Internal Server Error")


def test_a_log_without_a_traceback_is_not_taken_for_the_cause():
    """The answer's own words come first, and what was printed meanwhile is called that."""
    said = reason_for(answered(500), text="no stock", log="Observer for 'workspace' started")
    assert said.index("no stock") < said.index("meanwhile it printed") < said.index("Observer")


def test_silence_is_told_with_what_else_the_server_did():
    """Nobody is sent to ask by hand where the server answered all others."""
    said = reason_for(answered(error="timeout after 3.0 s"))
    assert "timeout after 3.0 s; the server answers others" in said
    assert "--deadline" in said


def test_an_endless_answer_is_told_from_none():
    """One began; the advice is to leave it out."""
    assert "exclude" in reason_for(answered(error="timeout after 30.0 s", first_byte_s=0.1))
    assert "exclude" not in reason_for(answered(error="timeout after 30.0 s"))


def test_what_the_answer_says_is_cut_to_a_line():
    """An error page of many lines does not flood the terminal."""
    said = reason_for(answered(422), text="x\n" * 5000)
    assert len(said) < 600
