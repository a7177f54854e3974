"""Every service starts for real and answers its real driver."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit

import aiohttp
import httpx
import psycopg2
import pymysql
import pytest
import redis
from needs import need
from redis.backoff import NoBackoff
from redis.retry import Retry

from neverblock.reference.services import SERVICES, Missing, Provided, provide


def mysql_connection(url, **other):
    """Connect as the URL says, but for what is said otherwise."""
    parts = urlsplit(url)
    account = {"user": parts.username, "password": parts.password}
    account["database"] = parts.path.strip("/")
    return pymysql.connect(host=parts.hostname, port=parts.port, **{**account, **other})


def test_postgres_keeps_a_row_and_takes_200_connections(services):
    """PostgreSQL holds what is put into it, and has room for a large burst."""
    connection = psycopg2.connect(need(services, "postgres").url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE kept (name text)")
            cursor.execute("INSERT INTO kept VALUES ('Ada')")
            cursor.execute("SELECT name, current_setting('max_connections')::int FROM kept")
            name, connections = cursor.fetchone()
    finally:
        connection.close()
    assert name == "Ada"
    assert connections >= 200


def test_mysql_keeps_a_row_and_takes_200_connections(services):
    """MySQL holds what is put into it, and has room for a large burst."""
    connection = mysql_connection(need(services, "mysql").url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE kept (name text)")
            cursor.execute("INSERT INTO kept VALUES ('Ada')")
            cursor.execute("SELECT name, @@max_connections FROM kept")
            name, connections = cursor.fetchone()
    finally:
        connection.close()
    assert name == "Ada"
    assert connections >= 200


def test_redis_keeps_a_value(services):
    """Redis holds what is put into it."""
    with redis.Redis.from_url(need(services, "redis").url, decode_responses=True) as client:
        client.set("kept", "Ada", ex=60)
        assert client.get("kept") == "Ada"


def test_private_servers_refuse_those_without_the_password(services):
    """Another account of this machine cannot use what runs on its loopback for a while."""
    postgres, mysql, cache = (need(services, name) for name in ("postgres", "mysql", "redis"))
    if "url" in {postgres.origin, mysql.origin, cache.origin}:
        pytest.skip("a service was given by URL; its accounts are its owner's")
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(postgres.url, password="wrong")  # noqa: S106 - wrong on purpose
    with pytest.raises(pymysql.OperationalError, match="Access denied"):
        mysql_connection(mysql.url, user="root", password="", database=None)
    port = urlsplit(cache.url).port
    with (
        redis.Redis(port=port, retry=Retry(NoBackoff(), 0)) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_upstream_serves_hundreds_of_slow_requests_together(services):
    """300 requests at once take a small part of what they take one after another."""
    url = need(services, "upstream").url + "/slow?seconds=0.5"

    async def burst():
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def ask():
                async with session.get(url) as answer:
                    return await answer.json()

            return await asyncio.gather(*(ask() for _ in range(300)))

    started_at = time.monotonic()
    answers = asyncio.run(burst())
    wall_s = time.monotonic() - started_at
    assert answers == [{"seconds": 0.5}] * 300
    assert wall_s < 300 * 0.5 / 10


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/slow?seconds=0", 200), ("/other", 404)]
    + [(f"/slow?seconds={bad}", 422) for bad in ("x", "-1", "1e9", "nan", "")],
)
def test_upstream_answers_by_status(services, path, status):
    """The upstream says in its status whether it could make sense of the request."""
    answer = httpx.get(need(services, "upstream").url + path, timeout=30, trust_env=False)
    assert answer.status_code == status


def test_upstream_takes_a_second_where_none_is_asked(services):
    """The default delay is the second that the lessons are written in."""
    answer = httpx.get(need(services, "upstream").url + "/slow", timeout=30, trust_env=False)
    assert answer.json() == {"seconds": 1.0}
    assert answer.elapsed.total_seconds() > 0.95


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_says_where_it_comes_from(services, name):
    """Each has an origin, a version and the environment for a target server."""
    service = need(services, name)
    assert service.name == name
    assert service.origin in {"url", "binary", "wheel"}
    assert service.env == {f"NEVERBLOCK_{name.upper()}_URL": service.url}
    assert any(letter.isalpha() for letter in service.version)
    assert service.ready_s > 0


def test_two_runs_side_by_side_do_not_meet(monkeypatch):
    """Two harnesses at once get servers of their own, on ports of their own."""
    for name in SERVICES:
        monkeypatch.delenv(f"NEVERBLOCK_{name.upper()}_URL", raising=False)
    events = []
    with provide(("postgres", "redis"), events.append) as first, provide(("redis",)) as second:
        urls = {outcome.url for outcome in (*first.values(), *second.values())}
    assert len(urls) == 3
    assert any(event.startswith("redis: starting ") for event in events)


def test_nothing_is_started_for_no_service():
    """A run that needs no service has none."""
    with provide(()) as found:
        assert found == {}


def test_found_services_are_one_of_two_kinds(services):
    """Every service asked for is either there or missing with a reason."""
    assert list(services) == list(SERVICES)
    assert all(isinstance(outcome, Provided | Missing) for outcome in services.values())
