"""Endpoints on whose behalf the framework computes on the loop."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from neverblock.model import Diagnosis

from app.catalogue import FEW_ROWS, ROW, ROW_JSON, ROWS, Item
from app.declared import fails, passes

router = APIRouter(prefix="/framework")


@router.get("/response_model", response_model=list[Item], **fails(Diagnosis.BLOCKING_CPU))
async def response_model() -> Any:  # framework: response_model
    """Return many rows, each of which is validated."""
    return ROWS[:100_000]


@router.get("/return_annotation", **fails(Diagnosis.BLOCKING_CPU))
async def return_annotation() -> dict[str, list[Item]]:  # framework: return_annotation
    """Say so by the annotation, which does the same."""
    return {"items": ROWS[:100_000]}


@router.get("/large_answer", response_model=None, **fails(Diagnosis.BLOCKING_CPU))
async def large_answer() -> Any:  # framework: large_answer
    """Return plain data that is encoded and rendered."""
    return ROWS[:25_000]


@router.get("/large_answer_of_def", response_model=None, **fails(Diagnosis.BLOCKING_CPU))
def large_answer_of_def() -> Any:  # framework: large_answer_of_def
    """Return the same from a def, which runs in a thread; encoding does not."""
    return ROWS[:25_000]


@router.post(
    "/large_body",
    **fails(Diagnosis.BLOCKING_CPU, body_row=ROW_JSON, body_rows=45_000),
)
async def large_body(items: list[Item]) -> int:  # framework: large_body
    """Take a large body, which is parsed and validated."""
    return len(items)


@router.post(
    "/large_body_of_def",
    **fails(Diagnosis.BLOCKING_CPU, body_row=ROW_JSON, body_rows=45_000),
)
def large_body_of_def(items: list[Item]) -> int:  # framework: large_body_of_def
    """Take it in a def, which runs in a thread; parsing and validating do not."""
    return len(items)


@router.get("/small_answer", **passes())
async def small_answer() -> list[Item]:
    """Return a few rows."""
    return [Item(**ROW)] * 3


@router.get("/moderate_answer", response_model=list[Item], **passes(Diagnosis.COOPERATIVE_CPU))
async def moderate_answer() -> Any:
    """Return a page of rows, which takes a few milliseconds."""
    return FEW_ROWS[:5_000]
