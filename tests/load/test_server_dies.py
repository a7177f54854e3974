"""A server that dies under a load: what killed it is looked for in what was under way."""

from __future__ import annotations

from in_process import say

from neverblock.errors import ExitCode

DIES = """import asyncio
import os

from fastapi import FastAPI

app = FastAPI()


@app.get("/orders")
async def orders():
    return []


@app.get("/dies")
async def dies():
    await asyncio.sleep(0.5)
    os._exit(7)
"""


def test_what_was_under_way_when_the_server_died_is_named(tmp_path):
    """Whoever reads that it died looks for what killed it."""
    (tmp_path / "main.py").write_text(DIES)
    said = say("load", "main:app", "-u", 3, "-r", 3, "-t", "8s", folder=tmp_path)
    assert said.returncode == ExitCode.USAGE, said.stdout + said.stderr
    told = " ".join((said.stdout + said.stderr).split())
    assert "died in the middle (exit code 7). Under way was GET /dies" in told
