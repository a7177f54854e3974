"""Which function an expression names, without executing any of the program's code."""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import sys
import types
from typing import TYPE_CHECKING, Any

from .gc_off import gc_off
from .internals import work_of

if TYPE_CHECKING:
    from types import FrameType

_NOTHING = object()
_DESCRIPTORS = (
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
)
CONTEXT_RUN = "_contextvars.Context.run"
_SNAPSHOTS = sys.version_info < (3, 13)


def resolve(callee: ast.expr, frame: FrameType) -> str | None:
    """Give the dotted name of what an expression stands for in a frame, or None.

    Only names are resolved, then attributes by ``inspect.getattr_static``. None where a property, a
    ``__getattr__`` or a call would have to be executed.
    """
    path: list[str] = []
    while isinstance(callee, ast.Attribute):
        path.append(callee.attr)
        callee = callee.value
    if not isinstance(callee, ast.Name):
        return None
    value = _variable(callee.id, frame)
    owner: Any = _NOTHING
    name = callee.id
    while path and value is not _NOTHING:
        name = path.pop()
        owner, value = value, _attribute(value, name)
    return None if value is _NOTHING else _name_of(value, owner, name)


def handed_over(frame: FrameType) -> str | None:
    """Give the dotted name of the function that a pool's thread was given to run in a context.

    asyncio.to_thread gives the pool ``partial(context.run, function, ...)``, anyio's thread has
    the function in a variable of its own. None where neither is known.
    """
    function = _variable("func", frame)
    task = work_of(_variable("self", frame), _variable("fn", frame))
    if isinstance(task, functools.partial) and task.args:
        function = task.args[0]
    while isinstance(function, functools.partial):
        function = function.func
    return _name_of(function, _NOTHING, "") if callable(function) else None


def dotted(frame: FrameType) -> str:
    """Give the dotted name of the function that a frame runs."""
    return f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}"


def _variable(name: str, frame: FrameType) -> Any:
    code = frame.f_code
    if name in code.co_varnames or name in code.co_cellvars or name in code.co_freevars:
        # Hazard: before 3.13, reading f_locals overwrites the dict that locals() gave the program,
        # so it is not read in a function that calls locals().
        if _SNAPSHOTS and "locals" in code.co_names:
            return _NOTHING
        with gc_off():
            return frame.f_locals.get(name, _NOTHING)
    if name in frame.f_globals:
        return frame.f_globals[name]
    return vars(builtins).get(name, _NOTHING)


def _attribute(value: Any, name: str) -> Any:
    if isinstance(value, types.ModuleType):
        return vars(value).get(name, _NOTHING)
    attribute = inspect.getattr_static(value, name, _NOTHING)
    if type(attribute) is types.MemberDescriptorType and not isinstance(value, type):
        try:
            return attribute.__get__(value)  # a slot; reading it runs no Python
        except AttributeError:
            return _NOTHING
    return _NOTHING if isinstance(attribute, property) else attribute


def _name_of(value: Any, owner: Any, name: str) -> str | None:
    """Name a callable by where it is defined; ``owner`` is the object whose attribute it was."""
    if isinstance(value, staticmethod | classmethod | types.MethodType):
        value = value.__func__
    if isinstance(value, functools.partial):
        value = value.func
    if isinstance(value, types.FunctionType):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, _DESCRIPTORS):
        return f"{_type_name(value.__objclass__)}.{value.__name__}"
    if isinstance(value, types.BuiltinFunctionType):
        return _builtin_name(value, owner)
    if isinstance(value, type):
        return _type_name(value)
    made_by = _type_name(type(value))
    if not isinstance(owner, types.ModuleType):
        kind = owner if isinstance(owner, type) else type(owner)
        return f"{made_by}.__call__" if owner is _NOTHING else f"{_type_name(kind)}.{name}"
    if made_by.partition(".")[0] == owner.__name__.partition(".")[0]:
        return f"{owner.__name__}.{name}"  # a package's own kind of function, as numpy's
    return f"{made_by}.__call__"


def _builtin_name(value: types.BuiltinFunctionType, owner: Any) -> str:
    bound = value.__self__
    if bound is None:  # a function that its module made by hand, as orjson's
        bound = owner
    if isinstance(bound, types.ModuleType):
        return f"{value.__module__ or bound.__name__}.{value.__qualname__}"
    if bound is _NOTHING:
        return f"{value.__module__ or builtins.__name__}.{value.__qualname__}"
    return f"{_type_name(bound if isinstance(bound, type) else type(bound))}.{value.__name__}"


def _type_name(kind: type) -> str:
    module = type.__getattribute__(kind, "__module__")
    return f"{module}.{type.__getattribute__(kind, '__qualname__')}"
