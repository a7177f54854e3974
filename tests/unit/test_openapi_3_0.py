"""A document of OpenAPI 3.0 as generators outside of Python's frameworks write them."""

from __future__ import annotations

import json

from neverblock.config import Config
from neverblock.endpoints.openapi.discover import discover

DOCUMENT = json.loads("""
{
  "openapi": "3.0.3",
  "info": {"title": "Pets", "version": "1"},
  "servers": [{"url": "/v3"}],
  "security": [{"token": []}],
  "paths": {
    "/pets/{petId}/visits": {
      "summary": "Refers to all that can be referred to",
      "parameters": [{"$ref": "#/components/parameters/PetId"}],
      "get": {
        "deprecated": true,
        "parameters": [
          {"$ref": "#/components/parameters/Since"},
          {"name": "status", "in": "query", "required": true, "style": "form", "explode": false,
           "schema": {"type": "array", "minItems": 2, "uniqueItems": true,
                      "items": {"$ref": "#/components/schemas/Status"}}},
          {"name": "filter", "in": "query", "required": true, "style": "deepObject",
           "schema": {"type": "object", "required": ["from"],
                      "properties": {"from": {"type": "integer", "minimum": 3,
                                              "exclusiveMinimum": true, "nullable": true}}}},
          {"name": "X-Request-ID", "in": "header", "required": true,
           "schema": {"type": "string", "format": "uuid"}},
          {"name": "Authorization", "in": "header", "required": true, "schema": {"type": "string"}}
        ],
        "responses": {"200": {"$ref": "#/components/responses/Visits"}}
      },
      "post": {
        "requestBody": {"$ref": "#/components/requestBodies/Visit"},
        "responses": {"201": {"description": "made"}}
      }
    }
  },
  "components": {
    "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    "parameters": {
      "PetId": {"name": "petId", "in": "path", "required": true,
                "schema": {"$ref": "#/components/schemas/Id"}},
      "Since": {"name": "since", "in": "query", "required": true,
                "schema": {"type": "string", "format": "date"},
                "examples": {"spring": {"$ref": "#/components/examples/Spring"}}}
    },
    "examples": {"Spring": {"summary": "a day in spring", "value": "2023-04-05"}},
    "requestBodies": {
      "Visit": {"required": true, "content": {
        "application/xml": {"schema": {"$ref": "#/components/schemas/Visit"}},
        "application/json": {"schema": {"$ref": "#/components/schemas/Visit"}}}}
    },
    "responses": {"Visits": {"description": "all of them", "content": {"application/json": {
      "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Visit"}}}}}},
    "schemas": {
      "Id": {"type": "integer", "format": "int64", "minimum": 100},
      "Status": {"type": "string", "enum": ["planned", "done"]},
      "Base": {"type": "object", "required": ["pet"],
               "properties": {"pet": {"$ref": "#/components/schemas/Id"}}},
      "Visit": {
        "allOf": [
          {"$ref": "#/components/schemas/Base"},
          {"type": "object", "required": ["kind", "next"],
           "properties": {
             "kind": {"oneOf": [{"$ref": "#/components/schemas/Status"}, {"type": "integer"}]},
             "next": {"allOf": [{"$ref": "#/components/schemas/Note"}], "nullable": true},
             "before": {"$ref": "#/components/schemas/Visit"}}}]
      },
      "Note": {"type": "object", "required": ["text"],
               "properties": {"text": {"type": "string", "minLength": 2, "maxLength": 4}}}
    }
  }
}
""")


def test_all_that_can_be_referred_to_is_followed():
    """Parameters, examples, bodies, answers and schemas in schemas, at their styles."""
    found = discover(DOCUMENT, Config().naming(["POST /pets/{petId}/visits"]), base_path="/v3")
    get, post = (subject.request for subject in found.subjects)
    assert found.unchecked == ()
    assert get.path == (
        "/v3/pets/100/visits?since=2023-04-05&status=planned,done&filter%5Bfrom%5D=4"
    )
    assert get.headers == (
        ("x-request-id", "00000000-0000-4000-8000-000000000001"),
        ("authorization", "1"),
    )
    assert post.path == "/v3/pets/100/visits"
    assert json.loads(post.content) == {"pet": 100, "kind": "planned", "next": {"text": "11"}}
    assert post.headers == (("content-type", "application/json"),)


def test_asking_changes_no_document():
    """It may be asked again, for the statuses and for the report."""
    before = json.dumps(DOCUMENT)
    discover(DOCUMENT, Config())
    assert json.dumps(DOCUMENT) == before
