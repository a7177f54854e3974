"""The process that owns the services.

``python -m neverblock.reference.services.supervisor postgres redis``.

It prints lines of JSON: what it does, and at last what became of each service; then it waits. When
its standard input ends, it stops every server and removes their directories. The input ends when
the harness closes it, and also when the harness is killed: a normal end, Ctrl-C at any moment and
a crash are all handled in this one way.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from neverblock.errors import ServiceError
from neverblock.reference.services import Missing, Provided
from neverblock.reference.services.base import Service, create_service, masked, variable
from neverblock.reference.services.instance import Instance, LaunchError
from neverblock.target.processes import TERMINATE, when_signalled
from neverblock.target.scratch import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


async def resolve(
    name: str, folder: Path, stack: AsyncExitStack, announce: Callable[[str], None]
) -> Provided | Missing:
    """Have one service answer: by its URL, else by the first of its sources that starts.

    The stack stops what was started. Raises ServiceError for a URL that does not connect.
    """
    started_at = time.monotonic()
    try:
        service = create_service(name)
    except ModuleNotFoundError as error:
        return Missing(
            name, f"{error.name} is not installed", "pip install 'neverblock[reference]'"
        )
    if url := os.environ.get(variable(name)):
        version = await _ask_user_url(name, service, url)
        announce(f"{name}: {version} at {masked(url)}")
        return _provided(name, url, "url", version, started_at)
    reason = f"{variable(name)} is not set, and no server is installed on this machine"
    for attempt, source in enumerate(service.sources()):
        announce(f"{name}: starting {source.executable}")
        instance = Instance(folder / f"{name}-{attempt}", demote=service.demote)
        stack.push_async_callback(instance.stop)
        try:
            url = await service.start(source, instance)
            version = await service.ask(url)
        except (LaunchError, ConnectionError) as error:
            reason = f"{source.executable} did not start: {error}"
            announce(f"{name}: {reason}")
            await instance.stop()
        else:
            announce(f"{name}: {version} is ready")
            return _provided(name, url, source.origin, version, started_at)
    return Missing(name, reason, f"{service.hint}, or set {variable(name)}.")


async def _ask_user_url(name: str, service: Service, url: str) -> str:
    try:
        return await service.ask(url)
    except ConnectionError as error:
        raise ServiceError(
            f"{variable(name)}={masked(url)} does not connect: {error}",
            f"Start that server, correct the URL, or unset {variable(name)} to have one started.",
        ) from error


def _provided(name: str, url: str, origin: str, version: str, started_at: float) -> Provided:
    env = {variable(name): url}
    return Provided(name, url, env, origin, version, time.monotonic() - started_at)


async def supervise(names: Sequence[str], send: Callable[..., None]) -> None:
    """Start the services side by side, send what became of each, and keep them until cancelled."""

    def announce(event: str) -> None:
        send(event=event)

    try:
        with scratch_folder("services-") as folder:
            folder.chmod(0o711)  # a service under another account must reach its own folder
            async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
                tasks = {
                    name: group.create_task(resolve(name, folder, stack, announce))
                    for name in names
                }
                send(services={name: asdict(await task) for name, task in tasks.items()})
                await asyncio.Event().wait()
    except* ServiceError as failed:
        error = failed.exceptions[0]
        assert isinstance(error, ServiceError)  # noqa: S101 - for the type checker
        send(error={"what": error.what, "hint": error.hint})


async def main(names: Sequence[str]) -> None:
    """Keep the services until standard input ends or SIGTERM comes."""
    loop = asyncio.get_running_loop()
    supervising = asyncio.create_task(supervise(names, _send))
    when_signalled(loop, supervising.cancel, TERMINATE)
    watching = asyncio.create_task(_end_of_input())
    await asyncio.wait((supervising, watching), return_when=asyncio.FIRST_COMPLETED)
    supervising.cancel()
    watching.cancel()
    results = await asyncio.gather(supervising, watching, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result


async def _end_of_input() -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def read() -> None:
        sys.stdin.read()
        with suppress(RuntimeError):  # SIGTERM came first, and the loop has ended
            loop.call_soon_threadsafe(ended.set)

    # A thread, as a loop on Windows cannot read the pipe; no pool's, which would be waited for.
    threading.Thread(target=read, name="end of input", daemon=True).start()
    await ended.wait()


def _send(**message: object) -> None:
    print(json.dumps(message), flush=True)  # noqa: T201 - its output is its interface


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
