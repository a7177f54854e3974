"""Calls are named without executing anything of the program."""

from __future__ import annotations

import ast
import codecs
import functools
import json as renamed
import os.path
import sys
import sysconfig
import threading
import time
from pathlib import Path
from typing import ClassVar

import pytest

from neverblock.probe.callee_name import resolve
from neverblock.probe.frames import FrameTable, Owners, walk


class Trap:
    """Fails the test if anything of it is executed."""

    __slots__ = ("lock",)
    shared: ClassVar = threading.Lock()

    def __init__(self):
        """Fill the slot."""
        self.lock = threading.Lock()

    @property
    def prop(self):
        """Be a property, which is code."""
        raise AssertionError

    def __getattr__(self, name):
        """Be code, too."""
        raise AssertionError

    def method(self):
        """Be a method."""

    @staticmethod
    def static():
        """Be a static method."""


class OwnKind:
    """A kind of function that a package makes for itself."""

    def __call__(self):
        """Be called."""


own_kind = OwnKind()
cached = functools.lru_cache(len)
here = sys.modules[__name__]


@pytest.mark.parametrize(
    ("expression", "target"),
    [
        ("time.sleep", "time.sleep"),
        ("os.path.join", "posixpath.join"),
        ("renamed.dumps", "json.dumps"),
        ("trap.lock.acquire", "_thread.lock.acquire"),
        ("trap.method", f"{__name__}.Trap.method"),
        ("trap.static", f"{__name__}.Trap.static"),
        ("Trap", f"{__name__}.Trap"),
        ("partial", "time.sleep"),
        ("words.sort", "builtins.list.sort"),
        ("len", "builtins.len"),
        ("here.own_kind", f"{__name__}.own_kind"),
        ("here.cached", "functools._lru_cache_wrapper.__call__"),
        ("codecs.ignore_errors", "codecs.ignore_errors"),
        ("trap.prop.anything", None),
        ("trap.missing", None),
        ("nobody", None),
        ("words[0].upper", None),
    ],
)
def test_names_are_looked_up_statically(expression, target):
    """Modules, methods, slots and partials resolve; what would need executing does not."""
    assert _resolved(expression)[0] == target


def _resolved(expression):
    """Resolve among some locals; without an assert, for which pytest would call ``locals``."""
    trap, partial, words = Trap(), functools.partial(time.sleep, 1), ["b", "a"]
    node = ast.parse(expression, mode="eval").body
    return resolve(node, sys._getframe()), (trap, partial, words, renamed, os.path, codecs)


def test_the_dictionary_of_locals_is_left_alone():
    """A function that asked for its locals keeps the dictionary as it was given."""
    before = locals()
    secret = time
    resolve(ast.parse("secret.sleep", mode="eval").body, sys._getframe())
    assert "secret" not in before
    assert secret


def _places(frame):
    levels = []
    FrameTable(Owners([__file__]), levels.append).stack(walk(frame, None)[:1])
    return levels[0]


def test_an_expression_over_several_lines_keeps_its_place():
    """Line and columns are those of the whole call; its text goes without the arguments."""
    levels = _places(
        sys._getframe(
            0,
        )
    )
    assert levels["call"] == "_places"
    assert levels["end_line"] == levels["line"] + 4
    assert levels["owner"] == "project"


class Account:
    """Has a property that looks at who reads it."""

    @property
    def balance(self):
        """Give the place of the reader."""
        return _places(sys._getframe(1))


def _entries():
    yield _places(sys._getframe(1))


def test_what_is_only_read_is_not_called():
    """A property that is read and an iterator that is gone through are no text of a call."""
    account, entries = Account(), _entries()
    read = account.balance
    for gone_through in entries:
        assert gone_through["call"] != "entries"
    assert read["call"] is None


class Guard:
    """Is entered and awaited, and gives the place of who does."""

    def __enter__(self):
        """Give the place of the with statement."""
        return _places(sys._getframe(1))

    def __exit__(self, *_):
        """Leave."""

    def __await__(self):
        """Give the place of the await."""
        return _places(sys._getframe(1))
        yield

    def __aenter__(self):
        """Give what is awaited to enter it."""
        return self

    async def __aexit__(self, *_):
        """Leave."""


def test_what_is_entered_or_awaited_keeps_its_text():
    """It runs code of its own: a lock, a task."""
    guard = Guard()

    async def awaits():
        return await guard

    async def enters():
        async with guard as entered:
            return entered

    with guard as entered:
        assert entered["call"].startswith("with guard")
    for coroutine, called in ((awaits(), "guard"), (enters(), "async with guard")):
        with pytest.raises(StopIteration) as ended:
            coroutine.send(None)
        assert ended.value.value["call"].startswith(called)


def test_what_is_entered_in_c_has_its_name(lock_held):
    """A lock has no frame of its own: the line that waits for it says what it is."""
    guard, waits = lock_held

    def enters():
        with guard:
            pass

    frame = waits(enters)
    assert _places(frame)["target"] == "_thread.lock.__enter__"


@pytest.fixture
def lock_held():
    """Give a lock that is held, and what starts a function and gives its frame once it waits."""
    lock, found = threading.Lock(), []
    lock.acquire()

    def waits(function):
        thread = threading.Thread(target=function)
        thread.start()
        while (frame := sys._current_frames().get(thread.ident)) is None or (
            frame.f_code is not function.__code__
        ):
            time.sleep(0.001)
        time.sleep(0.01)
        found.append(thread)
        return frame

    yield lock, waits
    lock.release()
    for thread in found:
        thread.join()


@pytest.mark.parametrize(
    ("file", "owner"),
    [
        ("/srv/app/views.py", "project"),
        ("/srv/app/.venv/lib/python3.11/site-packages/requests/api.py", "library"),
        ("/srv/app/.venv/lib/python3.11/site-packages/starlette/routing.py", "framework"),
        (threading.__file__, "stdlib"),
        (walk.__code__.co_filename, "probe"),
        ("<frozen importlib._bootstrap>", "stdlib"),
        ("<string>", "library"),
        ("/srv/app/templates/page.html", "library"),
        ("/srv/app/manage", "project"),
    ],
)
def test_code_has_an_owner(file, owner):
    """Installed packages, generated code, the standard library and the probe are not the user's."""
    assert Owners(["/srv/app"]).of(file) == owner


@pytest.mark.parametrize(
    ("file", "owner"),
    [
        ("/venv/lib/python3.11/site-packages/shop/db.py", "project"),
        ("/venv/lib/python3.11/site-packages/shopping/db.py", "library"),
        ("/venv/lib/python3.11/site-packages/one_file.py", "project"),
    ],
)
def test_an_installed_app_is_the_users_own(file, owner):
    """A service that is deployed as a package is checked as one; its neighbours are libraries."""
    packages = "/venv/lib/python3.11/site-packages"
    assert Owners([f"{packages}/shop", f"{packages}/one_file.py"]).of(file) == owner


def test_a_python_that_lies_in_the_project_is_not_the_users_code():
    """As where `tools/pythons.sh` unpacks one; a project that lies in a standard library is."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    project = Owners([str(stdlib.parents[2])])
    assert project.of(str(stdlib / "socket.py")) == "stdlib"
    assert project.of(str(stdlib.parents[1] / "main.py")) == "project"
    assert Owners([str(stdlib / "idlelib")]).of(str(stdlib / "idlelib" / "run.py")) == "project"
