"""Take the corpus along every road to a verdict, and see whether all come to the same truth.

``python benchmarks/roads.py --road check fixture --part 1/2``

A road runs the whole product as a user would: ``neverblock check`` on a configuration written for
the corpus, by its own server, by others and on another loop; and the pytest fixture. What was found
is kept in a file beside the virtual environment, so that roads and parts may be run one by one.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accuracy import described
from corpus_runs import CORPUS, cases_named, judge, progress

from neverblock.observe.machine import usable_cpus
from neverblock.storage import run_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import truth

    from neverblock.result import Result

ROADS = {
    "check": (),
    "check, uvloop": ("--loop", "uvloop"),
    "check, hypercorn": ("--cmd", "hypercorn {app} --bind 127.0.0.1:{port}"),
    "check, granian": ("--cmd", "granian --interface asgi --port {port} {app}"),
    "fixture": None,
}
"""What ``check`` is given for each road; None for the pytest fixture."""

HEAD = """# Roads

Made by `make roads`: the endpoints of the corpus in `tests/corpus/` by every road to a verdict,
each of them the whole product as a user runs it. `check` has a `pyproject.toml` with an entry for
each endpoint, and serves the app by its own server (uvicorn on asyncio), by another loop or by
another server; the fixture serves the app inside the test's own process. The runner's figures are
in [accuracy.md](accuracy.md).

Right is what the source of the corpus says. Diagnosis and line count where a verdict was given.

"""
SUITE = '''"""The corpus by the fixture; what it found is read from the report."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, {corpus!r})
from app.main import app

CASES = json.loads(Path(__file__).with_name("cases.json").read_text())


def marked(case):
    return pytest.param(case, id=case["name"], marks=pytest.mark.neverblock(**case["limits"]))


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_case(neverblock, case):
    body = case["body"]
    content = Path(body).read_bytes() if body else None
    try:
        neverblock.check(app, case["endpoint"], headers=case["headers"], content=content)
    except AssertionError as error:
        print(error)
'''


def bodies(cases: Iterable[truth.Case], folder: Path) -> dict[str, Path]:
    """Write the bodies of requests into files and give those by the case's name."""
    files = {}
    for case in cases:
        if case.request.content is not None:
            files[case.name] = folder / f"{case.name}.json"
            files[case.name].write_bytes(case.request.content)
    return files


def configuration(
    cases: Sequence[truth.Case],
    files: Mapping[str, Path],
    app: str = "app.main:app",
    root: Path = CORPUS,
) -> str:
    """Give the ``pyproject.toml`` that names every case, with its own n, limit and body."""
    names = json.dumps([f"{case.method} {case.path}" for case in cases])
    lines = [
        "[tool.neverblock]",
        f"app = {json.dumps(app)}",
        f"app-dir = {json.dumps(str(root))}",
        f"include = {names}",
    ]
    for case in cases:
        lines += ["", "[[tool.neverblock.endpoint]]"]
        lines += [f"name = {json.dumps(f'{case.method} {case.path}')}", f"n = {case.n}"]
        if case.loop_limit_s is not None:
            lines.append(f"loop-limit = {case.loop_limit_s}")
        if case.name in files:
            lines.append(f"file = {json.dumps(str(files[case.name]))}")
            lines.append('content-type = "application/json"')
    return "\n".join(lines) + "\n"


def by_check(
    cases: Sequence[truth.Case], options: Sequence[str], folder: Path
) -> tuple[Result, ...]:
    """Check the corpus as its configuration says, with these options as well."""
    (folder / "pyproject.toml").write_text(configuration(cases, bodies(cases, folder)))
    command = [sys.executable, "-m", "neverblock", "check", "--no-ceiling", *options]
    return reported([*command, "--json", "run.json"], folder, folder / "run.json")


def by_fixture(cases: Sequence[truth.Case], folder: Path) -> tuple[Result, ...]:
    """Check the corpus from a test suite, of which a report is asked for."""
    files = bodies(cases, folder)
    rows = [
        {
            "name": case.name,
            "endpoint": f"{case.method} {case.path}",
            "headers": dict(case.request.headers),
            "body": str(files[case.name]) if case.name in files else None,
            "limits": {"n": case.n}
            | ({"loop_limit": f"{case.loop_limit_s}s"} if case.loop_limit_s else {}),
        }
        for case in cases
    ]
    (folder / "cases.json").write_text(json.dumps(rows))
    (folder / "test_corpus.py").write_text(SUITE.format(corpus=str(CORPUS)))
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -q -p no:cacheprovider\n")
    command = [sys.executable, "-m", "pytest", "-c", "pytest.ini", "--rootdir", str(CORPUS)]
    return reported(
        [*command, "--neverblock-report", "report", "test_corpus.py"],
        folder,
        folder / "report" / "run.json",
    )


def reported(command: Sequence[str], folder: Path, file: Path) -> tuple[Result, ...]:
    """Run a command in a folder and give the results of the run that it wrote."""
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if not file.exists():
        sys.exit(f"No run was written.\n{done.stdout}\n{done.stderr}")
    return run_file.load(file).results


def walk(road: str, cases: Sequence[truth.Case]) -> dict[str, dict[str, Any]]:
    """Take a road with some cases; give by the case's name what was right, and what was not."""
    options = ROADS[road]
    with tempfile.TemporaryDirectory(prefix="neverblock-") as name:
        folder = Path(name)
        results = by_fixture(cases, folder) if options is None else by_check(cases, options, folder)
    found = {(r.endpoint.method, r.endpoint.path): r for r in results}
    return {case.name: judged(case, found.get((case.method, case.path))) for case in cases}


def judged(case: truth.Case, result: Result | None) -> dict[str, Any]:
    """Hold one result to the truth."""
    if result is None:
        return {"told": f"{case.name}: no result"}
    one = judge(case, result)
    return {
        "inconclusive": one.inconclusive,
        "verdict": one.found == one.verdict,
        "diagnosis": one.found_diagnosis == one.diagnosis,
        "line": one.line,
        "told": None if one.right else described(one),
        "why": one.why.partition("\n")[0],
    }


def table(roads: Mapping[str, Any]) -> str:
    """Give the page of what was found so far."""
    lines = [
        HEAD
        + "| road | endpoints | verdicts right | diagnoses right | lines right | inconclusive |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    all_cases = len(cases_named(""))
    for road in ROADS:
        if road not in roads:
            continue
        cases = roads[road]["cases"].values()
        conclusive = [case for case in cases if not case.get("inconclusive", True)]
        blamed = [case for case in conclusive if case["line"] is not None]
        shares = [
            f"{sum(case['verdict'] for case in conclusive)} of {len(conclusive)}",
            f"{sum(case['diagnosis'] for case in conclusive)} of {len(conclusive)}",
            f"{sum(case['line'] for case in blamed)} of {len(blamed)}",
            str(sum(case.get("inconclusive", True) for case in cases)),
        ]
        lines.append(f"| {road} | {len(cases)} of {all_cases} | {' | '.join(shares)} |")
    for road in ROADS:
        if road in roads:
            one = roads[road]
            lines += ["", f"{road}: {one['at']}, {one['machine']}, {one['took_s']:.0f} s."]
            wrong = [case for case in one["cases"].values() if case["told"]]
            lines += [""] * bool(wrong) + [f"- {case['told']}" for case in wrong]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read the options, take the roads, write down what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--road", nargs="+", choices=ROADS, default=list(ROADS))
    parser.add_argument("-k", default="", help="only endpoints whose names contain this")
    parser.add_argument("--part", default="1/1", help="2/3: the second third of the endpoints")
    parser.add_argument("--json", type=Path, default=Path(".venv/roads.json"))
    parser.add_argument("--markdown", type=Path, help="write the page of all that was found here")
    options = parser.parse_args()
    part, parts = map(int, options.part.split("/"))
    cases = cases_named(options.k)[part - 1 :: parts]
    roads = json.loads(options.json.read_text()) if options.json.exists() else {}
    for road in options.road:
        progress(road)
        began_s = time.monotonic()
        found = walk(road, cases)
        for case in found.values():
            if case["told"]:
                print(f"{road}: {case['told']} ({case.get('why')})", flush=True)
        before = roads.get(road, {"cases": {}, "took_s": 0.0}) if options.part != "1/1" else {}
        roads[road] = {
            "at": f"{datetime.now(UTC):%Y-%m-%d}",
            "machine": f"Python {platform.python_version()}, {usable_cpus():g} cores",
            "took_s": before.get("took_s", 0.0) + time.monotonic() - began_s,
            "cases": before.get("cases", {}) | found,
        }
        options.json.write_text(json.dumps(roads, indent=1))
    print(table(roads))
    if options.markdown:
        options.markdown.write_text(table(roads))


if __name__ == "__main__":
    main()
