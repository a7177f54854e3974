"""What is printed in a job of GitHub's is no workflow command, whatever it says."""

from __future__ import annotations

import secrets
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO, cast

from neverblock.report.foreign import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Bracket:
    """Where the runner was told to take nothing for a command, and the word that ends it."""

    stream: HarmlessStream
    word: str

    def begin(self) -> None:
        """Tell it."""
        self._tell(f"::stop-commands::{self.word}")

    def end(self) -> None:
        """Tell it to listen again."""
        self._tell(f"::{self.word}::")

    def _tell(self, line: str) -> None:
        sys.stdout.flush()
        self.stream.write_own(f"{line}\n")


_BRACKET: ContextVar[Bracket | None] = ContextVar("bracket", default=None)


@contextmanager
def commands_stopped(environ: Mapping[str, str]) -> Iterator[None]:
    """Tell GitHub's runner to take no line for a command while the context lasts.

    Elsewhere this does nothing. It is told on standard error, as standard output may be a file. The
    runner reads each at its own pace, so that neither has a line that could be a command, either.
    """
    if environ.get("GITHUB_ACTIONS") != "true":
        yield
        return
    out, err = sys.stdout, sys.stderr
    harmless_out, harmless_err = HarmlessStream(out), HarmlessStream(err)
    bracket = Bracket(harmless_err, secrets.token_hex(16))
    reset = _BRACKET.set(bracket)
    bracket.begin()
    sys.stdout, sys.stderr = cast("TextIO", harmless_out), cast("TextIO", harmless_err)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err
        _BRACKET.reset(reset)
        bracket.end()


@contextmanager
def commands_heard() -> Iterator[Callable[[str], object]]:
    """Let commands of our own through meanwhile; give what writes them."""
    bracket = _BRACKET.get()
    if bracket is None:
        yield sys.stderr.write
        return
    bracket.end()
    try:
        yield bracket.stream.write_own
    finally:
        bracket.begin()


class HarmlessStream:
    """A stream of which no line is a command, also where a line is written in parts."""

    def __init__(self, stream: TextIO) -> None:
        """Take the stream that is written to."""
        self._stream = stream
        self._line = ""

    def write(self, text: str) -> int:
        """Write a text; give how many characters of it were taken, which is all."""
        whole = harmless(self._line + text)
        self._stream.write(whole[len(self._line) :])
        self._line = whole[max(whole.rfind("\n"), whole.rfind("\r")) + 1 :]
        return len(text)

    def write_own(self, lines: str) -> None:
        """Write whole lines of ours as they are, and let them through at once."""
        self._stream.write(f"\n{lines}" if self._line else lines)
        self._stream.flush()
        self._line = ""

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        """Give all else as the stream has it."""
        return getattr(self._stream, name)
