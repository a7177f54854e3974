"""What Locust's own configuration (locust.conf, variables) settles of a load."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.load.installed import locust_process

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Settled:
    """Whether it names a locustfile, and says how many users there are and for how long."""

    locustfile: bool = False
    users: bool = False
    run_time: bool = False


def settled_by(options: Sequence[str]) -> Settled:
    """Ask Locust's own parser, also of these options; what it cannot read it says when it runs.

    Raises UsageError where Locust is not installed.
    """
    asked = subprocess.run(  # noqa: S603 - our own module
        locust_process("locust_settings", *options), capture_output=True, check=False
    )
    return Settled(**json.loads(asked.stdout)) if asked.returncode == 0 else Settled()
