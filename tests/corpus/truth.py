"""What is true of the corpus: read from the routes' declarations and from marks in the source."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.main import app

from harness.model import Diagnosis, Request, Verdict

ROOT = Path(__file__).parent
"""The app's own folder: what ``--app-dir`` must say, and what blamed files are relative to."""
APP = "app.main:app"

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


def load() -> list[Case]:
    """Give every case of the corpus. Raises ValueError for a mark without its endpoint."""
    marks = read_marks()
    operations = {
        path.rsplit("/", 1)[-1]: (path, method, operation["x-truth"])
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    }
    if strays := marks.keys() - operations.keys():
        raise ValueError(f"Marks without an endpoint: {sorted(strays)}.")
    return [
        _case(name, method.upper(), path, declared, marks.get(name))
        for name, (path, method, declared) in operations.items()
    ]


def read_marks() -> dict[str, Blamed]:
    """Give every marked line by the endpoint that it is marked for."""
    marks = {}
    for file in sorted((ROOT / "app").glob("*.py")):
        source = file.read_text()
        for number, line in enumerate(source.splitlines(), 1):
            if found := _MARK.search(line):
                by_framework = found["by"] == "framework"
                function = _function_at(source, number)
                for name in found["names"].split(", "):
                    if name in marks:
                        raise ValueError(f"{name} is marked twice: {file}:{number}.")
                    path = str(file.relative_to(ROOT))
                    marks[name] = Blamed(path, number, function, by_framework)
    return marks


def _function_at(source: str, line: int) -> str:
    """Give the name of the innermost function around a line."""
    around = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.lineno <= line <= (node.end_lineno or 0)
    ]
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
