"""The reference app: every blocking call beside its replacement, each pair a lesson.

    NEVERBLOCK_PAIRS=sleep,hash uvicorn target_app.main:app

Resources live in the lifespan. The reference documentation opened them in
``@app.on_event("startup")``, which FastAPI has deprecated: a lifespan holds start and stop in one
function, so that what was opened is closed, also when a later step fails.
"""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from neverblock.errors import ServiceError
from target_app import pairs, settings
from target_app.threads import sized_threads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from neverblock.model import Pair

_log = logging.getLogger("uvicorn.error")


def lack(pair: Pair) -> str | None:
    """Say which service of the pair the environment does not name, if any."""
    absent = (need for need in pair.needs if not settings.has_service(need))
    return next((f"{settings.variable(need)} is not set" for need in absent), None)


def create_app(only: tuple[str, ...] | None = None) -> FastAPI:
    """Build the app with the pairs named, or with all whose services are at hand.

    Only the modules of the pairs that are served are imported. With ``only=None`` a pair without
    its service is left out, and the index says why. Raises TargetError for an unknown pair or a
    bad scale, ServiceError where a pair was named and its service was not.
    """
    settings.scale()
    served = {name: pairs.load(name) for name in (pairs.names() if only is None else only)}
    left_out = {name: reason for name, module in served.items() if (reason := lack(module.PAIR))}
    for name, reason in left_out.items():
        if only is not None:
            raise ServiceError(
                f"The pair {name} cannot be served: {reason}.",
                "Set it to the service's URL, or let `neverblock run` start the service.",
            )
        del served[name]

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        for name, reason in left_out.items():
            _log.warning("The pair %s is left out: %s.", name, reason)
        async with AsyncExitStack() as stack:
            app.state.threads = await stack.enter_async_context(sized_threads())
            for module in served.values():
                if hasattr(module, "lifespan"):
                    await stack.enter_async_context(module.lifespan(app))
            yield

    app = FastAPI(title="neverblock reference app", lifespan=lifespan)
    for module in served.values():
        app.include_router(module.router)

    @app.get("/")
    async def index() -> dict[str, dict[str, str]]:
        """List the pairs that are served, and those left out with the reason."""
        titles = {name: module.PAIR.title for name, module in served.items()}
        return {"pairs": titles, "left_out": left_out}

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Answer at once: an innocent endpoint, for those who share the loop with the others."""
        return {"status": "ok"}

    return app


app = create_app(settings.chosen_pairs())
