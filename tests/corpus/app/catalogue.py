"""The goods of the shop: large enough that working on all of them takes long."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
from jinja2 import Template
from PIL import Image
from pydantic import BaseModel, TypeAdapter


class Item(BaseModel):
    """One line of the catalogue."""

    id: int
    name: str
    price: float
    tags: list[str]


ITEMS = TypeAdapter(list[Item])
ROW = {"id": 1, "name": "a shirt", "price": 9.99, "tags": ["red", "cotton"]}
ROW_JSON = json.dumps(ROW)

FEW_ROWS = [ROW] * 8_000
"""About 10 ms of JSON."""
ROWS = [ROW] * 150_000
"""Some 200 ms of JSON."""
ROWS_JSON = json.dumps(ROWS)

NUMBERS = np.random.default_rng(1).random(20_000_000)
SALES = pd.DataFrame({"shop": np.arange(200_000) % 20_000, "price": NUMBERS[:200_000]})
PAGE = Template("{% for row in rows %}<li>{{ row.name|upper }}: {{ row.price }}</li>{% endfor %}")
SCAN = "a" * 22 + "!"
"""What the pattern ``(a+)+$`` takes some 200 ms to refuse."""
NOISE = NUMBERS[:600_000].tobytes()


def _photo() -> bytes:
    """Give a large picture."""
    pixels = np.resize(NUMBERS[:1_000_000] * 255, (1200, 1600, 3)).astype("uint8")
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


PHOTO = _photo()
