"""A MySQL or MariaDB query: PyMySQL against an aiomysql pool from the lifespan.

The reference documentation handed ``loop=`` to ``aiomysql.create_pool``; asyncio has done away with
that argument, and the pool takes the loop it is opened on. The pool is opened and closed by the
lifespan instead of two ``@app.on_event`` handlers.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import unquote, urlsplit

import aiomysql  # type: ignore[import-untyped] # carries no types
import pymysql
from fastapi import APIRouter, FastAPI, Request
from pymysql.cursors import DictCursor

from neverblock import model
from neverblock.model import Diagnosis, Expectation, Pair, Variant, Verdict
from target_app.settings import POOL_LIMIT, POOL_OPEN, own_time_s, service_url
from target_app.users import UserId, as_user, seed_mysql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

QUERY = "SELECT id, name, email, SLEEP(%s) FROM users WHERE id = %s"

router = APIRouter(prefix="/pairs/mysql", tags=["mysql"])


class Account(TypedDict):
    """Where the server is and who asks, as both drivers take it."""

    host: str
    port: int
    user: str
    password: str


def account_and_database(url: str) -> tuple[Account, str]:
    """Take a URL ``mysql://user:password@host:port/database`` apart."""
    parts = urlsplit(url)
    account = Account(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
    return account, unquote(parts.path.strip("/"))


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep a pool of connections for as long as the app serves."""
    account, database = account_and_database(service_url("mysql"))
    async with aiomysql.create_pool(
        **account,
        db=database,
        minsize=POOL_OPEN,
        maxsize=POOL_LIMIT,
        autocommit=True,
        cursorclass=aiomysql.DictCursor,
    ) as pool:
        async with pool.acquire() as connection, connection.cursor() as cursor:
            await seed_mysql(cursor)
        app.state.mysql = pool
        yield


@router.get("/bad/{user_id}")
async def bad(user_id: UserId) -> dict[str, int | str]:
    """Connect and query on the loop's thread."""
    account, database = account_and_database(service_url("mysql"))
    with (
        closing(
            pymysql.connect(**account, database=database, cursorclass=DictCursor)
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(QUERY, (own_time_s(), user_id))
        return as_user(cursor.fetchone())


@router.get("/good/{user_id}")
async def good(user_id: UserId, request: Request) -> dict[str, int | str]:
    """Query over a pooled connection, and give the loop back until the row comes."""
    async with request.app.state.mysql.acquire() as connection, connection.cursor() as cursor:
        await cursor.execute(QUERY, (own_time_s(), user_id))
        return as_user(await cursor.fetchone())


PAIR = Pair(
    name="mysql",
    title="A MySQL query",
    blocking_call="pymysql.connect, cursor.execute",
    replacement="an aiomysql pool",
    why=(
        "PyMySQL reads its socket on the loop's thread; aiomysql is the same driver with the reads "
        "awaited."
    ),
    own_time_s=1.0,
    needs=("mysql",),
    variants={
        "bad": Variant(
            model.Request("GET", "/pairs/mysql/bad/1"),
            Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO),
        ),
        "good": Variant(
            model.Request("GET", "/pairs/mysql/good/1"),
            Expectation(Verdict.PASS, Diagnosis.CONCURRENT),
        ),
    },
)
