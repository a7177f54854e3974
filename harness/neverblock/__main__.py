"""``python -m neverblock`` is ``neverblock``: Ctrl-C stays quiet while it imports, too."""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 130
"""ExitCode.INTERRUPTED, which cannot be imported before Ctrl-C is caught."""
TOLD = b"Interrupted before anything was measured.\n"


def main() -> None:
    """Run the command line; an interruption while it is still importing ends it at once.

    Hazard: an exception would be lost where the import system, a destructor or a library in C calls
    back, and the run would go on. There is nothing to clean up yet.
    """
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.default_int_handler:  # else a shell has it ignored
        signal.signal(signal.SIGINT, _end)
    from neverblock.cli import main as run  # noqa: PLC0415 - once Ctrl-C is caught

    signal.signal(signal.SIGINT, usual)
    try:
        run()
    except KeyboardInterrupt:
        os.write(2, TOLD)
        sys.exit(INTERRUPTED)


def _end(*_: object) -> None:
    os.write(2, TOLD)
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
