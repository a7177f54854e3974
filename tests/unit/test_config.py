"""A pyproject.toml and an environment in; settings, or all that is wrong, out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from textwrap import dedent

import pytest

from neverblock.config import Config, EndpointConfig, load_config
from neverblock.config.request_values import Additions
from neverblock.errors import ExitCode, UsageError
from neverblock.gate.policy import Allow, FailOn, Policy

ENVIRON = {"TOKEN": "t0ken", "EMPTY": ""}
CODES = ("NB101", "NB102")


@pytest.fixture
def read(tmp_path):
    """Give a function that reads settings from the text of a pyproject.toml."""

    def reading(text):
        (tmp_path / "pyproject.toml").write_text(dedent(text), encoding="utf-8")
        return load_config(tmp_path, ENVIRON, CODES)

    return reading


@pytest.fixture
def complaint(read):
    """Give a function that gives the error which such a text leads to."""

    def complaining(text):
        with pytest.raises(UsageError) as caught:
            read(text)
        assert caught.value.exit_code == ExitCode.USAGE
        return str(caught.value)

    return complaining


def test_without_a_file_the_defaults_count(tmp_path):
    """A project that says nothing about itself can be checked all the same."""
    assert load_config(tmp_path, ENVIRON) == Config(app_dir=tmp_path)


def test_without_a_table_the_defaults_count(read, tmp_path):
    """Other tools' tables mean nothing here."""
    assert read("[tool.ruff]\nline-length = 3") == Config(app_dir=tmp_path)


def test_the_nearest_table_upwards_counts(tmp_path):
    """From a folder within, through files without the table, and folders are beside its file."""
    within = tmp_path / "a" / "b"
    within.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.neverblock]\napp-dir = "src"', encoding="utf-8")
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'x'", encoding="utf-8")
    found = load_config(within, ENVIRON)
    assert found.file == tmp_path / "pyproject.toml"
    assert found.app_dir == tmp_path / "src"


def test_every_key_arrives(read, tmp_path):
    """What is written is what is meant, in seconds and with whole paths."""
    found = read(
        """
        [tool.neverblock]
        app = "shop.main:create"
        factory = true
        app-dir = "src"
        env-file = ".env"
        cmd = "hypercorn {app}"
        canary = "/health"
        n = 20
        loop-limit = "10ms"
        deadline = 5
        document-limit = "1.5s"
        include = "GET *"
        exclude = ["GET /a", "GET /b"]
        path = { id = 3 }
        query = { page = [1, 2] }
        headers = { Authorization = "Bearer ${TOKEN}" }
        cookies = { session = { env = "TOKEN" } }
        setup = "shop.testing:log_in"
        allow-remote = "staging.example.com"
        fail-on = "new"
        allow-inconclusive = true
        baseline = "reports/base.json"
        [[tool.neverblock.allow]]
        endpoint = "GET /reports/*"
        code = "NB101"
        reason = "known"
        expires = 2027-01-31
        [[tool.neverblock.endpoint]]
        name = "get /users/{id}"
        path = { id = 7 }
        n = 5
        loop-limit = 0.2
        statuses = [200, 307]
        """
    )
    assert found == Config(
        file=tmp_path / "pyproject.toml",
        app="shop.main:create",
        factory=True,
        app_dir=tmp_path / "src",
        env_file=tmp_path / ".env",
        cmd="hypercorn {app}",
        canary="/health",
        n=20,
        loop_limit_s=0.01,
        deadline_s=5.0,
        document_limit_s=1.5,
        include=("GET *",),
        exclude=("GET /a", "GET /b"),
        additions=Additions(
            {"id": 3}, {"page": [1, 2]}, {"authorization": "Bearer t0ken"}, {"session": "t0ken"}
        ),
        setup="shop.testing:log_in",
        allow_remote=("staging.example.com",),
        policy=Policy(
            FailOn.NEW, (Allow("GET /reports/*", "known", date(2027, 1, 31), "NB101"),), True
        ),
        baseline=tmp_path / "reports" / "base.json",
        endpoints=(
            EndpointConfig(
                "GET", "/users/{id}", Additions(path={"id": 7}), None, 5, 0.2, (200, 307)
            ),
        ),
        secrets=frozenset({"t0ken"}),
        variables={"t0ken": "TOKEN"},
    )
    assert "t0ken" not in repr(found)


@pytest.mark.parametrize(
    ("lines", "content", "kind"),
    [
        ('json = {a = "${TOKEN}", b = {env = "x"}, c = [1.5, true], d = 2024-01-01}',
         b'{"a":"t0ken","b":{"env":"x"},"c":[1.5,true],"d":"2024-01-01"}', "application/json"),
        ("json = [1]", b"[1]", "application/json"),
        ('form = {a = "b c", d = [1, 2], e = {env = "TOKEN"}}', b"a=b+c&d=1&d=2&e=t0ken",
         "application/x-www-form-urlencoded"),
        ('content = "<x>${TOKEN}</x>"\ncontent-type = "text/xml"', b"<x>t0ken</x>", "text/xml"),
        ('content = "$${TOKEN}"', b"${TOKEN}", None),
        ('file = "body.bin"\ncontent-type = "image/png"', b"\x00\xff", "image/png"),
    ],
)  # fmt: skip
def test_bodies_are_built(read, tmp_path, lines, content, kind):
    """As JSON, as a form, as text or from a file, with the environment's values in them."""
    (tmp_path / "body.bin").write_bytes(b"\x00\xff")
    found = read(f'[[tool.neverblock.endpoint]]\nname = "POST /x"\n{lines}')
    body = found.endpoints[0].body
    assert (body.content, body.content_type) == (content, kind)


def test_files_are_sent_as_a_form(read, tmp_path):
    """The same bytes every time, with the fields that stand beside the files."""
    (tmp_path / "photo.png").write_bytes(b"\x00\xff")
    text = """
        [[tool.neverblock.endpoint]]
        name = "POST /photos"
        files = { photo = "photo.png" }
        form = { title = "me" }
        """
    body, again = read(text).endpoints[0].body, read(text).endpoints[0].body
    assert body.content == again.content
    assert b'name="photo"; filename="photo.png"' in body.content
    assert b'name="title"\r\n\r\nme' in body.content
    boundary = body.content_type.partition("boundary=")[2]
    assert body.content.endswith(f"--{boundary}--\r\n".encode())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('loop-limt = "1s"', "unknown key 'loop-limt'; did you mean 'loop-limit'?"),
        ("loop_limit = 1", "unknown key 'loop_limit'; did you mean 'loop-limit'?"),
        ("xyzzy = 1", "unknown key 'xyzzy'; there are: "),
        ('n = "ten"', "n = 'ten': should be a valid integer"),
        ("n = 2", "n = 2: should be greater than or equal to 3"),
        ("n = true", "n = True: should be a valid integer"),
        ('deadline = "soon"', "deadline = 'soon': 'soon' is not a duration. Write it as 50ms"),
        ("deadline = -1", 'deadline = -1: a time is wanted, such as "50ms" or "2s"'),
        ('fail-on = "old"', "fail-on = 'old': should be 'any' or 'new'"),
        ('app = "main"', "app = 'main': should look like package.module:name"),
        ('canary = "x"', "canary = 'x': should look like /path"),
        ("include = 3", "include = 3: should be a valid list"),
        ("headers = 3", "headers = 3: should be a table"),
        ('headers = {a = "x\\ny"}', "a line break or a character that is not allowed in a header"),
        ('headers = {"a b" = "x"}', "no header or cookie may be called 'a b'"),
        ("headers = {a = [1]}", 'a text is wanted, or { env = "NAME" }'),
        ('query = {a = {env = "NADA"}}', "query.a: the environment variable NADA is not set"),
        ('query = {a = "${NADA}"}', "query.a = '${NADA}': the environment variable NADA is not"),
        ('query = {a = ["${EMPTY}"]}', "query.a: the environment variable EMPTY is not set"),
        ("endpoint = 3", "endpoint = 3: should be written as [[tool.neverblock.endpoint]]"),
        ('endpoint = ["x"]', "endpoint[1] = 'x': should be a table"),
        ("endpoint = [{n = 5}]", "endpoint[1] lacks the key 'name'"),
        ('endpoint = [{name = "/x"}]', "endpoint[1].name = '/x': a method and a path are wanted"),
        ('endpoint = [{name = "GET /x", nn = 1}]', "unknown key 'nn' in endpoint[1]; did you mean"),
        ('endpoint = [{name = "GET /x", statuses = [20]}]', "endpoint[1].statuses[1] = 20: should"),
        ('endpoint = [{name = "GET /x", content = "", json = 1}]', "a request has one body, and"),
        ('endpoint = [{name = "GET /x", file = "no"}]', "No such file or directory"),
        ('endpoint = [{name = "GET /x"}, {name = "get /x"}]', "two entries are for the endpoint"),
        ('allow = [{endpoint = "x"}]', "allow[1] lacks the key 'reason'"),
        ('allow = [{endpoint = "x"}]', "allow[1] lacks the key 'expires'"),
        ('allow = [{endpoint = "x", reason = "", expires = 2027-01-01}]', "should not be empty"),
        ('allow = [{endpoint = "x", reason = "y", expires = "soon"}]', "expires = 'soon': a date"),
        (
            'allow = [{endpoint = "x", reason = "y", expires = 2027-01-01T03:00:00}]',
            "allow[1].expires = 2027-01-01 03:00:00: should be a valid date",
        ),
        (
            'allow = [{endpoint = "x", reason = "y", expires = 2027-01-01, code = "NB9"}]',
            "allow[1].code = 'NB9': there is no such code; there are: NB101, NB102",
        ),
    ],
)
def test_errors_name_key_value_and_what_is_allowed(complaint, text, message):
    """A person can fix the line without looking anything up, nor knowing what reads it."""
    said = complaint(f"[tool.neverblock]\n{text}")
    assert message in said
    assert not {word for word in ("Value error", "Input should", "datetime.") if word in said}


def test_all_errors_are_told_at_once(complaint):
    """Nobody has to start again for each of them."""
    message = complaint('[tool.neverblock]\nn = 1\nloop-limt = 2\nfail-on = "x"\nsetup = 3')
    assert len(message.splitlines()) == 6


@pytest.mark.parametrize(
    ("text", "place"), [("[tool]\nx = =", "line 2, column 5"), ("[tool]\nx = [", "line 2")]
)
def test_what_is_no_toml_is_told_with_its_place(complaint, text, place):
    """Line and column, as the parser has them."""
    assert place in complaint(text)


@pytest.mark.parametrize("text", ["[tool]\nneverblock = 3", "tool = 3\n[x]"])
def test_a_table_that_is_none_is_no_traceback(read, text, tmp_path):
    """It is reported, or it is no table of ours."""
    try:
        assert read(text) == Config(app_dir=tmp_path)
    except UsageError as error:
        assert "should be a table" in str(error)  # noqa: PT017 - either may be


def test_the_command_line_counts_more():
    """Options that were not given change nothing."""
    config = Config(n=5, app="a:b")
    assert config.with_options(n=7, app=None, loop_limit_s=None) == replace(config, n=7)


def test_endpoints_are_named_once():
    """What is said of one already is kept."""
    known = EndpointConfig("POST", "/x", n=5)
    named = Config(endpoints=(known,)).naming(["post /x", "/y", "GET /y"])
    assert named.endpoints == (known, EndpointConfig("GET", "/y"))
    assert named.endpoint("POST /x") is known
    assert named.endpoint("GET /x") is None
    for wrong in ("x", "GET x", "GET /x y", ""):
        with pytest.raises(UsageError, match="names no endpoint"):
            Config().naming([wrong])


def test_what_the_hook_returned_is_secret():
    """Whole values, and tokens without the scheme before them."""
    config = Config(additions=Additions(headers={"a": "1", "b": "2"}))
    more = config.with_additions(Additions({"id": 17}, {"q": ["x"]}, {"b": "Bearer tok"}))
    assert more.additions == Additions({"id": 17}, {"q": ["x"]}, {"a": "1", "b": "Bearer tok"})
    assert more.secrets == {"17", "x", "Bearer tok", "tok"}
    assert "tok" not in json.dumps(repr(more))
