"""What ``--format agent`` prints is enough to fix a bad endpoint: one of the pairs.

``make agent-fixes`` shows it for all thirteen.
"""

from __future__ import annotations

from fix_pairs import copy_of_the_clone, fixed

from neverblock.report.agent import MOST_LINES


def test_a_bad_endpoint_passes_after_the_printed_diff(tmp_path):
    """A call to be awaited."""
    before, now, told = fixed("sleep", copy_of_the_clone(tmp_path), "--quick")
    assert before.startswith("fail")
    assert now.startswith("pass"), told
    assert len(told.splitlines()) <= MOST_LINES
