"""An app with docs disabled whose document has all that a FastAPI app can say of its parameters."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - FastAPI reads annotations when it runs
import decimal  # noqa: TC003 - the same
import enum
import time
import uuid  # noqa: TC003 - the same
from typing import Annotated

from fastapi import APIRouter, Cookie, FastAPI, Header, Path, Query, WebSocket
from pydantic import BaseModel, Field


class Colour(enum.Enum):
    """One of a few."""

    RED = "red"
    BLUE = "blue"


class Part(BaseModel):
    """A thing made of things."""

    name: Annotated[str, Field(min_length=3)]
    weight: Annotated[float, Field(gt=0)]
    colour: Colour
    parts: list[Part] = []
    maker: Part | None = None


class Passing:
    """A middleware that knows nothing of FastAPI."""

    def __init__(self, app):
        """Wrap an app."""
        self.app = app

    async def __call__(self, scope, receive, send):
        """Pass all through."""
        await self.app(scope, receive, send)


api = FastAPI(openapi_url=None)
router = APIRouter(prefix="/parts")
sub = FastAPI()


@router.get("/{part_id}")
async def by_uuid(part_id: uuid.UUID):
    """Take a format."""
    return part_id


@router.get("/limits/{step}")
async def limits(
    step: Annotated[int, Path(ge=10, multiple_of=7)],
    share: Annotated[float, Query(gt=0.1, lt=0.2)],
    code: Annotated[str, Query(pattern=r"^[A-Z]{3}-\d{4}$")],
    word: Annotated[str, Query(min_length=5, max_length=7)],
    numbers: Annotated[list[int], Query(min_length=2)],
):
    """Take what limits allow."""
    return [step, share, code, word, numbers]


@router.get("/kinds/{day}")
async def kinds(  # noqa: PLR0913, PLR0917 - one of each kind
    day: dt.date,
    moment: dt.datetime,
    clock: dt.time,
    length: dt.timedelta,
    price: decimal.Decimal,
    colour: Colour,
    flag: bool,
    either: int | uuid.UUID,
    x_token: Annotated[str, Header()],
    session: Annotated[str, Cookie()],
    left_out: int | None = None,
):
    """Take one of each kind."""
    assert left_out is None
    return day


@router.get("/echo/{rest:path}")
async def echo(
    rest: Annotated[str, Path(openapi_examples={"odd": {"value": "a/b c&?#ü%2F"}})],
    q: Annotated[str, Query(examples=["d&e=f +ü"])],
):
    """Give back what arrived, so that the encoding is seen."""
    return {"rest": rest, "q": q}


@router.get("/stream", responses={200: {"content": {"text/event-stream": {}}}})
async def stream():
    """Say that it never ends."""


@router.post("")
async def make(part: Part):
    """Take a body."""
    return part


@router.get("/hidden/{what}", include_in_schema=False)
async def hidden(what: str):
    """Stand in no document."""
    return what


@router.websocket("/live")
async def live(socket: WebSocket):
    """Be no request."""


@sub.get("/things/{thing}")
async def thing(thing: Annotated[int, Path(gt=5)], colour: Colour):
    """Stand in the document of a mounted app."""
    return thing


@sub.post("/things")
async def make_thing(part: Part):
    """Take a body of a mounted app."""
    return part


api.include_router(router)
api.mount("/sub", sub)
app = Passing(Passing(api))


class Unfit(FastAPI):
    """An app whose document cannot be made."""

    def openapi(self):
        """Fail as an app's own code does."""
        raise LookupError("no such schema\nand more")


unfit = Unfit()


class Slow(FastAPI):
    """An app whose document takes long to make."""

    def openapi(self):
        """Take 100 ms of the loop."""
        time.sleep(0.1)
        return super().openapi()


slow = Slow()


async def bare(scope, receive, send):
    """Be an ASGI app and nothing else."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})
