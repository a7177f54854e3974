from __future__ import annotations

import json
import re
from dataclasses import replace

import jsonschema
import pytest
from canned import HOSTILE, canned_run

from neverblock.gate.compare import compare
from neverblock.measurement import Frame, Stack, Stall
from neverblock.report import compare_html
from neverblock.report.flame import NO_REQUEST, Sample, Step, held, held_in_run, tree
from neverblock.report.flame_svg import DEEPEST, MOST, MOST_FLAMES, WIDTH, flame
from neverblock.report.html import render
from neverblock.report.speedscope import SCHEMA
from neverblock.report.speedscope import render as speedscope

FORMAT = {
    "type": "object",
    "required": ["$schema", "shared", "profiles"],
    "properties": {
        "$schema": {"const": SCHEMA},
        "shared": {
            "type": "object",
            "required": ["frames"],
            "properties": {
                "frames": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name"],
                        "additionalProperties": False,
                        "properties": {
                            "name": {"type": "string"},
                            "file": {"type": "string"},
                            "line": {"type": "number"},
                            "col": {"type": "number"},
                        },
                    },
                }
            },
        },
        "profiles": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": [
                    *("type", "name", "unit", "startValue", "endValue", "samples", "weights")
                ],
                "properties": {
                    "type": {"const": "sampled"},
                    "unit": {"const": "seconds"},
                    "samples": {
                        "type": "array",
                        "items": {"type": "array", "items": {"type": "integer", "minimum": 0}},
                    },
                    "weights": {"type": "array", "items": {"type": "number", "minimum": 0}},
                },
            },
        },
    },
}
"""Of speedscope's file format, what sampled profiles may have, after its documentation."""

MAIN = Frame("shop/main.py", 7, "page", "project")
LOAD = Frame("shop/db.py", 41, "load", "project", "time.sleep", "time.sleep")
SERVER = Frame("uvicorn/main.py", 1, "serve", "framework")


def stalled(*stacks, culprit=None):
    """Make a stall of some stacks."""
    return Stall(0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, stacks=stacks, culprit=culprit)


def of(*stalls):
    """Give a result in which these stalls were seen."""
    result = canned_run().results[0]
    loop = replace(result.measurement.loop, stalls=stalls)
    return replace(result, measurement=replace(result.measurement, loop=loop))


def test_a_path_begins_with_the_projects_own_and_ends_with_what_it_called():
    """The server's frames above say nothing, and what runs in C has none of its own."""
    (sample,) = held(of(stalled(Stack((LOAD, MAIN, SERVER), 0.5, on_cpu=False))))
    assert [str(step) for step in sample.steps] == [
        "page shop/main.py:7",
        "load shop/db.py:41",
        "time.sleep",
    ]


def test_what_no_request_ran_is_the_runs_and_no_endpoints():
    """And what another thread kept the GIL for says so."""
    apart = Stack((LOAD,), 0.2, on_cpu=False, background=True)
    thread = Stack((LOAD,), 0.3, on_cpu=True)
    result = of(stalled(apart, culprit=thread))
    assert [sample.steps[0].name for sample in held(result)] == ["another thread, with the GIL"]
    run = replace(canned_run(), results=(result,))
    assert {sample.steps[0].name for sample in held_in_run(run)} == {NO_REQUEST, "sleep/bad"}


def test_a_node_has_the_time_of_all_beneath_it():
    """Nothing is lost, and nothing counted twice."""
    a, b, c = Step("a"), Step("b"), Step("c")
    root = tree([Sample((a, b), 1.0, True), Sample((a, c), 2.0, False), Sample((b,), 4.0, False)])
    assert (root.held_s, root.computing_s) == (7.0, 1.0)
    assert root.below[a].held_s == 3.0
    assert root.below[a].below[c].held_s == 2.0


def boxes(svg):
    """Give each box of a drawing: its class, its left end and its width, in their order."""
    found = re.findall(r'<rect class="(\w+)" x="([\d.]+)" y="\d+" width="([\d.]+)"', svg)
    return [(kind, float(x), float(width)) for kind, x, width in found]


def test_widths_are_shares_and_colours_what_it_did():
    """A call that waits looks other than one that computes; no box leaves the drawing."""
    svg = flame(tree([Sample((Step("w"),), 3.0, False), Sample((Step("c"),), 1.0, True)]), "x")
    drawn = dict.fromkeys(boxes(svg))
    assert {kind for kind, _, _ in drawn} == {"waits", "computes"}
    assert sorted(round(width) for _, _, width in drawn) == [249, 749, 999]
    assert all(x + width <= WIDTH for _, x, width in drawn)


def test_a_comparison_is_red_and_blue():
    """More than before, less than before, and what is alike."""
    steps = [Step(name) for name in ("slower", "faster", "alike")]
    now = [Sample((s,), held_s, False) for s, held_s in zip(steps, (3, 1, 2), strict=True)]
    then = [Sample((s,), held_s, False) for s, held_s in zip(steps, (1, 3, 2), strict=True)]
    svg = flame(tree(now, then), "x", compared=True)
    kinds = dict(re.findall(r'<title>(\w+):[^<]*</title><rect class="(\w+)"', svg))
    assert kinds == {"slower": "more", "faster": "less", "alike": "alike"}
    assert "1.00 s before, 3.00 s now" in svg


def test_a_large_tree_stays_small():
    """What cannot be seen is not drawn, however many and however deep."""
    many = [Sample((Step(f"f{n}"),), 1.0, False) for n in range(20_000)]
    deep = [Sample(tuple(Step(f"d{n}") for n in range(3000)), 9.0, False)]
    assert len(boxes(flame(tree(many), "x"))) == 1
    assert len(boxes(flame(tree(deep), "x"))) <= DEEPEST + 1
    wide = [
        Sample((Step(f"f{n}"), *(Step(f"d{d}") for d in range(40))), 1.0, False) for n in range(39)
    ]
    drawing = flame(tree(wide), "x")
    assert len(boxes(drawing)) == MOST
    assert f"{1 + 39 * 41 - MOST:,} of the calls" in drawing
    assert len(drawing) < 300 * MOST


def test_nothing_is_drawn_beneath_a_box_that_has_no_room_for_letters():
    """A narrow stack that is deep would stretch the page by boxes that nobody can read."""
    wide = Sample((Step("wide"), Step("sleep")), 98.5, False)
    narrow = Sample(tuple(Step(f"d{n}") for n in range(30)), 1.5, False)
    drawing = str(flame(tree([wide, narrow]), "x"))
    assert len(boxes(drawing)) == 4
    assert "Not drawn, too narrow or too deep to be seen: 29 of the calls" in drawing


def test_what_is_not_drawn_is_told():
    """And nothing is said where all of it is."""
    all_of_it = [Sample((Step("a"), Step("b")), 1.0, False)]
    assert "Not drawn" not in flame(tree(all_of_it), "x")
    assert "1 of the calls" in flame(tree([*all_of_it, Sample((Step("c"),), 1e-4, False)]), "x")


def test_a_page_of_thousands_of_stacks_stays_small():
    """The findings that held the loop for the longest have a drawing, the others a sentence."""
    first = canned_run().results[0]
    results = []
    for n in range(60):
        stacks = tuple(
            Stack((Frame("shop/db.py", line, f"f{line}", "project"), MAIN), 0.01 + n, on_cpu=False)
            for line in range(100)
        )
        one = of(stalled(*stacks))
        endpoint = replace(first.endpoint, name=f"GET /{n}", pair=None, variant=None)
        results.append(replace(one, endpoint=endpoint, records=()))
    page = render(replace(canned_run(), results=tuple(results), lessons=()))
    sections = re.findall(r'<section.*?id="get-(\d+)".*?</section>', page, re.DOTALL)
    drawn = re.findall(r'aria-label="Flame graph of GET /(\d+)"><svg', page)
    assert len(sections) == 60
    assert sorted(map(int, drawn)) == list(range(60 - MOST_FLAMES, 60))
    assert (
        page.count("The findings that held the loop for longer have one each") == 60 - MOST_FLAMES
    )
    assert sum(map(len, re.findall(r'<svg class="flame".*?</svg>', page, re.DOTALL))) < 1_000_000


def test_nothing_held_is_no_drawing():
    """Rather than an empty one."""
    assert flame(tree([]), "x") is None


def test_the_page_has_one_for_a_finding_and_one_for_the_run():
    """Within the page, fetching nothing, and with every name as text."""
    told = render(canned_run())
    assert "Where the loop was held" in told
    assert "Flame graph of the time for which the loop was held" in told
    drawn = "".join(re.findall(r'<svg class="flame".*?</svg>', told, re.DOTALL))
    assert "sleep/bad" in drawn
    assert "style=" not in drawn
    assert HOSTILE not in drawn


def test_a_comparison_of_runs_has_one_for_what_changed():
    """With both times in it."""
    run = canned_run()
    good = replace(run.results[0], judgement=run.results[1].judgement, blame=())
    told = compare_html.render(compare(run, replace(run, results=(good, *run.results[1:]))))
    assert "What held the loop, before and now" in told
    assert 'class="alike"' in told


@pytest.mark.parametrize("results", [slice(None), slice(0, 0)], ids=["all", "none"])
def test_speedscope_reads_what_is_written(results):
    """As its format has it: stacks of known frames, a weight for each, and their sum at the end."""
    run = canned_run()
    saved = json.loads(speedscope(replace(run, results=run.results[results])))
    jsonschema.validate(saved, FORMAT)
    frames = saved["shared"]["frames"]
    for profile in saved["profiles"]:
        assert len(profile["samples"]) == len(profile["weights"])
        assert profile["endValue"] == pytest.approx(sum(profile["weights"]))
        assert all(at < len(frames) for sample in profile["samples"] for at in sample)
    if saved["profiles"][0]["samples"]:
        assert {"name": "sleep/bad"} in frames
