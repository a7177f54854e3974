"""An app that was named by its file, or by its module alone: the import string to type instead."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from neverblock.config.app_finder import apps_in
from neverblock.target.near_module import nearest_module


def is_file_name(app: str) -> bool:
    """Say whether a name before the colon is that of a file, which no module's name can be."""
    module = app.partition(":")[0]
    return "/" in module or module.endswith(".py")


def import_string_for(app: str, app_dir: Path) -> str | None:
    """Give what to type for a file or a module of a folder; None where there is none like it.

    ``shop/main.py`` is ``shop.main:app``, by the name that the app has in that file, and with the
    options that it needs (``--app-dir src``, ``--factory``).
    """
    name, _, attribute = app.partition(":")
    file = PurePosixPath(name if is_file_name(app) else f"{name.replace('.', '/')}.py")
    if file.is_absolute() and file.is_relative_to(app_dir.resolve()):
        file = file.relative_to(app_dir.resolve())
    module = ".".join(file.with_suffix("").parts)
    try:
        text = (app_dir / file).read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        near = nearest_module(module, app_dir)
        return near and f"{near}:{attribute or 'app'}"
    packages = [folder / "__init__.py" for folder in file.parents]
    sources = {str(one): "" for one in packages if (app_dir / one).is_file()}
    found = apps_in({**sources, str(file): text})
    for one in found:
        if one.app.endswith(f":{attribute}") or not attribute:
            where = f" --app-dir {one.app_dir}" if one.app_dir else ""
            return f"{one.app}{where}{' --factory' if one.factory else ''}"
    return f"{module}:{attribute or 'app'}"
