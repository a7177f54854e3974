"""How OpenAPI's own table of styles writes its own example values."""

from __future__ import annotations

import pytest

from neverblock.endpoints.openapi.operations import Parameter
from neverblock.endpoints.openapi.serialise import in_cookie, in_header, in_path, in_query

LIST = ["blue", "black", "brown"]
TABLE = {"R": 100, "G": 200, "B": 150}


def parameter(place, style, *, explode, **more):
    """Give the parameter of the specification's examples."""
    return Parameter("color", place, True, {}, style, explode=explode, **more)


@pytest.mark.parametrize(
    ("style", "explode", "value", "text"),
    [
        ("simple", False, "blue", "blue"),
        ("simple", False, LIST, "blue,black,brown"),
        ("simple", False, TABLE, "R,100,G,200,B,150"),
        ("simple", True, TABLE, "R=100,G=200,B=150"),
        ("label", False, "blue", ".blue"),
        ("label", False, LIST, ".blue,black,brown"),
        ("label", True, LIST, ".blue.black.brown"),
        ("label", True, TABLE, ".R=100.G=200.B=150"),
        ("matrix", False, "blue", ";color=blue"),
        ("matrix", False, LIST, ";color=blue,black,brown"),
        ("matrix", True, LIST, ";color=blue;color=black;color=brown"),
        ("matrix", False, TABLE, ";color=R,100,G,200,B,150"),
        ("matrix", True, TABLE, ";R=100;G=200;B=150"),
        ("simple", False, "a/b c?ü", "a%2Fb%20c%3F%C3%BC"),
        ("simple", False, True, "true"),
    ],
)
def test_paths_are_written_by_their_style(style, explode, value, text):
    """Simple, label and matrix, exploded or not, percent-encoded."""
    assert in_path(parameter("path", style, explode=explode), value) == text


@pytest.mark.parametrize(
    ("style", "explode", "value", "text"),
    [
        ("form", True, "blue", "color=blue"),
        ("form", True, LIST, "color=blue&color=black&color=brown"),
        ("form", False, LIST, "color=blue,black,brown"),
        ("form", True, TABLE, "R=100&G=200&B=150"),
        ("form", False, TABLE, "color=R,100,G,200,B,150"),
        ("spaceDelimited", False, LIST, "color=blue%20black%20brown"),
        ("pipeDelimited", False, LIST, "color=blue%7Cblack%7Cbrown"),
        ("deepObject", True, TABLE, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
        ("form", True, "a&b=c d+ü", "color=a%26b%3Dc%20d%2B%C3%BC"),
    ],
)
def test_queries_are_written_by_their_style(style, explode, value, text):
    """Form, delimited and deep, exploded or not, percent-encoded."""
    assert "&".join(in_query(parameter("query", style, explode=explode), value)) == text


def test_reserved_characters_stay_where_the_document_says_so():
    """What would end the value or the query is encoded all the same."""
    free = parameter("query", "form", explode=True, allow_reserved=True)
    assert in_query(free, "/a?b&c=d") == ["color=/a?b%26c%3Dd"]


def test_a_parameter_of_json_is_one_text():
    """Its media type says how it is written, and its style nothing."""
    assert in_query(parameter("query", "form", explode=True, as_json=True), {"a": [1]}) == [
        "color=%7B%22a%22%3A%5B1%5D%7D"
    ]


def test_headers_and_cookies_are_written_as_they_are():
    """Tokens stay as they were given; lists and tables have their commas."""
    assert in_header(parameter("header", "simple", explode=False), LIST) == "blue,black,brown"
    assert in_header(parameter("header", "simple", explode=True), TABLE) == "R=100,G=200,B=150"
    cookie = parameter("cookie", "form", explode=True)
    assert in_cookie(cookie, "abc.d/e+f=%20") == "color=abc.d/e+f=%20"
    assert in_cookie(cookie, "a; b") == "color=a%3B%20b"
    assert in_cookie(cookie, LIST) == "color=blue; color=black; color=brown"
