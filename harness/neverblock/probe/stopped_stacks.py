"""The stacks of all threads where there is no GIL: written while the runtime stands still.

Reading another thread's frames needs it to stand still. Without a GIL it does not, and a frame
that returns while its ``f_back`` is read may end the process. ``faulthandler`` stops all threads
for as long as it writes (``_PyEval_StopTheWorld``, from 3.14 on), and writes files, lines and
names: what stands here for a frame has no more than that.
"""

from __future__ import annotations

import ast
import faulthandler
import inspect
import os
import re
import sys
import tempfile
import threading
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from .source_lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

_THREAD = re.compile(r"(?:Current thread|Thread) 0x([0-9a-f]+)")
_LEVEL = re.compile(r'  File "(.*)", line (\d+) in (.*)')
_MOST_LEVELS = 100
"""The most levels of a stack that faulthandler writes; only some versions say so of more."""
_MORE_THREADS = "..."
"""What it writes below the hundredth thread."""


class StoppedCode:
    """What stands for the code of a frame: the same object for the same line of a function."""

    co_varnames = co_cellvars = co_freevars = co_names = ()

    def __init__(self, file: str, line: int, name: str) -> None:
        """Take what faulthandler wrote; without a file it is what was cut off."""
        self.co_filename, self.co_firstlineno = file, line
        self.co_name, self.co_qualname = name, _qualified(file, line, name)

    def may_be(self, code: CodeType | None) -> bool:
        """Say whether this is a line of a function's code; what was cut off may be of any."""
        if not self.co_filename:
            return True
        return code is not None and (self.co_filename, self.co_name) == (
            code.co_filename,
            code.co_name,
        )

    def co_positions(self) -> Iterator[tuple[int, int | None, int | None, int | None]]:
        """Give the line, and the columns of its call where it has but one."""
        yield self.co_firstlineno, *_only_call(self.co_filename, self.co_firstlineno)


class StoppedFrame(NamedTuple):
    """What stands for a frame. It knows its module's variables, and none of its own."""

    f_code: Any
    f_back: StoppedFrame | None
    f_globals: dict[str, Any]
    f_lasti: int = 0

    @property
    def f_locals(self) -> dict[str, Any]:
        """Nothing: they are the thread's, which has gone on."""
        return {}


_code = cache(StoppedCode)


def _qualified(file: str, line: int, name: str) -> str:
    """Give a function's name with its class's, where a class of its module has that line in it."""
    for owner in list(_modules(len(sys.modules)).get(file, {}).values()):
        method: Any = vars(owner).get(name) if isinstance(owner, type) else None
        method = inspect.unwrap(getattr(method, "__func__", getattr(method, "fget", method)))
        code: CodeType | None = getattr(method, "__code__", None)
        lines = code.co_lines() if code is not None and code.co_filename == file else ()
        if code is not None and any(line == each for *_, each in lines):
            return code.co_qualname
    return name


def current_frames() -> dict[int, Any]:
    """Give what stands for the running frame of every thread, by its identity."""
    frames: dict[int, Any] = {}
    cut_off = _code("", 0, "...")
    modules = _modules(len(sys.modules))
    levels: list[StoppedCode] = []
    for line in reversed(_written().splitlines()):  # from a thread's outermost level in
        if thread := _THREAD.match(line):
            frame = None
            cut = [cut_off] if len(levels) >= _MOST_LEVELS else []
            for code in (*cut, *levels):
                names = modules.get(code.co_filename, {})
                frame = StoppedFrame(code, frame, names)
            if frame is not None:
                frames[int(thread[1], 16)] = frame
            levels = []
        elif level := _LEVEL.match(line):
            levels.append(_code(level[1], int(level[2]), level[3]))
        elif line == _MORE_THREADS:
            unseen = StoppedFrame(cut_off, StoppedFrame(cut_off, None, {}), {})
            frames = {each.ident: unseen for each in threading.enumerate() if each.ident}
    return frames


@lru_cache(maxsize=1)
def _modules(_many: int) -> dict[str | None, dict[str, Any]]:
    """Give the variables of all modules, by file: read again once there are more of them."""
    loaded = list(sys.modules.values())
    return {getattr(each, "__file__", None): getattr(each, "__dict__", {}) for each in loaded}


@cache
def _file() -> int:
    descriptor, path = tempfile.mkstemp(prefix="neverblock-stacks-")
    os.unlink(path)  # noqa: PTH108 - it is wanted without a name
    return descriptor


def _written() -> str:
    file = _file()
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    faulthandler.dump_traceback(file, all_threads=True)
    return os.pread(file, os.lseek(file, 0, os.SEEK_CUR), 0).decode(errors="replace")


@cache
def _only_call(file: str, line: int) -> tuple[int | None, int | None, int | None]:
    """Give last line, first and last column of the outermost call that a line has, if it is one."""
    text = next(iter(lines_of(file)[line - 1 : line]), "")
    indent = len(text.encode()) - len(text.encode().lstrip())
    code = text.strip()
    code = f"{code} pass" if code.endswith(":") else code
    for code_before in ("", "async def _():\n "):
        try:
            tree = ast.parse(code_before + code)
        except SyntaxError:
            continue
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        inner = {id(child) for call in calls for child in ast.walk(call) if child is not call}
        outer = [call for call in calls if id(call) not in inner]
        if len(outer) == 1 and outer[0].end_col_offset is not None:
            left = indent - (1 if code_before else 0)
            return line, outer[0].col_offset + left, outer[0].end_col_offset + left
    return None, None, None
