"""What is true of a corpus: read from the routes' declarations and from marks in the source.

A corpus is a folder with one package in it that has a ``main.py``, the app.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from neverblock.model import Diagnosis, Request, Verdict

ROOT = Path(__file__).parent
"""The project's own corpus: what ``--app-dir`` must say, and what blamed files are relative to."""
APP = "app.main:app"
UNSEEN = ROOT.parent / "unseen"
"""The corpus of somebody who had not seen the project's own."""

_MARK = re.compile(r"# (?P<by>blocks|framework): (?P<names>[\w, ]+)$")


@dataclass(frozen=True, slots=True)
class Blamed:
    """The innermost line of the app's own code that holds the loop.

    ``by_framework`` where the framework holds it on the endpoint's behalf: then ``function``,
    the endpoint's, must be named, and ``line`` is where its definition starts.
    """

    file: str
    line: int
    function: str
    by_framework: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One endpoint, how to ask for it, and what must be found.

    ``loop_limit_s`` is the limit under which this holds, or None for the default one.
    """

    name: str
    method: str
    path: str
    verdict: Verdict
    diagnosis: Diagnosis
    blamed: Blamed | None
    request: Request
    n: int
    loop_limit_s: float | None


def package_of(root: Path) -> str:
    """Name the package of a corpus that holds its app."""
    (main,) = root.glob("*/main.py")
    return main.parent.name


def target_of(root: Path) -> str:
    """Give the import string of a corpus's app."""
    return f"{package_of(root)}.main:app"


def load_app(root: Path = ROOT) -> Any:
    """Import the app of a corpus, whose folder is importable from then on."""
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    return importlib.import_module(f"{package_of(root)}.main").app


@cache
def load(root: Path = ROOT) -> tuple[Case, ...]:
    """Give every case of a corpus. Raises ValueError for a mark without its endpoint."""
    marks = read_marks(root)
    operations = {
        path.rsplit("/", 1)[-1]: (path, method, operation["x-truth"])
        for path, methods in load_app(root).openapi()["paths"].items()
        for method, operation in methods.items()
    }
    if strays := marks.keys() - operations.keys():
        raise ValueError(f"Marks without an endpoint: {sorted(strays)}.")
    return tuple(
        _case(name, method.upper(), path, declared, marks.get(name))
        for name, (path, method, declared) in operations.items()
    )


@cache
def names(root: Path = ROOT) -> tuple[str, ...]:
    """Name every endpoint of a corpus as its routes are written, without importing its app."""
    return tuple(
        path.value.rsplit("/", 1)[-1]
        for file in sorted((root / package_of(root)).glob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for route in node.decorator_list
        if isinstance(route, ast.Call) and ast.unparse(route.func).startswith("router.")
        for path in route.args[:1]
        if isinstance(path, ast.Constant)
    )


def read_marks(root: Path) -> dict[str, Blamed]:
    """Give every marked line of a corpus by the endpoint that it is marked for."""
    marks = {}
    for file in sorted((root / package_of(root)).glob("*.py")):
        source = file.read_text()
        functions = [
            node
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        for number, line in enumerate(source.splitlines(), 1):
            if found := _MARK.search(line):
                by_framework = found["by"] == "framework"
                function = _innermost(functions, number)
                for name in found["names"].split(", "):
                    if name in marks:
                        raise ValueError(f"{name} is marked twice: {file}:{number}.")
                    path = str(file.relative_to(root))
                    marks[name] = Blamed(path, number, function, by_framework)
    return marks


def _innermost(functions: list[ast.FunctionDef | ast.AsyncFunctionDef], line: int) -> str:
    """Give the name of the innermost function around a line."""
    around = [node for node in functions if node.lineno <= line <= (node.end_lineno or 0)]
    return max(around, key=lambda node: node.lineno).name


def _case(
    name: str, method: str, path: str, declared: dict[str, Any], blamed: Blamed | None
) -> Case:
    body = declared.get("body")
    content = f"[{','.join([body['row']] * body['rows'])}]".encode() if body else None
    headers = (("content-type", "application/json"),) if body else ()
    return Case(
        name=name,
        method=method,
        path=path,
        verdict=Verdict(declared["verdict"]),
        diagnosis=Diagnosis(declared["diagnosis"]),
        blamed=blamed,
        request=Request(method, path, headers, content),
        n=declared["n"],
        loop_limit_s=declared.get("loop_limit_s"),
    )
