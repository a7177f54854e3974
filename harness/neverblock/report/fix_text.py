"""What to write instead of a call, the same for people and for agents.

The change of the app's own file where a rule made one, else an example. An example has names of its
own and may await, so that it is never shown as the reader's line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neverblock.result import Advice

AWAITS = ("await ", "async ")


def fix_title(advice: Advice) -> str:
    """Say what the lines of ``fix_lines`` are: a change of the reader's file, or an example."""
    if advice.diff:
        return "the smallest change"
    awaits = any(word in advice.code for word in AWAITS)
    return f"for example{', in an async def' * awaits}, with your own names"


def fix_lines(advice: Advice, folder: str = "") -> list[str]:
    """Give the diff, its files named from ``folder`` of the repository, else the example."""
    if not advice.diff:
        return advice.code.splitlines()
    return [_from(folder, line) for line in advice.diff.splitlines()]


def advised(advice: Advice | None, folder: str = "") -> list[str]:
    """Give all that an advice says as plain lines: what to use, the change or example, and why."""
    if advice is None:
        return []
    title, lines = f"Use {advice.instead}; {fix_title(advice)}:", fix_lines(advice, folder)
    said = [title, *lines] if advice.diff else [f"{title} {' '.join(lines)}"]
    return [*said, advice.why]


def _from(folder: str, line: str) -> str:
    for mark in ("--- a/", "+++ b/"):
        if folder not in {"", "."} and line.startswith(mark):
            return f"{mark}{folder.rstrip('/')}/{line.removeprefix(mark)}"
    return line
