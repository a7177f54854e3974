"""The edge: whatever comes becomes a sentence and an exit code, and a fault of ours a file."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from neverblock.cli.terminal import console
from neverblock.errors import ExitCode, NeverblockError, StoreError, unprefixed
from neverblock.report.foreign import harmless

if TYPE_CHECKING:
    from collections.abc import Callable


def exit_code_of(command: Callable[[], Any]) -> int:
    """Run a command; give its exit code, with a sentence on standard error where it failed.

    1 is for verdicts alone: it is only what the command itself exits with.
    """
    try:
        code = command()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has had enough
        nothing_more_on_stdout()
        return ExitCode.OK
    except KeyboardInterrupt:
        say("Interrupted.", "")
        return ExitCode.INTERRUPTED
    except NeverblockError as error:
        say(error.what, "\n".join([error.hint, *getattr(error, "__notes__", ())]))
        return error.exit_code
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        nothing_more_on_stdout()
        say(f"The system refuses what is needed: {error.strerror or error}{where}.", _saved(error))
        return ExitCode.USAGE
    except Exception as error:  # noqa: BLE001 - the last place that can turn it into a sentence
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # wrong usage, as typer tells it
            _show(error)
            return ExitCode.USAGE
        return _crashed(error)
    return code if isinstance(code, int) else ExitCode.OK


def open_closed_outputs() -> None:
    """Give standard output and error, where the shell closed them, a place that refuses a text."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDONLY), "r"))


def print_out(text: str) -> None:
    """Print a text. A reader that went away is no error; raises StoreError for any other reason."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        nothing_more_on_stdout()
    except OSError as error:
        nothing_more_on_stdout()
        raise StoreError(
            f"Standard output cannot be written: {error.strerror or error}.",
            "Open it, or free space. What was measured is saved in the folder of the runs.",
        ) from error


def nothing_more_on_stdout() -> None:
    """Let what is still written to standard output go nowhere, also what Python flushes at exit."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def say(what: str, more: str) -> None:
    """Print what happened, and beneath it what to do."""
    text = harmless(f"{what}\n  {more}".rstrip())
    with suppress(OSError):
        console(stderr=True).print(
            f"[bold red]neverblock:[/] {escape(text)}", highlight=False, soft_wrap=True
        )


def _show(error: Any) -> None:
    from typer import rich_utils  # noqa: PLC0415 - for wrong usage only

    error.message = unprefixed(error.message)
    rich_utils.rich_format_error(error)


def _saved(error: BaseException) -> str:
    return (
        "\n".join(getattr(error, "__notes__", ())) or "Free space or fix permissions, then again."
    )


def _crashed(error: Exception) -> int:
    """Tell a fault of our own, and write what is needed to find it into a file."""
    told = _hidden(f"{type(error).__name__}: {error}".splitlines()[0])
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="neverblock-fault-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(_hidden(fault(error)))
        more = f"Please report it, with this file: {file.name}"
    except OSError:
        more = "Please report it."
    notes = getattr(error, "__notes__", ())
    say(f"This is a fault of neverblock's own: {told}", "\n  ".join([more, *notes]))
    return ExitCode.NOT_MEASURED


def fault(error: BaseException) -> str:
    """Give what helps to find a fault: the versions, and the traceback."""
    head = f"neverblock {version('neverblock')}, Python {platform.python_version()}"
    traced = "".join(traceback.format_exception(error))
    return f"{head}, {platform.platform()}\n\n{traced}"


def _hidden(text: str) -> str:
    """Hide what the configuration takes from the environment, as far as it can be read."""
    from neverblock.config import load_config  # noqa: PLC0415 - slow to load, for a fault only
    from neverblock.config.secret import redact  # noqa: PLC0415 - the same

    secrets: frozenset[str] = frozenset()
    with suppress(Exception):
        secrets = load_config(Path(), os.environ).secrets
    return redact(text, secrets)
