"""A computation in pure Python: in an ``async def`` endpoint, and in a plain ``def``.

FastAPI runs a ``def`` endpoint in a thread. That is the smallest fix there is: one word less.
It frees the loop and no more: the threads take turns at the GIL, and the loop is one of them.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from neverblock.model import Diagnosis, Expectation, Pair, Request, Variant, Verdict
from target_app.computations import count_queens

Size = Annotated[int, Path(ge=4, le=12, description="Of the board; 12 takes about 0.2 s.")]

router = APIRouter(prefix="/pairs/cpu", tags=["cpu"])


@router.get("/bad/{size}")
async def bad(size: Size) -> dict[str, int]:
    """Compute on the loop's thread."""
    return {"size": size, "solutions": count_queens(size)}


@router.get("/good/{size}")
def good(size: Size) -> dict[str, int]:
    """Compute in the thread that FastAPI gives a plain ``def``."""
    return {"size": size, "solutions": count_queens(size)}


PAIR = Pair(
    name="cpu",
    title="Twelve queens in pure Python",
    blocking_call="a computation in async def",
    replacement="the same in a plain def",
    why=(
        "An async def without an await is a promise not kept: FastAPI runs it on the loop, and a "
        "plain def in a thread."
    ),
    own_time_s=None,
    computes=True,
    variants={
        "bad": Variant(
            Request("GET", "/pairs/cpu/bad/12"),
            Expectation(Verdict.FAIL, Diagnosis.BLOCKING_CPU),
        ),
        "good": Variant(
            Request("GET", "/pairs/cpu/good/12"),
            Expectation(Verdict.PASS, Diagnosis.GIL_CONTENTION),
        ),
    },
)
