"""Places as containers have them, made by namespaces around one command; nothing of them stays."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from needs import absent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SOURCE = Path(__file__).parents[2] / "harness"
AS_ROOT = () if os.geteuid() == 0 else ("--user", "--map-root-user")

NEW_ROOT = """
root=$1 project=$2 out=$3 source=$4 python=$5 base=$6; shift 6
mount -t tmpfs none "$root"
for each in /*; do
  name=${each#/}
  case $name in tmp|app|out|source) continue;; esac
  if [ -L "$each" ]; then cp -P "$each" "$root/"
  elif [ -d "$each" ]; then
    mkdir "$root/$name"
    case $name in
      dev|proc|sys) mount --rbind "$each" "$root/$name";;
      *) mount --bind "$each" "$root/$name"; mount -o remount,bind,ro "$root/$name";;
    esac
  fi
done
for python in "$python" "$base"; do
  case $python in /tmp/*)
    mkdir -p "$root$python"
    mount --bind "$python" "$root$python"; mount -o remount,bind,ro "$root$python";;
  esac
done
mkdir "$root/app" "$root/out" "$root/source"
mount --bind "$project" "$root/app"; mount -o remount,bind,ro "$root/app"
mount --bind "$out" "$root/out"
mount --bind "$source" "$root/source"
mount -o remount,ro "$root"
cd "$root/app"
exec chroot "$root" sh -c 'cd /app && exec "$@"' sh "$@"
"""
"""Everything is read-only but /out. /tmp is not there, or holds the tests' own Python alone: its
environment, and where that is made from."""

NOBODY_REAPS = """
import os, subprocess, sys
assert os.getpid() == 1
sys.exit(subprocess.run(sys.argv[1:], check=False).returncode)
"""
"""A first process that waits for its own child, and for none that is left to it."""

HIDDEN = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
static int hidden(const char *path) {
  size_t n = strlen(path);
  if (n < 8 || strncmp(path, "/proc/", 6) || strcmp(path + n - 8, "/syscall")) return 0;
  errno = ENOENT;
  return 1;
}
#define OPEN(name)                                                        \
  int name(const char *path, int flags, ...) {                            \
    va_list rest; va_start(rest, flags); int mode = va_arg(rest, int);    \
    va_end(rest);                                                         \
    if (hidden(path)) return -1;                                          \
    return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name))(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)
"""
"""What gVisor does not have, and seccomp may refuse, as far as the C library is asked for it."""


@dataclass(frozen=True)
class Place:
    """What stands in front of a command there, and what is in its environment beside the usual."""

    prefix: Sequence[str] = ()
    env: Mapping[str, str | None] | None = None
    source: Path = SOURCE


def made(place: Place) -> Place:
    """Give the place if a command can be run there; else skip, or fail, with the reason."""
    command = [*place.prefix, sys.executable, "-c", ""]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        absent(f"the place cannot be made: {error}")
    if tried.returncode:
        absent(f"the place cannot be made: {tried.stderr.strip()}")
    return place


def read_only(folder: Path) -> Place:
    """Give a place of which /out alone can be written to, and which has no /tmp."""
    (folder / "root").mkdir()
    told = (folder / "root", folder, folder / "out", SOURCE, sys.prefix, sys.base_prefix)
    prefix = ("unshare", *AS_ROOT, "--mount", "sh", "-ec", NEW_ROOT, "sh", *map(str, told))
    return made(Place(prefix, source=Path("/source")))


def nobody(_: Path) -> Place:
    """Give a user whom /etc/passwd does not know, without a home."""
    who = ("--map-user=54321", "--map-group=54321")
    return made(Place(("unshare", "--user", *who), {"HOME": None}))


def unreaped(_: Path) -> Place:
    """Give a place whose first process reaps nobody that is left to it."""
    apart = ("unshare", *AS_ROOT, "--pid", "--fork", "--mount-proc")
    return made(Place((*apart, sys.executable, "-c", NOBODY_REAPS)))


def first(_: Path) -> Place:
    """Give a place in which the command itself is the first process."""
    return made(Place(("unshare", *AS_ROOT, "--pid", "--fork", "--mount-proc")))


def small_memory(_: Path) -> Place:
    """Give a place with as much shared memory as Docker gives by default."""
    mount = 'mount -t tmpfs -o size=64m none /dev/shm && exec "$@"'
    return made(Place(("unshare", *AS_ROOT, "--mount", "sh", "-c", mount, "sh")))


def without_system_calls(folder: Path) -> Place:
    """Give a place in which no thread shows the system call that it is in."""
    library = folder / "hidden.so"
    compiler = shutil.which("cc")
    if compiler is None:
        absent("there is no C compiler to hide system calls with")
    command = [compiler, "-shared", "-fPIC", "-w", "-o", library, "-x", "c", "-"]
    subprocess.run(command, input=HIDDEN, text=True, check=True)
    return made(Place(env={"LD_PRELOAD": str(library)}))


def empty_environment(_: Path) -> Place:
    """Give a place whose environment has a PATH and nothing else."""
    return made(Place(("env", "-i", f"PATH={os.environ['PATH']}", f"PYTHONPATH={SOURCE}")))
