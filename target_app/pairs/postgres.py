"""A query: psycopg2, a connection per request, against an asyncpg pool from the lifespan.

The reference documentation opened the pool in ``@app.on_event("startup")`` and kept it in a module
global. ``on_event`` is deprecated: the lifespan opens the pool, and closes it whatever happens.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

import asyncpg  # type: ignore[import-untyped] # carries no types
import psycopg2
from fastapi import APIRouter, FastAPI, Request
from psycopg2.extras import RealDictCursor

from neverblock import model
from neverblock.model import Diagnosis, Expectation, Pair, Variant, Verdict
from target_app.settings import PATIENCE_S, POOL_LIMIT, POOL_OPEN, own_time_s, service_url
from target_app.users import UserId, as_user, seed_postgres

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

router = APIRouter(prefix="/pairs/postgres", tags=["postgres"])


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep a pool of connections for as long as the app serves."""
    async with asyncpg.create_pool(
        service_url("postgres"),
        min_size=POOL_OPEN,
        max_size=POOL_LIMIT,
        command_timeout=PATIENCE_S,
    ) as pool:
        async with pool.acquire() as connection:
            await seed_postgres(connection)
        app.state.postgres = pool
        yield


@router.get("/bad/{user_id}")
async def bad(user_id: UserId) -> dict[str, int | str]:
    """Connect and query on the loop's thread."""
    with (
        closing(psycopg2.connect(service_url("postgres"))) as connection,
        connection.cursor(cursor_factory=RealDictCursor) as cursor,
    ):
        cursor.execute(
            "SELECT id, name, email, pg_sleep(%s) FROM users WHERE id = %s",
            (own_time_s(), user_id),
        )
        return as_user(cursor.fetchone())


@router.get("/good/{user_id}")
async def good(user_id: UserId, request: Request) -> dict[str, int | str]:
    """Query over a pooled connection, and give the loop back until the row comes."""
    row = await request.app.state.postgres.fetchrow(
        "SELECT id, name, email, pg_sleep($1) FROM users WHERE id = $2", own_time_s(), user_id
    )
    return as_user(row)


PAIR = Pair(
    name="postgres",
    title="A PostgreSQL query",
    blocking_call="psycopg2.connect, cursor.execute",
    replacement="an asyncpg pool",
    why=(
        "psycopg2 waits for connection and row on the loop's thread; asyncpg speaks the protocol "
        "on the loop, and its pool saves the connecting."
    ),
    own_time_s=1.0,
    needs=("postgres",),
    variants={
        "bad": Variant(
            model.Request("GET", "/pairs/postgres/bad/1"),
            Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO),
        ),
        "good": Variant(
            model.Request("GET", "/pairs/postgres/good/1"),
            Expectation(Verdict.PASS, Diagnosis.CONCURRENT),
        ),
    },
)
