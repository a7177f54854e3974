"""Small builders of what is seen of a load, for the tests of its pure stages."""

from __future__ import annotations

from neverblock.analysis.load.seconds import Counting, Second
from neverblock.causes import Cause, CausedStall
from neverblock.measurement import Frame, Stack, Stall
from neverblock.model import UserRequest

SLOW = Frame("/app/slow.py", 7, "slow", "project", call="time.sleep", target="time.sleep")
QUOTE = Frame("/app/quote.py", 12, "quote", "project", call="requests.get")


def request(name: str, start_s: float, took_s: float, **more: object) -> UserRequest:
    """One request of a user, which process 1 answered by the route of its name."""
    return UserRequest(
        name, start_s, start_s + took_s, **{"pid": 1, "number": 900, "route": name, **more}
    )


def counted(requests: list[UserRequest]) -> list[Second]:
    """Count requests as a generator does."""
    counting = Counting()
    for each in requests:
        counting.add(each.name, each.start_s, each.end_s, each.error, 200)
    return counting.take()


def hold(
    start_s: float,
    held_s: float,
    *,
    number: int = 1,
    route: str | None = "GET /slow",
    frame: Frame = SLOW,
    pid: int = 1,
    on_cpu: bool = False,
) -> CausedStall:
    """One request that held the loop of a process by itself, waiting unless told otherwise."""
    return together(start_s, [(held_s, frame, Cause(number, route))], pid=pid, on_cpu=on_cpu)


def together(
    start_s: float,
    parts: list[tuple[float, Frame, Cause | None]],
    *,
    pid: int = 1,
    on_cpu: bool = False,
) -> CausedStall:
    """One stall in which several requests held the loop; without a cause it is background work."""
    stacks = tuple(
        Stack((frame,), held_s, on_cpu, background=cause is None) for held_s, frame, cause in parts
    )
    length_s = sum(held_s for held_s, *_ in parts)
    on_s, off_s = (length_s, 0.0) if on_cpu else (0.0, length_s)
    stall = Stall(start_s, length_s, on_s, off_s, 0.0, 0.0, 0.0, stacks=stacks, pid=pid)
    return CausedStall(stall, tuple(cause for *_, cause in parts))
