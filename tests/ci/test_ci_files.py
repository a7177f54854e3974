"""The action, the hook and the examples: of the right form, and asking for what there is."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
import typer
from ruamel.yaml import YAML

from neverblock.cli import COMMANDS, command_line
from neverblock.gate.policy import Allow

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / f"{name}.md" for name in ("ci", "containers", "many", "offenders")]
WORKFLOW = ROOT / ".github" / "workflows" / "tests.yml"
SCHEMAS = {
    ".github/workflows/": "vendor.github-workflows",
    ".gitlab-ci": "vendor.gitlab-ci",
    "compose": "vendor.compose-spec",
}
EXAMPLE = re.compile(r"```(\w+)\n# (\S+)\n(.*?)```", re.DOTALL)
COMMAND = re.compile(
    r"\bneverblock (?P<rest>(?:check|run|gate|compare|report|load|worker)\b[^`\n|\"]*)"
)


def examples(language):
    """Give the files that the pages show in a language, by name."""
    found = (each for page in PAGES for each in EXAMPLE.findall(page.read_text()))
    return {name: text for shown_as, name, text in found if shown_as == language}


@cache
def options():
    """Give every command's options."""
    commands = typer.main.get_command(command_line(COMMANDS)).commands
    return {
        name: {text for param in command.params for text in param.opts}
        for name, command in commands.items()
    }


def commands_in(text):
    """Give each neverblock command in a text, with its arguments."""
    joined = text.replace('"${command[@]}"', "neverblock check").replace("\\\n", " ")
    return [shlex.split(found["rest"], comments=True) for found in COMMAND.finditer(joined)]


def check_schema(schema, *files):
    """Hold files to a schema that comes with check-jsonschema."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *files]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    return said.returncode, said.stdout


def test_the_action_has_the_form_of_one():
    """As GitHub's own schema has it."""
    assert check_schema("vendor.github-actions", ROOT / "action.yml") == (
        0,
        "ok -- validation done\n",
    )


@pytest.mark.parametrize("name", [n for n in examples("yaml") if n.startswith(tuple(SCHEMAS))])
def test_every_example_has_the_form_of_its_kind(tmp_path, name):
    """A workflow, or a GitLab pipeline, by the schema of its maker."""
    (schema,) = [schema for start, schema in SCHEMAS.items() if name.startswith(start)]
    file = tmp_path / "example.yml"
    file.write_text(examples("yaml")[name])
    status, said = check_schema(schema, file)
    assert status == 0, said


def test_the_workers_of_a_cluster_find_the_load():
    """By the service's name and port, and there are as many as the load waits for."""
    service, load, workers = YAML(typ="safe").load_all(examples("yaml")["load.yaml"])
    assert service["spec"]["selector"] == {"job-name": load["metadata"]["name"]}
    (spec,) = workers["spec"]["template"]["spec"]["containers"]
    port = service["spec"]["ports"][0]["port"]
    assert f"neverblock worker {service['metadata']['name']}:{port}" in spec["command"][-1]
    (args,) = load["spec"]["template"]["spec"]["containers"][0]["args"]
    assert f"--bind 0.0.0.0:{port}" in args
    assert f"--expect-workers {workers['spec']['parallelism']} " in args


def test_the_workflow_has_the_form_of_one():
    """As GitHub's own schema has it."""
    assert check_schema("vendor.github-workflows", WORKFLOW) == (0, "ok -- validation done\n")


def test_all_agree_on_the_supported_pythons():
    """The workflow, make test-all and the package's own data name the same, and no other."""
    workflow = YAML(typ="safe").load(WORKFLOW)
    matrix = workflow["jobs"]["tests"]["strategy"]["matrix"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    made = re.search(r"^VERSIONS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    classified = [c.rpartition(" ")[2] for c in project["classifiers"] if "Python :: 3." in c]
    assert matrix["python"] == classified == made.split()
    assert project["requires-python"] == f">={classified[0]}"
    assert {name.partition("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}


def test_a_file_of_the_wrong_form_is_found(tmp_path):
    """The schemas are asked at all."""
    file = tmp_path / "action.yml"
    file.write_text((ROOT / "action.yml").read_text().replace("using: composite", "using: magic"))
    assert check_schema("vendor.github-actions", file)[0] == 1


@pytest.mark.parametrize(
    "text",
    [page.read_text() for page in (*PAGES, ROOT / "action.yml")],
    ids=[page.name for page in (*PAGES, ROOT / "action.yml")],
)
def test_every_option_that_is_shown_exists(text):
    """What a reader copies must not end in a usage error."""
    commands = commands_in(text)
    assert commands
    unknown = [
        (name, argument)
        for name, *arguments in commands
        for argument in arguments
        if re.match(r"--?[a-z]", argument) and argument not in options()[name]
    ]
    assert unknown == []


def test_an_example_of_the_action_gives_it_what_it_takes():
    """An input that it does not have would be ignored with a warning."""
    action = YAML(typ="safe").load(ROOT / "action.yml")
    (step,) = [
        step
        for name, text in examples("yaml").items()
        if name.startswith(".github/workflows/")
        for job in YAML(typ="safe").load(text)["jobs"].values()
        for step in job["steps"]
        if "/neverblock@" in step.get("uses", "")
    ]
    assert set(step["with"]) <= set(action["inputs"])


def test_the_hook_is_what_the_example_asks_for():
    """It runs a command that there is, where the app can be imported."""
    (hook,) = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")
    config = YAML(typ="safe").load(examples("yaml")[".pre-commit-config.yaml"])
    (shown,) = config["repos"][0]["hooks"]
    assert shown["id"] == hook["id"]
    assert hook["language"] == "system"
    assert hook["entry"].split()[1] in options()
    assert hook["pass_filenames"] is False


def test_the_allow_that_is_shown_is_one():
    """Every field of it is one that the policy has."""
    text = examples("toml")["pyproject.toml"]
    (allow,) = tomllib.loads(text)["tool"]["neverblock"]["allow"]
    assert Allow(**allow).names("GET /reports/{id}")


@pytest.fixture
def step(tmp_path):
    """Run the action's own step, with a neverblock that writes down what it is asked."""
    said = tmp_path / "said"
    program = tmp_path / "bin" / "neverblock"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nimport json, pathlib, sys\n"
        f"pathlib.Path({str(said)!r}).write_text(json.dumps(sys.argv[1:]))\n"
        "sys.exit(3 if '--fail' in sys.argv else 0)\n"
    )
    program.chmod(0o755)
    action = YAML(typ="safe").load(ROOT / "action.yml")
    (script,) = [s["run"] for s in action["runs"]["steps"] if s.get("id") == "check"]

    def run(**inputs):
        env = {
            **os.environ,
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "OUT": str(tmp_path / "out"),
            "GITHUB_OUTPUT": str(tmp_path / "outputs"),
            **inputs,
        }
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script], env=env, cwd=tmp_path, check=False
        )
        return done.returncode, json.loads(said.read_text()), (tmp_path / "outputs").read_text()

    return run


def test_arguments_reach_the_command_as_they_are(step):
    """One a line: spaces, quotes and what a shell would run stay what they are."""
    arguments = "-e\nPOST /search\n\n-k\n$(touch owned) `id` \"x\" 'y' *\n"
    status, asked, _ = step(TARGET="app.main:app", ARGUMENTS=arguments)
    assert status == 0
    assert asked[:6] == [
        "check",
        "app.main:app",
        "-e",
        "POST /search",
        "-k",
        "$(touch owned) `id` \"x\" 'y' *",
    ]


def test_without_inputs_the_configuration_decides(step):
    """An empty target is none."""
    _, asked, _ = step(TARGET="", ARGUMENTS="")
    assert asked[0] == "check"
    assert asked[1].startswith("--")


def test_the_steps_exit_code_is_the_commands(step):
    """And it is an output, so that the steps after it know."""
    status, _, outputs = step(TARGET="", ARGUMENTS="--fail")
    assert (status, outputs) == (3, "exit-code=3\n")
