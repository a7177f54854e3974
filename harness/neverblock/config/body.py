"""The body of a request, from what the configuration says of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from neverblock.config.http_names import text_of
from neverblock.config.request_values import Body

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from neverblock.config.table import EndpointTable

BOUNDARY = "neverblock-3c6e0b8a9c15224a"
"""Between the parts of a multipart body: the same every time, so that all requests are alike."""


def body_of(table: EndpointTable, folder: Path) -> Body | None:
    """Build the body of an endpoint, None where it has none; files are looked up in a folder.

    Raises ValueError, which begins with the key, for a file that cannot be read.
    """
    if table.json_ is not None:
        content = json.dumps(table.json_, ensure_ascii=False, separators=(",", ":")).encode()
        return Body(content, table.content_type or "application/json")
    fields = {
        name: [text_of(one) for one in (value if isinstance(value, list) else [value])]
        for name, value in (table.form or {}).items()
    }
    if table.files is not None:
        return _multipart(fields, table.files, folder)
    if table.form is not None:
        content = urlencode(fields, doseq=True).encode()
        return Body(content, table.content_type or "application/x-www-form-urlencoded")
    if table.content is not None:
        return Body(table.content.encode(), table.content_type)
    if table.file is not None:
        return Body(_read(folder / table.file, "file"), table.content_type)
    return None


def unreadable(entry: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Yield a complaint, which begins with the key, for each file of an entry that is not there.

    The entry is an endpoint's as it stands in the configuration, and may be wrong in itself.
    """
    files = entry.get("files")
    named = {
        f"files.{name}": file for name, file in (files if isinstance(files, dict) else {}).items()
    }
    for key, file in {"file": entry.get("file"), **named}.items():
        if isinstance(file, str):
            try:
                _read(folder / file, key)
            except ValueError as error:
                yield str(error)


def _multipart(fields: dict[str, list[str]], files: dict[str, str], folder: Path) -> Body:
    """Build a form with files in it."""
    import httpx  # noqa: PLC0415 - slow to load, and seldom needed

    parts = {
        name: (Path(file).name, _read(folder / file, f"files.{name}"))
        for name, file in files.items()
    }
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    encoded = httpx.Request(
        "POST", "http://localhost/", data=fields, files=parts, headers={"content-type": kind}
    )
    return Body(encoded.read(), kind)


def _read(file: Path, key: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ValueError(f"{key} = '{file}': {error.strerror}") from error
