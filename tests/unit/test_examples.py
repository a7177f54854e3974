"""A schema in, a value that it accepts out."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from neverblock.endpoints.openapi.examples import Unfillable, value_for
from neverblock.endpoints.openapi.references import modern


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 10}, 10),
        ({"type": "integer", "exclusiveMinimum": 10}, 11),
        ({"type": "integer", "minimum": 10, "multipleOf": 7}, 14),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "integer", "exclusiveMaximum": -3}, -4),
        ({"type": "number", "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.2}, 0.15000000000000002),
        ({"type": "boolean"}, False),
        ({"type": "string"}, "1"),
        ({"type": "string", "minLength": 3}, "111"),
        ({"type": "string", "format": "uuid"}, "00000000-0000-4000-8000-000000000001"),
        ({"type": "string", "format": "date"}, "2024-01-01"),
        ({"type": "string", "format": "unheard-of"}, "1"),
        ({"type": ["null", "integer"]}, 1),
        ({"enum": [None, "a", "b"]}, "a"),
        ({"const": 7}, 7),
        ({"type": "integer", "default": 5}, 5),
        ({"type": "integer", "examples": [8, 9]}, 8),
        ({"type": "integer", "example": "42"}, 42),
        ({"type": "integer", "example": "a word", "default": 3}, 3),
        ({"type": "array", "items": {"type": "integer"}}, []),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
        (
            {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2, "uniqueItems": True},
            ["a", "b"],
        ),
        (
            {"type": "array", "prefixItems": [{"const": "x"}, {"type": "integer"}], "minItems": 2},
            ["x", 1],
        ),
        (
            {"type": "object", "required": ["a"], "properties": {"a": {"const": 1}, "b": {}}},
            {"a": 1},
        ),
        ({"type": "object", "minProperties": 1, "properties": {"a": {"const": 1}}}, {"a": 1}),
        ({"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 3}]}, 3),
        (
            {"oneOf": [{"type": "integer", "multipleOf": 2}, {"type": "integer", "multipleOf": 3}]},
            2,
        ),
        ({"allOf": [{"type": "integer"}, {"minimum": 4}, {"maximum": 4}]}, 4),
        ({"type": "string", "not": {"const": "1"}}, "2"),
        ({}, "1"),
        (True, "1"),
        ({"$ref": "#/components/schemas/Deep"}, {"inner": {"id": 5}}),
        ({"$ref": "#/components/schemas/Tree"}, {"name": "1"}),
        ({"allOf": [{"$ref": "#/components/schemas/Id"}], "default": 9}, 9),
    ],
)
def test_the_plainest_value_that_fits_is_taken(schema, value):
    """What the author wrote comes first, then what is plain, and all of it is judged."""
    document = {
        "components": {
            "schemas": {
                "Id": {"type": "integer", "minimum": 5},
                "Deep": {
                    "type": "object",
                    "required": ["inner"],
                    "properties": {"inner": {"$ref": "#/components/schemas/Inner"}},
                },
                "Inner": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": {"$ref": "#/components/schemas/Id"}},
                },
                "Tree": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string"},
                        "child": {"$ref": "#/components/schemas/Tree"},
                    },
                },
            }
        }
    }
    found, _ = value_for(document, schema)
    assert found == value
    assert type(found) is type(value)
    assert Draft202012Validator(
        {**document, **(schema if isinstance(schema, dict) else {})}
    ).is_valid(found)


@pytest.mark.parametrize(
    "pattern", [r"^[A-Z]{3}-\d{4}$", r"^(?!admin)\w{3,9}$", r"^\S+@\S+$", r"^[^/]+$", "^(a|b)c?$"]
)
def test_a_pattern_gives_the_same_match_every_time(pattern):
    """Chance is seeded, so that two runs ask the same."""
    found, _ = value_for({}, {"type": "string", "pattern": pattern})
    assert Draft202012Validator({"pattern": pattern}).is_valid(found)
    assert found == value_for({}, {"type": "string", "pattern": pattern})[0]


def test_what_must_be_filled_is_never_empty():
    """A parameter's empty list would be no parameter at all."""
    assert value_for({}, {"type": "array", "items": {"type": "integer"}}, filled=True)[0] == [1]
    assert value_for({}, {"type": "string", "default": ""}, filled=True)[0] == "1"


NAMED = {"type": "string", "enum": ["a"]}


@pytest.mark.parametrize(
    ("schema", "by_author"),
    [
        ({"type": "integer"}, False),
        ({"type": "integer", "example": 7}, True),
        ({"type": "integer", "example": "seven"}, False),
        ({"type": "integer", "default": 7}, True),
        (NAMED, True),
        ({"anyOf": [NAMED, {"type": "null"}]}, True),
        ({"type": "array", "minItems": 2, "items": NAMED}, True),
        ({"type": "array", "minItems": 2, "items": {"type": "integer"}}, False),
        ({"type": "object", "required": ["a"], "properties": {"a": NAMED, "b": {}}}, True),
        ({"type": "object", "required": ["a", "b"], "properties": {"a": NAMED}}, False),
    ],
)
def test_a_value_is_its_authors_where_all_of_it_is(schema, by_author):
    """Examples, defaults and enums are; one made-up part makes the whole made up."""
    assert value_for({}, schema)[1] is by_author


def test_openapi_3_0_is_understood():
    """Nullable and boolean limits are those of an older JSON Schema."""
    old = {"type": "integer", "minimum": 3, "exclusiveMinimum": True, "nullable": True}
    assert value_for({}, modern(old))[0] == 4
    assert modern({"minimum": 3, "exclusiveMinimum": False}) == {"minimum": 3}
    assert modern({"example": {"nullable": True}}) == {"example": {"nullable": True}}


@pytest.mark.parametrize(
    "schema",
    [
        {"not": {}},
        {"type": "null"},
        {"type": "integer", "minimum": 2, "maximum": 1},
        {"type": "integer", "minimum": "two"},
        {"type": "string", "minLength": "two"},
        {"type": "string", "pattern": "("},
        {"type": "array", "minItems": 10**9},
        {"type": "object", "required": ["a"], "properties": {"a": {"not": {}}}},
        {"$ref": "#/components/schemas/Circle"},
        {"$ref": "#/components/schemas/Endless"},
        {"$ref": "#/nowhere"},
        {"$ref": "other.json#/x"},
        {"enum": []},
    ],
)
def test_what_nothing_fits_is_said_so(schema):
    """Contradictions, circles and schemas that are none end in one kind of answer."""
    document = {
        "components": {
            "schemas": {
                "Circle": {"$ref": "#/components/schemas/Circle"},
                "Endless": {
                    "type": "object",
                    "required": ["next"],
                    "properties": {"next": {"$ref": "#/components/schemas/Endless"}},
                },
            }
        }
    }
    with pytest.raises(Unfillable):
        value_for(document, schema)
