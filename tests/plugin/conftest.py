"""A machine of its own for each test's sessions, as far as they take turns on it."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def own_turns(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a folder of temporary files, in which the lock of the sessions that measure lies.

    Those of another worker's test wait for no session of this one's, and this one's for each other.
    """
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("temporary")))
