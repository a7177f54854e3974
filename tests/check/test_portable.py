"""The portable tier, on a Linux machine whose kernel is asked for nothing."""

from __future__ import annotations

from checking import APPS, CheckedApart, marked

from neverblock.errors import ExitCode
from neverblock.probe.tier import PORTABLE, TIER_VARIABLE

ARGUMENTS = ("portable_app:app", "--app-dir", APPS)


def test_the_portable_tier_tells_waiting_from_computing_and_names_the_line(tmp_path):
    """By stacks and the loop thread's clock; what it cannot tell is said once, for the run."""
    checked = CheckedApart(tmp_path, *ARGUMENTS, env={TIER_VARIABLE: PORTABLE})
    assert checked.code == ExitCode.FAILED, checked.said.stderr
    assert checked.diagnoses == {
        "GET /waits": "blocking-io",
        "GET /computes": "blocking-cpu",
        "GET /free": "concurrent",
    }
    for name in ("waits", "computes"):
        blamed = checked.results[f"GET /{name}"]["blame"][0]
        assert (blamed["file"], blamed["line"]) == ("portable_app.py", marked("portable_app", name))
    assert checked.run["environment"]["tier"] == PORTABLE
    assert checked.said.stdout.count("portable tier:") == 1
    for result in checked.results.values():
        assert result["measurement"]["machine"]["starved_s"] is None
        assert result["measurement"]["loop"]["complaint"] is None


def test_a_tier_that_nobody_can_ask_for_is_refused(tmp_path):
    """A mistyped one would be measured as if it had been left out."""
    checked = CheckedApart(tmp_path, *ARGUMENTS, env={TIER_VARIABLE: "portabel"})
    assert checked.code == ExitCode.USAGE
    assert "NEVERBLOCK_TIER='portabel'" in checked.said.stderr
    assert checked.run is None
