"""The folders that saved runs live in: made, named as the latest, found again."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from neverblock.errors import StoreError, nearest
from neverblock.storage.run_file import LATEST, RUN_FILE, unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


IGNORE = ".gitignore"
IGNORED = "# Made by neverblock: saved runs are not committed. A baseline belongs elsewhere.\n*\n"


@contextmanager
def own_folder(root: Path, now: datetime) -> Iterator[Path]:
    """Make a folder for a run that starts now; what nothing was saved in is taken away again.

    So is ``root``, where it was made for it. Raises StoreError.
    """
    was_there = root.exists()
    folder = new_folder(root, now)
    try:
        yield folder
    finally:
        with suppress(OSError):  # it holds a run
            folder.rmdir()
            if not was_there and [one.name for one in root.iterdir()] == [IGNORE]:
                (root / IGNORE).unlink()
                root.rmdir()


def new_folder(root: Path, now: datetime) -> Path:
    """Make and give a folder for a run that starts now (UTC). Raises StoreError.

    The folder of all runs, where it is made for this one, is kept out of Git.
    """
    was_there = root.exists()
    for name in _names(f"{now:%Y-%m-%dT%H%M%SZ}"):
        try:
            (root / name).mkdir(parents=True)
            if not was_there:
                (root / IGNORE).write_text(IGNORED, encoding="utf-8")
        except FileExistsError as error:
            if not root.is_dir():
                raise unwritable(root, error) from error
        except OSError as error:
            raise unwritable(root, error) from error
        else:
            return root / name
    raise AssertionError  # pragma: no cover - _names never ends


def _names(first: str) -> Iterator[str]:
    """Yield a name, and then the same with a number, for runs that start in the same second."""
    yield first
    number = 2
    while True:
        yield f"{first}-{number}"
        number += 1


def point_latest(folder: Path) -> None:
    """Let ``latest``, beside the folder, name it: a symlink, or a text file where there are none.

    Raises StoreError where neither can be written.
    """
    pointer = folder.with_name(LATEST)
    part = folder.with_name(f"{LATEST}.part")
    try:
        part.unlink(missing_ok=True)
        try:
            part.symlink_to(folder.name, target_is_directory=True)
        except (OSError, NotImplementedError):
            part.write_text(folder.name, encoding="utf-8")
        part.replace(pointer)
    except OSError as error:
        raise unwritable(folder.parent, error) from error


NONE_YET = "Make one: neverblock check main:app"


def resolve(root: Path, name: str) -> Path:
    """Find the run a person named: ``latest``, a folder's name below root, or a path.

    Raises StoreError where there is no such run, naming the newest that there are.
    """
    if name == LATEST and (root / LATEST).is_file():
        with suppress(OSError, UnicodeDecodeError):
            name = (root / LATEST).read_text(encoding="utf-8").strip()
    for path in (root / name, Path(name)):
        if (path / RUN_FILE).is_file() or path.is_file():
            return path
    saved = sorted((p.parent.name for p in root.glob(f"*/{RUN_FILE}")), reverse=True)
    newest = [each for each in saved if each != LATEST][:3]
    hint = f"Saved runs, newest first: {', '.join(newest)}." if newest else NONE_YET
    near = nearest(name, [*saved, *files_beside(name)])
    meant = "" if near is None else f"Did you mean {near!r}? "
    raise StoreError(f"There is no run {name!r} in '{root}'.", f"{meant}{hint}")


def files_beside(name: str) -> list[str]:
    """Name the JSON files of the folder that a path points into, as the path is written."""
    folder = Path(name).parent
    try:
        return sorted(str(folder / path.name) for path in folder.glob("*.json"))
    except (OSError, ValueError):
        return []
