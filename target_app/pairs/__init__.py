"""The pairs: one module each, with its endpoints (``router``) and what they must show (``PAIR``).

Modules are found by their files and imported only when asked for, so that a server for one pair
loads the libraries of that pair alone.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from fastapi import APIRouter

from neverblock.errors import TargetError, choices_hint
from neverblock.model import Pair

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType


def names() -> tuple[str, ...]:
    """Give the names of all pairs, in alphabetical order, without importing any."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def load(name: str) -> ModuleType:
    """Import one pair's module: it has ``PAIR``, ``router`` and perhaps ``lifespan``.

    Raises TargetError for a name that is not there (with the nearest that is), for a library that
    is not installed, and for a file that does not define its pair.
    """
    if name not in names():
        raise TargetError(f"There is no pair {name!r}.", choices_hint(name, names()))
    try:
        module = import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        raise TargetError(
            f"The pair {name!r} needs {error.name!r}, which is not installed.",
            "Install it: pip install 'neverblock[reference]'.",
        ) from error
    file = module.__file__ or name
    pair = getattr(module, "PAIR", None)
    if not isinstance(pair, Pair) or not isinstance(getattr(module, "router", None), APIRouter):
        raise TargetError(
            f"{file} does not define a pair.",
            "Give it PAIR (neverblock.model.Pair) and router (fastapi.APIRouter), or move it out.",
        )
    if pair.name != name:
        raise TargetError(
            f"The PAIR of {file} calls itself {pair.name!r}.", f"Name it after its file: {name!r}."
        )
    return module


def catalog() -> tuple[Pair, ...]:
    """Give every pair, by importing every module. Raises TargetError as `load` does."""
    return tuple(load(name).PAIR for name in names())


def routers(only: Iterable[str] | None = None) -> tuple[APIRouter, ...]:
    """Give the routers of the pairs named, or of all."""
    return tuple(load(name).router for name in (names() if only is None else only))
