"""What every module imports, read from the sources when a test asks, once in a process."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "harness" / "neverblock"
BY_DOTS = {"probe"}
"""Packages that go by another name elsewhere: the probe does in an app's environment."""


def sources(*folders: Path) -> dict[str, Path]:
    """Name every module of some packages, as they are imported."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree_of(path: Path) -> ast.Module:
    """Parse a file once."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports_of(path: Path) -> set[str]:
    """Name all that a module imports, wherever in it, for types only or not."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                assert node.level == 1, f"{path}: an import from above, by dots"
                assert path.parent.name in BY_DOTS, f"{path}: a relative import"
                module = f"neverblock.{path.parent.name}.{module}"
            below = {f"{module}.{alias.name}" for alias in node.names}
            submodules = below & set(MODULES)
            found |= submodules if submodules == below else submodules | {module}
    return found


MODULES = sources(PACKAGE, ROOT / "target_app", ROOT / "scenarios")


@cache
def all_imports() -> dict[str, set[str]]:
    """Name what every module imports."""
    return {name: imports_of(path) for name, path in MODULES.items()}


@cache
def ours() -> dict[str, set[str]]:
    """Name what every module of the package imports."""
    return {name: all_imports()[name] for name in MODULES if name.startswith("neverblock")}
