"""A whole value without secrets: every text in it, however deep, but for names of the app's own."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from neverblock.model import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

NAMES = frozenset({"file"})
"""Fields that name a place of the app's own source: what is a word of that is no secret there."""


def without_secrets(value: T, hide: Callable[[str], str]) -> T:
    """Give a value of dataclasses, tuples and dicts with every text hidden as ``hide`` does it.

    Endpoints keep their names, by which runs are compared. What holds no secret is not copied.
    """
    seen: dict[int, Any] = {}

    def cleaned(one: Any) -> Any:
        if isinstance(one, Enum | Endpoint):
            return one
        if isinstance(one, str):
            return hide(one)
        if isinstance(one, dict):
            return {cleaned(key): cleaned(each) for key, each in one.items()}
        if not isinstance(one, tuple) and not is_dataclass(one):
            return one
        if id(one) not in seen:
            seen[id(one)] = _tuple(one) if isinstance(one, tuple) else _dataclass(one)
        return seen[id(one)]

    def _tuple(one: tuple[Any, ...]) -> tuple[Any, ...]:
        new = tuple(map(cleaned, one))
        return one if all(a is b for a, b in zip(one, new, strict=True)) else new

    def _dataclass(one: Any) -> Any:
        named = [field.name for field in fields(one) if field.name not in NAMES]
        new = {name: cleaned(getattr(one, name)) for name in named}
        changed = {name: v for name, v in new.items() if v is not getattr(one, name)}
        return replace(one, **changed) if changed else one

    result: T = cleaned(value)
    return result
