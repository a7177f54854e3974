"""Sampled stacks: walked while the thread stands still, each distinct level described once."""

from __future__ import annotations

import ast
import inspect
import sys
import sysconfig
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from . import internals, stopped_stacks
from .callee_name import CONTEXT_RUN, dotted, handed_over, resolve
from .gc_off import gc_off
from .source_lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType, FrameType

FRAMEWORK = frozenset(
    (
        *("anyio", "asgiref", "fastapi", "granian", "gunicorn", "h11", "httptools", "hypercorn"),
        *("starlette", "uvicorn", "uvloop", "websockets", "wsproto"),
    )
)
_PROBE = str(Path(__file__).parent)
_WRAPPER = str(Path(__file__).with_name("wrapper.py"))
_STDLIB = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")})
_INSTALLED = ("site-packages", "dist-packages")
_SOURCE = frozenset({"", ".py", ".pyw", ".pyx"})
"""Suffixes of files whose lines are those that run. Not Jinja's templates: their generated code has
the template's file name, but other lines."""
_LONGEST_TEXT = 80


class Owners:
    """Says whose code a file is: project, framework, library, stdlib or probe."""

    def __init__(self, project_roots: Iterable[str]) -> None:
        """Take the folders, or single files, whose code is the user's own."""
        self._roots = tuple(Path(root).resolve() for root in project_roots)
        self._known: dict[str, str] = {}

    def of(self, file: str) -> str:
        """Give the owner of a file by its path; project, if it is none of the others."""
        owner = self._known.get(file)
        if owner is None:
            owner = self._known[file] = self._found(file)
        return owner

    def _found(self, file: str) -> str:
        if file.startswith(_PROBE):
            return "probe"
        path = Path(file)
        written = path.suffix in _SOURCE and not file.startswith("<")
        if written and any(self._below(path, root) for root in self._roots):
            return "project"
        parts = path.parts
        for folder in _INSTALLED:
            if folder in parts:
                top = parts[parts.index(folder) + 1]
                return "framework" if top.removesuffix(".py") in FRAMEWORK else "library"
        if file.startswith((*_STDLIB, "<frozen ")):
            return "stdlib"
        return "project" if written else "library"

    @staticmethod
    def _below(path: Path, root: Path) -> bool:
        """Whether a file belongs to a root; an environment or a Python in there does not."""
        if not path.is_relative_to(root):
            return False
        if any(path.is_relative_to(lib) and Path(lib).is_relative_to(root) for lib in _STDLIB):
            return False
        return not set(_INSTALLED) & set(path.relative_to(root).parts)


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


class Level(NamedTuple):
    """One level of a stack at one instant; the frame itself changes as the thread runs on."""

    frame: FrameType
    instruction: int


class FrameTable:
    """Numbers every distinct stack level, and describes it once to ``emit``."""

    def __init__(self, owners: Owners, emit: Callable[[dict[str, Any]], None]) -> None:
        """Take who owns what, and where a new level's description goes."""
        self._owners = owners
        self._emit = emit
        self._places: dict[tuple[int, int], Place] = {}
        self._numbers: dict[tuple[int, int, str | None], int] = {}

    def definition(self, function: object) -> dict[str, Any] | None:
        """Give where an endpoint is defined, without its decorators; None for what has no code."""
        code = getattr(inspect.unwrap(cast("Any", function)), "__code__", None)
        if code is None:
            return None
        first = code.co_firstlineno
        lines = lines_of(code.co_filename)[first - 1 :]
        below = next((n for n, text in enumerate(lines) if "def " in text), 0)  # decorators
        return {
            "file": code.co_filename,
            "line": first + below,
            "function": code.co_qualname,
            "owner": self._owners.of(code.co_filename),
        }

    def stack(self, levels: list[Level]) -> tuple[int, ...]:
        """Give a number for each of the levels of a stack, innermost first."""
        return tuple(
            self._number(level, levels[depth - 1].frame if depth else None)
            for depth, level in enumerate(levels)
        )

    def down_to_own(self, levels: list[Level]) -> list[Level]:
        """Give the levels of a stack down to the project's innermost one; none without one."""
        for at, level in enumerate(levels, 1):
            if self._owners.of(level.frame.f_code.co_filename) == "project":
                return levels[:at]
        return []

    def _number(self, level: Level, inner: FrameType | None) -> int:
        frame = level.frame
        key = (id(frame.f_code), level.instruction)  # the place keeps the code alive: a unique id
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = self._place(level)
        target = None
        if place.callee is not None and (inner is None or place.owner == "project"):
            target = resolve(place.callee, frame)
        if target is None and inner is not None:
            target = dotted(inner)
        if target == CONTEXT_RUN:
            target = handed_over(frame) or target
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

    def _place(self, level: Level) -> Place:
        code = level.frame.f_code
        positions = next(islice(code.co_positions(), level.instruction // 2, None), (None,) * 4)
        line, end_line, column, end_column = positions
        owner = self._owners.of(code.co_filename)
        text = _source(code.co_filename, positions)
        line = line or code.co_firstlineno
        callee, call = _callee(text, _entering_by(code.co_filename, line)) if text else (None, None)
        return Place(code, line, end_line, column, end_column, owner, call, callee)


def current_frames() -> dict[int, FrameType]:
    """Give the running frame of every thread, by its identity; what stands for it without a GIL."""
    if not internals.has_gil():
        return stopped_stacks.current_frames()
    with gc_off():
        return sys._current_frames()  # noqa: SLF001 - documented, and the only way


def walk(frame: FrameType | None, base: CodeType | None) -> list[Level]:
    """List the levels of a thread's stack, innermost first, down to the event loop.

    ``base`` is the code from which the loop calls back; what called it is the loop and the server.
    The list is empty where ``base`` is not on the stack or is innermost: the loop itself runs. With
    ``base`` None the whole stack is given.
    """
    levels: list[Level] = []
    bottom = 0
    with gc_off():
        while frame is not None:
            if _is(frame.f_code, base):
                bottom = len(levels)
            levels.append(Level(frame, frame.f_lasti))
            frame = frame.f_back
    if base is None:
        return levels
    if levels and not bottom and _is(levels[0].frame.f_code, internals.CALLBACK):
        bottom = 1  # a callback in C has no frame: the loop's own frame stands for it
    return _above_wrapper(levels[:bottom])


def _is(code: CodeType | stopped_stacks.StoppedCode, other: CodeType | None) -> bool:
    return code is other or (isinstance(code, stopped_stacks.StoppedCode) and code.may_be(other))


def _above_wrapper(levels: list[Level]) -> list[Level]:
    """Leave out the wrapper, what called it, and the probe's own callbacks."""
    app: list[Level] = []
    for level in levels:
        file = level.frame.f_code.co_filename
        if file == _WRAPPER:
            break
        if not file.startswith(_PROBE):
            app.append(level)
    return app


def _source(file: str, positions: tuple[int | None, ...]) -> str | None:
    """Cut an expression out of its file; columns are bytes of UTF-8."""
    line, end_line, column, end_column = positions
    if line is None or end_line is None or column is None or end_column is None:
        return None
    lines = [text.encode() for text in lines_of(file)[line - 1 : end_line]]
    if len(lines) != end_line - line + 1:
        return None
    lines[-1] = lines[-1][:end_column]
    before = lines[0][:column].rstrip()
    lines[0] = lines[0][column:]
    text = b"".join(lines).decode(errors="replace")
    return f"_.{text}" if before.endswith(b".") else text


def _entering_by(file: str, line: int) -> str | None:
    """Give the keywords of a with statement that begins in a line, or None.

    What it enters is the position of ``with`` from 3.12 on, and of ``async with`` from 3.13 on.
    """
    (text,) = lines_of(file)[line - 1 : line] or [""]
    words = ("with", "async with")
    return next((each for each in words if text.lstrip().startswith(f"{each} ")), None)


def _callee(text: str, enters: str | None) -> tuple[ast.expr | None, str | None]:
    """Parse an expression's text; give what is called in it, and the text of that.

    A variable or an attribute that is only read or written (``total`` in ``total += 1``, what a for
    loop goes through) is nothing that is called; one that is awaited or entered is, by the keywords
    that enter it.
    """
    try:
        with gc_off():
            node: ast.expr = ast.parse(f"({text})", mode="eval").body
    except SyntaxError:
        return _with(text), _shorten(text)
    awaited = isinstance(node, ast.Await)
    while isinstance(node, ast.Await):
        node = node.value
    if isinstance(node, ast.Call):
        return node.func, _shorten(ast.unparse(node.func))
    if isinstance(node, ast.Name | ast.Attribute):
        if enters:
            return _entering(node), _shorten(f"{enters} {ast.unparse(node)}")
        if not awaited:
            return None, None
    return None, _shorten(ast.unparse(node))


def _with(text: str) -> ast.expr | None:
    """Give what a with statement calls, by the text of it, which is its position up to 3.11."""
    try:
        with gc_off():
            (statement,) = ast.parse(text).body
    except (SyntaxError, ValueError):
        return None
    items = statement.items if isinstance(statement, ast.With) else []
    return _entering(items[0].context_expr) if len(items) == 1 else None


def _entering(manager: ast.expr) -> ast.expr | None:
    """Give what is called to enter a variable or an attribute: that of a lock has no frame."""
    known = isinstance(manager, ast.Name | ast.Attribute)
    return ast.Attribute(manager, "__enter__", ast.Load()) if known else None


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
