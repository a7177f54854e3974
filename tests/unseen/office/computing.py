"""Computing where the loop is."""

from __future__ import annotations

import asyncio
import copy
import io
import json
from collections import ChainMap
from decimal import Decimal
from pathlib import Path

import bcrypt
import httpx
import jinja2
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, StreamingResponse
from PIL import Image
from starlette.concurrency import run_in_threadpool

from office import work
from office.case import bad, good
from office.settings import settings

router = APIRouter(prefix="/computing")

DEFAULTS = {
    f"tenant {number}": {"flags": {f"flag {at}": [at, str(at)] for at in range(60)}}
    for number in range(1_000)
}


@router.get("/copied_settings", openapi_extra=bad("blocking-cpu"))
async def copied_settings() -> dict:
    """Copy all settings deeply, to change one."""
    own = copy.deepcopy(DEFAULTS)  # blocks: copied_settings
    own["debug"] = {}
    return {"settings": len(own)}


@router.get("/overlaid_settings", openapi_extra=good("concurrent", "copied_settings"))
async def overlaid_settings() -> dict:
    """Lay the change over the settings."""
    own = ChainMap({"debug": {}}, DEFAULTS)
    return {"settings": len(own)}


def hashed() -> str:
    """Hash a password; bcrypt leaves the GIL."""
    return bcrypt.hashpw(b"correct horse", bcrypt.gensalt(11)).decode()  # blocks: sign_up


@router.get("/sign_up", openapi_extra=bad("blocking-cpu"))
async def sign_up() -> dict:
    """Hash a password on the loop."""
    return {"hash": hashed()}


@router.get("/sign_up_threaded", openapi_extra=good("cpu-bound", "sign_up"))
async def sign_up_threaded() -> dict:
    """Hash a password in a thread."""
    return {"hash": await run_in_threadpool(hashed)}


TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True
)
SALES = [{"name": f"thing {number}", "price": number / 7} for number in range(30_000)]


def sales_page() -> int:
    """Render a table of everything, and measure it."""
    page = TEMPLATES.get_template("sales.html").render(rows=SALES)  # blocks: sales_table
    return len(page)


@router.get("/sales_table", openapi_extra=bad("blocking-cpu"))
async def sales_table() -> dict:
    """Render a template of 30,000 rows."""
    return {"characters": sales_page()}


@router.get("/sales_table_in_def", openapi_extra=good("gil-contention", "sales_table"))
def sales_table_in_def() -> dict:
    """Render it in a thread."""
    return {"characters": sales_page()}


@router.get("/import_prices", openapi_extra=bad("blocking-cpu"))
async def import_prices() -> dict:
    """Parse a large CSV."""
    return {"rows": work.read_export()}


@router.get("/import_prices_by_process", openapi_extra=good("cpu-bound", "import_prices"))
async def import_prices_by_process(request: Request) -> dict:
    """Parse it in another process."""
    loop = asyncio.get_running_loop()
    return {"rows": await loop.run_in_executor(request.app.state.processes, work.read_export)}


def _photo() -> bytes:
    file = io.BytesIO()
    noise = Image.effect_noise((3000, 2200), 60).convert("RGB")
    noise.save(file, "PNG", compress_level=1)
    return file.getvalue()


PHOTO = _photo()


def small() -> int:
    """Make a photo small, and measure it."""
    picture = Image.open(io.BytesIO(PHOTO))
    picture.thumbnail((320, 320))  # blocks: thumbnail
    return picture.height


@router.get("/thumbnail", openapi_extra=bad("blocking-cpu"))
async def thumbnail() -> dict:
    """Make a thumbnail on the loop."""
    return {"height": small()}


@router.get("/thumbnail_threaded", openapi_extra=good("gil-contention", "thumbnail"))
async def thumbnail_threaded() -> dict:
    """Make a thumbnail in a thread; Pillow keeps the GIL for a block of a PNG at a time."""
    return {"height": await run_in_threadpool(small)}


CENT = Decimal("0.01")
LEDGER = [Decimal(number) / 7 for number in range(200_000)]


def encode(value: Decimal) -> str:
    """Encode what the json module cannot."""
    return f"{value.normalize().quantize(CENT):,}"  # blocks: ledger


class LedgerResponse(JSONResponse):
    """JSON with amounts of money in it."""

    def render(self, content) -> bytes:
        """Encode with an encoder of our own."""
        return json.dumps(content, default=encode).encode()


@router.get("/ledger", openapi_extra=bad("blocking-cpu"))
async def ledger() -> LedgerResponse:
    """Answer by a class of one's own that encodes 200,000 amounts."""
    return LedgerResponse(LEDGER)


async def slices():
    """Encode the ledger by slices, and let others have a turn after each."""
    yield "["
    for start in range(0, len(LEDGER), 500):
        part = ",".join(json.dumps(value, default=encode) for value in LEDGER[start : start + 500])
        yield part if start == 0 else f",{part}"
        await asyncio.sleep(0)
    yield "]"


@router.get("/ledger_in_slices", openapi_extra=good("cooperative-cpu", "ledger"))
async def ledger_in_slices() -> StreamingResponse:
    """Stream the ledger by slices."""
    return StreamingResponse(slices(), media_type="application/json")


WAREHOUSES = range(4)


async def stock_of(clients: list[httpx.AsyncClient]) -> dict:
    """Ask every warehouse at once, and hang up."""
    answers = await asyncio.gather(*(client.get("/stock?ms=100") for client in clients))
    for client in clients:
        await client.aclose()
    return {"warehouses": len(answers)}


@router.get("/client_per_request", openapi_extra=bad("blocking-cpu"))
async def client_per_request() -> dict:
    """Make clients anew for each request: each reads all certificates anew."""
    base = settings.partner
    clients = [httpx.AsyncClient(base_url=base) for _ in WAREHOUSES]  # blocks: client_per_request
    return await stock_of(clients)


@router.get("/trust_shared", openapi_extra=good("concurrent", "client_per_request"))
async def trust_shared(request: Request) -> dict:
    """Use the client that is open already."""
    http = request.app.state.http
    answers = await asyncio.gather(*(http.get("/stock?ms=100") for _ in WAREHOUSES))
    return {"warehouses": len(answers)}
