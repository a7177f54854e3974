"""MySQL or MariaDB: by URL or from the machine; there is no wheel that carries one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import aiomysql  # type: ignore[import-untyped] # carries no types

from neverblock.reference.services.base import CONNECT_TIMEOUT_S
from neverblock.reference.services.binaries import Source, installed
from neverblock.reference.services.instance import Instance, LaunchError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLACES = (
    "/usr/sbin",
    "/usr/libexec",
    "/usr/local/sbin",
    "/opt/homebrew/opt/mariadb/bin",
    "/opt/homebrew/opt/mysql/bin",
)
OPTIONS = (
    "--bind-address=127.0.0.1",
    "--max-connections=300",
    "--skip-name-resolve",
    "--performance-schema=OFF",
    "--innodb-buffer-pool-size=32M",
    "--innodb-flush-log-at-trx-commit=0",
    "--loose-innodb-doublewrite=OFF",
    "--loose-innodb-flush-method=nosync",
    "--loose-innodb-log-file-size=8M",
    "--loose-mysqlx=OFF",
)
ACCOUNTS = """\
CREATE DATABASE neverblock;
CREATE USER 'neverblock'@'127.0.0.1' IDENTIFIED BY '{password}';
GRANT ALL ON neverblock.* TO 'neverblock'@'127.0.0.1';
ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';
DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1';
"""


class MySQL:
    """A MySQL or MariaDB server whose database lives as long as the run."""

    hint = "Install MariaDB (apt-get install mariadb-server, brew install mariadb)"
    demote = True

    def sources(self) -> Iterator[Source]:
        """Give an installed server, MariaDB before MySQL."""
        yield from installed(("mariadbd", "mysqld"), PLACES)

    async def start(self, source: Source, instance: Instance) -> str:
        """Create the system tables, and start a server that creates our account."""
        data = instance.folder / "data"
        # hazard: two servers that start with one folder for temporary files delete each other's
        own = (f"--tmpdir={instance.folder}", *OPTIONS)
        if source.executable.name == "mariadbd":
            await instance.run(*_install_mariadb(source), f"--datadir={data}", *own)
        else:
            await instance.run(
                *(source.executable, "--no-defaults", "--initialize-insecure"),
                *(f"--datadir={data}", *own),
            )
        accounts = instance.write("accounts.sql", ACCOUNTS.format(password=instance.password))

        def command(port: int) -> list[str | Path]:
            return [
                *(source.executable, "--no-defaults", f"--datadir={data}", f"--port={port}"),
                *(
                    f"--socket={instance.folder / 'socket'}",
                    f"--pid-file={instance.folder / 'pid'}",
                ),
                *(f"--init-file={accounts}", *own),
            ]

        def url(port: int) -> str:
            return f"mysql://neverblock:{instance.password}@127.0.0.1:{port}/neverblock"

        port = await instance.serve(command, lambda port: self.ask(url(port)))
        return url(port)

    async def ask(self, url: str) -> str:
        """Connect and give the version, as in "MariaDB 10.11.19"."""
        try:
            parts = urlsplit(url)
            if parts.scheme != "mysql" or not parts.path.strip("/"):
                raise ConnectionError("it must read mysql://user:password@host:port/database")
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                connection = await aiomysql.connect(
                    host=parts.hostname or "127.0.0.1",
                    port=parts.port or 3306,
                    user=unquote(parts.username or ""),
                    password=unquote(parts.password or ""),
                    db=unquote(parts.path.strip("/")),
                )
                version: str = connection.get_server_info()
                connection.close()
        except (OSError, ValueError, aiomysql.MySQLError) as error:
            raise ConnectionError(str(error) or type(error).__name__) from error
        name = "MariaDB" if "MariaDB" in version else "MySQL"
        return f"{name} {version.removeprefix('5.5.5-').split('-')[0]}"


def _install_mariadb(source: Source) -> tuple[str | Path, ...]:
    """Give the command that creates the system tables: a script beside or near the server."""
    near = str(source.executable.parent.parent / "*bin")
    script = next(installed(("mariadb-install-db", "mysql_install_db"), (near,)), None)
    if script is None:
        raise LaunchError("mariadb-install-db, which comes with MariaDB, is not installed")
    return (
        *(script.executable, "--no-defaults", "--skip-test-db", "--skip-name-resolve"),
        "--auth-root-authentication-method=normal",
    )
