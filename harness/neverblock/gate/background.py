"""What held the loop for no request, as the gate sees it: its code, its name, and if it is known.

Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.analysis.blame import GIL_NOTE
from neverblock.analysis.codes import find_code
from neverblock.model import Diagnosis

if TYPE_CHECKING:
    from neverblock.analysis.codes import Code
    from neverblock.result import Background, Run


def over_limit(run: Run) -> list[Background]:
    """Give the lines of a run that held the loop for longer than its limit, worst first."""
    return [hold for hold in run.background if hold.held_s > run.criterion.loop_limit_s]


def place_name(hold: Background) -> str:
    """Give the line as people and allows name it: ``app/jobs.py:14``."""
    return f"{hold.place.file}:{hold.place.line}"


def diagnosis_of(hold: Background) -> Diagnosis:
    """Say how the line held the loop: it waited, it computed, or another thread kept the GIL."""
    if hold.place.note == GIL_NOTE:
        return Diagnosis.GIL_HELD
    return Diagnosis.BLOCKING_CPU if hold.place.on_cpu else Diagnosis.BLOCKING_IO


def background_code(hold: Background) -> Code:
    """Give the code of what held the loop."""
    return find_code(diagnosis_of(hold))
