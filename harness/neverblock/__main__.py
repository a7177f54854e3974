"""``python -m neverblock`` is ``neverblock``: Ctrl-C stays quiet while it imports, too."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""ExitCode.INTERRUPTED, which cannot be imported before Ctrl-C is caught."""


def main() -> None:
    """Run the command line; an interruption while it is still importing is no traceback."""
    try:
        from neverblock.cli import main as run  # noqa: PLC0415 - inside, to be caught

        run()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted before anything was measured.\n")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
