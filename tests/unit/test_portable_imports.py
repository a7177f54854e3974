"""Every module of the package imports where Python has not what Linux and POSIX bring along."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from imported import ours

LINUX_ONLY = {
    "os": ("sched_getaffinity", "sched_setaffinity", "pidfd_open", "waitid"),
    "select": ("epoll",),
    "signal": ("SIGRTMIN", "SIGRTMAX"),
    "time": ("pthread_getcpuclockid",),
}
POSIX_ONLY = {
    "os": (
        *("fork", "forkpty", "killpg", "geteuid", "getuid", "getgid", "getpgid", "setsid", "chown"),
        *("fchmod", "pread", "O_CLOEXEC", "O_NONBLOCK", "WNOHANG", "uname"),
    ),
    "select": ("poll",),
    "signal": ("SIGKILL", "SIGQUIT", "SIGHUP", "pthread_sigmask"),
    "socket": ("AF_UNIX", "SO_REUSEPORT"),
    "time": ("clock_gettime", "CLOCK_MONOTONIC"),
}
POSIX_MODULES = {"fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog", "readline"}

SYSTEMS = {
    "darwin": ((LINUX_ONLY,), set()),
    "win32": ((LINUX_ONLY, POSIX_ONLY), POSIX_MODULES),
}
"""By ``sys.platform``: the names of the standard library that are missing, and the modules."""

PATCHING = ("gevent", "locust", "geventhttpclient")
"""They patch on import what is taken away here; what imports them runs in its own process."""

CHILD = """
import importlib, sys, types

for name in {others!r}:  # what they need at their import is theirs: it is there before
    importlib.import_module(name)

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name in {modules!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

for name in {modules!r}:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Refuse())
for missing in {missing!r}:
    for module, names in missing.items():
        for name in names:
            if hasattr(importlib.import_module(module), name):
                delattr(sys.modules[module], name)
sys.platform = {platform!r}
if sys.platform == "win32":
    sys.modules["msvcrt"] = types.ModuleType("msvcrt")
for name in {ours!r}:
    try:
        importlib.import_module(name)
    except Exception as error:
        print(f"{{name}}: {{error!r}}")
"""


def foreign() -> list[str]:
    """Name what our modules import that is not ours."""
    apart = {"neverblock", "__future__", "_typeshed", "msvcrt", *PATCHING, *POSIX_MODULES}
    named = {imported for imports in ours().values() for imported in imports}
    return sorted(name for name in named if name.partition(".")[0] not in apart)


@pytest.mark.parametrize("platform", SYSTEMS)
def test_every_module_imports_without_what_other_systems_have_not(platform):
    """A traceback at the first command would be all that a developer there sees."""
    own = [
        name
        for name, imports in sorted(ours().items())
        if not any(imported.startswith(PATCHING) for imported in imports)
        and name != "neverblock.probe.app"  # imports the app that it is to serve
    ]
    missing, modules = SYSTEMS[platform]
    script = CHILD.format(
        others=foreign(), modules=modules, missing=missing, platform=platform, ours=own
    )
    said = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "NEVERBLOCK_TIER": "portable"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert (said.stdout, said.stderr, said.returncode) == ("", "", 0)
