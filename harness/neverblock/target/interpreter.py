"""Which Python serves the app: found, asked, and refused where the probe cannot run in it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import stat
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from neverblock.errors import UsageError
from neverblock.plan import Interpreter
from neverblock.probe.internals import has_gil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OLDEST = (3, 11)
"""The oldest Python that the probe runs in: code positions of calls came with 3.11 (PEP 657)."""

OLDEST_WITHOUT_GIL = (3, 14)
"""The oldest whose stacks can be read where there is no GIL: ``internals.stands_still``."""

PACKAGES = ("uvicorn", "httpx", "fastapi", "starlette", "pydantic", "anyio")
"""What is asked for in the app's environment: what serves it, and what a run is told apart by."""

BY_OPTION = "named by --python"
"""Why it is this one, where the command line says so; every other is found again by itself."""

ASK_TIMEOUT_S = 30.0
ENVIRONMENT = ("bin/python", "Scripts/python.exe")
"""Where an environment has its Python, on POSIX and on Windows."""

NEXT = "Name the project's own: --python PATH, or python = PATH in [tool.neverblock]."

ASK = """
import sys
sys.path[:] = [folder for folder in sys.path if folder]  # python -c looks in the working folder
import json, platform
said = {"path": sys.executable, "version": platform.python_version(), "packages": {},
        "implementation": platform.python_implementation(), "free_threaded": False}
if sys.version_info >= (3, 11):
    from importlib.metadata import PackageNotFoundError, version
    from importlib.util import find_spec
    said["free_threaded"] = not getattr(sys, "_is_gil_enabled", lambda: True)()
    for name in sys.argv[1:]:
        try:
            if find_spec(name) is not None:
                said["packages"][name] = version(name)
        except PackageNotFoundError:
            said["packages"][name] = "unknown version"
print(json.dumps(said))
"""
"""Any Python from 2.6 on understands it; an old one only says how old it is."""


def find_interpreter(
    app_dir: Path,
    environ: Mapping[str, str],
    *,
    option: str | None = None,
    setting: str | None = None,
) -> Interpreter:
    """Give the Python that an app is to be served by, and why it is this one.

    In this order: ``option`` (of the command line), ``setting`` (of the project's file), each a
    file, an environment's folder or a command's name; an active environment; the nearest ``.venv``
    in the app's folder or above it; neverblock's own. Raises UsageError where there is none at the
    place that is named, and where the probe cannot run in it.
    """
    for named, why in ((option, BY_OPTION), (setting, "named by [tool.neverblock]")):
        if named is not None:
            return fit(asked(_named(named, why), why, environ))
    active = environ.get("VIRTUAL_ENV")
    if active and (python := _python_of(Path(active))):
        why = "the active environment"
        return own_interpreter(why) if _is_ours(active) else fit(asked(python, why, environ))
    stale = f"; VIRTUAL_ENV names '{active}', which has no Python" if active else ""
    for folder in _environments(app_dir.resolve()):
        if python := _python_of(folder):
            return fit(asked(python, f"found in the project{stale}", environ))
    return own_interpreter(f"neverblock's own: no environment is active or in the project{stale}")


@cache
def own_interpreter(why: str = "neverblock's own") -> Interpreter:
    """Give the Python that this process runs in. Raises UsageError where the probe cannot."""
    packages = {}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    ours = Interpreter(
        sys.executable,
        platform.python_version(),
        platform.python_implementation(),
        why,
        packages,
        free_threaded=not has_gil(),
    )
    return fit(ours)


def asked(python: Path, why: str, environ: Mapping[str, str]) -> Interpreter:
    """Ask a Python what it is. Raises UsageError for a file that is no Python."""
    try:
        done = subprocess.run(  # noqa: S603 - the user's own choice
            [str(python), "-c", ASK, *PACKAGES],
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ASK_TIMEOUT_S,
            check=False,
        )
        said = json.loads(done.stdout.splitlines()[-1])
        return replace(Interpreter(**said, why=why), path=said["path"] or str(python))
    except OSError as error:
        complaint = error.strerror or f"{error}"
    except subprocess.TimeoutExpired:
        complaint = f"it did not say its version within {ASK_TIMEOUT_S:g} s"
    except (ValueError, IndexError, TypeError, KeyError):
        complaint = (done.stderr.strip().splitlines() or ["it does not say its version"])[-1]
    raise UsageError(f"'{python}' ({why}) is no Python that runs: {complaint}.", NEXT)


def fit(python: Interpreter) -> Interpreter:
    """Give a Python that the probe can run in. Raises UsageError for another."""
    which = f"'{python.path}' ({python.why}) is {python.implementation} {python.version}"
    if python.implementation != "CPython":
        raise UsageError(f"{which}, and the probe can watch CPython alone.", NEXT)
    is_version = tuple(map(int, python.version.split(".")[:2]))
    if is_version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise UsageError(f"{which}, and the probe needs Python {oldest} or later.", NEXT)
    if python.free_threaded and is_version < OLDEST_WITHOUT_GIL:
        oldest = ".".join(map(str, OLDEST_WITHOUT_GIL))
        message = f"{which} without a GIL, and the probe needs Python {oldest} or later there."
        raise UsageError(message, f"Turn its GIL on by PYTHON_GIL=1. {NEXT}")
    return python


def _named(name: str, why: str) -> Path:
    """Give the file that is meant. Raises UsageError where there is none."""
    path = Path(os.path.expanduser(name))  # noqa: PTH111 - Path's raises where there is no home
    if path.is_dir() and (python := _python_of(path)):
        return python
    if path.is_file():
        return path.absolute()
    if found := shutil.which(name):
        return Path(found)
    raise UsageError(f"There is no Python at '{name}' ({why}).", NEXT)


def _python_of(folder: Path) -> Path | None:
    """Give the Python of an environment, as the link that it is: what it leads to is another.

    A link that leads nowhere any more counts: whoever has one is to hear of it.
    """
    return next((folder / file for file in ENVIRONMENT if os.path.lexists(folder / file)), None)


def _environments(app_dir: Path) -> Iterator[Path]:
    """Give where the project's ``.venv`` may be: beside the app, or above it.

    A folder in which everybody may write (/tmp) belongs to nobody's project: whoever may write
    there would choose what runs here.
    """
    yield app_dir / ".venv"
    for folder in app_dir.parents:
        with suppress(OSError):  # the app's folder itself may not be there
            if not folder.stat().st_mode & stat.S_IWOTH:
                yield folder / ".venv"


def _is_ours(environment: str) -> bool:
    """Say whether this process runs in an environment."""
    return os.path.realpath(environment) == os.path.realpath(sys.prefix)
