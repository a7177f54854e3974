"""The page without the extra that it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

HIDDEN = """
import sys
sys.modules[{name!r}] = None
from neverblock.errors import UsageError
from neverblock.report import create_renderer
try:
    create_renderer("html")
except UsageError as error:
    print(error.what)
"""


@pytest.mark.parametrize("name", ["jinja2", "matplotlib", "numpy"])
def test_a_part_that_is_not_installed_is_told(name):
    """Whoever installed neverblock alone reads what to type, and no traceback."""
    ended = subprocess.run(
        [sys.executable, "-c", HIDDEN.format(name=name)], capture_output=True, text=True, check=True
    )
    assert ended.stdout.startswith(f"The HTML page needs {name}")
