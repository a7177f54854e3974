"""The reference app under users of its own: what is bad is named by its line, the worst first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from in_process import say

from neverblock.errors import ExitCode

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "scenarios" / "shop.py"
SERVED = {"NEVERBLOCK_SCALE": "0.1", "NEVERBLOCK_PAIRS": "sleep,dependency,file"}


@pytest.mark.parametrize("fixed", [False, True], ids=["bad", "fixed"])
def test_the_bad_endpoints_of_the_shop_are_found_by_line_and_ranked_by_harm(tmp_path, fixed):
    """Each time one is asked for it holds the loop; their replacements hold it for nobody."""
    users = ("-f", SHOP, "-u", 12, "-r", 12, "-t", "6s", *["--fixed"] * fixed)
    kept = ("--app-dir", ROOT, "--json", tmp_path / "run.json")
    said = say("load", "target_app.main:app", *users, *kept, folder=tmp_path, **SERVED)
    load = json.loads((tmp_path / "run.json").read_text())["load"]
    if fixed:
        assert said.returncode == ExitCode.OK, said.stdout + said.stderr
        assert [found["file"] for found in load["findings"]] == []
        return
    assert said.returncode == ExitCode.FAILED, said.stdout + said.stderr
    # Which of the two harms more is chance: clerks ask a dozen times, and draw what they ask for.
    found = {(each["file"], each["function"]) for each in load["findings"]}
    looks_up = ("target_app/directory.py", "DirectoryClient.full_name")
    assert looks_up in found
    assert found <= {looks_up, ("target_app/pairs/file.py", "bad")}
    lost = [each["others_lost_s"] for each in load["findings"]]
    assert lost == sorted(lost, reverse=True)
    assert lost[0] > 0
