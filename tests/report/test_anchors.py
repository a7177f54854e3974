from __future__ import annotations

import re
from importlib.resources import files

from neverblock.report.anchors import RESERVED, anchors

OWN_IDS = re.compile(r'\bid="([a-z]+)"')


def test_no_name_takes_the_place_of_a_part_of_the_page():
    """A pair called `results` gets an anchor beside the page's own."""
    assert anchors(["results", "sleep"]) == {"results": "results--2", "sleep": "sleep"}


def test_all_parts_of_the_page_are_reserved():
    """Every fixed id of a template is among the reserved names."""
    templates = files("neverblock.report").joinpath("templates").iterdir()
    found = {name for each in templates for name in OWN_IDS.findall(each.read_text("utf-8"))}
    assert found
    assert found <= RESERVED


def test_every_name_has_an_anchor_of_its_own():
    """Names that look alike, and names without a letter, are told apart."""
    names = ["/a/b", "/a-b", "/a.b", "//", "/", "", "x" * 200, "x" * 201]
    found = anchors(names)
    assert len(set(found.values())) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]+", anchor) for anchor in found.values())
