"""How long the harness waits for background tasks after the response."""

from __future__ import annotations

import pytest
from builders import stall, trace

from neverblock.observe.window import BRIEF_QUIET_S, QUIET_S, quiet_after


@pytest.mark.parametrize(
    ("seen", "quiet_s"),
    [(trace(), BRIEF_QUIET_S), (trace(stall(0, 0.3)), QUIET_S), (None, QUIET_S)],
    ids=["calm", "held", "no probe"],
)
def test_only_a_calm_endpoint_is_waited_for_briefly(seen, quiet_s):
    """An endpoint that blocked before may block again in a task that outlives the request."""
    assert quiet_after(seen) == quiet_s
