from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from neverblock.errors import ServiceError, TargetError
from target_app import pairs, settings
from target_app.main import create_app

HEAVY = {"PIL", "aiofiles", "aiomysql", "asyncpg", "psycopg2", "redis", "requests", "sqlalchemy"}


def imported(chosen):
    """Give the heavy libraries that a server of these pairs has imported."""
    probe = f"import sys, target_app.main; print(*sorted(sys.modules.keys() & {HEAVY!r}))"
    environ = {**os.environ, "NEVERBLOCK_PAIRS": chosen}
    command = [sys.executable, "-c", probe]
    return subprocess.check_output(command, env=environ, text=True).split()


@pytest.mark.parametrize(
    ("chosen", "libraries"), [("sleep, cpu", []), ("image", ["PIL"]), ("file", ["aiofiles"])]
)
def test_only_what_is_served_is_imported(chosen, libraries):
    """A server of one pair loads the libraries of that pair and of no other."""
    assert imported(chosen) == libraries


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Make a folder whose files count as pairs."""
    monkeypatch.setattr(pairs, "__path__", [*pairs.__path__, str(tmp_path)])
    yield tmp_path
    for file in tmp_path.glob("*.py"):
        sys.modules.pop(f"target_app.pairs.{file.stem}", None)


def test_file_without_pair_is_an_error(folder):
    """A file among the pairs that defines none is an error that names the file."""
    (folder / "stray.py").write_text("ROUTER = None\n")
    with pytest.raises(TargetError, match=r"stray\.py does not define a pair"):
        pairs.catalog()


def test_pair_is_named_after_its_file(folder):
    """A pair under another name than its file's is an error that names both."""
    (folder / "alias.py").write_text("from target_app.pairs.sleep import PAIR, router\n")
    with pytest.raises(TargetError, match=r"alias\.py calls itself 'sleep'"):
        pairs.load("alias")


def test_absent_library_is_an_error(folder):
    """A library that is not installed is named, with what to install."""
    (folder / "modern.py").write_text("import a_library_of_tomorrow\n")
    with pytest.raises(TargetError, match=r"'a_library_of_tomorrow'.*\n.*pip install"):
        pairs.load("modern")


def test_new_file_is_served(folder):
    """One new file is all it takes: it is found, loaded and routed."""
    sleep = Path(pairs.__path__[0], "sleep.py").read_text()
    (folder / "doze.py").write_text(sleep.replace('"sleep"', '"doze"'))
    assert "doze" in pairs.names()
    assert len(pairs.routers(["doze"])) == 1


def test_unknown_pair_suggests_the_nearest():
    """A misspelt name is answered with the one that was meant."""
    with pytest.raises(TargetError, match="Did you mean 'postgres'"):
        create_app(("postgers",))


@pytest.mark.parametrize("scale", ["0", "-1", "fast", "nan", "inf"])
def test_bad_scale_is_an_error(scale, monkeypatch):
    """A scale that is no positive number is refused, and said."""
    monkeypatch.setenv("NEVERBLOCK_SCALE", scale)
    with pytest.raises(TargetError, match=scale):
        create_app(("sleep",))


@pytest.fixture
def no_services(monkeypatch):
    """Make an environment that names no service."""
    for service in settings.SERVICES:
        monkeypatch.delenv(settings.variable(service), raising=False)


def test_named_pair_without_its_service_is_an_error(no_services):
    """A pair that was asked for and cannot be served says which variable to set."""
    with pytest.raises(ServiceError, match="NEVERBLOCK_MYSQL_URL is not set"):
        create_app(("sleep", "mysql"))


@pytest.mark.anyio
async def test_index_tells_what_is_left_out(no_services):
    """With all pairs asked for, those without a service are left out, never silently."""
    app = create_app()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        index = (await client.get("/")).json()
        assert (await client.get("/health")).json() == {"status": "ok"}
    assert index["left_out"]["redis"] == "NEVERBLOCK_REDIS_URL is not set"
    assert sorted([*index["pairs"], *index["left_out"]]) == list(pairs.names())
    assert "sleep" in index["pairs"]


def test_choice_is_read_from_the_environment(monkeypatch):
    """NEVERBLOCK_PAIRS is a list by commas; nothing in it means all."""
    monkeypatch.setenv("NEVERBLOCK_PAIRS", " sleep, hash,")
    assert settings.chosen_pairs() == ("sleep", "hash")
    monkeypatch.setenv("NEVERBLOCK_PAIRS", "")
    assert settings.chosen_pairs() is None
