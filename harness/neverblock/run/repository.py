"""Where in its repository neverblock runs, so that a CI's annotations find their files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKOUTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Where GitHub's and GitLab's jobs have the repository, also in a container without its .git."""


def work_dir(here: Path, environ: Mapping[str, str]) -> str:
    """Give a folder's path from the root of its repository; "" at the root, or without one.

    The root is the nearest folder above with a ``.git``, else what the CI says it is.
    """
    here = here.resolve()
    named = [Path(environ[name]).resolve() for name in CHECKOUTS if environ.get(name)]
    roots = [one for one in (here, *here.parents) if (one / ".git").exists()]
    root = next((one for one in (*roots, *named) if here.is_relative_to(one)), here)
    return "" if root == here else here.relative_to(root).as_posix()
