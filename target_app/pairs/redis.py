"""A blocking pop: redis-py against ``redis.asyncio``.

The reference documentation used aioredis, a package of its own. It was merged into redis-py 4.2 as
``redis.asyncio`` and is no longer maintained; its last release does not import on Python 3.11.
``aioredis.create_redis_pool`` is now ``redis.asyncio.Redis`` on a pool, closed by ``aclose``.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request
from redis import Redis
from redis.asyncio import BlockingConnectionPool
from redis.asyncio import Redis as AsyncRedis

from neverblock import model
from neverblock.model import Diagnosis, Expectation, Pair, Variant, Verdict
from target_app.settings import PATIENCE_S, POOL_LIMIT, POOL_OPEN, own_time_s, service_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

QUEUE = "neverblock:orders"
"""A list that nobody pushes to, so that popping from it waits for the whole timeout."""

STOCK = "neverblock:stock"

router = APIRouter(prefix="/pairs/redis", tags=["redis"])


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep a client of each kind, and the stock they read, for as long as the app serves."""
    url = service_url("redis")
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=POOL_LIMIT,
        timeout=PATIENCE_S,
        socket_timeout=PATIENCE_S,
        decode_responses=True,
    )
    with Redis.from_url(url, socket_timeout=PATIENCE_S, decode_responses=True) as blocking:
        async with AsyncRedis.from_pool(pool) as awaiting:
            await asyncio.gather(*(awaiting.ping() for _ in range(POOL_OPEN)))
            await awaiting.hset(STOCK, mapping={"apples": "12", "pears": "7"})
            app.state.redis, app.state.async_redis = blocking, awaiting
            yield


def answer(order: object, stock: dict[str, str]) -> dict[str, str]:
    """Say what the queue held and what is in stock."""
    return {"order": "none" if order is None else "one", **stock}


@router.get("/bad")
async def bad(request: Request) -> dict[str, str]:
    """Wait for an order on the loop's thread."""
    redis = request.app.state.redis
    order = redis.blpop([QUEUE], timeout=own_time_s())
    return answer(order, redis.hgetall(STOCK))


@router.get("/good")
async def good(request: Request) -> dict[str, str]:
    """Wait for an order, and give the loop back meanwhile."""
    redis = request.app.state.async_redis
    order = await redis.blpop([QUEUE], timeout=own_time_s())
    return answer(order, await redis.hgetall(STOCK))


PAIR = Pair(
    name="redis",
    title="A blocking pop from Redis",
    blocking_call="redis.Redis.blpop",
    replacement="redis.asyncio.Redis.blpop",
    why=(
        "redis-py waits for the reply on the loop's thread; redis.asyncio has the same commands, "
        "awaited."
    ),
    own_time_s=1.0,
    needs=("redis",),
    variants={
        "bad": Variant(
            model.Request("GET", "/pairs/redis/bad"),
            Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO),
        ),
        "good": Variant(
            model.Request("GET", "/pairs/redis/good"),
            Expectation(Verdict.PASS, Diagnosis.CONCURRENT),
        ),
    },
)
