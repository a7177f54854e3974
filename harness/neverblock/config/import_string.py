"""Import strings: ``package.module:attribute``, looked up in a folder."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from neverblock.errors import TargetError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def load(import_string: str, app_dir: Path) -> Any:
    """Import what ``module:attribute`` names, with ``app_dir`` on the path first.

    Raises UsageError for a string of another form, TargetError where it cannot be imported.
    """
    module, _, attribute = import_string.partition(":")
    if not module or not attribute:
        raise UsageError(
            f"{import_string!r} is not an import string.", "Write it as package.module:attribute."
        )
    if str(app_dir.resolve()) not in sys.path:
        sys.path.insert(0, str(app_dir.resolve()))
    try:
        return getattr(import_module(module), attribute)
    except AttributeError as error:
        raise TargetError(
            f"{import_string} cannot be imported: {error}.", f"What does {module} define?"
        ) from error
    except Exception as error:  # the module's own code may raise anything
        raise TargetError(
            f"{import_string} cannot be imported: {error}.",
            "Start neverblock in the project's folder, or name it with --app-dir.",
        ) from error
