"""How requests are fired: one file per engine, each returning a Burst."""

from __future__ import annotations

from contextlib import nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from neverblock.errors import UsageError, choices_hint

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from typing import Self

    from neverblock.model import Burst, Request, Scenario

UNWATCHED: AbstractAsyncContextManager[object] = nullcontext()
"""Around a burst that nobody watches."""


class Engine(Protocol):
    """Fires the requests of a scenario at a server and records each of them.

    An engine is an async context manager: whatever it starts lives between enter and exit.
    """

    async def __aenter__(self) -> Self:
        """Start what the engine needs."""

    async def __aexit__(self, *exc: object) -> None:
        """Stop it, also after an error."""

    async def fire(
        self,
        base_url: str,
        request: Request,
        scenario: Scenario,
        *,
        timeout_s: float,
        canary_path: str,
        watched: AbstractAsyncContextManager[object] = UNWATCHED,
    ) -> Burst:
        """Open the connections, release the requests together, and wait for all.

        A request that has no whole answer after ``timeout_s`` becomes a record with an error.
        ``canary_path`` is a cheap path of the server, by which connections are opened beforehand.
        ``watched`` is entered when what fires is ready, and left after the last answer.
        Raises EngineError where nothing could be fired at all.
        """


ENGINES = {
    "gather": "neverblock.load.gather:GatherEngine",
    "locust": "neverblock.load.locust:LocustEngine",
}
"""Import strings, so that nothing is loaded until it is chosen."""


def create_engine(name: str) -> Engine:
    """Give the engine of that name. Raises UsageError for a name that is not in the table."""
    if name not in ENGINES:
        raise UsageError(f"There is no engine {name!r}.", choices_hint(name, ENGINES))
    module, _, attribute = ENGINES[name].partition(":")
    return cast("Engine", getattr(import_module(module), attribute)())
