from __future__ import annotations

import ast
import os
from functools import partial

import pytest

from neverblock.config.secret import redact
from neverblock.load.literals import WithoutSecrets
from neverblock.load.locustfile import locustfile
from neverblock.model import Endpoint, Request
from neverblock.plan import Subject


def subject(method, template, path, **request):
    """Give an endpoint of which one path is asked."""
    name = f"{method} {template}"
    return Subject(Endpoint(name, method, template), Request(method, path, **request))


def test_every_endpoint_is_a_task_of_its_own():
    """Under the name of its template, with its headers and body."""
    text = locustfile(
        [
            subject("GET", "/users/{id}", "/users/7", headers=(("x-a", "1"),)),
            subject("POST", "/orders", "/orders", content=b'{"apples": 3}'),
        ]
    )
    tree = ast.parse(text)
    (user,) = (node for node in tree.body if isinstance(node, ast.ClassDef))
    tasks = [node.name for node in user.body if isinstance(node, ast.FunctionDef)]
    assert tasks == ["get_users_id", "post_orders"]
    for part in (
        'self.client.get("/users/7", name="/users/{id}", headers={"x-a": "1"})',
        'self.client.post("/orders", ',
        """data=b'{"apples": 3}'""",
    ):
        assert part in text


def test_what_is_not_asked_is_said():
    """In a comment, whatever stands in the reason."""
    text = locustfile([subject("GET", "/a", "/a")], left_out=["POST /b: it writes\nimport os"])
    assert "    # not asked: POST /b: it writes import os\n" in text
    ast.parse(text)


def test_two_endpoints_never_share_a_name():
    """What is left of their paths may be the same."""
    text = locustfile([subject("GET", path, path) for path in ("/a-b", "/a/b", "/a_b")])
    assert [f"def {name}(self)" in text for name in ("get_a_b", "get_a_b_2", "get_a_b_3")] == [
        True
    ] * 3


class Asked:
    """Stands in the place of a user's client, and keeps what it is asked to send."""

    def get(self, path, **more):
        """Keep one request."""
        self.sent = {"path": path, **more}


def sent(text, environ, monkeypatch):
    """Run the only task of a locustfile by itself, and give what it would send."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    own = {"FastHttpUser": object, "constant": lambda _: None, "task": lambda function: function}
    exec(text.replace("from locust import FastHttpUser, constant, task", ""), own)  # noqa: S102 - our own
    user = own["User"]()
    user.client = Asked()
    next(value for name, value in vars(own["User"]).items() if name.startswith("get"))(user)
    return user.client.sent


ODD = 'pass "&ö word'


@pytest.mark.parametrize(
    ("request_of", "named", "others", "environ"),
    [
        ({"headers": (("authorization", "Bearer tok-9876"),)}, {"tok-9876": "API_TOKEN"}, (), {}),
        ({"headers": (("x-tenant", "7"),)}, {"7": "TENANT"}, (), {}),
        ({"headers": (("authorization", "Bearer literal"),)}, {}, (), {"AUTHORIZATION": "literal"}),
        ({"headers": (("cookie", "a=1; session=xyz"),)}, {}, (), {"COOKIE": "a=1; session=xyz"}),
        (
            {"headers": (("authorization", "Bearer from-login"),)},
            {},
            ("Bearer from-login", "from-login"),
            {"AUTHORIZATION": "from-login"},
        ),
        ({"path": "/users/0a1b2c3d"}, {}, ("0a1b2c3d",), {"SECRET_1": "0a1b2c3d"}),
        ({"path": "/find?q=pass%20%22%26%C3%B6%20word&n=1"}, {ODD: "PW"}, (), {}),
        ({"content": b'{"pw": "pass \\"&\xc3\xb6 word", "n": 7}'}, {ODD: "PW"}, (), {}),
        ({"content": b"pw=pass+%22%26%C3%B6+word"}, {ODD: "PW"}, (), {}),
        ({"content": b"\xff\xfetok-9876"}, {"tok-9876": "API_TOKEN"}, (), {}),
    ],
)
def test_secrets_are_read_where_the_file_is_run(request_of, named, others, environ, monkeypatch):
    """None stands in it, and what it sends is what was configured, letter by letter."""
    given = {"path": "/users", **request_of}
    secrets = {*named, *others}
    writer = WithoutSecrets(named, secrets, partial(redact, secrets=secrets))
    asked = subject(
        "GET", "/users", given["path"], **{k: v for k, v in given.items() if k != "path"}
    )
    text = locustfile([asked], writer=writer)
    needed = {**{name: value for value, name in named.items()}, **environ}
    assert redact(text, {value for value in needed.values() if len(value) > 3}) == text
    assert "***" not in text
    assert all(f"{name}=... " in text for name in needed)
    got = sent(text, needed, monkeypatch)
    wanted = {"path": given["path"]}
    if "headers" in given:
        wanted["headers"] = dict(given["headers"])
    if "content" in given:
        wanted["data"] = given["content"]
    assert {key: got[key] for key in wanted} == wanted
    assert set(needed) <= set(os.environ)


def test_a_form_that_nobody_can_read_back_is_hidden():
    """A secret in base64 stands in no file."""
    hide = partial(redact, secrets={"tok-9876"})
    asked = subject("GET", "/a", "/a?v=dG9rLTk4NzY")
    text = locustfile([asked], writer=WithoutSecrets({"tok-9876": "API_TOKEN"}, (), hide))
    assert "dG9rLTk4NzY" not in text
