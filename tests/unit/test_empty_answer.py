"""Bodies of answers in; whether they hold anything, out."""

from __future__ import annotations

import json

import pytest

from neverblock.load.empty_answer import LONGEST_EMPTY, is_empty


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b" \r\n", b"null", b"[]", b" {} ", b'""'),
        b'{"items": [], "total": 0}',
        b'{"items": [], "total": 0, "page": 1, "next": null, "more": false, "errors": []}',
    ],
)
def test_nothing_and_a_page_without_items_are_empty(body):
    """An endpoint that found nothing says so in one of these ways."""
    assert is_empty(body)


@pytest.mark.parametrize(
    "body",
    [
        *(b"0", b"false", b"ok", b"[0]", b"[[]]", b'{"total": 0}', b"<html></html>", b"\xff\x00"),
        b'{"items": [1], "total": 1}',
        b'{"items": [1], "errors": []}',
        b'{"name": "Ada", "roles": []}',
        b"[" * 2000,
        json.dumps({"items": [], **{f"count_{i}": i for i in range(LONGEST_EMPTY)}}).encode(),
    ],
)
def test_whatever_was_found_is_not_empty(body):
    """A thing with an empty list among its parts was found; so was what nobody can read."""
    assert not is_empty(body)
