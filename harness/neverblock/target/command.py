"""A target served by a command of the user's own: gunicorn, hypercorn, granian and their like."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil

from neverblock.errors import TargetError, UsageError
from neverblock.probe.die_with_parent import dying_with_us
from neverblock.target.server import Server, ServerSpec, listen

APP, PORT = "{app}", "{port}"
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}  # noqa: S104 - read, not bound
"""The address to ask of a server that listens on all interfaces, or by IPv6."""


IMPORT_STRING = re.compile(r"[^\W\d]\w*(\.\w+)*:[^\W\d]\w*(\.\w+)*")
"""``package.module:app``, and no address with its port."""


def named_in(command: str | None, app: str | None) -> tuple[str | None, str | None]:
    """Give the app and the command, with ``{app}`` in it where it names the app itself.

    Without an app it is the one import string of the command; where there are several, none.
    Raises UsageError if the command cannot be read.
    """
    if command is None or APP in command:
        return app, command
    parts = split(command)
    fits = IMPORT_STRING.fullmatch if app is None else app.__eq__
    match [word for word in parts if fits(word)]:
        case [named]:
            return named, shlex.join(APP if word == named else word for word in parts)
    return app, command


def words(command: str) -> list[str]:
    """Split a command as a shell does. Raises UsageError if it has no place for the app.

    ``{app}`` stands for the app with the probe around it, ``{port}`` for a free port.
    """
    parts = split(command)
    if not any(APP in word for word in parts):
        raise UsageError(f"--cmd {command!r} does not say where the app goes.", EXAMPLE)
    return parts


def split(command: str) -> list[str]:
    """Split a command as a shell does. Raises UsageError if it cannot be read."""
    try:
        return shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--cmd {command!r} cannot be read: {error}.", EXAMPLE) from error


EXAMPLE = "Write {app} for it: --cmd 'gunicorn -k uvicorn.workers.UvicornWorker {app}'."


class CommandServer(Server):
    """Runs the user's command, and asks the system on which port it listens."""

    def __init__(self, spec: ServerSpec, command: str) -> None:
        """Take what to serve, and the command with ``{app}`` and maybe ``{port}`` in it."""
        super().__init__(spec)
        self._words = words(command)

    async def _start(self) -> None:
        with listen(self.spec.port) as sock:
            port = str(sock.getsockname()[1])
        command = [word.replace(APP, self.spec.app).replace(PORT, port) for word in self._words]
        # the project's own commands run without its environment being activated
        scripts = str(Path(self.spec.python.path).parent)
        given = self.spec.env.get("PATH", os.environ.get("PATH", ""))
        path = os.pathsep.join([scripts, given])
        if shutil.which(command[0], path=path) is None:
            raise TargetError(
                f"--cmd cannot be started: there is no {command[0]!r} in '{scripts}' or on PATH.",
                "Is the server installed in the project's environment? Name it by its path "
                "otherwise.",
            )
        self.spec = replace(self.spec, env={**self.spec.env, "PATH": path})
        await self._spawn(dying_with_us(*command))

    def _addresses(self) -> list[str]:
        """Give the URLs on which the processes of the command accept connections."""
        addresses = []
        with suppress(psutil.Error):
            root = psutil.Process(self.pid)
            for process in (root, *root.children(recursive=True)):
                for connection in process.net_connections("tcp"):
                    if connection.status == psutil.CONN_LISTEN:
                        host, port = connection.laddr
                        addresses.append(f"http://{LOOPBACK.get(host, host)}:{port}")
        return addresses


def command_server(spec: ServerSpec, command: str) -> CommandServer:
    """Give the server of a command; its name in messages is the command's first word."""
    return CommandServer(replace(spec, name=f"{spec.name} under {words(command)[0]}"), command)
