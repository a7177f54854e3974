"""The same query by SQLAlchemy: a synchronous session against an asynchronous one on asyncpg.

The reference documentation had ``session.query`` and ``sessionmaker(class_=AsyncSession)``. Since
SQLAlchemy 2.0 both sessions take the same ``select``, and ``async_sessionmaker`` makes the second.
Drivers are named in the URL: a bare ``postgresql://`` means psycopg since SQLAlchemy 2.1.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import Select, create_engine, func, make_url, select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

from neverblock import model
from neverblock.model import Diagnosis, Expectation, Pair, Variant, Verdict
from target_app.settings import PATIENCE_S, POOL_LIMIT, POOL_OPEN, own_time_s, service_url
from target_app.users import UserId, as_user, seed_postgres

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

router = APIRouter(prefix="/pairs/sqlalchemy", tags=["sqlalchemy"])


class Base(DeclarativeBase):
    """The models of this pair."""


class User(Base):
    """A row of the ``users`` table."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]


def query(user_id: int) -> Select[tuple[int, str, str, str]]:
    """Give the statement that both sessions execute."""
    slept = func.pg_sleep(own_time_s())
    return select(User.id, User.name, User.email, slept).where(User.id == user_id)


async def open_pool(engine: AsyncEngine) -> None:
    """Open connections side by side and seed the table over one; all go back to the pool."""
    connections = await asyncio.gather(*(engine.connect() for _ in range(POOL_OPEN)))
    await seed_postgres((await connections[0].get_raw_connection()).driver_connection)
    for connection in connections:
        await connection.close()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep both engines and their session makers for as long as the app serves."""
    url = make_url(service_url("postgres"))
    blocking = create_engine(url.set(drivername="postgresql+psycopg2"))
    awaiting = create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        pool_size=POOL_LIMIT,
        max_overflow=0,
        pool_timeout=PATIENCE_S,
    )
    app.state.session = sessionmaker(blocking)
    app.state.async_session = async_sessionmaker(awaiting)
    try:
        await open_pool(awaiting)
        yield
    finally:
        blocking.dispose()
        await awaiting.dispose()


@router.get("/bad/{user_id}")
async def bad(user_id: UserId, request: Request) -> dict[str, int | str]:
    """Query by a synchronous session on the loop's thread."""
    with request.app.state.session() as session:
        return as_user(session.execute(query(user_id)).mappings().first())


@router.get("/good/{user_id}")
async def good(user_id: UserId, request: Request) -> dict[str, int | str]:
    """Query by an asynchronous session."""
    async with request.app.state.async_session() as session:
        return as_user((await session.execute(query(user_id))).mappings().first())


PAIR = Pair(
    name="sqlalchemy",
    title="A query by SQLAlchemy",
    blocking_call="Session.execute",
    replacement="AsyncSession.execute on asyncpg",
    why=(
        "An ORM hides the driver, not its waiting: a synchronous session holds the loop until the "
        "row is there."
    ),
    own_time_s=1.0,
    needs=("postgres",),
    variants={
        "bad": Variant(
            model.Request("GET", "/pairs/sqlalchemy/bad/1"),
            Expectation(Verdict.FAIL, Diagnosis.BLOCKING_IO),
        ),
        "good": Variant(
            model.Request("GET", "/pairs/sqlalchemy/good/1"),
            Expectation(Verdict.PASS, Diagnosis.CONCURRENT),
        ),
    },
)
