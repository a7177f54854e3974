"""A target that already runs and is reached by URL: no probe, no process, and loopback only.

A measuring tool is no weapon: another machine is asked only where the user names it once more.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from neverblock.errors import TargetError, UsageError


class RemoteServer:
    """A server of somebody else's; what goes on inside of it cannot be seen."""

    alive = True
    pid = None

    def __init__(self, url: str) -> None:
        """Take where it is: scheme, host and port, and a path that all endpoints lie beneath."""
        self.base_url = url.rstrip("/")

    def usage(self) -> None:
        """Give nothing: from outside nobody knows."""

    def log_tail(self) -> str:
        """Give nothing: its log is not ours."""
        return ""

    def death(self) -> TargetError:
        """Say that it does not answer."""
        return TargetError(f"{self.base_url} does not answer.", "Is it still running?")


def is_url(target: str) -> bool:
    """Say whether a target is a URL rather than an import string."""
    return target.startswith(("http://", "https://"))


def permitted(url: str, allowed_hosts: tuple[str, ...]) -> str:
    """Give the URL back if it may be asked: on this machine, or its host among those named.

    Raises UsageError for any other host, and for a URL without one.
    """
    host = urlsplit(url).hostname
    if not host:
        raise UsageError(f"{url!r} names no host.", "Write it as http://127.0.0.1:8000.")
    if is_loopback(host) or host in allowed_hosts:
        return url
    raise UsageError(
        f"{host!r} is not this machine, and bursts at another's service are an attack.",
        f"If the service is yours and may be burdened, add --allow-remote {host}.",
    )


def is_loopback_url(url: str) -> bool:
    """Say whether a URL leads to this machine."""
    return is_loopback(urlsplit(url).hostname or "")


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine, by its name or address alone."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
