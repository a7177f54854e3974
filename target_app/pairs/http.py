"""A call to another service: ``requests.get`` against one shared ``httpx.AsyncClient``.

The reference documentation opened ``async with httpx.AsyncClient()`` in every request, or kept one
from ``@app.on_event("startup")``. A client per request opens a connection per request and, for
HTTPS, builds a TLS context on the loop; ``on_event`` is deprecated. One client lives in the
lifespan, its limits and timeout said out loud: the defaults are 100 connections and 5 s.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import requests
from fastapi import APIRouter, FastAPI, Request

from neverblock import model
from neverblock.model import Diagnosis, Expectation, Pair, Variant, Verdict
from target_app.settings import PATIENCE_S, POOL_LIMIT, own_time_s, service_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NO_PROXIES = {"http": "", "https": ""}
"""The upstream is on loopback, which a proxy of the environment cannot reach."""

router = APIRouter(prefix="/pairs/http", tags=["http"])


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep one client for as long as the app serves."""
    limits = httpx.Limits(max_connections=POOL_LIMIT, max_keepalive_connections=POOL_LIMIT)
    async with httpx.AsyncClient(limits=limits, timeout=PATIENCE_S, trust_env=False) as client:
        app.state.http = client
        yield


def slow_url() -> str:
    """Give the address of the slow answer."""
    return f"{service_url('upstream').rstrip('/')}/slow"


@router.get("/bad")
async def bad() -> dict[str, float]:
    """Wait for the upstream on the loop's thread."""
    answer = requests.get(  # noqa: ASYNC210 - the lesson
        slow_url(), {"seconds": own_time_s()}, timeout=PATIENCE_S, proxies=NO_PROXIES
    )
    answer.raise_for_status()
    return {"upstream_s": answer.json()["seconds"]}


@router.get("/good")
async def good(request: Request) -> dict[str, float]:
    """Wait for the upstream, and give the loop back meanwhile."""
    answer = await request.app.state.http.get(slow_url(), params={"seconds": own_time_s()})
    answer.raise_for_status()
    return {"upstream_s": answer.json()["seconds"]}


PAIR = Pair(
    name="http",
    title="A call to another service",
    blocking_call="requests.get",
    replacement="one shared httpx.AsyncClient",
    why=(
        "requests reads its socket on the loop's thread for as long as the other service takes; "
        "an AsyncClient awaits it, and sharing one keeps its connections."
    ),
    own_time_s=1.0,
    needs=("upstream",),
    variants={
        "bad": Variant(
            model.Request("GET", "/pairs/http/bad"),
            Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO),
        ),
        "good": Variant(
            model.Request("GET", "/pairs/http/good"),
            Expectation(Verdict.PASS, Diagnosis.CONCURRENT),
        ),
    },
)
