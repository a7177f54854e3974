from __future__ import annotations

import asyncio

import aiomysql
import asyncpg
import pytest
from needs import need

from neverblock.errors import ServiceError
from target_app.pairs.mysql import account_and_database
from target_app.users import USERS, seed_mysql, seed_postgres

SCHEMA = "neverblock_seeding"


@pytest.fixture
def postgres(services):
    """Give the address of a PostgreSQL server."""
    return need(services, "postgres").url


@pytest.mark.anyio
async def test_servers_seed_postgres_at_once(postgres):
    """Eight servers that start together leave one table, filled once."""
    owner = await asyncpg.connect(postgres, server_settings={"search_path": SCHEMA})
    await owner.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")

    async def start():
        connection = await asyncpg.connect(postgres, server_settings={"search_path": SCHEMA})
        await seed_postgres(connection)
        await connection.close()

    await asyncio.gather(*(start() for _ in range(8)))
    rows = await owner.fetch("SELECT * FROM users ORDER BY id")
    await owner.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    await owner.close()
    assert [tuple(row) for row in rows] == list(USERS)


@pytest.mark.anyio
async def test_foreign_postgres_table_is_left_alone(postgres):
    """A table users that is somebody else's is reported, and not written to."""
    owner = await asyncpg.connect(postgres, server_settings={"search_path": SCHEMA})
    await owner.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
    await owner.execute("CREATE TABLE users (id INTEGER, nickname TEXT)")
    with pytest.raises(ServiceError, match="is not the reference app's"):
        await seed_postgres(owner)
    rows = await owner.fetchval("SELECT count(*) FROM users")
    await owner.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    await owner.close()
    assert rows == 0


@pytest.mark.anyio
async def test_servers_seed_mysql_at_once(services):
    """Eight servers that start together fill the table once."""
    account, database = account_and_database(need(services, "mysql").url)

    async def start():
        connection = await aiomysql.connect(
            **account, db=database, autocommit=True, cursorclass=aiomysql.DictCursor
        )
        async with connection.cursor() as cursor:
            await seed_mysql(cursor)
            await cursor.execute("SELECT id, name, email FROM users ORDER BY id")
            rows = await cursor.fetchall()
        connection.close()
        return rows

    for rows in await asyncio.gather(*(start() for _ in range(8))):
        assert [tuple(row.values()) for row in rows] == list(USERS)
