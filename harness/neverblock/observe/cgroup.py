"""What a control group allows its processes: cores by its quota, and the time it was throttled.

Both versions of Linux control groups are read, and both at once where a machine mounts both
(Documentation/admin-guide/cgroup-v2.rst; Documentation/scheduler/sched-bwc.rst).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from neverblock.probe.tier import may_read_kernel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PROC = Path("/proc")


def groups_of(pid: int | None = None, proc: Path = PROC) -> tuple[Path, ...]:
    """Give the folders of a process's CPU control groups and of all their parents.

    ``pid`` None means this process. Empty where the process has ended, or on another system.
    """
    if not may_read_kernel():
        return ()
    try:
        mounts = (proc / "self" / "mountinfo").read_text()
        groups = (proc / str(pid or "self") / "cgroup").read_text()
    except OSError:
        return ()
    return tuple(cpu_folders(mounts, groups))


def cpu_folders(mounts: str, groups: str) -> Iterator[Path]:
    """Give the folders that may limit a process, its own group first, then the parents.

    ``mounts`` is the text of /proc/self/mountinfo, ``groups`` that of /proc/<pid>/cgroup. In a
    container with a namespace of its own the group is ``/``, and the mount point is its folder.
    """
    paths = dict(_cpu_groups(groups))
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        kind, _, options = right.split()[:3]
        if kind == "cgroup2":
            path = paths.get("")
        elif kind == "cgroup" and "cpu" in options.split(","):
            path = paths.get("cpu")
        else:
            continue
        if path is None:
            continue
        root, mount_point = map(_unescaped, left.split()[3:5])
        folder = top = Path(mount_point)
        if (inside := _inside(path, root)) is not None:
            folder = top / inside
        yield from (each for each in (folder, *folder.parents) if each.is_relative_to(top))


def _cpu_groups(groups: str) -> Iterator[tuple[str, str]]:
    """Give the paths of the version 2 group (named "") and of the version 1 group for the CPU."""
    for line in groups.splitlines():
        _, controllers, path = line.split(":", 2)
        for name in controllers.split(","):
            if name in {"", "cpu"}:
                yield name, path


def _inside(path: str, root: str) -> Path | None:
    """Give a group's path below a mount's root; None where the mount does not show the group."""
    group = Path(path)
    if ".." in group.parts or not group.is_relative_to(root):
        return None
    return group.relative_to(root)


def _unescaped(field: str) -> str:
    r"""Give a field of mountinfo, in which a space is written as \040."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), field)


def quota_cores(folders: Iterable[Path]) -> float | None:
    """Give the cores that the tightest quota allows, such as 0.5; None where there is no quota."""
    return min(filter(None, map(_quota_cores, folders)), default=None)


def _quota_cores(folder: Path) -> float | None:
    # version 2: "50000 100000", or "max 100000" without a quota; version 1: -1 without one
    fields = _text(folder / "cpu.max").split() or [
        *_text(folder / "cpu.cfs_quota_us").split(),
        *_text(folder / "cpu.cfs_period_us").split(),
    ]
    if len(fields) != 2 or fields[0] in {"max", "-1"}:  # noqa: PLR2004 - quota and period
        return None
    return int(fields[0]) / int(fields[1])


def throttled_s(folders: Iterable[Path]) -> float | None:
    """Give for how long a group and its parents were throttled so far; None where not known.

    The kernel adds up the cores: two cores throttled for one second make two.
    """
    known = [each for each in map(_throttled_s, folders) if each is not None]
    return sum(known) if known else None


def _throttled_s(folder: Path) -> float | None:
    counts = dict(line.split() for line in _text(folder / "cpu.stat").splitlines())
    if "throttled_usec" in counts:
        return int(counts["throttled_usec"]) / 1e6
    return int(counts["throttled_time"]) / 1e9 if "throttled_time" in counts else None


def _text(file: Path) -> str:
    """Read a file; empty where there is none."""
    try:
        return file.read_text()
    except OSError:
        return ""
