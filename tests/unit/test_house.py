from __future__ import annotations

import ast
import graphlib
import re
import sys

from imported import MODULES, PACKAGE, ROOT, all_imports, ours, sources, tree_of

LONGEST_FILE = 300
MOST_AT_THE_TOP = 8
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
FLOORS = (
    {"model", "errors", "units"},
    {"measurement"},
    {"causes", "result"},
    {"plan"},
    {"analysis", "probe"},
    {"gate", "load", "storage", "target"},
    {"config", "observe", "report"},
    {"endpoints"},
    {"run"},
    {"reference", "testing"},
    {"cli"},
    {"__main__"},
)
"""The rooms of the package from the ground up: each imports from the floors beneath it alone."""

PURE = (
    *("analysis", "gate", "config.route_count", "target.last_words", "target.log_tail"),
    *(f"config.{part}" for part in ("app_finder", "http_names", "request_values", "secret")),
    *(f"endpoints.openapi.{part}" for part in ("entry", "examples", "filling", "operations")),
    *(f"endpoints.openapi.{part}" for part in ("references", "serialise")),
)
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
OWN_PROCESS = {
    *(f"neverblock.load.locust_{side}" for side in ("driver", "traffic", "worker")),
    "neverblock.reference.services.supervisor",
    "neverblock.reference.services.upstream",
    "neverblock.probe.die_with_parent",
}


def within(name: str, package: str) -> bool:
    """Whether a dotted name is a package or beneath it."""
    return name == package or name.startswith(f"{package}.")


def is_pure(name: str) -> bool:
    """Whether a module is one of those that neither act nor read a clock."""
    return any(within(name, f"neverblock.{pure}") for pure in PURE)


def floor(name: str) -> int:
    """Give the floor that a module of the package is on; the package itself is beneath all."""
    if name == "neverblock":
        return -1
    room = name.split(".")[1]
    return next(level for level, rooms in enumerate(FLOORS) if room in rooms)


def test_there_is_a_house():
    """The walls below would stand around nothing if no module were found."""
    assert {"neverblock.model", "neverblock.analysis.judge", "target_app.main"} <= set(MODULES)
    rooms = {name.split(".")[1] for name in ours() if name != "neverblock"}
    assert rooms == set().union(*FLOORS)


def test_imports_run_one_way():
    """A room imports from beneath: never from beside it, never back up."""
    offences = [
        f"{name} imports {imported}"
        for name, imports in ours().items()
        for imported in imports
        if within(imported, "neverblock")
        and imported.split(".")[1:2] != name.split(".")[1:2]
        and floor(imported) >= floor(name)
    ]
    assert offences == []


def test_modules_import_no_circle():
    """Within a room as well, a module is beneath those that import it."""
    ordered = graphlib.TopologicalSorter({n: i & set(ours()) - {n} for n, i in ours().items()})
    assert list(ordered.static_order())


def test_few_modules_stand_at_the_top():
    """What crosses every seam is at the top; everything else has a room."""
    assert len(list(PACKAGE.glob("*.py"))) <= MOST_AT_THE_TOP


def test_the_harness_knows_no_target():
    """The harness takes import strings: the reference app is one target among all."""
    offences = [
        (name, imported)
        for name, imports in ours().items()
        for imported in imports
        if within(imported, "target_app") or within(imported, "scenarios")
    ]
    assert offences == []


def test_what_crosses_the_seams_does_nothing():
    """Values and errors touch neither clock nor process nor socket."""
    ground = {f"neverblock.{name}" for name in FLOORS[0] | FLOORS[1]}
    assert {
        name: all_imports()[name] & WORLD for name in ground if all_imports()[name] & WORLD
    } == {}


def test_judging_is_pure():
    """Whoever measures, judges or decides imports no stage that acts."""
    ground = FLOORS[0] | FLOORS[1] | FLOORS[2] | FLOORS[3]
    offences = [
        (name, imported)
        for name in ours()
        if is_pure(name)
        for imported in ours()[name]
        if within(imported, "neverblock")
        and not is_pure(imported)
        and imported.split(".")[1] not in ground
    ]
    assert offences == []


def test_figures_come_from_records_alone():
    """No verdict depends on a clock, a process or a socket."""
    deciding = [name for name in ours() if is_pure(name)]
    assert {name: ours()[name] & WORLD for name in deciding if ours()[name] & WORLD} == {}


LENT = {("uvicorn_child", "uvicorn"), ("setup_hook", "httpx")}
"""What a process of the probe's own imports: the project's where it has one, else ours."""


def test_the_probe_needs_the_standard_library_alone():
    """It runs inside the server of somebody else: nothing of ours is there but itself."""
    foreign = {
        (name, imported)
        for name, imports in ours().items()
        if within(name, "neverblock.probe")
        for imported in imports
        if not within(imported, "neverblock.probe")
        and imported.partition(".")[0] not in sys.stdlib_module_names
        and imported != "anyio"  # read where the app has loaded it, never loaded for the probe
        and (name.rpartition(".")[2], imported) not in LENT
    }
    assert foreign == set()


def test_locust_stays_in_a_process_of_its_own():
    """Locust patches the interpreter on import: only what runs in its process imports it."""
    patched = {
        name
        for name, imports in all_imports().items()
        if any(within(imported, p) for imported in imports for p in ("locust", "gevent"))
    }
    allowed = {
        name for name in patched if name.startswith(("neverblock.load.locust_", "scenarios"))
    }
    assert patched == allowed
    spread = {name for name, imports in ours().items() if imports & patched}
    assert spread <= patched


def test_only_the_command_line_prints_and_exits():
    """A stage returns values and raises errors; processes of their own have their own ends."""
    offences = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for name, path in sources(PACKAGE).items()
        if not within(name, "neverblock.cli") and name not in {"neverblock.__main__"} | OWN_PROCESS
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
        for path in MODULES.values()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if exception.search(line) and not reason.search(line)
    ]
    assert bare == []
