"""The run itself, embedded in its page: compressed, in a link that saves it without any script."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from typing import TYPE_CHECKING

from neverblock.storage.run_file import to_json

if TYPE_CHECKING:
    from neverblock.result import Run

KIND = "data:application/gzip;base64,"


def embedded(run: Run) -> str:
    """Give the link: a ``data:`` address of the saved run, as compressed JSON."""
    text = json.dumps(to_json(run), ensure_ascii=False, separators=(",", ":"))
    packed = gzip.compress(text.encode("utf-8", "replace"), compresslevel=9, mtime=0)
    return KIND + b64encode(packed).decode()
