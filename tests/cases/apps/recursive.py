"""Recursive code, whose time is spread over many stacks: the line that calls it is to blame."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from declared import fails

NESTED = "[" * 12 + "1" + ", 2]" * 12
DOCUMENT = "\n".join(f"key_{n} = {{ a = {NESTED}, b = {NESTED}, c = [{n}] }}" for n in range(70))
EXPRESSION = "(" * 20 + "1" + "+(2+3))" * 20


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Have twenty small files."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(20):
            Path(folder, f"{number}.toml").write_text(DOCUMENT)
        app.state.folder = Path(folder)
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/twenty_files", **fails("blocking-cpu"))
async def twenty_files() -> int:
    """Open each, which takes no time, and parse it by a library that is recursive Python."""
    found = 0
    for path in sorted(app.state.folder.glob("*.toml")):
        with open(path) as file:
            text = file.read()
        found += len(tomllib.loads(text))  # blocks: twenty_files
    return found


@app.get("/own_parser", **fails("blocking-cpu"))
async def own_parser() -> int:
    return sum(_parse(EXPRESSION, 0)[0] for _ in range(7_000))


def _parse(text: str, at: int) -> tuple[int, int]:  # blocks: own_parser
    """Give the value of a sum that begins here, and where it ends."""
    total = 0
    while at < len(text):
        if text[at] == "(":
            value, at = _parse(text, at + 1)
            total += value
        elif text[at] == ")":
            return total, at + 1
        elif text[at] == "+":
            at += 1
        else:
            total, at = total + int(text[at]), at + 1
    return total, at
