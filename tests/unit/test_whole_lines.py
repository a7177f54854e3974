"""A file that grows while it is read gives whole lines and nothing else."""

from __future__ import annotations

import pytest

from neverblock.load.whole_lines import whole_lines


@pytest.mark.parametrize(
    ("read", "whole"),
    [
        ([], []),
        ([b"one\n", b"two\n"], [b"one\n", b"two\n"]),
        ([b"one\n", b"tw"], [b"one\n"]),
        ([b"one\n", b"tw", b"o\n", b"three\n"], [b"one\n"]),
    ],
    ids=["empty", "whole", "in part", "in part, and the rest a moment later"],
)
def test_a_line_in_part_is_the_end(read, whole):
    """What comes after it is its rest, which is no line: all of it is read the next time."""
    assert list(whole_lines(read)) == whole
