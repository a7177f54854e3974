from __future__ import annotations

import re
from dataclasses import replace

import pytest
from canned import canned_run

from neverblock.gate.compare import compare
from neverblock.report import RENDERERS, compare_html, compare_text, create_renderer
from neverblock.report.text import render
from neverblock.units import share

PERCENT = re.compile(r"(\d+) ?%")


def long_after():
    """Make a run whose endpoint holds the loop for 136 times its own time, after its answer."""
    run = canned_run()
    results = []
    for result in run.results:
        m = result.measurement
        if m is not None:
            m = replace(m, solo_s=0.007, solo_samples_s=(0.006, 0.007), serial_bound_s=0.07)
            m = replace(m, loop=replace(m.loop, held=136.64))
        results.append(replace(result, measurement=m))
    return replace(run, results=tuple(results))


def compared():
    """Compare such a run with another."""
    run = long_after()
    return compare(run, replace(canned_run(), results=run.results))


TEXTS = {
    "verbose": lambda: render(long_after(), width=80, verbose=True),
    "compare": lambda: compare_text.render(compared()),
    "compare page": lambda: compare_html.render(compared()),
    **{
        name: lambda name=name: create_renderer(name)(long_after())
        for name in sorted(RENDERERS.keys() - {"json"})
    },
}


@pytest.mark.parametrize("name", TEXTS)
def test_no_share_is_more_than_twice_the_whole(name):
    """Such a figure would need explaining: it is written as seconds, or as so many times."""
    shown = re.sub(r"<(style|script|svg)\b.*?</\1>", "", TEXTS[name](), flags=re.DOTALL)
    too_much = [found for found in PERCENT.findall(shown) if int(found) >= 200]
    assert not too_much


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "50%"), (1.04, "104%"), (2.0, "2 times"), (136.64, "137 times")]
)
def test_a_share_is_a_percentage_or_so_many_times(value, text):
    """Whichever a person reads without a pause."""
    assert share(value) == text
