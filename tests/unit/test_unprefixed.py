"""Complaints in their own words, whatever validator they are from."""

from __future__ import annotations

from in_process import say

from neverblock.errors import ExitCode, unprefixed


def test_a_complaint_has_no_prefix_of_a_library():
    """The words of a validator are kept, also where they mention an error."""
    assert unprefixed("Value error, 'neww' is not one of 'any', 'new'") == (
        "'neww' is not one of 'any', 'new'"
    )
    assert unprefixed("Assertion failed, a Value error, it says") == "a Value error, it says"
    assert unprefixed("is wrong") == "is wrong"


def test_an_option_with_a_value_that_is_none_of_its_own_names_those(tmp_path):
    """In the command line's own words."""
    said = say("check", "main:app", "--fail-on", "neww", folder=tmp_path)
    assert said.returncode == ExitCode.USAGE
    told = " ".join(said.stderr.split())
    assert "'--fail-on': 'neww' is not one of 'any', 'new'" in told
