"""``python -m harness`` is ``neverblock``."""

from harness.cli import main

main()
