"""What is shown of a server's output after it failed."""

from __future__ import annotations

from pathlib import Path

from neverblock.target.log_tail import LINES, log_tail

HOME = Path("/home/me/shop")
TRACEBACK = f"""INFO: starting
Traceback (most recent call last):
  File "/usr/lib/python3.11/site-packages/uvicorn/config.py", line 1, in load
    self.loaded_app = import_from_string(self.app)
  File "{HOME}/main.py", line 3, in <module>
    from shop import settings
  File "{HOME}/.venv/lib/python3.11/site-packages/pydantic/main.py", line 9, in __init__
    raise ValidationError(
pydantic.ValidationError: 1 error
database_url
  Field required
"""


def test_of_a_traceback_only_the_users_own_frames_stay():
    """The error itself stays whole, and hidden frames are counted."""
    tail = log_tail(TRACEBACK, HOME)
    assert 'main.py", line 3' in tail
    assert "from shop import settings" in tail
    assert "uvicorn" not in tail
    assert "pydantic/main.py" not in tail
    assert "2 frames of libraries left out" in tail
    assert tail.endswith("pydantic.ValidationError: 1 error\ndatabase_url\n  Field required")


def test_of_chained_tracebacks_the_last_counts():
    """It is the one that ended the server."""
    tail = log_tail(TRACEBACK + "\nDuring handling ...\n\n" + TRACEBACK.replace("3,", "7,"), HOME)
    assert "line 7" in tail
    assert "line 3" not in tail


def test_what_is_no_traceback_is_cut_to_its_end():
    """A log of thousands of lines is not repeated."""
    tail = log_tail("\n".join(map(str, range(100))), HOME)
    assert tail.splitlines() == [str(n) for n in range(100 - LINES, 100)]


def test_a_traceback_that_breaks_off_is_shown_as_it_is():
    """Nothing is lost where the form is not as expected."""
    assert "boom" in log_tail("Traceback (most recent call last):\nboom", HOME)


def test_silence_stays_silence():
    """Without output the result is empty."""
    assert log_tail("", HOME) == ""
