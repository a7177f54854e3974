"""OpenAPI documents for tests, and what is discovered of them."""

from __future__ import annotations

ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
OK = {"200": {"description": "well"}}


def document(**paths):
    """Give a document with operations by path; ``get`` where nothing else is said."""
    return {"openapi": "3.1.0", "paths": paths}


def operation(*parameters, **more):
    """Give one operation."""
    return {"parameters": list(parameters), "responses": OK, **more}


def requests(found):
    """Give the requests by the names of their endpoints."""
    return {subject.endpoint.name: subject.request for subject in found.subjects}


def reasons(found):
    """Give the reasons by method and path."""
    return {f"{one.method} {one.path}": one.reason for one in found.unchecked}
