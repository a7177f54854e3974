from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 300
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BASE = {
    "harness.model": set(),
    "harness.errors": set(),
    "harness.result": {"harness.model"},
}
PURE = frozenset(
    f"harness.{name}"
    for name in (
        *("measure", "pings", "validity", "diagnose", "outside", "judge", "border", "advice"),
        *("blame", "codes", "agree", "gate", "policy", "compare", "store", "counterfactual"),
        *(f"openapi.{part}" for part in ("references", "examples", "operations", "serialise")),
        *("openapi.filling", "openapi.entry", "config.additions", "config.secret"),
        *("config.app_finder", "config.starter", "server.last_words"),
    )
)
SIDE_BY_SIDE = ("engines", "probe", "server", "services", "render")
WORLD = {
    "asyncio",
    "httpx",
    "os",
    "psutil",
    "signal",
    "socket",
    "subprocess",
    "sys",
    "threading",
    "time",
}
TOP = {
    "harness.cli": ("harness.__main__", "harness.cli"),
    "harness.runner": ("harness.cli", "harness.pytest_plugin"),
}
OWN_PROCESS = {
    "harness.engines.locust_driver",
    "harness.leash",
    "harness.serve",
    "harness.services.host",
    "harness.services.upstream",
}


def sources(*folders: str) -> dict[str, Path]:
    """Name every module of some top-level folders."""
    found = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree_of(path: Path) -> ast.Module:
    """Parse a file once."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports_of(path: Path) -> set[str]:
    """Name all that a module imports, wherever in it, for types only or not."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            module = node.module or ""
            below = {f"{module}.{alias.name}" for alias in node.names}
            submodules = below & set(MODULES)
            found |= submodules if submodules == below else submodules | {module}
    return found


MODULES = sources("harness", "target_app", "scenarios")
IMPORTS = {name: imports_of(path) for name, path in MODULES.items()}
HARNESS = {name: imports for name, imports in IMPORTS.items() if name.startswith("harness")}


def within(name: str, package: str) -> bool:
    """Whether a dotted name is a package or beneath it."""
    return name == package or name.startswith(f"{package}.")


def test_there_is_a_house():
    """The walls below would stand around nothing if no module were found."""
    assert PURE | {"harness.model", "target_app.main"} <= set(MODULES)


def test_the_harness_knows_no_target():
    """The harness takes import strings: the reference app is one target among all."""
    offences = [
        (name, imported)
        for name, imports in HARNESS.items()
        for imported in imports
        if within(imported, "target_app") or within(imported, "scenarios")
    ]
    assert offences == []


@pytest.mark.parametrize("name", BASE)
def test_the_base_rests_on_nothing(name):
    """What crosses the seams imports the standard library and what lies beneath it."""
    assert {i for i in IMPORTS[name] if within(i, "harness")} <= BASE[name]
    assert not IMPORTS[name] & WORLD


def test_judging_is_pure():
    """Whoever measures, judges or stores imports no stage that acts."""
    offences = [
        (name, imported)
        for name in PURE & set(HARNESS)
        for imported in HARNESS[name]
        if within(imported, "harness") and imported not in PURE | set(BASE) | {"harness"}
    ]
    assert offences == []


def test_figures_come_from_records_alone():
    """No verdict depends on a clock, a process or a socket."""
    deciding = PURE & set(HARNESS) - {"harness.store"}
    assert {name: HARNESS[name] & WORLD for name in deciding if HARNESS[name] & WORLD} == {}


@pytest.mark.parametrize("package", SIDE_BY_SIDE)
def test_neighbours_do_not_know_each_other(package):
    """Engines, probe, server, services and renderers import none of one another."""
    others = [f"harness.{other}" for other in SIDE_BY_SIDE if other != package]
    offences = [
        (name, imported)
        for name, imports in HARNESS.items()
        if within(name, f"harness.{package}")
        for imported in imports
        if any(within(imported, other) for other in others)
    ]
    assert offences == []


@pytest.mark.parametrize("top", TOP)
def test_nothing_reaches_up(top):
    """The command line is imported by nobody, the runner by the ways in alone."""
    reaching = {
        name for name, imports in HARNESS.items() if any(within(each, top) for each in imports)
    }
    assert [name for name in reaching if not any(within(name, may) for may in TOP[top])] == []


def test_locust_stays_in_a_process_of_its_own():
    """Locust patches the interpreter on import: only what runs in its process imports it."""
    patched = {
        name
        for name, imports in IMPORTS.items()
        if any(within(imported, p) for imported in imports for p in ("locust", "gevent"))
    }
    allowed = {
        name for name in patched if name.startswith(("harness.engines.locust_", "scenarios"))
    }
    assert patched == allowed
    spread = {name for name, imports in HARNESS.items() if imports & patched}
    assert spread <= patched


def test_only_the_command_line_prints_and_exits():
    """A stage returns values and raises errors; processes of their own have their own ends."""
    offences = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for name, path in sources("harness").items()
        if not within(name, "harness.cli") and name not in {"harness.__main__"} | OWN_PROCESS
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"print", "exit", "sys.exit", "os._exit"}
    ]
    assert offences == []


def test_no_file_is_too_long():
    """One idea a file, and 300 lines are enough for one."""
    files = [
        path
        for folder in ("harness", "target_app", "scenarios", "tests", ".ci")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".toml", ".sh", ".html", ".css", ".js"}
    ]
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in files
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_there_is_no_attic():
    """A name says what a file is for."""
    attics = {"utils", "util", "helpers", "misc", "common"}
    assert [name for name in MODULES if attics & set(name.split("."))] == []


def public_definitions(node: ast.AST, name: str) -> list[tuple[str, ast.AST]]:
    """Give a module or class and the public classes and functions in it, with their names."""
    found = [(name, node)]
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            found += public_definitions(child, f"{name}.{child.name}")
        elif isinstance(child, FUNCTIONS) and not child.name.startswith("_"):
            found.append((f"{name}.{child.name}", child))
    return found


def test_everything_public_is_documented():
    """A module, class or function that others may use says what it is."""
    undocumented = [
        name
        for module, path in MODULES.items()
        for name, node in public_definitions(tree_of(path), module)
        if not ast.get_docstring(node)
    ]
    assert undocumented == []


def test_every_test_says_what_it_shows():
    """A test's docstring is the sentence that is wrong when it fails."""
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(tree_of(path))
        if isinstance(node, FUNCTIONS)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_lint_exception_has_its_reason():
    """An exception to a rule says, on its line, why it is one."""
    exception = re.compile(r"#\s*(noqa|type:\s*ignore)\b")
    reason = re.compile(r"(noqa|ignore)[^#]*? (-|#) \w")
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources("harness", "target_app", "scenarios").values()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if exception.search(line) and not reason.search(line)
    ]
    assert bare == []
