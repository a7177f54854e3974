"""Calls in places where nobody looks for them."""

from __future__ import annotations

import asyncio
import smtplib
import urllib.request
from email.message import EmailMessage
from typing import Annotated

import httpx
import requests
from fastapi import APIRouter, BackgroundTasks, Body, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, field_validator

from office.case import bad, good
from office.settings import settings

router = APIRouter(prefix="/hidden")


class Product:
    """Something that has a price."""

    @property
    def price(self) -> str:
        """What it costs today."""
        with urllib.request.urlopen(f"{settings.partner}/price?ms=110") as answer:  # blocks: price
            return answer.read().decode()

    async def read_price(self, client) -> str:
        """Await what it costs today."""
        return (await client.get("/price?ms=110")).text


@router.get("/price", openapi_extra=bad("blocking-io"))
async def price() -> dict:
    """Read an attribute."""
    return {"price": Product().price}


@router.get("/price_awaited", openapi_extra=good("concurrent", "price"))
async def price_awaited(request: Request) -> dict:
    """Await what looks like more than an attribute."""
    return {"price": await Product().read_price(request.app.state.http)}


class Span:
    """A span of a trace, sent when nobody needs it any more."""

    def __del__(self):
        """Send it."""
        requests.post(f"{settings.partner}/spans?ms=25", json={}, timeout=5)  # blocks: dropped_span


@router.get("/dropped_span", openapi_extra=bad("blocking-io"))
async def dropped_span() -> dict:
    """Forget an object that has a farewell to say, for 25 ms."""
    span = Span()
    await asyncio.sleep(0.05)
    return {"traced": bool(span)}


@router.get("/closed_span", openapi_extra=good("concurrent", "dropped_span"))
async def closed_span(request: Request) -> dict:
    """Send the span, and await that."""
    await asyncio.sleep(0.05)
    await request.app.state.http.post("/spans?ms=25", json={})
    return {"traced": True}


class Address(BaseModel):
    """Where something goes; the post office knows whether it exists."""

    country: str

    @field_validator("country")
    @classmethod
    def exists(cls, country: str) -> str:
        """Ask the post office."""
        requests.get(f"{settings.partner}/country?ms=100", timeout=5)  # blocks: validated
        return country


class PlainAddress(BaseModel):
    """Where something goes, as it was written."""

    country: str


ONE_ADDRESS = {"body": {"row": '{"country": "NO"}', "rows": 1}}


def with_body(declared: dict) -> dict:
    """Add the body that the endpoint is asked with."""
    return {"x-truth": declared["x-truth"] | ONE_ADDRESS}


@router.post("/validated", openapi_extra=with_body(bad("blocking-io")))
def validated(addresses: Annotated[list[Address], Body()]) -> dict:
    """Be a plain def, whose body is validated on the loop nevertheless."""
    return {"addresses": len(addresses)}


@router.post("/validated_later", openapi_extra=with_body(good("concurrent", "validated")))
async def validated_later(request: Request, addresses: list[PlainAddress]) -> dict:
    """Ask the post office in the endpoint, and await it."""
    for _ in addresses:
        await request.app.state.http.get("/country?ms=100")
    return {"addresses": len(addresses)}


@router.get("/audited", openapi_extra=bad("blocking-io"))
async def audited() -> dict:
    """Do nothing, but be watched by a middleware."""
    return {"done": True}


@router.get("/audited_by_queue", openapi_extra=good("concurrent", "audited"))
async def audited_by_queue() -> dict:
    """Do nothing, and be watched by way of a queue."""
    return {"done": True}


class WarehouseDownError(Exception):
    """The warehouse does not answer."""


class CarrierDownError(Exception):
    """The carrier does not answer."""


async def report_and_degrade(_: Request, error: Exception) -> JSONResponse:
    """Report an error by a synchronous call, and answer with less."""
    httpx.post(f"{settings.partner}/errors?ms=100", json={"error": repr(error)})  # blocks: failing
    return JSONResponse({"degraded": True})


async def report_without_waiting(request: Request, error: Exception) -> JSONResponse:
    """Report an error by the client of the loop, and answer with less."""
    await request.app.state.http.post("/errors?ms=100", json={"error": repr(error)})
    return JSONResponse({"degraded": True})


@router.get("/failing", openapi_extra=bad("blocking-io"))
async def failing() -> None:
    """Fail, and leave the rest to the handler."""
    raise WarehouseDownError


@router.get("/failing_async", openapi_extra=good("concurrent", "failing"))
async def failing_async() -> None:
    """Fail, and leave the rest to a handler that awaits."""
    raise CarrierDownError


def send_mail() -> None:
    """Send a receipt."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@a.test", "b@b.test", "Receipt"
    message.set_content("Thank you.")
    with smtplib.SMTP("127.0.0.1", settings.mail_port, local_hostname="office") as smtp:
        smtp.send_message(message)  # blocks: receipt


async def send_mail_async() -> None:
    """Be a coroutine function, and do what the other does."""
    send_mail()


@router.get("/receipt", openapi_extra=bad("blocking-io"))
async def receipt(background: BackgroundTasks) -> dict:
    """Send a mail in the background, which is the loop."""
    background.add_task(send_mail_async)
    return {"sent": "soon"}


@router.get("/receipt_by_thread", openapi_extra=good("concurrent", "receipt"))
async def receipt_by_thread(background: BackgroundTasks) -> dict:
    """Send a mail in the background by a plain function, which is a thread."""
    background.add_task(send_mail)
    return {"sent": "soon"}


async def tokens():
    """Yield what a synchronous stream yields."""
    with requests.get(f"{settings.partner}/drip?ms=1", stream=True, timeout=5) as answer:
        for line in answer.iter_lines():  # blocks: token_stream
            yield b"data: %b\n\n" % line


async def tokens_async(client):
    """Yield what an asynchronous stream yields."""
    async with client.stream("GET", "/drip?ms=1") as answer:
        async for line in answer.aiter_lines():
            yield f"data: {line}\n\n"


@router.get("/token_stream", openapi_extra=bad("blocking-io"))
async def token_stream() -> StreamingResponse:
    """Stream events by an async generator that never awaits."""
    return StreamingResponse(tokens(), media_type="text/event-stream")


@router.get("/token_stream_async", openapi_extra=good("concurrent", "token_stream"))
async def token_stream_async(request: Request) -> StreamingResponse:
    """Stream events by an async generator that awaits."""
    stream = tokens_async(request.app.state.http)
    return StreamingResponse(stream, media_type="text/event-stream")
