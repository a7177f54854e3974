"""Packages of ours that are lent to an app's environment without them, and nothing else of ours."""

from __future__ import annotations

import re
import shutil
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from pathlib import Path


def lend(package: str, folder: Path) -> None:
    """Copy a package of ours, and all that it needs, into a folder that is there.

    For packages of pure Python: they run in any Python, whichever ours is.
    """
    for name in sorted(needed(package)):
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        if spec.submodule_search_locations is None:
            shutil.copy2(origin, folder)
        else:
            shutil.copytree(origin.parent, folder / name, dirs_exist_ok=True)


def needed(package: str) -> set[str]:
    """Name a package and all packages that it needs, without its extras, as they are imported."""
    found: set[str] = set()
    pending = [package]
    while pending:
        name = pending.pop()
        try:
            wanted = requires(name) or []
        except PackageNotFoundError:  # only older Pythons or other systems need it
            continue
        found.add(name.replace("-", "_"))
        names = [re.split(r"[^\w-]", each)[0] for each in wanted if "extra ==" not in each]
        pending += [each for each in names if each.replace("-", "_") not in found]
    return found
