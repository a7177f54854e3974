"""The parts of the suite, by what a test needs of the machine, and the run of all of them.

``make test`` runs ``python tests/parts.py``: one part after another, each in a pytest of its own,
but for the pure one, which has what time the next one leaves; it fails if any of them fails or
collects no tests. ``--part pure`` runs that one alone, and ``--newest`` what is in ``NEWEST``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parent


@dataclass(frozen=True)
class Part:
    """Tests that are run in one way: files and whole folders, relative to the tests' own.

    One that gives way runs beside the next part, on the cores that nothing of that wants.
    """

    name: str
    why: str
    options: tuple[str, ...]
    places: tuple[str, ...]
    gives_way: bool = False


PARTS = (
    Part(
        "processes",
        "servers and commands are started, and others beside them change no answer; four at once",
        ("-n", "4", "--dist", "loadgroup", "--no-loadscope-reorder"),
        (
            # a file, or a folder of ONE_WORKER in conftest.py, stays on one worker; the longest
            # first, so that none of them is left over for one core at the end
            *("load/test_many.py", "plugin", "services", "target_app", "browser", "site"),
            *("end_to_end/test_verdicts.py", "corpus/test_roads.py"),
            *(f"check/test_{name}.py" for name in ("containers", "servers", "check", "coverage")),
            *(
                f"load/test_{name}.py"
                for name in ("load_command", "burst", "hosts", "shop", "locust", "stock_locust")
            ),
            *(f"end_to_end/test_{name}.py" for name in ("bad_input", "wheel", "retry_alone")),
            *(f"end_to_end/test_{name}.py" for name in ("agent_fixes", "serve", "edge")),
            *(f"check/test_{name}.py" for name in ("suspects", "interpreter", "frameworks")),
            "check/test_suspects_given.py",
            *(f"check/test_{name}.py" for name in ("worst", "against", "names", "login_hook")),
            *(f"check/test_{name}.py" for name in ("url", "processes")),
            *("end_to_end/test_saved_runs.py", "probe/test_probe_servers.py"),
            *(f"load/test_{name}.py" for name in ("canary", "ceiling", "engine_contract", "loops")),
            *(f"load/test_{name}.py" for name in ("recorder", "server_dies")),
            *(f"probe/test_{name}.py" for name in ("gc_pauses", "greenlets", "other_threads")),
            *(f"probe/test_{name}.py" for name in ("raised", "stopped_stacks", "thread_pools")),
            *(f"probe/test_{name}.py" for name in ("thread_state", "watchdog")),
            "load/test_crowds.py",
            *(f"probe/test_{name}.py" for name in ("callee_name", "current_frames", "find")),
            *(f"probe/test_{name}.py" for name in ("handlers", "openapi_document", "source_lines")),
        ),
    ),
    Part(
        "pure",
        "values in, values out; two at once, while others leave a core idle",
        ("-n", "2", "--dist", "worksteal", "--timeout", "600"),  # whoever gives way may wait long
        (
            # the longest first, as above
            *(f"corpus/test_{name}.py" for name in ("corpus_truth", "peers_score")),
            "cases/test_cases_truth.py",
            *("unseen", "unit", "report", "ci"),
            *(f"probe/test_{name}.py" for name in ("attribution", "heartbeat", "marks", "reader")),
            *(f"probe/test_{name}.py" for name in ("attribution_by_clocks", "internals", "tier")),
            "probe/test_switching.py",
        ),
        gives_way=True,
    ),
    Part(
        "waiting",
        "what waits is measured, and leaves most of two cores free; two at once",
        ("-n", "2", "--dist", "loadgroup", "--no-loadscope-reorder"),
        (
            "limits/test_limits.py",
            *(f"probe/test_{name}.py" for name in ("probe_holds", "pending", "sampling")),
            "end_to_end/test_interleaved.py",
        ),
    ),
    Part(
        "measuring",
        "what computes is measured as well; alone, one after another",
        (),
        (
            *("cases/test_cases.py", "check/test_portable.py", "corpus/test_corpus_verdicts.py"),
            *(f"end_to_end/test_{name}.py" for name in ("command", "reference")),
        ),
    ),
)

NEWEST = (
    *(f"probe/test_{name}.py" for name in ("attribution", "callee_name", "current_frames")),
    *(f"probe/test_{name}.py" for name in ("find", "gc_pauses", "heartbeat", "internals")),
    *(f"probe/test_{name}.py" for name in ("marks", "other_threads", "pending", "thread_pools")),
    "probe/test_stopped_stacks.py",
    "check/test_check.py::test_what_blocks_is_named_by_its_line",
    "check/test_check.py::test_what_does_not_block_passes",
    "plugin/test_fixture.py::test_every_way_to_use_it",
)
"""What depends on the version of Python the most, files or single tests: run again on the newest.

It has to stay within a minute; the check and the plugin are those of any version but for the probe.
"""


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


def of_newest() -> tuple[Part, ...]:
    """Give the parts with no more in them than is run on the newest Python."""
    kept = {
        part: tuple(p for p in NEWEST if part in parts_of(TESTS / p.partition("::")[0]))
        for part in PARTS
    }
    return tuple(replace(part, places=places) for part, places in kept.items() if places)


def give_way() -> None:
    """Have this process and all that it starts run while no other wants the core, or hardly."""
    if hasattr(os, "sched_setscheduler"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    elif hasattr(os, "nice"):
        os.nice(19)


def begun(part: Part, said: BinaryIO | None = None) -> subprocess.Popen[bytes]:
    """Begin with a part; where a file takes what it says, it gives way."""
    if said is None:
        return subprocess.Popen(command(part), cwd=TESTS.parent)
    return subprocess.Popen(
        command(part),
        cwd=TESTS.parent,
        stdout=said,
        stderr=subprocess.STDOUT,
        preexec_fn=give_way if os.name == "posix" else None,  # noqa: PLW1509 - no threads are here
    )


def together(parts: tuple[Part, ...]) -> Iterator[tuple[Part, Part | None]]:
    """Yield each part with the one before it that gives way to it, if there is one."""
    waiting = None
    for part in parts:
        if part.gives_way and part is not parts[-1]:
            waiting = part
        else:
            yield part, waiting
            waiting = None


def main(parts: tuple[Part, ...] = PARTS) -> int:
    """Run every part, say what each took, and name those that failed; give 1 if any did.

    What a part that gave way has said is printed once the other has ended.
    """
    python = f"Python {sys.version.split()[0]}"
    took, failed = [], []
    for part, beside in together(parts):
        both = [each for each in (beside, part) if each]
        for each in both:
            heading = (f"\n{python}, {each.name}: {each.why}", *took, " ".join(each.places))
            print(*heading, sep="; ", flush=True)  # noqa: T201 - for make
        since_s = time.monotonic()
        with tempfile.TemporaryFile() as said, ExitStack() as running:
            processes = [
                running.enter_context(begun(each, said if each is beside else None))
                for each in both
            ]
            statuses = [process.wait() for process in reversed(processes)][::-1]
            if beside:
                said.seek(0)
                told = f"{beside.name} meanwhile:\n{said.read().decode(errors='replace')}"
                print(told, flush=True)  # noqa: T201 - for make
        names = " beside ".join(each.name for each in both)
        took.append(f"{names} took {(time.monotonic() - since_s) / 60:.1f} min")
        failed += [
            f"{each.name} (pytest's exit code {status})"
            for each, status in zip(both, statuses, strict=True)
            if status
        ]
    if failed:
        print("Failed: " + ", ".join(failed), file=sys.stderr)  # noqa: T201 - for make
    return int(bool(failed))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--newest", action="store_true", help="what depends on the Python the most")
    asked.add_argument("--part", action="append", choices=[part.name for part in PARTS])
    options = asked.parse_args()
    chosen = of_newest() if options.newest else PARTS
    sys.exit(main(tuple(p for p in chosen if not options.part or p.name in options.part)))
