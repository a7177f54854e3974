"""How many routes an app's source declares, as far as that can be read without running it. Pure."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERBS = frozenset(
    ("get", "post", "put", "patch", "delete", "head", "options", "route", "api_route", "websocket")
)
"""What a decorator that declares a route is called, whatever it is an attribute of."""

CALLS = frozenset(("Route", "WebSocketRoute", "add_api_route", "add_route", "path", "re_path"))
"""What else declares one, by a call."""


def routes_of(
    name: str,
    file: str,
    trees: Mapping[str, ast.Module],
    apps: Mapping[str, set[str]],
    root: str = ".",
) -> int:
    """Count the routes of an app that a file makes, and of the files which it imports in turn.

    ``trees`` has the project's files by path, ``apps`` the names of the apps that each makes, and
    ``root`` is the folder that imports start in. What is declared on another app of the same file
    is not among them, and neither is anything of a file that makes an app of its own.
    """
    seen: set[str] = set()
    waiting, count = [file], 0
    while waiting:
        each = waiting.pop()
        if each not in seen and (each == file or not apps.get(each)):
            seen.add(each)
            others = apps.get(each, set()) - {name}
            count += sum(receiver not in others for receiver in _declared(trees[each]))
            waiting += _imported(each, trees, root)
    return count


def _declared(tree: ast.Module) -> Iterator[str]:
    """Yield what each route of a module is declared on, "" where nothing stands before it."""
    for node in ast.walk(tree):
        for decorator in getattr(node, "decorator_list", ()):
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if _last(called) in VERBS:
                yield _receiver(called)
        if isinstance(node, ast.Call) and _last(node.func) in CALLS:
            yield _receiver(node.func)


def _last(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _receiver(node: ast.expr) -> str:
    match node:
        case ast.Attribute(value=ast.Name(id=name)):
            return name
    return ""


def _imported(file: str, trees: Mapping[str, ast.Module], root: str) -> Iterator[str]:
    """Yield the project's files that a file imports, at its top or within."""
    for node in ast.walk(trees[file]):
        names: list[str] = []
        start = PurePosixPath(root)
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                start = PurePosixPath(file).parent
                for _ in range(node.level - 1):
                    start = start.parent
            module = node.module or ""
            names = [module, *(f"{module}.{alias.name}".strip(".") for alias in node.names)]
        for name in filter(None, names):
            for path in (
                start.joinpath(*name.split(".")).with_suffix(".py"),
                start.joinpath(*name.split("."), "__init__.py"),
            ):
                if str(path) in trees:
                    yield str(path)
