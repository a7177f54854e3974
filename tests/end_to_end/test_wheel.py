"""The wheel by itself, in a folder that contains modules by names that it uses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from stage_end_to_end import PROJECT

from neverblock.errors import ExitCode

IN_THE_FOLDER = ("harness", "neverblock", "redis", "scenarios", "target_app")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel and unpack it into a folder of its own."""
    built, unpacked = (tmp_path_factory.mktemp(name) for name in ("built", "unpacked"))
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(build, cwd=PROJECT, capture_output=True, check=True, timeout=60)
    (archive,) = built.glob("*.whl")
    with zipfile.ZipFile(archive) as file:
        file.extractall(unpacked)
    return unpacked


@pytest.fixture
def run(wheel, tmp_path):
    """Run Python in a folder that contains such modules, with the wheel first on its path."""
    for name in IN_THE_FOLDER:
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('imported from the folder')\n")

    def python(*arguments, path=()):
        places = map(str, (wheel, *path))
        return subprocess.run(
            [sys.executable, "-P", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(places), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    return python


@pytest.fixture
def run_without(run, tmp_path):
    """Run the command where one package is not installed: all others are linked to, and no site."""

    def without(package, *arguments):
        links = tmp_path / "packages"
        links.mkdir()
        for entry in Path(sysconfig.get_path("purelib")).iterdir():
            if entry.suffix != ".pth" and entry.name.partition("-")[0] != package:
                (links / entry.name).symlink_to(entry)
        return run("-S", "-m", "neverblock", *arguments, path=(links,))

    return without


def test_the_wheel_has_one_name(wheel):
    """Whatever else a user's folder or environment contains, nothing of ours hides it."""
    metadata = list(wheel.glob("neverblock-*.dist-info"))
    assert sorted(wheel.iterdir()) == sorted([wheel / "neverblock", *metadata])


def test_the_wheel_is_what_runs(run, wheel):
    """Else the tests below would be about the sources."""
    done = run("-c", "import neverblock; print(neverblock.__file__)")
    assert Path(done.stdout.strip()).is_relative_to(wheel)


def test_list_works_in_any_folder(run):
    """The reference app is inside the package."""
    done = run("-m", "neverblock", "list")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "time.sleep" in done.stdout
    assert "asyncio.sleep" in done.stdout


def test_run_works_in_any_folder(run, wheel, tmp_path):
    """It measures the app that the wheel carries, with a service beside it."""
    done = run("-m", "neverblock", "run", "sleep", "redis", "--quick", "--scenario", "gather")
    # Beside other tests ten requests may take longer than the document allows, in seconds.
    assert done.returncode in {ExitCode.OK, ExitCode.FAILED}, done.stdout + done.stderr
    saved = json.loads((tmp_path / "reports" / "latest" / "run.json").read_text())
    found = {each["endpoint"]["name"]: each["verdict"] for each in saved["results"]}
    assert found == {
        f"{pair}/{variant}": verdict
        for pair in ("sleep", "redis")
        for variant, verdict in (("bad", "fail"), ("good", "pass"))
    }
    app_dir = tmp_path / saved["environment"]["app_dir"]
    assert app_dir.resolve() == (wheel / "neverblock" / "reference" / "bundled").resolve()


def test_what_only_lists_needs_no_extra(run_without):
    """Neither the framework nor the libraries that the pairs are about."""
    done = run_without("fastapi", "list")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "time.sleep" in done.stdout


@pytest.mark.parametrize(
    ("package", "arguments", "extra"),
    [
        ("fastapi", ("run", "sleep"), "reference"),
        ("locust", ("run", "sleep", "--scenario", "burst"), "load"),
        ("jinja2", ("run", "sleep", "--html", "page.html"), "report"),
    ],
)
def test_without_an_extra_the_command_to_install_it_is_the_hint(
    run_without, tmp_path, package, arguments, extra
):
    """One sentence before anything is measured, and no traceback."""
    done = run_without(package, *arguments)
    assert done.returncode == ExitCode.USAGE, done.stdout + done.stderr
    assert f"pip install 'neverblock[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("reports/*/run.json"))
