"""What a user's modules are called is the user's affair: none of ours is in the way."""

from __future__ import annotations

import pytest
from checking import Checked

NAMES = ("harness", "scenarios", "target_app", "probe", "load", "analysis")
MAIN = f"""
import time

from fastapi import FastAPI

import {", ".join(NAMES)}

app = FastAPI()


@app.get("/blocks")
async def blocks() -> int:
    time.sleep(0.1)  # mark
    return sum(module.VALUE for module in ({", ".join(NAMES)}))
"""
LINE = MAIN.splitlines().index("    time.sleep(0.1)  # mark") + 1


@pytest.mark.parametrize(
    "command", [None, "hypercorn {app} --bind 127.0.0.1:{port}"], ids=["uvicorn", "command"]
)
def test_an_app_may_call_its_modules_as_it_likes(command, tmp_path):
    """Served by us and by the user's own command, the app gets its own modules."""
    (tmp_path / "main.py").write_text(MAIN)
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text("VALUE = 1\n")
    checked = Checked(tmp_path, "main:app", *(() if command is None else ("--cmd", command)))
    assert checked.diagnoses == {"GET /blocks": "blocking-io"}
    assert checked.results["GET /blocks"]["blame"][0]["line"] == LINE
