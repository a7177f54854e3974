"""What kind of callee a blamed call has, and so where it can run. Names only, pure."""

from __future__ import annotations

import re
from enum import StrEnum
from keyword import iskeyword
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neverblock.measurement import Frame


class Callee(StrEnum):
    """Where a callee can run.

    A function runs in a thread and in a process. A method runs in a thread; it pickles only if its
    whole object does. A coroutine function runs on the loop alone. Anything else is an internal of
    an interpreter or a library, or has no name of its own.
    """

    FUNCTION = "function"
    METHOD = "method"
    COROUTINE = "coroutine"
    INTERNAL = "internal"


_PYTHON = r"/python3\.\d+t?/"
_LIBRARY = rf"(?:{_PYTHON}|/)(?:site|dist)-packages/|{_PYTHON}"

ASYNC_LIBRARIES = ("aio", "anyio", "async", "trio", "uvloop")
"""A top package whose name begins so is asynchronous: aiohttp, asyncio, asyncpg."""

ASYNC_FUNCTIONS = ("starlette.concurrency", "fastapi.concurrency", "starlette.background")
"""Modules of coroutine functions whose names do not say so."""

ASGI = frozenset({"app", "call_next", "receive"})
"""What ASGI and Starlette's middleware call such is awaited."""

INTERPRETER = frozenset(
    ("builtins.super", "contextvars", "gc", "inspect", "linecache", "sys", "threading", "traceback")
)
"""What these look at, a stack, a thread or an interpreter, is another one in another place."""


def callee_of(target: str | None, call: str | None) -> Callee:
    """Say what is called, by its resolved dotted name and its source text, as far as names tell.

    What is not resolved may be a method, whatever it looks like.
    """
    target, call = target or "", call or ""
    text = call.removeprefix("await ").strip()
    if call.startswith("await ") or _is_coroutine(target) or _is_coroutine(text):
        return Callee.COROUTINE
    if not is_dotted_name(text) or _is_private(text) or _is_internal(target):
        return Callee.INTERNAL
    owner, _, name = text.rpartition(".")
    place, _, defined = target.rpartition(".")
    if not place or owner.partition(".")[0] in {"self", "cls"} or text in {"self", "cls"}:
        return Callee.METHOD
    if place.rpartition(".")[2][:1].isupper() or place.startswith("builtins."):  # a class
        return Callee.METHOD
    of_module = not owner or (place == owner or place.endswith(f".{owner}"))
    return Callee.FUNCTION if of_module and name == defined else Callee.METHOD


def is_dotted_name(text: str) -> bool:
    """Whether a text is names with dots between, and nothing that Python reads otherwise."""
    return all(part.isidentifier() and not iskeyword(part) for part in text.split("."))


def plain_name(text: str | None) -> str:
    """Give the innermost name of a function's qualified name that a person gave it, else nothing.

    ``Reports.load.<locals>.<lambda>`` gives ``load``, ``_load`` too, ``<module>`` nothing.
    """
    parts = re.split(r"[^\w]+", re.sub(r"<\w+>|__\w+__", "", text or ""))
    names = (part.strip("_") for part in reversed(parts))
    return next(
        (n for n in names if n.isidentifier() and not iskeyword(n) and n not in {"self", "cls"}), ""
    )


def dotted_name(frame: Frame) -> str:
    """Give the dotted name of a library's function, by its file."""
    module = re.split(_LIBRARY, frame.file)[-1].removesuffix(".py").removesuffix("/__init__")
    return f"{module.replace('/', '.')}.{frame.function}"


def asynchronous_at(name: str) -> int:
    """Count the segments of a name up to the one that marks its library's asynchronous half.

    Zero where there is none: ``redis.asyncio.Redis`` gives 2, ``redis.Redis`` 0.
    """
    for at, part in enumerate(name.split("."), 1):
        if part in {"aio", "asyncio", "asynchronous"} or part.endswith("_async"):
            return at
        if part.startswith(("Async", "AIO")):
            return at
    return 0


def _is_coroutine(name: str) -> bool:
    parts = name.split(".")
    return bool(
        asynchronous_at(name)
        or parts[0].lstrip("_").startswith(ASYNC_LIBRARIES)
        or name.startswith(ASYNC_FUNCTIONS)
        or parts[-1] in ASGI
        or (len(parts) > 1 and parts[-2].endswith("loop"))
    )


def _is_private(name: str) -> bool:
    return any(part.startswith("_") for part in name.split("."))


def _is_internal(target: str) -> bool:
    top, _, _ = target.partition(".")
    special = "<" in target or any(part.startswith("__") for part in target.split("."))
    return special or top.startswith("_") or bool({top, target} & INTERPRETER)
