"""Where a process stood at a fatal signal, and how its end is told."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from neverblock.target.endings import ended_by
from neverblock.target.last_words import last_stack
from neverblock.target.log_tail import has_traceback, log_tail

APP = Path("/srv/shop")
DUMP = f"""INFO: started
Fatal Python error: Segmentation fault

Thread 0x00007f1 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 324 in wait

Current thread 0x00007f2 (most recent call first):
  File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at
  File "{APP}/db.py", line 26 in crash
  File "{APP}/.venv/lib/python3.11/site-packages/fastapi/routing.py", line 9 in run
  File "{APP}/main.py", line 23 in <lambda>

Extension modules: yaml._yaml (total: 1)
"""


def no_core():
    """Leave no core file behind."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def test_the_stack_is_that_of_the_thread_that_was_hit():
    """Innermost first, and the user's own frames told from installed ones."""
    frames = last_stack(DUMP, APP)
    assert [(frame.line, frame.function) for frame in frames] == [
        (519, "string_at"),
        (26, "crash"),
        (9, "run"),
        (23, "<lambda>"),
    ]
    assert [frame.owner for frame in frames] == ["library", "project", "library", "project"]


def test_the_end_of_the_log_is_the_users_own_part_of_it():
    """The error, and the user's frames."""
    tail = log_tail(DUMP, APP)
    assert tail.splitlines() == [
        "Fatal Python error: Segmentation fault",
        f'  File "{APP}/db.py", line 26 in crash',
        f'  File "{APP}/main.py", line 23 in <lambda>',
    ]
    assert has_traceback(tail)


@pytest.mark.parametrize("printed", ["", "Fatal Python error: x", DUMP[: DUMP.index("Current")]])
def test_without_such_a_stack_there_is_none(printed):
    """A dump that broke off names no line."""
    assert last_stack(printed, APP) == ()


def test_this_python_writes_its_stacks_as_they_are_read(tmp_path):
    """The form of the dump is the interpreter's, and differs from version to version."""
    script = tmp_path / "script.py"
    script.write_text("import os\n\ndef end():\n    os.abort()\n\nend()\n")
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", str(script)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=no_core,
    )
    frames = last_stack(done.stderr, tmp_path)
    assert [(f.line, f.function, f.owner) for f in frames] == [
        (4, "end", "project"),
        (6, "<module>", "project"),
    ]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (0, "exit code 0"),
        (7, "exit code 7"),
        (-signal.SIGSEGV, "signal 11, SIGSEGV"),
        (-signal.SIGKILL, "signal 9, SIGKILL, as the kernel ends what takes more memory"),
        (-250, "signal 250"),
    ],
)
def test_an_end_is_told_by_its_code_or_the_name_of_its_signal(code, told):
    """A number alone would have to be looked up."""
    assert ended_by(code).startswith(told)
