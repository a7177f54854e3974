"""``python -m harness`` is ``neverblock``: imports the command line so that Ctrl-C stays quiet."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""ExitCode.INTERRUPTED, which cannot be imported before Ctrl-C is caught."""


def main() -> None:
    """Run the command line; an interruption while it is still importing is no traceback."""
    try:
        from harness.cli import main as run  # noqa: PLC0415 - inside, to be caught

        run()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted before anything was measured.\n")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
