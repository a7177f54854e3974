"""How load is applied: the scenarios of this project, by name.

The Locust files are named by path and never imported here: Locust monkey-patches on import.
"""

from __future__ import annotations

from pathlib import Path

from neverblock.model import Scenario

_HERE = Path(__file__).parent

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            name="gather",
            title="n requests by httpx and asyncio.gather",
            engine="gather",
        ),
        Scenario(
            name="burst",
            title="n Locust users, released together, one request each",
            engine="locust",
            locustfile=str(_HERE / "burst.py"),
        ),
        Scenario(
            name="crowd",
            title="n Locust users in a closed loop, and a light one beside them",
            engine="locust",
            duration_s=3.0,
            locustfile=str(_HERE / "crowd.py"),
        ),
    )
}
