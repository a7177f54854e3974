"""A Litestar app, whose document is made another way and refers to parts of itself."""

from __future__ import annotations

import uuid  # noqa: TC003 - Litestar reads annotations when it runs
from dataclasses import dataclass
from typing import Annotated

from litestar import Litestar, get, post
from litestar.params import Parameter


@dataclass
class Person:
    """What a body holds."""

    name: str
    age: int
    friend: Person | None = None


@get("/people/{person_id:uuid}")
async def person(person_id: uuid.UUID, page: Annotated[int, Parameter(ge=3)]) -> str:
    """Take a format and a limit."""
    return f"{person_id} {page}"


@post("/people")
async def add(data: Person) -> Person:
    """Take a body."""
    return data


app = Litestar([person, add])
