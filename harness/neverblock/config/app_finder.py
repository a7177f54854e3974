"""Where a folder's Python files make an ASGI app, and the import string that names it. Pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from neverblock.config.route_count import routes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAKERS = frozenset(
    {"Esmerald", "FastAPI", "Litestar", "Quart", "Starlette", "get_asgi_application"}
)
"""The names of the classes and functions that make an ASGI app."""

_USUAL_FILES = ("main", "app", "asgi", "server", "api")
_USUAL_NAMES = ("app", "application", "api")


@dataclass(frozen=True, slots=True)
class FoundApp:
    """An app as the configuration names it; ``app_dir`` is relative to the folder, "" for it.

    ``routes`` are those that its file and the files which that imports declare.
    """

    app: str
    app_dir: str = ""
    factory: bool = False
    routes: int = field(default=0, compare=False)


def apps_in(sources: Mapping[str, str]) -> tuple[FoundApp, ...]:
    """Give the apps of a folder, the one with the most routes first, else the likeliest.

    ``sources`` has the text of every Python file by its path in the folder, with slashes. A file
    that is not Python is skipped.
    """
    apps = []
    trees = {file: tree for file, text in sources.items() if (tree := _parsed(text)) is not None}
    made = {
        file: {name for name, factory in _made(tree) if not factory} for file, tree in trees.items()
    }
    for file, tree in trees.items():
        path = PurePosixPath(file)
        for name, factory in _made(tree):
            root = _root(path, tree, sources)
            module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(
                ".__init__"
            )
            app_dir = "" if root == PurePosixPath() else str(root)
            routes = routes_of(name, file, trees, made, str(root))
            rank = (-routes, *_rank(path, name, factory=factory))
            apps.append((rank, FoundApp(f"{module}:{name}", app_dir, factory, routes)))
    return tuple(app for _, app in sorted(apps, key=lambda each: (each[0], each[1].app)))


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _rank(path: PurePosixPath, name: str, *, factory: bool) -> tuple[bool, int, int, int]:
    """Rank by what is usual: an app before a factory, near the top, a usual file, a usual name."""
    return (
        factory,
        len(path.parts),
        _USUAL_FILES.index(path.stem) if path.stem in _USUAL_FILES else len(_USUAL_FILES),
        _USUAL_NAMES.index(name) if name in _USUAL_NAMES else len(_USUAL_NAMES),
    )


def _made(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Name the apps that a module makes at its top level, and functions there that return one."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _makes(value):
                yield name, False
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if _makes(
                value
            ):
                yield name, False
            case ast.FunctionDef(name=name) if _returns_app(node):
                yield name, True


def _makes(value: ast.expr) -> bool:
    """Whether an expression calls a maker."""
    match value:
        case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called)):
            return called in MAKERS
    return False


def _returns_app(function: ast.FunctionDef) -> bool:
    """Whether a function makes an app and returns it, and can be called without arguments."""
    arguments = function.args
    needed = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    if needed > 0 or any(default is None for default in arguments.kw_defaults):
        return False
    made = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and _makes(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return any(
        _makes(node.value) or (isinstance(node.value, ast.Name) and node.value.id in made)
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and node.value is not None
    )


def _root(path: PurePosixPath, tree: ast.Module, sources: Mapping[str, str]) -> PurePosixPath:
    """Give the folder that a file's import path starts in.

    It is above the outermost package (``__init__.py``), or above a folder that the file itself
    imports by name; ``src`` is never a package.
    """
    folder = path.parent
    if f"{folder / '__init__.py'}" in sources:
        while folder.parts and f"{folder / '__init__.py'}" in sources:
            folder = folder.parent
        return folder
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and node.level == 0
            else []
        )
    }
    for above in (folder, *folder.parents):
        if above.name in imported:
            return above.parent
    return PurePosixPath("src") if path.parts[0] == "src" else PurePosixPath()
