"""References of an OpenAPI document in, the nodes that they stand for out."""

from __future__ import annotations

import pytest

from neverblock.endpoints.openapi.references import follow

DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {"/items/{id}": {"get": {"parameters": [{"name": "id", "in": "path"}]}}},
    "components": {
        "schemas": {
            "Id": {"type": "integer", "minimum": 1},
            "Alias": {"$ref": "#/components/schemas/Id", "minimum": 5},
            "a~b": {"type": "boolean"},
            "Left": {"$ref": "#/components/schemas/Right"},
            "Right": {"$ref": "#/components/schemas/Left"},
        }
    },
}


@pytest.mark.parametrize(
    ("reference", "node"),
    [
        ("#/components/schemas/Id", {"type": "integer", "minimum": 1}),
        ("#/components/schemas/Alias", {"type": "integer", "minimum": 5}),
        ("#/components/schemas/a~0b", {"type": "boolean"}),
        ("#/paths/~1items~1%7Bid%7D/get/parameters/0", {"name": "id", "in": "path"}),
    ],
)
def test_a_pointer_leads_to_its_node(reference, node):
    """Over other references, through lists, and with the escapes of JSON pointers and of URIs."""
    assert follow(DOCUMENT, {"$ref": reference}) == node


def test_what_stands_beside_a_reference_overrides_its_target():
    """OpenAPI 3.1 lets a description or a limit stand there."""
    node = {"$ref": "#/components/schemas/Id", "minimum": 9}
    assert follow(DOCUMENT, node) == {"type": "integer", "minimum": 9}


@pytest.mark.parametrize(
    "reference",
    [
        "#/components/schemas/Nowhere",
        "#/paths/~1items~1%7Bid%7D/get/parameters/7",
        "#/paths/~1items~1%7Bid%7D/get/parameters/first",
        "#/openapi/version",
        "#anchor",
        "other.json#/Id",
        "http://[",
        "#/components/schemas/Left",
    ],
)
def test_a_reference_that_leads_to_no_node_gives_none(reference):
    """Nowhere, into a plain value, into another document, or in a circle: no error, no request."""
    assert follow(DOCUMENT, {"$ref": reference}) is None
