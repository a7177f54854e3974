"""Environments of apps, made beside the one that runs the tests, and kept from run to run."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import venv
from importlib.metadata import distributions
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PINS = REPOSITORY / "requirements" / "pins.lock"
NOT_THERE = ("uvicorn", "click", "httpx", "httpcore")


def pinned() -> Path:
    """Give an environment with the packages of an older app, and without neverblock."""
    ours = f"{sys.version}{sys.prefix}{PINS.read_text()}"
    folder = REPOSITORY / ".venv-pins" / hashlib.sha256(ours.encode()).hexdigest()[:12]
    folder.parent.mkdir(exist_ok=True)
    ready = folder / "ready"
    with folder.with_name("lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # whoever else makes one at the same time
        if not ready.exists():
            venv.create(folder, with_pip=False, clear=True)
            pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--quiet"]
            subprocess.run([*pip, "--require-hashes", "-r", PINS], check=True)
            ready.touch()
    return folder


def bare(folder: Path, pins: Path) -> Path:
    """Give such an environment without uvicorn and httpx, in which another neverblock is broken."""
    venv.create(folder, with_pip=False)
    packages = packages_of(folder)
    unwanted = shutil.ignore_patterns(*(f"{name}*" for name in NOT_THERE))
    shutil.copytree(packages_of(pins), packages, ignore=unwanted, dirs_exist_ok=True)
    (packages / "neverblock").mkdir()
    (packages / "neverblock" / "__init__.py").write_text("raise ImportError('an older one')\n")
    return folder


def packages_of(environment: Path) -> Path:
    """Give the folder of an environment's packages."""
    return next(environment.glob("lib/python3.*/site-packages"))


def version_of(environment: Path, name: str) -> str:
    """Give the version of a package of an environment."""
    (found,) = distributions(name=name, path=[str(packages_of(environment))])
    return found.version
