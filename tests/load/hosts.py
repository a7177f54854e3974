"""Separate hosts on one machine: network namespaces, each on a wire of its own to one switch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from needs import absent

if TYPE_CHECKING:
    from collections.abc import Iterator

WIRE = Path(__file__).with_name("poor_wire.py")


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
def hosts(*names: str, poor: str | None = None) -> Iterator[dict[str, Host]]:
    """Give hosts that reach each other by a switch, one of them maybe by a poor wire.

    All of it is gone afterwards.
    """
    if shutil.which("ip") is None:
        absent("ip is missing. Type: apt-get install iproute2")
    own = f"nb{os.getpid()}"
    switch = f"{own}-switch"
    with ExitStack() as stack:
        namespace(switch, stack)
        ip("-n", switch, "link", "add", "switch", "type", "bridge")
        ip("-n", switch, "link", "set", "switch", "up")
        made = {}
        for number, name in enumerate(names, 1):
            host = made[name] = Host(f"{own}-{name}", f"10.77.0.{number}")
            namespace(host.name, stack)
            ends = f"{own}a{number}", f"{own}b{number}"
            if name == poor:
                poor_wire(ends, stack)
            else:
                ip("link", "add", ends[0], "type", "veth", "peer", ends[1])
            ip("link", "set", ends[0], "netns", host.name, "name", "wire")
            ip("link", "set", ends[1], "netns", switch)
            ip("-n", switch, "link", "set", ends[1], "master", "switch", "up")
            ip("-n", host.name, "address", "add", f"{host.address}/24", "dev", "wire")
            ip("-n", host.name, "link", "set", "wire", "up")
        yield made


def namespace(name: str, stack: ExitStack) -> None:
    """Make a network namespace, which is gone with all of its interfaces when the stack closes."""
    ip("netns", "add", name)
    stack.callback(subprocess.run, ["ip", "netns", "delete", name], check=False)
    ip("-n", name, "link", "set", "lo", "up")


def poor_wire(ends: tuple[str, str], stack: ExitStack) -> None:
    """Make two interfaces with a poor link between them, for as long as the stack is open."""
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        absent("/dev/net/tun is missing, or is not ours. Type: modprobe tun")
    command = [sys.executable, str(WIRE), *ends]
    wire = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    stack.callback(wire.kill)
    assert wire.stdout.readline() == "made\n"
