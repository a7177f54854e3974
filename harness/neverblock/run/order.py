"""What is to be checked, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.load.ceiling import Ration
from neverblock.plan import Plan, burst_of
from neverblock.result import Criterion
from neverblock.target.remote import is_loopback_url, is_url

if TYPE_CHECKING:
    from neverblock.config import Config
    from neverblock.plan import Suspect, Target


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be checked, and how.

    ``expression`` chooses among the endpoints as ``-k`` does, ``named`` as ``-e`` does; names that
    fit nothing are an error but for an ``earlier`` state of the app. Each is measured ``repeat``
    times, and the verdict is their consensus; ``quick`` sends as few requests as possible. Without
    a ``ceiling`` there is no limit on the number of requests. ``suspects`` are lines to be held
    against what is measured, None where no analysis was given. ``workers`` processes fire a burst.
    """

    target: Target
    config: Config
    expression: str | None = None
    named: tuple[str, ...] = ()
    earlier: bool = False
    repeat: int = 1
    quick: bool = False
    ceiling: bool = True
    suspects: tuple[Suspect, ...] | None = None
    workers: int = 1

    @property
    def probed(self) -> bool:
        """Whether the target is served here, with the probe around it."""
        return not is_url(self.target.app)

    @property
    def ration(self) -> Ration | None:
        """How much may be asked of a target on another machine; None where nothing limits it."""
        near = self.probed or is_loopback_url(self.target.app)
        return None if near or not self.ceiling else Ration()

    @property
    def plan(self) -> Plan:
        """The limits in the form that measuring takes them."""
        config = self.config
        return Plan(
            target=self.target,
            groups=(),
            scenarios=(burst_of(config.n, self.workers),),
            criterion=Criterion(
                document_limit_s=config.document_limit_s, loop_limit_s=config.loop_limit_s
            ),
            deadline_s=config.deadline_s,
            quick=self.quick,
        )
