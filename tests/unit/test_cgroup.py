"""What a control group allows, from canned trees, and from a real group where one can be made."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest

from neverblock.observe.cgroup import cpu_folders, groups_of, quota_cores, throttled_s
from neverblock.observe.machine import usable_cpus

V1 = "32 31 0:29 {root} {at} rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct"
V1_CPUACCT = "33 31 0:30 / {at} rw,relatime - cgroup cgroup rw,cpuacct"
V2 = "41 31 0:38 {root} {at} rw,relatime - cgroup2 cgroup2 rw,nsdelegate"


def write(folder, **files):
    """Write the files of a control group; ``cpu_max`` stands for ``cpu.max``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("_", ".", 1)).write_text(f"{content}\n")


def allowed(mounts, groups):
    """Give (cores by the quota, seconds throttled) of a canned process."""
    folders = tuple(cpu_folders(mounts, groups))
    return quota_cores(folders), throttled_s(folders)


def test_version_2_has_quota_and_period_in_one_file(tmp_path):
    """Half a core, and the throttled time in microseconds."""
    stat = "usage_usec 7\nnr_throttled 2\nthrottled_usec 1500000"
    write(tmp_path / "app", cpu_max="50000 100000", cpu_stat=stat)
    assert allowed(V2.format(root="/", at=tmp_path), "0::/app") == (0.5, 1.5)


def test_version_1_has_quota_and_period_in_two_files(tmp_path):
    """One core and a half, and the throttled time in nanoseconds."""
    stat = "nr_periods 3\nnr_throttled 2\nthrottled_time 250000000"
    files = {"cpu_cfs_quota_us": 150_000, "cpu_cfs_period_us": 100_000, "cpu_stat": stat}
    write(tmp_path / "app", **files)
    mounts = V1.format(root="/", at=tmp_path)
    assert allowed(mounts, "4:cpu,cpuacct:/app\n3:cpuset:/other\n") == (1.5, 0.25)


@pytest.mark.parametrize(
    "files",
    [
        {"cpu_max": "max 100000"},
        {"cpu_cfs_quota_us": -1, "cpu_cfs_period_us": 100_000},
        {"cpu_cfs_quota_us": -1},
        {},
    ],
    ids=["max", "-1", "no period", "no file"],
)
def test_a_group_without_a_quota_allows_every_core(tmp_path, files):
    """No quota is not a quota of zero, and a missing count is not a count of zero."""
    write(tmp_path, **files)
    mounts = f"{V1.format(root='/', at=tmp_path)}\n{V2.format(root='/', at=tmp_path)}"
    assert allowed(mounts, "1:cpu:/\n0::/") == (None, None)


@pytest.mark.parametrize("quotas", [(400_000, 75_000), (75_000, 400_000)])
def test_the_tightest_of_nested_groups_counts(tmp_path, quotas):
    """A pod's quota binds its containers and the other way round; both may throttle."""
    outer, inner = quotas
    throttled = "throttled_usec 1000000"
    write(tmp_path)
    write(tmp_path / "pod", cpu_max=f"{outer} 100000", cpu_stat=throttled)
    write(tmp_path / "pod" / "box", cpu_max=f"{inner} 100000", cpu_stat=throttled)
    assert allowed(V2.format(root="/", at=tmp_path), "0::/pod/box") == (0.75, 2.0)


def test_a_machine_with_both_versions_has_its_quota_in_one_of_them(tmp_path):
    """The version 2 tree of a hybrid machine has no CPU controller."""
    write(tmp_path / "unified", cpu_stat="usage_usec 5")
    write(tmp_path / "cpuacct", cpu_cfs_quota_us=1, cpu_cfs_period_us=100_000)
    write(tmp_path / "cpu" / "app", cpu_cfs_quota_us=20_000, cpu_cfs_period_us=100_000)
    mounts = "\n".join(
        [
            "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
            V1_CPUACCT.format(at=tmp_path / "cpuacct"),
            V1.format(root="/", at=tmp_path / "cpu"),
            V2.format(root="/", at=tmp_path / "unified"),
        ]
    )
    assert allowed(mounts, "2:cpuacct:/\n1:cpu:/app\n0::/") == (0.2, None)


@pytest.mark.parametrize(
    ("root", "group"),
    [
        ("/", "/"),
        ("/docker/c0ffee", "/docker/c0ffee"),
        ("/docker/c0ffee", "/"),
        ("/", "/../c0ffee"),
    ],
    ids=["namespace", "no namespace", "root from outside", "group from outside"],
)
def test_a_container_finds_its_group_at_the_mount_point(tmp_path, root, group):
    """With a namespace of its own or without, the folder that it sees is its own."""
    write(tmp_path, cpu_max="50000 100000")
    assert allowed(V2.format(root=root, at=tmp_path), f"0::{group}")[0] == 0.5


def test_a_mount_point_may_have_a_space_in_it(tmp_path):
    """The kernel writes it as an octal number."""
    folder = tmp_path / "control groups"
    write(folder, cpu_max="50000 100000")
    at = str(folder).replace(" ", r"\040")
    assert allowed(V2.format(root="/", at=at), "0::/")[0] == 0.5


def test_the_group_of_another_process_is_read_by_its_id(tmp_path):
    """The server's group may be another than ours; one that has ended has none."""
    write(tmp_path / "cgroup" / "server", cpu_max="50000 100000")
    mounts = V2.format(root="/", at=tmp_path / "cgroup")
    write(tmp_path / "proc" / "self", mountinfo=mounts, cgroup="0::/")
    write(tmp_path / "proc" / "7", cgroup="0::/server")
    assert quota_cores(groups_of(7, tmp_path / "proc")) == 0.5
    assert quota_cores(groups_of(None, tmp_path / "proc")) is None
    assert groups_of(8, tmp_path / "proc") == ()


CHILD = """
import os, sys, time
from pathlib import Path
from neverblock.observe.cgroup import groups_of, throttled_s
from neverblock.observe.machine import usable_cpus
Path(sys.argv[1], "cgroup.procs").write_text(str(os.getpid()))
before_s = throttled_s(groups_of())
until_s = time.monotonic() + 1
while time.monotonic() < until_s:
    pass
print(usable_cpus(), throttled_s(groups_of()) - before_s)
"""


@contextmanager
def group_of_half_a_core():
    """Make a control group below our own that allows half a core; skip where that is refused."""
    own = next((each for each in groups_of() if _limits_cpu(each)), None)
    if own is None:
        pytest.skip("this system has no control group for the CPU")
    group = own / f"neverblock-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error}")
    try:
        try:
            _allow_half(group)
        except OSError as error:
            pytest.skip(f"no quota can be set here: {error}")
        yield group
    finally:
        with suppress(OSError):
            group.rmdir()


def _limits_cpu(folder):
    """Whether a group below this folder can have a quota."""
    v2 = folder / "cgroup.subtree_control"
    if v2.exists():
        return "cpu" in v2.read_text().split()
    return (folder / "cpu.cfs_quota_us").exists()


def _allow_half(group):
    """Set the quota in the way of the group's version.

    1 ms in 2: whoever gets a core for longer than that is throttled, however busy the machine is.
    """
    if (group / "cpu.max").exists():
        (group / "cpu.max").write_text("1000 2000")
    else:
        (group / "cpu.cfs_period_us").write_text("2000")
        (group / "cpu.cfs_quota_us").write_text("1000")


def test_a_real_group_of_half_a_core_is_seen_and_throttles():
    """A process in it may use half a core, and is throttled while it computes without a pause."""
    with group_of_half_a_core() as group:
        command = [sys.executable, "-c", CHILD, str(group)]
        spun = subprocess.run(command, capture_output=True, text=True, check=False)
        assert not spun.stderr
        cores, grown_s = map(float, spun.stdout.split())
        assert cores == min(0.5, usable_cpus())
        assert grown_s > 0
