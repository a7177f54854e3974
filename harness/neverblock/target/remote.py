"""A target that already runs and is reached by URL, without a probe.

Other machines are refused unless the user names the host a second time, as a burst at somebody
else's service is an attack.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from neverblock.errors import TargetError, UsageError

if TYPE_CHECKING:
    from neverblock.measurement import Frame


EXAMPLE = "Write it as http://127.0.0.1:8000."


class RemoteServer:
    """A server that runs elsewhere; nothing inside it can be seen."""

    alive = True
    pid = None

    def __init__(self, url: str) -> None:
        """Take its URL: scheme, host and port, and a path below which all endpoints are."""
        self.base_url = url.rstrip("/")

    def usage(self) -> None:
        """Give nothing: it cannot be known from outside."""

    def log_size(self) -> int:
        """Give nothing: its output is not captured here."""
        return 0

    def log_tail(self, since: int = 0) -> str:  # noqa: ARG002 - as a server of ours takes it
        """Give nothing: its output is not captured here."""
        return ""

    async def restart(self) -> None:
        """Raise TargetError: it is not ours to start, and all else would be asked in vain."""
        raise self.death()

    async def abort(self) -> tuple[Frame, ...]:
        """Give nothing: it is not ours to end."""
        return ()

    def death(self, since: int = 0) -> TargetError:  # noqa: ARG002 - as a server of ours takes it
        """Give the error that it does not answer."""
        return TargetError(f"{self.base_url} does not answer.", "Is it still running?")


def is_url(target: str) -> bool:
    """Say whether a target is a URL rather than an import string."""
    return target.startswith(("http://", "https://"))


def permitted(url: str, allowed_hosts: tuple[str, ...]) -> str:
    """Give the URL back if its host is this machine or one of those that the user allowed.

    Raises UsageError for any other host, for a URL without one and for one with credentials.
    """
    host = host_of(url)
    if is_loopback(host) or host in allowed_hosts:
        refuse_credentials(url, host)
        return url
    raise UsageError(
        f"{host!r} is not this machine, and a burst at somebody else's service is an attack.",
        f"If the service is yours and can take the load, add --allow-remote {host}.",
    )


def host_of(url: str) -> str:
    """Give the host of a URL that can be asked.

    Raises UsageError for one that cannot be read, or names no host.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{url!r} is no URL: {error}.", EXAMPLE) from error
    if not host or port == 0 or not url.isprintable() or " " in url:
        raise UsageError(f"{url!r} names no host.", EXAMPLE)
    return host


def refuse_credentials(url: str, host: str) -> None:
    """Raise UsageError for a URL with credentials in it: a run names its target."""
    if "@" in urlsplit(url).netloc:
        raise UsageError(
            f"The URL of {host!r} has credentials in it, which would be written into the run.",
            'Put them into [tool.neverblock.headers]: authorization = "Basic ${LOGIN}".',
        )


def path_of(canary: str) -> str:
    """Give a canary back if it is a path of the target: what is asked is of one origin.

    Raises UsageError for anything else.
    """
    if not canary.startswith("/") or canary.startswith("//") or not canary.isprintable():
        raise UsageError(
            f"The canary {canary!r} is no path of the target.",
            "Name a cheap endpoint that does nothing but answer: --canary /health.",
        )
    return canary


def is_loopback_url(url: str) -> bool:
    """Say whether a URL leads to this machine."""
    return is_loopback(urlsplit(url).hostname or "")


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine, by its name or address, without resolving it."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
