"""An upload that is worked on: Pillow on the loop, and by ``asyncio.to_thread``.

The reference documentation used ``loop.run_in_executor(None, ...)``; since Python 3.9
``asyncio.to_thread`` says it in one word and carries the context variables along. Pillow lets go
of the GIL while it decodes, resizes and encodes, so that here threads do use every core.
"""

from __future__ import annotations

import asyncio
import io
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, UploadFile
from PIL import Image

from neverblock.model import Diagnosis, Expectation, Pair, Request, Variant, Verdict
from target_app.photo import as_form, make_photo

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
SIZE = (800, 600)

router = APIRouter(prefix="/pairs/image", tags=["image"])


async def uploaded(photo: UploadFile) -> bytes:
    """Give the bytes of the upload; 413 where there are more than ``MAX_BYTES``."""
    if photo.size is None or photo.size > MAX_BYTES:
        raise HTTPException(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The upload is larger than {MAX_BYTES} bytes."
        )
    return await photo.read()


Upload = Annotated[bytes, Depends(uploaded)]


def refuse_bomb(image: Image.Image) -> None:
    """Raise DecompressionBombError for an image of more than ``MAX_PIXELS``, by its header."""
    if image.width * image.height > MAX_PIXELS:
        raise Image.DecompressionBombError(f"{image.width} x {image.height} pixels")


def thumbnail(content: bytes) -> dict[str, int | str]:
    """Decode an image, resize it to ``SIZE``, encode it as PNG; say what came out.

    Raises HTTPException 400 for what is no image, 413 for one that would unfold into
    more than ``MAX_PIXELS`` (a decompression bomb).
    """
    png = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content)) as image:
            refuse_bomb(image)
            image.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS).save(png, "PNG")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise HTTPException(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The image has more than {MAX_PIXELS} pixels."
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The upload is no image.") from error
    encoded = png.getvalue()
    width, height = SIZE
    return {
        "width": width,
        "height": height,
        "bytes": len(encoded),
        "sha256": sha256(encoded).hexdigest(),
    }


@router.post("/bad")
async def bad(content: Upload) -> dict[str, int | str]:
    """Work on the image on the loop's thread."""
    return thumbnail(content)


@router.post("/good")
async def good(content: Upload) -> dict[str, int | str]:
    """Work on the image in a thread."""
    return await asyncio.to_thread(thumbnail, content)


_HEADERS, _FORM = as_form(make_photo())

PAIR = Pair(
    name="image",
    title="An uploaded photo, resized",
    blocking_call="Pillow: decode, resize, encode",
    replacement="asyncio.to_thread",
    why=(
        "A tenth of a second of pixels is a tenth of a second in which nobody is served; in a "
        "thread Pillow lets go of the GIL, and every core helps."
    ),
    own_time_s=None,
    computes=True,
    variants={
        "bad": Variant(
            Request("POST", "/pairs/image/bad", _HEADERS, _FORM),
            Expectation(Verdict.FAIL, Diagnosis.BLOCKING_CPU),
        ),
        "good": Variant(
            Request("POST", "/pairs/image/good", _HEADERS, _FORM),
            Expectation(Verdict.PASS, Diagnosis.CPU_BOUND),
        ),
    },
)
