"""What a project says about itself in ``[tool.neverblock]``, read and resolved."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from harness.additions import Additions, Body
from harness.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FILE = "pyproject.toml"
TABLE = "[tool.neverblock]"


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """What is said about one endpoint; None and empty where the whole project's settings count.

    ``path`` is a template of the document, or a concrete path. ``statuses`` are the answers that
    count as right ones.
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
    values that came from the environment or from the setup hook: they stay in memory.
    """

    file: Path | None = None
    app: str | None = None
    factory: bool = False
    app_dir: Path = Path()
    env_file: Path | None = None
    cmd: str | None = None
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
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    def endpoint(self, name: str) -> EndpointConfig | None:
        """Give what is said about the endpoint of this name, if anything is."""
        return next((one for one in self.endpoints if one.name == name), None)

    def with_options(self, **options: Any) -> Self:
        """Give these settings with others over them; an option that is None was not given."""
        known = {one.name for one in fields(self)}
        assert options.keys() <= known, options.keys() - known
        return replace(self, **{k: v for k, v in options.items() if v is not None})

    def naming(self, names: Collection[str]) -> Self:
        """Give these settings with endpoints named as well (``POST /items``; GET if no method).

        Raises UsageError for a name that is none.
        """
        raise NotImplementedError

    def with_additions(self, additions: Additions) -> Self:
        """Give these settings with what the setup hook returned over them, as secrets."""
        raise NotImplementedError


def load_config(
    start: Path, environ: Mapping[str, str], known_codes: Collection[str] | None = None
) -> Config:
    """Read the settings of the nearest pyproject.toml, upwards from a folder, that has the table.

    Defaults where there is none. ``known_codes`` are what ``allow`` entries may name, None for
    any. Raises UsageError, with all that is wrong in the file.
    """
    raise NotImplementedError
