"""What goes along into the app's environment: one folder with the probe, at the end of its path."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from neverblock import probe
from neverblock.probe.config import PROBE_PACKAGE
from neverblock.target.lent import lend

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neverblock.plan import Interpreter

ALONG = "along"
"""The folder of a run that holds what goes along."""

INSTALLED = "site-packages"
"""The last part of the folders' names: whatever tells installed code apart goes by it."""


def probe_folder(root: Path) -> Path:
    """Give a folder that holds the probe and nothing else, below ``root``; made if it is not there.

    A copy, since what neverblock is installed in may be read-only, or of another Python, which
    would leave its bytecode there; under a name of its own, since the app's environment may have a
    neverblock, of another version.
    """
    folder = root / "probe" / INSTALLED
    if not folder.exists():
        shutil.copytree(Path(probe.__path__[0]), folder / PROBE_PACKAGE)
    return folder


def lent_folder(root: Path, package: str) -> Path:
    """Give a folder with a package of ours and what it needs; made if it is not there."""
    folder = root / package / INSTALLED
    if not folder.exists():
        folder.mkdir(parents=True)
        lend(package, folder)
    return folder


def run_along(
    python: Interpreter, root: Path, module: str, package: str, *arguments: str
) -> list[str]:
    """Give the command line that runs a module of the probe in the app's Python.

    ``package`` is what it imports beside the standard library: the app's own where it has one,
    else ours. What goes along is below ``root``, and last on the path.
    """
    folders = [str(probe_folder(root))]
    if package not in python.packages:
        folders.insert(0, str(lent_folder(root, package)))
    code = (
        f"import sys; sys.path += {folders}; "
        f"from {PROBE_PACKAGE}.{module} import main; main(*sys.argv[1:])"
    )
    # -P: the working directory may hold a package by one of these names
    return [python.path, "-P", "-c", code, *arguments]


def with_probe(environ: Mapping[str, str], root: Path) -> dict[str, str]:
    """Give the variable by which a command of the user's own finds the probe.

    It is the last of what PYTHONPATH has; the probe moves itself to the end of the whole path.
    """
    given = environ.get("PYTHONPATH")
    return {"PYTHONPATH": os.pathsep.join(filter(None, [given, str(probe_folder(root))]))}
