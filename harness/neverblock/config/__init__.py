"""What a project says about itself in ``[tool.neverblock]``, read and resolved."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from neverblock.config.body import body_of, unreadable
from neverblock.config.http_names import name_of
from neverblock.config.request_values import Additions, Body, secrets_in
from neverblock.errors import UsageError
from neverblock.gate.policy import Allow, FailOn, Policy
from neverblock.gate.threshold import Threshold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from neverblock.config.table import Table

FILE = "pyproject.toml"
TABLE = "[tool.neverblock]"
ENTRY = re.compile(r"^[^=:]*\w\[\d+\]")
"""The place of a complaint that is about one of several entries."""


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """The settings of one endpoint; None and empty where those of the project count.

    ``path`` is a template of the document, or a concrete path. ``statuses`` are the answers that
    count as right.
    """

    method: str
    path: str
    additions: Additions = field(default_factory=Additions, repr=False)
    body: Body | None = field(default=None, repr=False)
    n: int | None = None
    loop_limit_s: float | None = None
    statuses: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Method and path, as results have it."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a run of ``check``: the file's, with the command line's over them.

    ``file`` is where they are from, None for defaults. ``include`` and ``exclude`` are patterns
    over names such as ``GET /users/{id}``; an empty ``include`` means all. ``secrets`` are the
    values that came from the environment or from the setup hook: they stay in memory. Those of the
    environment are in ``variables``, each with the name of its variable.
    """

    file: Path | None = None
    app: str | None = None
    factory: bool = False
    app_dir: Path = Path()
    env_file: Path | None = None
    cmd: str | None = None
    python: str | None = None
    canary: str | None = None
    n: int = 10
    loop_limit_s: float = 0.05
    deadline_s: float = 30.0
    document_limit_s: float = 2.0
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    additions: Additions = field(default_factory=Additions, repr=False)
    setup: str | None = None
    allow_remote: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    baseline: Path | None = None
    endpoints: tuple[EndpointConfig, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    raises: dict[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    variables: dict[str, str] = field(default_factory=dict, repr=False)

    def endpoint(self, name: str) -> EndpointConfig | None:
        """Give the settings of the endpoint of this name, or None."""
        return next((one for one in self.endpoints if one.name == name), None)

    def with_options(self, **options: Any) -> Self:
        """Give these settings with others over them; an option that is None was not given."""
        return replace(self, **{k: v for k, v in options.items() if v is not None})

    def naming(self, names: Collection[str]) -> Self:
        """Give these settings with endpoints named as well (``POST /items``; GET if no method).

        Raises UsageError for a text that is not a method and a path.
        """
        new = []
        for name in names_of(names):
            method, _, path = name.partition(" ")
            one = EndpointConfig(method, path)
            if self.endpoint(name) is None and one not in new:
                new.append(one)
        return replace(self, endpoints=(*self.endpoints, *new))

    def with_additions(self, additions: Additions) -> Self:
        """Give these settings with what the setup hook returned over them, as secrets."""
        return replace(
            self,
            additions=additions.over(self.additions),
            secrets=self.secrets | secrets_in(additions),
        )


def names_of(texts: Collection[str]) -> tuple[str, ...]:
    """Give the names of endpoints as a person wrote them (``/items`` is ``GET /items``).

    Raises UsageError for a text that is not a method and a path.
    """
    names = []
    for text in texts:
        name = name_of(text if " " in text else f"GET {text}")
        if name is None:
            raise UsageError(f"{text!r} names no endpoint.", "Write it as 'GET /users/{id}'.")
        names.append(name)
    return tuple(names)


def load_config(
    start: Path, environ: Mapping[str, str], known_codes: Collection[str] | None = None
) -> Config:
    """Read the settings of the nearest pyproject.toml, upwards from a folder, that has the table.

    Defaults where there is none. ``known_codes`` are what ``allow`` entries may name, None for
    any. Raises UsageError, with all that is wrong in the file.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        file = folder / FILE
        if file.is_file() and (table := read_table(file)) is not None:
            return config_of(table, file, environ, known_codes)
    return Config(app_dir=here)


def load_policy(start: Path, known_codes: Collection[str] | None = None) -> Config:
    """Read of the same settings what decides about a saved run, and nothing else.

    So no secret of the environment is asked for. Raises UsageError, with all that is wrong.
    """
    from neverblock.config.complaints import keys_of  # noqa: PLC0415 - slow to load
    from neverblock.config.table import PolicyTable  # noqa: PLC0415 - the same

    here = start.resolve()
    keys = set(keys_of(PolicyTable))
    for folder in (here, *here.parents):
        file = folder / FILE
        if file.is_file() and (table := read_table(file)) is not None:
            deciding = table
            if isinstance(table, dict):
                deciding = {key: value for key, value in table.items() if key in keys}
            return config_of(deciding, file, {}, known_codes)
    return Config(app_dir=here)


def read_table(file: Path) -> Any:
    """Give what a pyproject.toml has as ``tool.neverblock``, or None. Raises UsageError."""
    try:
        text = file.read_text(encoding="utf-8")
        tool = tomllib.loads(text).get("tool")
    except tomllib.TOMLDecodeError as error:
        end = f"at the end, line {len(text.splitlines())}"
        what = f"{error}".replace("at end of document", end)
        raise UsageError(f"'{file}' is not TOML: {what}.", "Fix the file there.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"'{file}' is not UTF-8: {error}.", "Save it as UTF-8.") from error
    except RecursionError as error:
        raise UsageError(f"'{file}' is nested too deep to be read.", "Flatten it.") from error
    except OSError as error:
        raise UsageError(
            f"'{file}' cannot be read: {error.strerror}.",
            "Make it readable for the account that runs neverblock.",
        ) from error
    return tool.get("neverblock") if isinstance(tool, dict) else None


def config_of(
    table: Any, file: Path, environ: Mapping[str, str], known_codes: Collection[str] | None = None
) -> Config:
    """Read the table of a file. Raises UsageError, with all that is wrong in it."""
    from pydantic import ValidationError  # noqa: PLC0415 - slow to load, where there is a table

    from neverblock.config.complaints import complaint_of  # noqa: PLC0415 - the same
    from neverblock.config.table import Table  # noqa: PLC0415 - the same

    secrets: dict[str, str] = {}
    wrong: list[str] = []
    read = None
    try:
        read = Table.model_validate(table, context={"environ": environ, "secrets": secrets})
    except ValidationError as error:
        wrong = [complaint_of(one) for one in error.errors(include_url=False)]
    wrong += _unknown_codes(table, known_codes)
    for at, entry in _entries(table, "endpoint"):
        wrong += [f"endpoint[{at}].{one}" for one in unreadable(entry, file.parent)]
    if read is None or wrong:
        lines = "".join(f"\n  {one}" for one in wrong)
        counted = "Entries are counted from 1; " * any(ENTRY.search(one) for one in wrong)
        raise UsageError(
            f"{TABLE} in '{file}' cannot be used:{lines}",
            f"{counted}`neverblock explain config` has every key, with examples.",
        )
    bodies = tuple(body_of(one, file.parent) for one in read.endpoint)
    return _resolved(read, file, bodies, secrets)


def _entries(table: Any, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the tables of an array as they stand in a file, right or wrong, counted from 1."""
    entries = table.get(key) if isinstance(table, dict) else None
    for at, entry in enumerate(entries if isinstance(entries, list) else (), 1):
        if isinstance(entry, dict):
            yield at, entry


def _unknown_codes(table: Any, known: Collection[str] | None) -> list[str]:
    codes = [(at, entry.get("code")) for at, entry in _entries(table, "allow")]
    return [
        f"allow[{at}].code = {code!r}: there is no such code; there are: {', '.join(known)}"
        for at, code in codes
        if known is not None and isinstance(code, str) and code not in known
    ]


def _python_of(name: str | None, folder: Path) -> str | None:
    """Give what names a Python: a path is relative to the file, a command's name is not."""
    return name if name is None or "/" not in name else str(folder / os.path.expanduser(name))  # noqa: PTH111 - Path's raises without a home


def _resolved(
    table: Table, file: Path, bodies: tuple[Body | None, ...], secrets: dict[str, str]
) -> Config:
    """Give the settings of a table that is right; folders and files are beside the file."""
    folder = file.parent

    def beside(name: str | None) -> Path | None:
        return None if name is None else folder / name

    return Config(
        file=file,
        app=table.app,
        factory=table.factory,
        app_dir=folder / (table.app_dir or ""),
        env_file=beside(table.env_file),
        cmd=table.cmd,
        python=_python_of(table.python, folder),
        canary=table.canary,
        n=table.n,
        loop_limit_s=table.loop_limit,
        deadline_s=table.deadline,
        document_limit_s=table.document_limit,
        include=tuple(table.include),
        exclude=tuple(table.exclude),
        additions=table.additions(),
        setup=table.setup,
        allow_remote=tuple(table.allow_remote),
        policy=Policy(
            fail_on=FailOn(table.fail_on),
            allow=tuple(Allow(a.endpoint, a.reason, a.expires, a.code) for a in table.allow),
            allow_inconclusive=table.allow_inconclusive,
            may_be_missing=tuple(table.may_be_missing),
            coverage=None if table.coverage is None else table.coverage / 100,
        ),
        baseline=beside(table.baseline),
        endpoints=tuple(
            EndpointConfig(
                method=one.name.partition(" ")[0],
                path=one.name.partition(" ")[2],
                additions=one.additions(),
                body=body,
                n=one.n,
                loop_limit_s=one.loop_limit,
                statuses=tuple(one.statuses),
            )
            for one, body in zip(table.endpoint, bodies, strict=True)
        ),
        thresholds=tuple(Threshold(t.figure, t.limit, t.endpoint) for t in table.threshold),
        raises=table.capacity.raise_ if table.capacity else {},
        secrets=frozenset(secrets),
        variables=secrets,
    )
