"""Suites of a user's, written into an empty folder and run by a pytest of their own."""

from __future__ import annotations

import textwrap
from pathlib import Path

INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
filterwarnings = error
addopts = -p no:faker
"""
APP = (Path(__file__).parent / "apps" / "shelf.py").read_text()


def write(folder: Path, tests: str, *, ini: str = "", pyproject: str = "") -> None:
    """Write an app and the tests of it; warnings are errors there as they are here."""
    (folder / "shelf.py").write_text(APP)
    (folder / "pytest.ini").write_text(INI + textwrap.dedent(ini))
    (folder / "test_shelf.py").write_text(textwrap.dedent(tests))
    (folder / "pyproject.toml").write_text(textwrap.dedent(pyproject))


def marked(mark: str) -> int:
    """Give the number of the app's line that carries a mark."""
    lines = APP.splitlines()
    return next(n for n, line in enumerate(lines, 1) if line.endswith(f"# mark: {mark}"))
