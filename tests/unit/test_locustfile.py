from __future__ import annotations

import ast

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
        "'/users/7'",
        "name='/users/{id}'",
        "headers={'x-a': '1'}",
        """data=b'{"apples": 3}'""",
    ):
        assert part in text


def test_two_endpoints_never_share_a_name():
    """What is left of their paths may be the same."""
    text = locustfile([subject("GET", path, path) for path in ("/a-b", "/a/b", "/a_b")])
    assert [f"def {name}(self)" in text for name in ("get_a_b", "get_a_b_2", "get_a_b_3")] == [
        True
    ] * 3
