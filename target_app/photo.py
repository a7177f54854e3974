"""A photo to upload: made, not stored, and the same on every machine."""

from __future__ import annotations

import io
import random

from PIL import Image

BOUNDARY = "neverblock-photo"


def make_photo(width: int = 1600, height: int = 1200) -> bytes:
    """Give a JPEG of smooth shades with some grain, as a camera would."""
    grain = random.Random(1)  # noqa: S311 - a picture, no secret
    shade = Image.linear_gradient("L").resize((width, height))
    turns = (Image.Transpose.ROTATE_180, Image.Transpose.FLIP_LEFT_RIGHT)
    bands = []
    for band in (shade, *(shade.transpose(turn) for turn in turns)):
        noise = Image.frombytes("L", (400, 300), grain.randbytes(400 * 300))
        bands.append(Image.blend(band, noise.resize((width, height)), 0.25))
    photo = io.BytesIO()
    Image.merge("RGB", bands).save(photo, "JPEG", quality=85)
    return photo.getvalue()


def as_form(content: bytes) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """Give the headers and the body of a form that uploads ``content`` as its field ``photo``."""
    head = (
        f"--{BOUNDARY}\r\n"
        'Content-Disposition: form-data; name="photo"; filename="photo.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    headers = (("content-type", f"multipart/form-data; boundary={BOUNDARY}"),)
    return headers, head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
