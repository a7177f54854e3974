"""Runs whose every name tries to get out of its place, for the formats that machines read."""

from __future__ import annotations

from dataclasses import replace

from canned import canned_run

from neverblock.model import Endpoint
from neverblock.result import Unchecked
from neverblock.result.suspects import Coverage, Route, SuspectResult, SuspectState

NASTY = {
    "control characters": "a\x00\x08\x0b\x1b[2J\x7f\x9f\ufffe\uffffz",
    "half a character": "a\ud800z",
    "directions": "a\u202egnp.exe\u2066",
    "lines": "a\r\n::error::owned\n::add-mask::a\u2028\x85z",
    "escapes": "50%25 off%0A::error::owned,line=1:%",
    "xml": "]]></failure><x a='\"'>&lt;&#0;<![CDATA[",
    "html": "</code></details><script>alert(1)</script><img src=x onerror=alert(1)>",
    "markdown": "a|b`c``d```\n# h\n- [x](http://evil.example) ![i](x) **b** ~~s~~ \\| <b>",
    "mentions": "@everyone #1 GH-1 org/repo#2 www.evil.example http://evil.example :+1:",
    "messages": "[text](http://evil.example) {0} {{1}} %d %s",
    "path": "../../../etc/passwd",
    "url": "https://evil.example/x?y#z",
    "long": "x" * 70_000,
    "empty": "",
    "emoji": "rate/😀/é/日本",
}


def hostile_run(text):
    """Give a run of a user's app in which every text that a target has a say in is this one."""
    run = canned_run()
    template = next(r for r in run.results if r.endpoint.name == "sleep/bad")
    place = template.blame[0]
    place = replace(
        place,
        file=text,
        function=text,
        call=text,
        target=text,
        note=text,
        source=(text, text, text),
        source_line=20,
        advice=replace(place.advice, instead=text, code=text, why=text),
        path=tuple(replace(f, file=text, function=text) for f in place.path),
    )
    failed = replace(
        template,
        endpoint=Endpoint(text, "GET", text),
        scenario=replace(template.scenario, name=text, title=text),
        judgement=replace(template.judgement, reason=text, notes=(text,)),
        expected=None,
        as_expected=None,
        blame=(place, replace(place, line=30)),
    )
    passed = next(r for r in run.results if r.endpoint.name == "sleep/good")
    passed = replace(
        passed,
        endpoint=Endpoint(f"{text} good", "GET", text),
        judgement=replace(passed.judgement, reason=text),
        expected=None,
        as_expected=None,
    )
    return replace(
        run,
        target=text,
        environment={"noise": text, "app_dir": text},
        results=(failed, passed),
        unchecked=(Unchecked(text, text, text),),
        control=replace(run.control, seen=False, complaint=text),
        suspects=tuple(
            SuspectResult(text, 1, text, text, text, text, state, why=f"{text}\n{text}")
            for state in SuspectState
        ),
        coverage=Coverage(1, 0, 0, 0, 0.0, (Route(text, asked=False, why=text),)),
    )


def own(run, *names):
    """Give the results of these names as those of a user's app, which no pair speaks for."""
    chosen = [r for r in run.results if not names or r.endpoint.name in names]
    return replace(run, results=tuple(replace(r, expected=None, as_expected=None) for r in chosen))
