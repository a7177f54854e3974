"""Names of parameters in the configuration that no request of the app has. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.endpoints.openapi.filling import placeholders
from neverblock.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from neverblock.config import Config, EndpointConfig
    from neverblock.endpoints.openapi.operations import Operation


def misspelt(config: Config, operations: Sequence[Operation]) -> Iterator[str]:
    """Yield a line for each name in a ``path`` or ``query`` table that fits no parameter.

    ``operations`` are all that are asked for, those of the document and those that are named. A
    path takes nothing but its placeholders. A query may have what no document lists, so that a name
    in it is misspelt only where it is like a parameter that has no value.
    """
    described = {one.name: one for one in operations}
    paths = {name for one in operations for name in placeholders(one.path)}
    yield from _unknown(config.additions.path, paths, "path", "no path of the app has it")
    for own in config.endpoints:
        where, operation = f"{own.name}: path", described.get(own.name)
        yield from _unknown(own.additions.path, placeholders(own.path), where, "its path lacks it")
        if operation is not None:
            yield from _alike(config, own, operation)


def _unknown(given: Collection[str], known: Collection[str], where: str, why: str) -> Iterator[str]:
    for name in given:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near!r}?" if near else _listed(known)
            yield f"{where}.{name}: {why}; {hint}"


def _listed(known: Collection[str]) -> str:
    return f"there are: {', '.join(sorted(known))}" if known else "there are none"


def _alike(config: Config, own: EndpointConfig, operation: Operation) -> Iterator[str]:
    declared = {one.name for one in operation.parameters if one.place == "query"}
    given: Mapping[str, object] = {**config.additions.query, **own.additions.query}
    for name in own.additions.query:
        near = None if name in declared else nearest(name, declared - given.keys())
        if near is not None:
            yield f"{own.name}: query.{name}: it takes none; did you mean {near!r}?"
