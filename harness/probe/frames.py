"""Sampled stacks: walked while the thread stands still, told once per distinct place."""

from __future__ import annotations

import ast
import linecache
import sysconfig
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.probe.resolve import dotted, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType, FrameType

FRAMEWORK = frozenset(
    ("anyio", "asgiref", "fastapi", "granian", "gunicorn", "h11", "httptools", "hypercorn")
    + ("starlette", "uvicorn", "uvloop", "websockets", "wsproto")
)
_PROBE = str(Path(__file__).parent)
_STDLIB = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")})
_INSTALLED = ("site-packages", "dist-packages")
_LONGEST_TEXT = 80


class Owners:
    """Says whose code a file is: project, framework, library, stdlib or probe."""

    def __init__(self, project_roots: Iterable[str]) -> None:
        """Take the folders whose code is the user's own."""
        self._roots = tuple(str(Path(root).resolve()) for root in project_roots)

    def of(self, file: str) -> str:
        """Tell by the path alone; a file that is nobody else's is the project's."""
        parts = Path(file).parts
        for folder in _INSTALLED:
            if folder in parts:
                top = parts[parts.index(folder) + 1]
                return "framework" if top.removesuffix(".py") in FRAMEWORK else "library"
        if file.startswith(_PROBE):
            return "probe"
        if file.startswith(self._roots):
            return "project"
        if file.startswith((*_STDLIB, "<frozen ")):
            return "stdlib"
        return "library" if file.startswith("<") else "project"


class Place(NamedTuple):
    """One instruction of one code object, and what the source says there."""

    code: CodeType
    line: int
    end_line: int | None
    column: int | None
    end_column: int | None
    owner: str
    call: str | None
    callee: ast.expr | None


class FrameTable:
    """Numbers every distinct stack level, and announces it once to ``emit``."""

    def __init__(self, owners: Owners, emit: Callable[[dict[str, Any]], None]) -> None:
        """Take who owns what, and where a new level's description goes."""
        self._owners = owners
        self._emit = emit
        self._places: dict[tuple[int, int], Place] = {}
        self._numbers: dict[tuple[int, int, str | None], int] = {}

    def stack(self, frames: list[FrameType]) -> tuple[int, ...]:
        """Give a number for each of the levels of a stack, innermost first."""
        return tuple(
            self._number(frame, frames[depth - 1] if depth else None)
            for depth, frame in enumerate(frames)
        )

    def _number(self, frame: FrameType, inner: FrameType | None) -> int:
        key = id(frame.f_code), frame.f_lasti  # a place keeps its code alive, so its id is its own
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = self._place(frame)
        target = None
        if place.callee is not None and (inner is None or place.owner == "project"):
            target = resolve(place.callee, frame)
        if target is None and inner is not None:
            target = dotted(inner)
        number = self._numbers.setdefault((*key, target), len(self._numbers))
        if number == len(self._numbers) - 1:
            self._announce(number, place, target)
        return number

    def _announce(self, number: int, place: Place, target: str | None) -> None:
        self._emit(
            {
                "kind": "frame",
                "id": number,
                "file": place.code.co_filename,
                "line": place.line,
                "function": place.code.co_qualname,
                "owner": place.owner,
                "call": place.call,
                "target": target,
                "end_line": place.end_line,
                "column": place.column,
                "end_column": place.end_column,
            }
        )

    def _place(self, frame: FrameType) -> Place:
        code = frame.f_code
        positions = next(islice(code.co_positions(), frame.f_lasti // 2, None), (None,) * 4)
        line, end_line, column, end_column = positions
        owner = self._owners.of(code.co_filename)
        text = _source(code.co_filename, positions)
        callee, call = _callee(text) if text else (None, None)
        line = line or frame.f_lineno or code.co_firstlineno
        return Place(code, line, end_line, column, end_column, owner, call, callee)


def walk(frame: FrameType | None, base: CodeType | None) -> list[FrameType]:
    """List a thread's frames, innermost first, down to the loop which called it.

    ``base`` is the code from which the loop calls back; outside of it is the loop and the server.
    Where it is not on the stack, or innermost, the loop itself is running: an empty list. With
    None the whole stack is given.
    """
    frames: list[FrameType] = []
    bottom = None
    while frame is not None:
        if frame.f_code is base:
            bottom = len(frames)
        frames.append(frame)
        frame = frame.f_back
    if base is None:
        return frames
    return _above_wrapper(frames[: bottom or 0])


def _above_wrapper(frames: list[FrameType]) -> list[FrameType]:
    for depth, frame in enumerate(frames):
        if frame.f_code.co_filename.startswith(_PROBE):
            return frames[: depth or 1]
    return frames


def _source(file: str, positions: tuple[int | None, ...]) -> str | None:
    """Cut an expression out of its file; columns are bytes of UTF-8."""
    line, end_line, column, end_column = positions
    if line is None or end_line is None or column is None or end_column is None:
        return None
    lines = [text.encode() for text in linecache.getlines(file)[line - 1 : end_line]]
    if len(lines) != end_line - line + 1:
        return None
    lines[-1] = lines[-1][:end_column]
    before = lines[0][:column].rstrip()
    lines[0] = lines[0][column:]
    text = b"".join(lines).decode(errors="replace")
    return f"_.{text}" if before.endswith(b".") else text


def _callee(text: str) -> tuple[ast.expr | None, str | None]:
    """Parse an expression's text; give what is called in it, and the text of that."""
    try:
        node: ast.expr = ast.parse(f"({text})", mode="eval").body
    except SyntaxError:
        return None, _shorten(text)
    while isinstance(node, ast.Await):
        node = node.value
    if isinstance(node, ast.Call):
        return node.func, _shorten(ast.unparse(node.func))
    return None, _shorten(ast.unparse(node))


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
