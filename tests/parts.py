"""The parts of the suite, by what a test needs of the machine, and the run of all of them.

``make test`` runs ``python tests/parts.py``: one part after another, each in a pytest of its own,
and fails if any of them fails or collects no tests.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parent


@dataclass(frozen=True)
class Part:
    """Tests that are run in one way: files and whole folders, relative to the tests' own."""

    name: str
    why: str
    options: tuple[str, ...]
    places: tuple[str, ...]


PARTS = (
    Part(
        "pure",
        "values in, values out; as many at once as two cores take",
        ("-n", "2"),
        (
            *("ci", "report", "unit"),
            "cases/test_cases_truth.py",
            *(f"corpus/test_{name}.py" for name in ("corpus_truth", "peers_score", "roads")),
            *(f"probe/test_{name}.py" for name in ("attribution", "heartbeat", "reader")),
            *(f"probe/test_{name}.py" for name in ("attribution_by_clocks", "tier")),
        ),
    ),
    Part(
        "processes",
        "servers and commands are started, and where one blocks it is plain; a few files at once",
        ("-n", "3", "--dist", "loadgroup"),
        (
            *("browser", "plugin", "services", "target_app"),
            *(f"check/test_{name}.py" for name in ("against", "check", "coverage")),
            *(f"check/test_{name}.py" for name in ("frameworks", "names", "processes", "servers")),
            *(f"end_to_end/test_{name}.py" for name in ("bad_input", "retry_alone")),
            *(f"end_to_end/test_{name}.py" for name in ("saved_runs", "serve", "wheel")),
            *(f"load/test_{name}.py" for name in ("ceiling", "locust", "stock_locust")),
            *(f"probe/test_{name}.py" for name in ("callee_name", "current_frames", "find")),
            *(f"probe/test_{name}.py" for name in ("openapi_document", "source_lines")),
        ),
    ),
    Part(
        "measuring",
        "what is measured is the point; alone, one after another",
        (),
        (
            *("cases/test_cases.py", "check/test_portable.py", "check/test_url.py", "unseen"),
            "corpus/test_corpus_verdicts.py",
            *(f"end_to_end/test_{name}.py" for name in ("command", "interleaved")),
            *(f"end_to_end/test_{name}.py" for name in ("reference", "verdicts")),
            *(f"load/test_{name}.py" for name in ("canary", "engine_contract")),
            *(f"probe/test_{name}.py" for name in ("gc_pauses", "other_threads", "probe_holds")),
            *(f"probe/test_{name}.py" for name in ("probe_servers", "thread_state", "watchdog")),
            *(f"probe/test_{name}.py" for name in ("greenlets", "pending", "thread_pools")),
        ),
    ),
)


def parts_of(path: Path) -> list[Part]:
    """Give the parts that hold a file of tests; there is one, or the table is wrong."""
    named = path.relative_to(TESTS)
    return [
        part
        for part in PARTS
        if not {named.as_posix(), *(folder.as_posix() for folder in named.parents)}.isdisjoint(
            part.places
        )
    ]


def command(part: Part) -> list[str]:
    """Give the command that runs a part and nothing else."""
    places = [str(TESTS / place) for place in part.places]
    return [sys.executable, "-m", "pytest", "-m", part.name, *part.options, *places]


def main() -> int:
    """Run every part, say what each took, and name those that failed; give 1 if any did."""
    took, failed = [], []
    for part in PARTS:
        print(f"\n{part.name}: {part.why}", *took, sep="; ", flush=True)  # noqa: T201 - for make
        since_s = time.monotonic()
        status = subprocess.run(command(part), cwd=TESTS.parent, check=False).returncode
        took.append(f"{part.name} took {(time.monotonic() - since_s) / 60:.1f} min")
        if status:
            failed.append(f"{part.name} (pytest's exit code {status})")
    if failed:
        print("Failed: " + ", ".join(failed), file=sys.stderr)  # noqa: T201 - for make
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
