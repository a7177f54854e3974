"""The lock by which test sessions take turns."""

from __future__ import annotations

import os

import pytest

from neverblock.errors import EngineError
from neverblock.testing.machine_lock import one_at_a_time


def test_a_lock_that_cannot_be_used_is_told(tmp_path, monkeypatch):
    """With its path and the way out, as what could not be measured."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / f"neverblock-{os.getuid()}.lock").mkdir()
    with pytest.raises(EngineError, match="cannot be used") as error, one_at_a_time():
        pass
    assert str(tmp_path) in error.value.what
    assert "TMPDIR" in error.value.hint
