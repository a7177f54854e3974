"""Where the reference app and its scenarios are: inside the package, or beside it in a clone."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from neverblock.config.import_string import load
from neverblock.errors import UsageError

INSTALL = "Install what it needs: pip install 'neverblock[reference]'."


def reference_dir() -> Path:
    """Give the folder that holds ``target_app`` and ``scenarios``.

    A wheel carries it in the package's own folder, so that neither is a top-level module of the
    environment; in a clone it is the project's folder.
    """
    bundled = Path(__file__).with_name("bundled")
    return bundled if bundled.is_dir() else Path(__file__).parents[3]


def load_reference(import_string: str) -> Any:
    """Import a part of the reference app. Raises UsageError where its extra is not installed."""
    try:
        import_module("fastapi")
    except ModuleNotFoundError as error:
        raise UsageError(f"The reference app needs {error.name}.", INSTALL) from error
    return load(import_string, reference_dir())
