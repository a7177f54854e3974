"""What is true of the apps of a folder: read from their sources, which need not be importable.

A route's decorator has ``**passes(...)`` or ``**fails(...)``, as ``apps/declared.py`` explains.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "apps"
INSTALLED = Path(__file__).parent / "installed"
"""Packages that an app is given as if they were installed."""
LONG = {"collects", "in_a_container", "long_waits", "middleware_asgi", "slices"}
"""Half of the time of all: measured by ``make cases``, and not with every run of the tests."""

sys.path.insert(0, str(FOLDER))
import declared  # noqa: E402 - found by the path above

_MARK = re.compile(r"# (?P<by>blocks|framework|background)(: (?P<names>[\w, %]+))?$")
_METHODS = {"get", "post", "put", "delete"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Line:
    """A statement that holds the loop; all of ``function`` where the framework does it instead.

    ``share`` is its part of the time, None where one line has all of it.
    """

    file: str
    first: int
    last: int
    function: str
    by_framework: bool = False
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One endpoint: what it must get, the lines to blame, and how it is asked."""

    name: str
    verdicts: tuple[str, ...]
    diagnoses: tuple[str, ...]
    lines: tuple[Line, ...] = ()
    words: tuple[str, ...] = ()
    path: dict[str, str] = field(default_factory=dict)
    body_bytes: int = 0
    upload_bytes: int = 0
    needs: str | None = None

    @property
    def must_be(self) -> str:
        """The verdicts and diagnoses that are right, in a few words."""
        return f"{' or '.join(self.verdicts)}, {' or '.join(self.diagnoses)}"


@dataclass(frozen=True, slots=True)
class App:
    """One app: its endpoints, and what is true of none of them alone.

    ``background`` are lines that hold the loop for no endpoint. ``listed`` are paths that have to
    be checked or listed as not checked. ``quotas`` are cores that all of this is true with as well.
    ``env`` is what its environment has beside.
    """

    folder: Path
    module: str
    cases: tuple[Case, ...]
    background: tuple[Line, ...] = ()
    listed: tuple[str, ...] = ()
    quotas: tuple[float, ...] = ()
    env: dict[str, str] = field(default_factory=dict)


def apps(folder: Path = FOLDER) -> list[App]:
    """Give the apps of a folder that declare what is true of them, by name."""
    read = [app_of(file) for file in sorted(folder.glob("*.py"))]
    return [app for app in read if app.cases]


def app_of(file: Path) -> App:
    """Read an app, with the packages of ``INSTALLED`` that it imports.

    Raises ValueError for a mark without its endpoint.
    """
    cases: list[Case] = []
    background: list[Line] = []
    marks: dict[str, list[Line]] = {}
    sources = [file, *packages_of(file)]
    for source in sources:
        root = file.parent if source == file else INSTALLED
        tree = ast.parse(source.read_text(encoding="utf-8"))
        for name, line in _marks(source, tree, str(source.relative_to(root))):
            (marks.setdefault(name, []) if name else background).append(line)
    for source in sources:
        tree = ast.parse(source.read_text(encoding="utf-8"))
        cases += [case for node in ast.walk(tree) for case in _cases(node, marks)]
    functions = {name for source in sources for name in _endpoints(source)}
    if strays := marks.keys() - functions:
        raise ValueError(f"{file}: marks without an endpoint: {sorted(strays)}.")
    constants = _constants(file)
    return App(
        folder=file.parent,
        module=file.stem,
        cases=tuple(cases),
        background=tuple(background),
        listed=constants.get("LISTED", ()),
        quotas=constants.get("QUOTAS", ()),
    )


def packages_of(file: Path) -> list[Path]:
    """Give the sources of the installed packages that an app imports."""
    imported = [
        node.module or ""
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]
    return [
        source
        for name in imported
        if name and (INSTALLED / name).is_dir()
        for source in sorted((INSTALLED / name).glob("*.py"))
    ]


def _cases(node: ast.AST, marks: dict[str, list[Line]]) -> list[Case]:
    if not isinstance(node, _FUNCTIONS):
        return []
    return [
        Case(name=name, lines=tuple(marks.get(node.name, ())), **truth)
        for name, truth in map(_declaration, node.decorator_list)
        if truth
    ]


def _declaration(decorator: ast.expr) -> tuple[str, dict[str, Any]]:
    """Give the name and the truth of a route, both empty where it is none."""
    if not (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in _METHODS
    ):
        return "", {}
    for keyword in decorator.keywords:
        if keyword.arg is None and isinstance(call := keyword.value, ast.Call):
            declare = getattr(declared, ast.unparse(call.func))
            given = {str(k.arg): ast.literal_eval(k.value) for k in call.keywords}
            truth = declare(*map(ast.literal_eval, call.args), **given)
            path = ast.literal_eval(decorator.args[0])
            return f"{decorator.func.attr.upper()} {path}", truth["openapi_extra"]["x-truth"]
    return "", {}


def _endpoints(source: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, _FUNCTIONS) and any(_declaration(d)[1] for d in node.decorator_list)
    }


def _marks(source: Path, tree: ast.Module, file: str) -> list[tuple[str, Line]]:
    """Give every marked line with the endpoint that it is marked for, empty for none."""
    found = []
    for number, text in enumerate(source.read_text(encoding="utf-8").splitlines(), 1):
        if mark := _MARK.search(text):
            last, function = _statement_at(tree, number)
            for name in (mark["names"] or "").split(", "):
                endpoint, _, share = name.partition(" ")
                line = Line(
                    file,
                    number,
                    last,
                    function,
                    by_framework=mark["by"] == "framework",
                    share=int(share.removesuffix("%")) / 100 if share else None,
                )
                found.append((endpoint, line))
    return found


def _statement_at(tree: ast.Module, number: int) -> tuple[int, str]:
    """Give the last line of the statement that begins on a line, and the function around it."""
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    (last,) = {node.end_lineno or number for node in statements if node.lineno == number}
    around = [
        node
        for node in statements
        if isinstance(node, _FUNCTIONS) and node.lineno <= number <= (node.end_lineno or 0)
    ]
    return last, max(around, key=lambda node: node.lineno).name


def _constants(file: Path) -> dict[str, Any]:
    return {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in {"LISTED", "QUOTAS"}
    }
