"""Separate hosts on one machine: network namespaces, each on a wire of its own to one switch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from needs import absent

if TYPE_CHECKING:
    from collections.abc import Iterator

POOR = ("netem", "delay", "20ms", "loss", "1%")
"""A link on which each packet is late, and one in a hundred is lost."""


class Host:
    """A network namespace with an address, in which processes are started."""

    def __init__(self, name: str, address: str) -> None:
        """Take the namespace's name, and its address."""
        self.name = name
        self.address = address

    def start(self, *command: object, **more: object) -> subprocess.Popen[str]:
        """Start a command of Python's there."""
        where = ("ip", "netns", "exec", self.name, sys.executable)
        return subprocess.Popen([*where, *map(str, command)], text=True, **more)


def ip(*words: object) -> None:
    """Run ``ip``; where the system does not let us, skip or fail with what it said."""
    done = subprocess.run(["ip", *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        absent(f"ip {' '.join(map(str, words))}: {done.stderr.strip()}. It needs root on Linux.")


@contextmanager
def hosts(*names: str) -> Iterator[dict[str, Host]]:
    """Give hosts that reach each other by a switch; all of it is gone afterwards."""
    if shutil.which("ip") is None:
        absent("ip is missing. Type: apt-get install iproute2")
    own = f"nb{os.getpid()}"
    made = []
    try:
        for number, name in enumerate(("switch", *names)):
            ip("netns", "add", f"{own}-{name}")
            made.append(f"{own}-{name}")
            inside = ("-n", made[-1])
            ip(*inside, "link", "set", "lo", "up")
            if name == "switch":
                ip(*inside, "link", "add", "switch", "type", "bridge")
                ip(*inside, "link", "set", "switch", "up")
                continue
            ip(
                *inside,
                "link",
                "add",
                "wire",
                "type",
                "veth",
                "peer",
                f"to{number}",
                "netns",
                made[0],
            )
            ip("-n", made[0], "link", "set", f"to{number}", "master", "switch", "up")
            ip(*inside, "address", "add", f"10.77.0.{number}/24", "dev", "wire")
            ip(*inside, "link", "set", "wire", "up")
        yield {
            name: Host(f"{own}-{name}", f"10.77.0.{number}") for number, name in enumerate(names, 1)
        }
    finally:
        for namespace in reversed(made):
            subprocess.run(["ip", "netns", "delete", namespace], check=False)


def spoil(host: Host) -> None:
    """Make a host's link a poor one; skip or fail where the kernel cannot."""
    command = ["tc", "-n", host.name, "qdisc", "add", "dev", "wire", "root", *POOR]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        absent(f"{' '.join(command)}: {done.stderr.strip()} Type: modprobe sch_netem")
