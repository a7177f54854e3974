"""What an advice says once a rule made its change: what the change does, then what is larger. Pure.

The title above a diff and the sentence beside it are those of the diff, never those of another
remedy; the remedy that the table recommends is named after it, where that is another one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neverblock.result import Advice


@dataclass(frozen=True, slots=True)
class Change:
    """What one rule does to a source: in a few words, in a sentence, and whether it uses a thread.

    ``why`` is empty where the advice itself explains that remedy.
    """

    instead: str
    why: str = ""
    threaded: bool = False


PLAIN_DEF = Change(
    "a plain def: it then runs in a thread",
    "It awaits nothing, and a plain def endpoint is run in a thread by the framework.",
    threaded=True,
)
IN_THREAD = Change("asyncio.to_thread", "This one call then runs in a thread.", threaded=True)
ASLEEP = Change("asyncio.sleep")
BY_LIMITER = Change(
    "run_in_threadpool: another pool, of 40 threads",
    "The call then takes one of anyio's 40 threads, which plain def endpoints use as well.",
)
SHARES_GIL = (
    "In a thread it still shares the GIL: others go on in turns of 5 ms, and wait while it "
    "computes; a process pool frees them."
)
"""5 ms is sys.getswitchinterval() of every Python."""

THREADS = {"asyncio.to_thread", "run_in_threadpool", "a plain def endpoint"}
"""How the table names a thread: no larger remedy than another thread."""

OR = ", or "
"""What stands between two remedies of one advice."""


def changed_advice(advice: Advice, change: Change, diff: str, *, shares_gil: bool) -> Advice:
    """Give an advice whose words are those of its diff, with the larger remedy after it.

    ``shares_gil`` says that what is called computes, and is not known to leave the GIL.
    """
    said = [change.why, SHARES_GIL * (change.threaded and shares_gil)]
    if larger := _larger(advice.instead, change):
        said.append(f"The larger remedy: {larger}.")
    why = " ".join([*filter(None, said), advice.why])
    return replace(advice, instead=change.instead, why=why, diff=diff)


def _larger(instead: str, change: Change) -> str:
    """Give the remedies that do more than a change, as they are written; "" where none does."""
    same = {change.instead} | (THREADS if change.threaded else set())
    return OR.join(each for each in instead.split(OR) if each not in same)
