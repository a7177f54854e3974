"""Endpoints that compute on the loop thread, each by another library."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import random
import re
import ssl
import zlib
from hashlib import sha256

import numpy as np
from fastapi import APIRouter, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from neverblock.model import Diagnosis
from PIL import Image

from app.catalogue import ITEMS, NOISE, NUMBERS, PAGE, PHOTO, ROW, ROWS, ROWS_JSON, SALES, SCAN
from app.declared import fails

router = APIRouter(prefix="/computing")


@router.get("/json_dumps", **fails(Diagnosis.BLOCKING_CPU))
async def json_dumps() -> int:
    """Render a large document."""
    return len(json.dumps(ROWS))  # blocks: json_dumps


@router.get("/json_loads", **fails(Diagnosis.BLOCKING_CPU))
async def json_loads() -> int:
    """Parse a large document."""
    return len(json.loads(ROWS_JSON))  # blocks: json_loads


@router.post(
    "/request_json",
    **fails(Diagnosis.BLOCKING_CPU, body_row="[[],[]]", body_rows=250_000),
)
async def request_json(request: Request) -> int:
    """Parse a large body."""
    return len(await request.json())  # blocks: request_json


@router.get("/json_response", **fails(Diagnosis.BLOCKING_CPU))
async def json_response() -> JSONResponse:
    """Render a large document by building the response oneself."""
    return JSONResponse(ROWS)  # blocks: json_response


@router.get("/jsonable_encoder", **fails(Diagnosis.BLOCKING_CPU))
async def encode() -> int:
    """Make plain data of much data."""
    return len(jsonable_encoder(ROWS[:25_000]))  # blocks: jsonable_encoder


@router.get("/pydantic_python", **fails(Diagnosis.BLOCKING_CPU))
async def pydantic_python() -> int:
    """Validate many rows."""
    return len(ITEMS.validate_python(ROWS[:120_000]))  # blocks: pydantic_python


@router.get("/pydantic_json", **fails(Diagnosis.BLOCKING_CPU))
async def pydantic_json() -> int:
    """Validate a large document."""
    return len(ITEMS.validate_json(ROWS_JSON))  # blocks: pydantic_json


@router.get("/pbkdf2", **fails(Diagnosis.BLOCKING_CPU))
async def pbkdf2() -> str:
    """Hash a password."""
    return hashlib.pbkdf2_hmac("sha256", b"pass", b"salt", 800_000).hex()  # blocks: pbkdf2


@router.get("/scrypt", **fails(Diagnosis.BLOCKING_CPU))
async def scrypt() -> str:
    """Hash a password by the memory-hard function."""
    return _scrypt(b"pass").hex()


def _scrypt(password: bytes) -> bytes:
    cost = {"n": 2**16, "r": 8, "p": 1, "maxmem": 2**28}
    return hashlib.scrypt(password, salt=b"salt", **cost)  # blocks: scrypt


@router.get("/sha256_chain", **fails(Diagnosis.BLOCKING_CPU))
async def sha256_chain() -> str:
    """Hash many small things one after the other."""
    last = b""
    for _ in range(500_000):
        last = sha256(last).digest()  # blocks: sha256_chain
    return last.hex()


@router.get("/regex", **fails(Diagnosis.BLOCKING_CPU))
async def regex() -> bool:
    """Search by a pattern that backtracks catastrophically."""
    return re.search(r"(a+)+$", SCAN) is None  # blocks: regex


@router.get("/numpy_sort", **fails(Diagnosis.BLOCKING_CPU))
async def numpy_sort() -> float:
    """Sort many numbers."""
    return float(np.sort(NUMBERS)[0])  # blocks: numpy_sort


@router.get("/pandas_groupby", **fails(Diagnosis.BLOCKING_CPU))
async def pandas_groupby() -> float:
    """Group a table."""
    return float(SALES.groupby("shop")["price"].apply(max).sum())  # blocks: pandas_groupby


@router.get("/jinja_render", **fails(Diagnosis.BLOCKING_CPU))
async def jinja_render() -> int:
    """Render a large page."""
    return len(PAGE.render(rows=ROWS))  # blocks: jinja_render


@router.get("/pillow_thumbnail", **fails(Diagnosis.BLOCKING_CPU))
async def pillow_thumbnail() -> int:
    """Scale a picture."""
    picture = Image.open(io.BytesIO(PHOTO))
    small = io.BytesIO()
    picture.resize((1600, 1200)).save(small, "PNG")  # blocks: pillow_thumbnail
    return small.tell()


@router.get("/ssl_contexts", **fails(Diagnosis.BLOCKING_CPU))
async def ssl_contexts() -> int:
    """Build an SSL context per partner and request."""
    return len([ssl.create_default_context() for _ in range(12)])  # blocks: ssl_contexts


@router.get("/compress", **fails(Diagnosis.BLOCKING_CPU))
async def compress() -> int:
    """Compress a large download; that this frees the GIL does not free the loop."""
    return len(zlib.compress(NOISE))  # blocks: compress


@router.get("/deepcopy", **fails(Diagnosis.BLOCKING_CPU))
async def deepcopy() -> int:
    """Copy a deep structure."""
    return len(copy.deepcopy([dict(ROW) for _ in range(100_000)]))  # blocks: deepcopy


@router.get("/shuffle", **fails(Diagnosis.BLOCKING_CPU))
async def shuffle() -> int:
    """Shuffle in plain Python."""
    deck = list(range(400_000))
    random.shuffle(deck)  # blocks: shuffle
    return deck[0]


@router.get("/big_numbers", **fails(Diagnosis.BLOCKING_CPU))
async def big_numbers() -> int:
    """Make a key by hand."""
    return pow(3, 10**3_000, 10**900 + 7) % 1000  # blocks: big_numbers
