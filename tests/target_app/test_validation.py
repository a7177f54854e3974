from __future__ import annotations

import struct
from zlib import crc32

import pytest

from target_app.pairs.image import MAX_BYTES
from target_app.photo import as_form, make_photo

DATABASES = ("postgres", "sqlalchemy", "mysql")
VARIANTS = ("bad", "good")


def png_of(width, height):
    """Give a PNG that claims a size and holds no pixels."""
    png = b"\x89PNG\r\n\x1a\n"
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    for kind, data in ((b"IHDR", header), (b"IDAT", b""), (b"IEND", b"")):
        png += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))
    return png


@pytest.mark.anyio
@pytest.mark.parametrize("name", DATABASES)
async def test_user_id_is_validated(name, serve):
    """A user_id that is no integer of the column's range is 422, an unknown one 404."""
    statuses = {"one": 422, "1.5": 422, "0": 422, "-1": 422, str(2**31): 422, "4711": 404}
    async with serve(name) as client:
        for variant in VARIANTS:
            for user_id, status in statuses.items():
                answer = await client.get(f"/pairs/{name}/{variant}/{user_id}")
                assert answer.status_code == status, (variant, user_id)


@pytest.mark.anyio
@pytest.mark.parametrize("name", DATABASES)
async def test_each_user_has_a_row(name, serve):
    """The row in the answer is that of the user asked for."""
    async with serve(name) as client:
        for variant in VARIANTS:
            answer = await client.get(f"/pairs/{name}/{variant}/3")
            assert answer.json() == {"id": 3, "name": "Grace Hopper", "email": "grace@example.org"}


@pytest.mark.anyio
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"plain words", 400),
        (make_photo()[:20_000], 400),
        (png_of(10, 10), 400),
        (b"\xff" * (MAX_BYTES + 1), 413),
        (png_of(8_000, 8_000), 413),
        (png_of(60_000, 60_000), 413),
    ],
    ids=["empty", "text", "truncated", "hollow", "over-large", "bomb", "huge-bomb"],
)
async def test_upload_is_validated(variant, content, status, serve):
    """An upload that is no image is 400, an over-large one and a decompression bomb 413."""
    headers, body = as_form(content)
    async with serve("image") as client:
        answer = await client.post(f"/pairs/image/{variant}", headers=dict(headers), content=body)
    assert answer.status_code == status
    assert answer.json()["detail"]


@pytest.mark.anyio
@pytest.mark.parametrize("variant", VARIANTS)
async def test_other_input_is_validated(variant, serve):
    """A missing upload, a board too large and an odd user name are 422; an unknown user is 404."""
    async with serve("image", "cpu", "dependency") as client:
        assert (await client.post(f"/pairs/image/{variant}")).status_code == 422
        assert (await client.get(f"/pairs/cpu/{variant}/40")).status_code == 422
        assert (await client.get(f"/pairs/dependency/{variant}/a%2Fb")).status_code in (404, 422)
        assert (await client.get(f"/pairs/dependency/{variant}/Ada1")).status_code == 422
        assert (await client.get(f"/pairs/dependency/{variant}/nobody")).status_code == 404
