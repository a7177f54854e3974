"""The table ``[tool.neverblock]`` as it is written, key by key, and what each may hold."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from neverblock.config.duration import DURATION, duration
from neverblock.config.http_names import NAMEABLE, TOKEN, name_of, text_of
from neverblock.config.request_values import Additions
from neverblock.config.secret import expand, variable
from neverblock.errors import UsageError
from neverblock.gate.threshold import Figure

LEAST_N, MOST_N = 3, 1000


def _seconds(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return duration(value)
        except UsageError as error:
            raise ValueError(f"{error.what} {error.hint}") from error
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    raise ValueError('a time is wanted, such as "50ms" or "2s"')


def _limit(value: Any) -> Any:
    """Read the limit of a figure: a time, a share such as "1%", or a plain number."""
    if isinstance(value, str) and value.endswith("%"):
        try:
            return float(value[:-1]) / 100
        except ValueError as error:
            raise ValueError('a share is wanted, such as "1%"') from error
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if plain else _seconds(value)


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("a date is wanted, such as 2027-01-31") from error


def _resolve(text: str, info: ValidationInfo) -> str:
    """Put the environment's values into a text, and note them as secrets.

    Without a context, which a file has, texts stay as they are.
    """
    if info.context is None:
        return text
    value, used = expand(text, info.context["environ"])
    info.context["secrets"] |= used
    return value


def _value(value: Any, info: ValidationInfo) -> Any:
    """Read a parameter's value: plain, a list or a table of plain ones, or from the environment."""
    match value:
        case {"env": str(name), **others} if not others and info.context is not None:
            secret = variable(name, info.context["environ"])
            info.context["secrets"][secret] = name
            return secret
        case str():
            return _resolve(value, info)
        case bool() | int() | float():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case list():
            return [_value(one, info) for one in value]
        case dict():
            return {key: _value(one, info) for key, one in value.items()}
    raise ValueError(f"{value!r} cannot be a value")


def _json(value: Any, info: ValidationInfo) -> Any:
    """Read a JSON body: every text in it may name variables, tables are the body's own."""
    if isinstance(value, dict):
        return {key: _json(one, info) for key, one in value.items()}
    if isinstance(value, list):
        return [_json(one, info) for one in value]
    return _value(value, info)


def _line(value: Any, info: ValidationInfo) -> str:
    """Read a value that stands on one line of plain characters."""
    if isinstance(value, dict | list) and not (isinstance(value, dict) and value.keys() == {"env"}):
        raise ValueError('a text is wanted, or { env = "NAME" }')
    text = text_of(_value(value, info))
    if not text.isascii() or not text.isprintable():
        raise ValueError("a line break or a character that is not allowed in a header")
    return text


def _name(value: str) -> str:
    if (name := name_of(value)) is None:
        raise ValueError('a method and a path are wanted, such as "GET /users/{id}"')
    return name


def _token(name: str) -> str:
    if not TOKEN.fullmatch(name):
        raise ValueError(f"no header or cookie may be called {name!r}")
    return name


TIME = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "string", "pattern": rf"^\s*(?:{DURATION})\s*$"},
    ]
}
SEVERAL = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
LINE = {
    "anyOf": [
        {"type": ["string", "number", "boolean"]},
        {
            "type": "object",
            "required": ["env"],
            "properties": {"env": {"type": "string"}},
            "additionalProperties": False,
        },
    ]
}
METHODS = "|".join(sorted(NAMEABLE | {method.lower() for method in NAMEABLE}))
ENDPOINT_NAME = {"type": "string", "pattern": f"^(?:{METHODS}) /[^ ]*$"}
"""What a file may hold, for its JSON schema, where that is more than what is made of it."""

LIMIT = {"anyOf": [*TIME["anyOf"], {"type": "string", "pattern": r"^\d+(?:\.\d+)?%$"}]}
"""A time, a share, or a plain number: seconds, requests a second."""

Seconds = Annotated[float, BeforeValidator(_seconds), WithJsonSchema(TIME)]
Names = Annotated[list[str], BeforeValidator(_several), WithJsonSchema(SEVERAL)]
N = Annotated[int, Field(ge=LEAST_N, le=MOST_N)]
Values = dict[str, Annotated[Any, BeforeValidator(_value)]]
Token = Annotated[str, AfterValidator(_token)]
Lines = dict[Token, Annotated[str, BeforeValidator(_line), WithJsonSchema(LINE)]]
Text = Annotated[str, AfterValidator(_resolve)]
Reference = Annotated[
    str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$", description="package.module:name")
]


Assignment = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*=.+$")]
"""A variable and its value, as a shell has them."""


class _Strict(BaseModel):
    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        alias_generator=lambda name: name.replace("_", "-"),
    )


class AdditionsTable(_Strict):
    """Values for parameters, by where they go: of all endpoints, of one, or from the setup hook."""

    path: Values = {}
    query: Values = {}
    headers: Lines = {}
    cookies: Lines = {}

    def additions(self) -> Additions:
        """Give them as they are used: names of headers in lower case."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Additions(self.path, self.query, headers, self.cookies)


class AllowTable(_Strict):
    """``[[tool.neverblock.allow]]``: a known offender."""

    endpoint: str
    code: str | None = None
    reason: Annotated[str, Field(min_length=1)]
    expires: Annotated[date, BeforeValidator(_day)]


class ThresholdTable(_Strict):
    """``[[tool.neverblock.threshold]]``: what a figure of a load has to keep."""

    endpoint: str | None = None
    figure: Annotated[Figure, Field(strict=False), WithJsonSchema({"enum": list(Figure)})]
    limit: Annotated[float, BeforeValidator(_limit), WithJsonSchema(LIMIT)]


class CapacityTable(_Strict):
    """``[tool.neverblock.capacity]``: how limits of the app's own are moved, for a proof."""

    raise_: dict[str, Assignment] = Field(default={}, alias="raise")


class EndpointTable(AdditionsTable):
    """``[[tool.neverblock.endpoint]]``: what one endpoint needs."""

    name: Annotated[str, AfterValidator(_name), WithJsonSchema(ENDPOINT_NAME)]
    json_: Annotated[Any, BeforeValidator(_json)] = Field(default=None, alias="json")
    form: Values | None = None
    files: dict[str, str] | None = None
    content: Text | None = None
    file: str | None = None
    content_type: str | None = None
    n: N | None = None
    loop_limit: Seconds | None = None
    statuses: list[Annotated[int, Field(ge=100, le=599)]] = []

    @model_validator(mode="after")
    def _one_body(self) -> EndpointTable:
        given = {
            "json": self.json_,
            "form": self.form,
            "content": self.content,
            "file": self.file,
        }
        names = [name for name, value in given.items() if value is not None]
        if self.files is not None:
            names = [name for name in names if name != "form"] + ["files"]
        if len(names) > 1:
            raise ValueError(f"a request has one body, and {' and '.join(names)} are given")
        return self


class PolicyTable(_Strict):
    """The part of ``[tool.neverblock]`` that decides, about a saved run as well."""

    fail_on: Literal["any", "new"] = "any"
    allow_inconclusive: bool = False
    may_be_missing: Names = []
    baseline: str | None = None
    coverage: Annotated[float, Field(ge=0, le=100)] | None = None
    allow: list[AllowTable] = []


class Table(AdditionsTable, PolicyTable):
    """``[tool.neverblock]``: what a project says about itself."""

    app: Reference | None = None
    factory: bool = False
    app_dir: str | None = None
    env_file: str | None = None
    cmd: str | None = None
    python: str | None = None
    canary: Annotated[str, Field(pattern="^/")] | None = None
    n: N = 10
    loop_limit: Seconds = 0.05
    deadline: Seconds = 30.0
    document_limit: Seconds = 2.0
    include: Names = []
    exclude: Names = []
    setup: Reference | None = None
    allow_remote: Names = []
    endpoint: list[EndpointTable] = []
    threshold: list[ThresholdTable] = []
    capacity: CapacityTable | None = None

    @model_validator(mode="after")
    def _named_once(self) -> Table:
        names = [one.name for one in self.endpoint]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two entries are for the endpoint {twice[0]!r}: make them one")
        return self
