"""The reference app's pairs, listed without being imported."""

from __future__ import annotations

import pytest

from neverblock.errors import TargetError
from neverblock.reference.listing import ListedPair, left_out, listed_pairs
from neverblock.reference.location import reference_dir
from neverblock.reference.pairs import pair_group
from target_app import pairs


def test_the_list_says_what_the_pairs_say():
    """Each is read from its file, and is what an import of it gives."""
    assert list(listed_pairs(reference_dir())) == [
        ListedPair(pair.name, pair.blocking_call, pair.replacement, (*pair.variants,), pair.needs)
        for pair in pairs.catalog()
    ]


def test_what_is_not_chosen_is_named_as_results_are():
    """So that a run of some pairs, beside a baseline of all, calls none of the others gone."""
    groups = [pair_group(pair, 1.0) for pair in pairs.catalog()]
    names = [subject.endpoint.name for group in groups for subject in group.subjects]
    assert left_out(reference_dir(), {"sleep/bad"}) == tuple(n for n in names if n != "sleep/bad")
    assert left_out(reference_dir(), names) == ()


@pytest.mark.parametrize(
    "source",
    ["x = 1", "def (", "PAIR = Pair(name=NAME, blocking_call='a', replacement='b', variants={})"],
)
def test_a_file_that_cannot_be_listed_is_told(tmp_path, source):
    """With its name, and no traceback."""
    (folder := tmp_path / "target_app" / "pairs").mkdir(parents=True)
    (folder / "mine.py").write_text(source)
    with pytest.raises(TargetError, match=r"mine\.py"):
        list(listed_pairs(tmp_path))
