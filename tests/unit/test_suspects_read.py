"""What analysers write is read as suspects, and what is nothing of the kind is refused."""

from __future__ import annotations

import json

import pytest

from neverblock.analysis.suspects.read import read_suspects
from neverblock.errors import UsageError
from neverblock.plan import Suspect

RUFF = [
    {
        "code": "ASYNC251",
        "filename": "/app/shop.py",
        "location": {"column": 5, "row": 12},
        "message": "Async functions should not call `time.sleep`",
    },
    {"code": None, "filename": "/app/broken.py", "location": {"row": 1}, "message": "SyntaxError"},
]
HYDROID = {
    "diagnostics": [
        {
            "location": {"path": "app/main.py", "line": 18, "column": 5},
            "chain": [{"location": {"path": "app/main.py", "line": 8}, "callee": "time.sleep"}],
            "sink": {"qualname": "time.sleep", "category": "sleep", "advice": "use another"},
            "reached_from": {
                "entry": "route GET /items: app.main.items",
                "location": {"path": "app/main.py", "line": 21},
                "frames": [{"location": {"path": "app/main.py", "line": 22}}],
            },
        }
    ]
}


def sarif(*results, **run):
    """Give a log of one run with these results."""
    driver = {"name": "some linter", "rules": [{"id": "R0"}, {"id": "R1"}]}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results, **run}]}


def at(uri, line, **more):
    """Give a location of SARIF."""
    artifact = {"uri": uri, **more}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line}}}


def result(uri="file:///app/a%20b.py", line=3, **more):
    """Give a result of SARIF at one place."""
    return {
        "ruleId": "R0",
        "message": {"text": "it\n blocks"},
        "locations": [at(uri, line)],
        **more,
    }


def read(output):
    """Read an output as it would be in a file."""
    return read_suspects(json.dumps(output).encode(), "out.json")


def test_ruffs_json_is_read():
    """Each complaint is a suspect; a file that ruff could not parse is none."""
    message = "Async functions should not call `time.sleep`"
    assert read(RUFF) == (Suspect("/app/shop.py", 12, "ASYNC251", message, "ruff"),)


def test_ruff_that_found_nothing_suspects_nothing():
    """An empty list is an output of ruff."""
    assert read([]) == ()


def test_hydroids_json_is_read_with_its_chain():
    """The way starts at the route's handler, and ends at the call that blocks."""
    chain = (("app/main.py", 21), ("app/main.py", 22), ("app/main.py", 8))
    expected = Suspect("app/main.py", 18, "sleep", "time.sleep: use another", "hydroid", chain)
    assert read(HYDROID) == (expected,)


def test_sarif_is_read():
    """The file's URI becomes a path, and the message one line."""
    expected = Suspect("/app/a b.py", 3, "R0", "it blocks", "some linter")
    assert read(sarif(result())) == (expected,)


def test_sarif_names_bases_rules_and_flows_in_its_own_ways():
    """A base of URIs, a rule by its number, and a code flow as the chain."""
    steps = [{"location": at("src/views.py", 7, uriBaseId="ROOT")}]
    one = result("src/db.py", 9, ruleIndex=1, codeFlows=[{"threadFlows": [{"locations": steps}]}])
    del one["ruleId"]
    one["locations"] = [at("src/db.py", 9, uriBaseId="ROOT")]
    bases = {"ROOT": {"uri": "file:///work/app/"}}
    (suspect,) = read(sarif(one, originalUriBaseIds=bases))
    assert (suspect.file, suspect.rule) == ("/work/app/src/db.py", "R1")
    assert suspect.chain == (("/work/app/src/views.py", 7),)


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "pass"},
        {"suppressions": [{"kind": "inSource"}]},
        {"locations": []},
        {"locations": [at("file:///app/script.js", 3)]},
    ],
    ids=["no complaint", "suppressed", "nowhere", "not Python"],
)
def test_what_accuses_no_line_of_python_is_left_out(changed):
    """SARIF holds more than complaints, and of more than Python."""
    assert read(sarif(result(**changed))) == ()


def test_a_suspect_counts_once():
    """The same complaint twice is one suspect."""
    assert len(read(sarif(result(), result(), result(line=4)))) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b"3", "neither SARIF"),
        (b"{}", "neither SARIF"),
        (b'[{"rows": 3}]', "neither SARIF"),
        (b'{"runs": [3]}', "looks like SARIF"),
        (b'{"diagnostics": [{}]}', "looks like hydroid's JSON"),
        (b'[{"filename": "a.py", "location": {}, "code": "X"}]', "looks like ruff's JSON"),
        (
            b'[{"filename": "a.py", "location": {"row": 0}, "code": "X", "message": ""}]',
            "0 is no line",
        ),
    ],
)
def test_anything_else_is_refused_by_name(content, said):
    """The error names the file, says what is wrong with it, and what to type."""
    with pytest.raises(UsageError, match=said) as refused:
        read_suspects(content, "out.json")
    assert "out.json" in refused.value.what
    assert "ruff check" in refused.value.hint
