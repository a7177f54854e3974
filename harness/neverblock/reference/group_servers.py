"""The servers of a plan's groups, each with the services that its group needs."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from neverblock.observe.window import Observer
from neverblock.probe.config import CANARY_PATH
from neverblock.reference.services import Missing, Provided
from neverblock.target.probed import probed_server
from neverblock.target.server import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from neverblock.plan import Group, Plan
    from neverblock.run.log import Log
    from neverblock.target.server import Server

Services = dict[str, Provided | Missing]
"""What became of each service, by its name."""


def missing_service(group: Group, services: Services) -> str | None:
    """Say which service of a group is missing and what to do about it, or None."""
    for need in group.needs:
        service = services[need]
        if isinstance(service, Missing):
            return f"needs {need}: {service.reason} {service.hint}"
    return None


@asynccontextmanager
async def serve_groups(
    plan: Plan, groups: Sequence[Group], services: Services, traces: Path, log: Log
) -> AsyncIterator[Mapping[str, Observer]]:
    """Start the server of every group; give, by the groups' names, what watches each.

    ``traces`` is the folder of all traces. Raises TargetError where a server does not start.
    """
    servers = {
        group.name: group_server(
            group, plan, traces / group.name, services, plan.port + at if plan.port else 0
        )
        for at, group in enumerate(groups)
    }

    def starting(server: Server) -> None:
        log.watcher.on_step(server.spec.name, "starting")

    async with AsyncExitStack() as stack:
        with log.phase("servers"):
            await stack.enter_async_context(serving(list(servers.values()), starting))
        yield {
            name: Observer(server, traces / name, CANARY_PATH) for name, server in servers.items()
        }
        log.watcher.on_phase("stopping servers")


def group_server(
    group: Group, plan: Plan, trace_dir: Path, services: Services, port: int
) -> Server:
    """Give the probed server of one group."""
    env = dict(group.env)
    for need in group.needs:
        if isinstance(service := services[need], Provided):
            env |= service.env
    return probed_server(plan.target, group.name, trace_dir, env, port)
