"""A module that is not there: the one in the app's folder that was most likely meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from neverblock.errors import nearest

if TYPE_CHECKING:
    from pathlib import Path

_MISSING = re.compile(r"^ModuleNotFoundError: No module named '([^']+)'", re.MULTILINE)


def meant_instead(printed: str, app: str, app_dir: Path) -> str:
    """Give a line that names the app as it was meant, where a server found no such module; else "".

    ``printed`` is the end of what the server printed, ``app`` its import string. A module that the
    app itself imports, and that is not installed, is no other name of the app.
    """
    module, _, attribute = app.partition(":")
    missing = _MISSING.findall(printed)
    if not missing or not f"{module}.".startswith(f"{missing[-1]}."):
        return ""
    near = nearest_module(module, app_dir)
    return f"Did you mean {near}:{attribute}?\n" if near not in {None, module} else ""


def nearest_module(module: str, app_dir: Path) -> str | None:
    """Give the module of a folder whose name is most like this one, of as many parts; or None."""
    above = ["*"] * module.count(".")
    files = app_dir.glob("/".join([*above, "*.py"]))
    packages = (file.parent for file in app_dir.glob("/".join([*above, "*", "__init__.py"])))
    found = [path.relative_to(app_dir).with_suffix("").parts for path in (*files, *packages)]
    return nearest(
        module, [".".join(parts) for parts in found if all(map(str.isidentifier, parts))]
    )
