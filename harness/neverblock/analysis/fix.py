"""The smallest change of a source that takes a blocking call off the loop. Pure.

Each function takes the text of a file and gives the changed text, or None where it does not apply:
what cannot be changed by rule is left to whoever reads the advice.
"""

from __future__ import annotations

import ast
from difflib import unified_diff
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neverblock.measurement import Frame

AWAITS = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield, ast.YieldFrom, ast.AsyncFunctionDef)
LOOP_MODULES = {"asyncio", "anyio"}
"""A function that uses these wants the loop, so that it cannot become a plain one."""

OWN_SCOPES = (ast.Lambda, ast.GeneratorExp, ast.FunctionDef, ast.ClassDef)
"""Nothing can be awaited on the outer function's behalf in these."""

LOOPS = (ast.While, ast.For, ast.comprehension, ast.ListComp, ast.SetComp, ast.DictComp)

TO_THREAD = "asyncio.to_thread("
IMPORT_THREADPOOL = "from starlette.concurrency import run_in_threadpool"


def diff(before: str, after: str, file: str) -> str:
    """Give a change as a unified diff with one line around it, which git and patch apply."""
    lines = unified_diff(
        before.splitlines(), after.splitlines(), f"a/{file}", f"b/{file}", n=1, lineterm=""
    )
    return "\n".join(lines)


def plain_def(source: str, frame: Frame) -> str | None:
    """Make an asynchronous function that awaits nothing a plain one, which runs in a thread."""
    function = _function_at(source, frame.line, frame.function)
    if not isinstance(function, ast.AsyncFunctionDef):
        return None
    for node in _inside(function):
        awaits = isinstance(node, AWAITS) or (isinstance(node, ast.comprehension) and node.is_async)
        if awaits or (isinstance(node, ast.Name) and node.id in LOOP_MODULES):
            return None
    lines = source.splitlines(keepends=True)
    at = function.lineno - 1
    lines[at] = lines[at].replace("async def ", "def ", 1)
    return "".join(lines)


def asleep(source: str, frame: Frame) -> str | None:
    """Await asyncio's sleep where an asynchronous function calls ``time.sleep``."""
    call = _awaitable_call(source, frame)
    if call is None:
        return None
    start, end = _span(source, call.func)
    changed = f"{source[:start]}await asyncio.sleep{source[end:]}"
    return _importing(changed, "import asyncio")


def in_thread(source: str, frame: Frame) -> str | None:
    """Await a call of an asynchronous function in a thread."""
    call = _awaitable_call(source, frame)
    if call is None or any(isinstance(arg, ast.GeneratorExp) for arg in call.args):
        return None
    start, end = _span(source, call)
    function_start, function_end = _span(source, call.func)
    given = source[function_end:end].strip()[1:-1]
    function = source[function_start:function_end]
    comma = ", " if given.strip() and "\n" not in given[:1] else "," * bool(given.strip())
    changed = f"await {TO_THREAD}{function}{comma}{given})"
    if not _stands_alone(source, call):
        changed = f"({changed})"
    return _importing(source[:start] + changed + source[end:], "import asyncio")


def is_repeated(source: str, frame: Frame) -> bool:
    """Say whether the call that a frame was at stands in a loop, which may make many short ones."""
    call = _awaitable_call(source, frame)
    function = _function_at(source, frame.line, frame.function)
    if call is None or function is None:
        return False
    loops = [node for node in ast.walk(function) if isinstance(node, LOOPS)]
    within = [each for loop in loops for each in ast.walk(loop) if isinstance(each, ast.Call)]
    place = (call.lineno, call.col_offset, call.end_col_offset)
    return any((each.lineno, each.col_offset, each.end_col_offset) == place for each in within)


def by_limiter(source: str, frame: Frame) -> str | None:
    """Send what a statement gives to the default executor to anyio's threads, of which are 40."""
    statement = _statement_at(source, frame.line)
    if statement is None:
        return None
    start, end = _span(source, statement)
    text = source[start:end]
    if TO_THREAD not in text:
        return None
    changed = text.replace(TO_THREAD, "run_in_threadpool(")
    return _importing(source[:start] + changed + source[end:], IMPORT_THREADPOOL)


def is_async_at(source: str, frame: Frame) -> bool:
    """Say whether the function of a frame is asynchronous."""
    return isinstance(_function_at(source, frame.line, frame.function), ast.AsyncFunctionDef)


def is_plain_at(source: str, frame: Frame) -> bool:
    """Say whether the function of a frame is a plain one at the top of its module."""
    function = _function_at(source, frame.line, frame.function)
    top = (_tree(source) or ast.Module([], [])).body
    return isinstance(function, ast.FunctionDef) and any(
        isinstance(node, ast.FunctionDef)
        and (node.name, node.lineno) == (frame.function, function.lineno)
        for node in top
    )


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _function_at(source: str, line: int, name: str) -> ast.AST | None:
    """Give the innermost function of this name that a line belongs to."""
    found = None
    for node in ast.walk(_tree(source) or ast.Module([], [])):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            within = node.lineno <= line <= (node.end_lineno or node.lineno)
            if within and node.name == name.rpartition(".")[2]:
                found = node
    return found


def _inside(function: ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    for statement in function.body:
        yield from ast.walk(statement)


def _awaitable_call(source: str, frame: Frame) -> ast.Call | None:
    """Give the call that a frame was at, if the function around it may await it."""
    function = _function_at(source, frame.line, frame.function)
    if not isinstance(function, ast.AsyncFunctionDef) or frame.column is None:
        return None
    hidden = {
        id(inner)
        for outer in _inside(function)
        if isinstance(outer, OWN_SCOPES)
        for inner in ast.walk(outer)
    }
    wanted = (frame.line, frame.column, frame.end_line or frame.line, frame.end_column)
    lines = source.splitlines()
    for node in _inside(function):
        if isinstance(node, ast.Call) and id(node) not in hidden:
            start = (node.lineno, _characters(lines[node.lineno - 1], node.col_offset))
            last = node.end_lineno or node.lineno
            end = (last, _characters(lines[last - 1], node.end_col_offset or 0))
            if (*start, *end) == wanted:
                return node
    return None


def _stands_alone(source: str, call: ast.Call) -> bool:
    """Say whether a call is a whole value, so that nothing around it binds closer than await."""
    statement = _statement_at(source, call.lineno)
    value = getattr(statement, "value", None)
    return isinstance(value, ast.Call) and (
        value.lineno,
        value.col_offset,
        value.end_col_offset,
    ) == (
        call.lineno,
        call.col_offset,
        call.end_col_offset,
    )


def _statement_at(source: str, line: int) -> ast.stmt | None:
    """Give the smallest statement that a line belongs to."""
    found = None
    for node in ast.walk(_tree(source) or ast.Module([], [])):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            found = node
    return found


def _span(source: str, node: ast.expr | ast.stmt) -> tuple[int, int]:
    """Give where a node begins and ends in the text, in characters."""
    lines = source.splitlines(keepends=True)
    before = [0]
    for line in lines:
        before.append(before[-1] + len(line))
    last = node.end_lineno or node.lineno
    return (
        before[node.lineno - 1] + _characters(lines[node.lineno - 1], node.col_offset),
        before[last - 1] + _characters(lines[last - 1], node.end_col_offset or 0),
    )


def _characters(line: str, column: int) -> int:
    """Turn a column in bytes, as the parser counts, into one in characters."""
    return len(line.encode()[:column].decode(errors="replace"))


def _imported(tree: ast.Module) -> set[tuple[str, str, str | None]]:
    """Give what a module imports at its top: from where, what, and under which other name."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = "" if isinstance(node, ast.Import) else node.module or "."
            found |= {(module, alias.name, alias.asname) for alias in node.names}
    return found


def _importing(source: str, statement: str) -> str:
    """Give a source that has an import at its top, by itself or among others."""
    tree = _tree(source)
    wanted = _imported(ast.parse(statement))
    if tree is None or wanted <= _imported(tree):
        return source
    at = 0
    for node in tree.body:
        document = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not (document or future):
            at = node.lineno - 1
            break
    lines = source.splitlines(keepends=True)
    return "".join([*lines[:at], f"{statement}\n", *lines[at:]])
