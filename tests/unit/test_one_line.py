"""Reasons of several lines, told in one."""

from __future__ import annotations

import pytest
from builders import result, run
from deciding import decision

from neverblock.analysis.judge import erroring
from neverblock.analysis.one_line import in_one_line
from neverblock.model import Verdict
from neverblock.report import github, gitlab, junit, markdown, sarif

TRACEBACK = """Traceback (most recent call last):
  File "/venv/lib/python3.12/site-packages/fastapi/routing.py", line 301, in app
    raw_response = await run_endpoint_function(
  File "/app/shop/routers/orders.py", line 57, in invoice
    return ORDERS[order_id]
           ~~~~~~^^^^^^^^^^
  (31 frames of libraries left out)
KeyError: 1"""

GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "/venv/lib/python3.12/site-packages/anyio/tasks.py", line 3, in run
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/shop/main.py", line 9, in total
    |     return 1 / 0
    | ZeroDivisionError: division by zero
    +------------------------------------"""

ASKED = "answers 500 to a single request for /orders/1/invoice"
BROKEN = result(Verdict.ERROR, judgement=erroring(f"{ASKED}:\n{TRACEBACK}"))
ENTRY = '[[tool.neverblock.endpoint]]\nname = "GET /a"\n'


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("waits; see a.py:3", "waits; see a.py:3"),
        (f"{ASKED}:\n{TRACEBACK}", f"{ASKED}: KeyError: 1 (/app/shop/routers/orders.py:57)"),
        (
            f"{ASKED}:\n{GROUP}",
            f"{ASKED}: ZeroDivisionError: division by zero (/app/shop/main.py:9)",
        ),
        (
            f"{ASKED}:\n{TRACEBACK.splitlines()[0]}\n  (40 frames of libraries left out)\nOSError",
            f"{ASKED}: OSError",
        ),
        (
            f"a single request failed: reset; meanwhile the server printed:\n{TRACEBACK}",
            "a single request failed: reset: KeyError: 1 (/app/shop/routers/orders.py:57)",
        ),
        (f"{ASKED} (no); meanwhile it printed:\nINFO: up\nINFO: on", f"{ASKED} (no)"),
        (f"answers 404; give what exists; add\n{ENTRY}", "answers 404; give what exists"),
        (f"answers 401; log in; or add\n{ENTRY}", "answers 401; log in"),
        (f"it does not end; exclude it with\n{ENTRY}", "it does not end"),
        ("The server ended.\nSee its log.", "The server ended."),
    ],
)
def test_a_reason_is_told_by_its_sentence_and_its_error(reason, told):
    """What a line announces is beneath it, so that without that nothing is announced."""
    assert in_one_line(reason) == told


def test_the_gate_quotes_the_error_and_no_dump():
    """A job's log has a line for each reason, with the line of the user's own that raised."""
    (reason,) = decision(BROKEN).reasons
    assert reason.sentence == (
        f"could not be measured: {ASKED}: KeyError: 1 (/app/shop/routers/orders.py:57)"
    )


@pytest.mark.parametrize("form", [github, gitlab, junit, markdown, sarif])
def test_no_format_writes_a_dump_with_escaped_ends_of_lines(form):
    """Each tells the error in one line, and what it has room for beneath it in lines."""
    text = form.render(run(BROKEN))
    assert "KeyError: 1" in text
    assert "recent call last):\\n" not in text
