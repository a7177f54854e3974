"""The ``users`` table of the database pairs: real rows, put there once.

Several servers may start at the same moment on one database, so the check and the creation happen
under a lock of the database's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import HTTPException, Path

from neverblock.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

USERS = (
    (1, "Ada Lovelace", "ada@example.org"),
    (2, "Alan Turing", "alan@example.org"),
    (3, "Grace Hopper", "grace@example.org"),
    (4, "Edsger Dijkstra", "edsger@example.org"),
    (5, "Barbara Liskov", "barbara@example.org"),
)

CREATE = (
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL,"
    " email VARCHAR(120) NOT NULL)"
)

COLUMNS = {"id", "name", "email"}

LOCK = 0x6E62  # any number, as long as all servers take the same

UserId = Annotated[int, Path(ge=1, le=2**31 - 1, description="A positive 32-bit integer.")]


def as_user(row: Mapping[str, Any] | None) -> dict[str, int | str]:
    """Give the row as the answer to a request, or 404 where there is none."""
    if row is None:
        raise HTTPException(404, "There is no user of this id.")
    return {"id": row["id"], "name": row["name"], "email": row["email"]}


async def seed_postgres(connection: Any) -> None:
    """Create and fill the table where it is absent, over an asyncpg connection.

    Raises ServiceError where a table of this name holds something else.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        if await connection.fetchval("SELECT to_regclass('users')") is None:
            await connection.execute(CREATE)
            await connection.executemany("INSERT INTO users VALUES ($1, $2, $3)", USERS)
        row = await connection.fetchrow("SELECT * FROM users WHERE id = 1")
    _require_ours(row, "NEVERBLOCK_POSTGRES_URL")


async def seed_mysql(cursor: Any) -> None:
    """Create and fill the table where it is absent, over an aiomysql dictionary cursor.

    MySQL commits on CREATE, so a table that was left empty by a crash is filled as well. Raises
    ServiceError where a table of this name holds something else.
    """
    await cursor.execute("SELECT GET_LOCK('neverblock.users', 60)")
    try:
        if not await cursor.execute("SHOW TABLES LIKE 'users'"):
            await cursor.execute(CREATE)
        if not await cursor.execute("SELECT * FROM users LIMIT 1"):
            await cursor.executemany("INSERT INTO users VALUES (%s, %s, %s)", USERS)
        await cursor.execute("SELECT * FROM users WHERE id = 1")
        row = await cursor.fetchone()
    finally:
        await cursor.execute("SELECT RELEASE_LOCK('neverblock.users')")
    _require_ours(row, "NEVERBLOCK_MYSQL_URL")


def _require_ours(row: Mapping[str, Any] | None, variable: str) -> None:
    if row is None or not set(row.keys()) >= COLUMNS:
        raise ServiceError(
            f"The database of {variable} has a table users which is not the reference app's.",
            f"Let {variable} name a database of its own; the app creates the table there.",
        )
