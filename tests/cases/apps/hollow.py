"""Values that have to be made up, and find nothing; and the same with values that are real."""

from __future__ import annotations

import time

from fastapi import FastAPI

from declared import fails, says

app = FastAPI()
STOCK = {"north": range(25), "south": range(3)}


def _count(shelves: range) -> list[int]:
    counted = []
    for shelf in shelves:
        time.sleep(0.006)  # blocks: pieces
        counted.append(shelf)
    return counted


@app.get("/made_up/{warehouse}/pieces", **says("made up|invented", "empty|nothing", "warehouse"))
async def made_up(warehouse: str) -> list[int]:
    return _count(STOCK.get(warehouse, range(0)))


@app.get("/real/{warehouse}/pieces", **fails("blocking-io", path={"warehouse": "north"}))
async def pieces(warehouse: str) -> list[int]:
    return _count(STOCK.get(warehouse, range(0)))
