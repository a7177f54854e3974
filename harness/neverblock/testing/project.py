"""What a project's own ``[tool.neverblock]`` gives the requests and the limits of a test."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from neverblock.config import Config, EndpointConfig, load_config
from neverblock.config.request_values import Additions, Body
from neverblock.endpoints.openapi.filling import Unfilled, placeholders, request_for
from neverblock.endpoints.openapi.operations import Operation
from neverblock.errors import UsageError
from neverblock.testing.job import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from neverblock.model import Request

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
UNSET = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*) is not set>")
"""What stands for a variable that the environment of the tests does not have."""


class SomeUnset(dict[str, str]):
    """The environment of the tests; what needs a variable that is not set is left out later.

    So that whoever replaces the login of an app in a test need not set what the real one takes.
    """

    def get(self, name: str, default: Any = None) -> Any:
        """Give a variable's value, or what stands for it."""
        return super().get(name, default) or f"<{name} is not set>"


@dataclass(frozen=True, slots=True)
class Project:
    """The project's settings, as a test takes them; ``unsent`` says what of them it cannot."""

    config: Config = field(default_factory=Config)
    unsent: tuple[str, ...] = ()

    @property
    def limits(self) -> Limits:
        """The limits of all endpoints."""
        config = self.config
        return Limits(
            config.n,
            config.loop_limit_s,
            config.deadline_s,
            document_limit_s=config.document_limit_s,
        )

    @property
    def secrets(self) -> frozenset[str]:
        """Values of the environment, which are to stand in no text."""
        return frozenset(one for one in self.config.secrets if not UNSET.fullmatch(one))

    def entry(self, name: str) -> EndpointConfig:
        """Give the entry of an endpoint that a test names, or one that says nothing.

        It is the one with this name, or whose template fits this path.
        """
        plain = name.partition("?")[0]
        config = self.config
        exact = config.endpoint(name) or config.endpoint(plain)
        fits = (one for one in config.endpoints if fits_template(plain, one.name))
        return exact or next(fits, None) or EndpointConfig(*split(name))

    def limits_of(self, name: str, limits: Limits) -> Limits:
        """Give the limits of one endpoint: its own entry's, else these."""
        own = self.entry(name)
        return replace(
            limits,
            n=own.n or limits.n,
            loop_limit_s=own.loop_limit_s or limits.loop_limit_s,
        )

    def request(
        self, name: str, headers: Mapping[str, str], body: Any, content: bytes | None
    ) -> Request:
        """Build the request of an endpoint: what the test gives first, then what the project says.

        Raises UsageError for a parameter in the path without a value.
        """
        own = self.entry(name)
        mine = Additions(headers={key.lower(): value for key, value in headers.items()})
        given = mine.over(own.additions.over(self.config.additions))
        sent = own.body
        if content is not None:
            sent = Body(content)
        elif body is not None:
            sent = Body(json.dumps(body).encode(), "application/json")
        try:
            return request_for({}, Operation(*split(name)), given, sent).request
        except Unfilled as lacking:
            names = " and ".join(one.name for one in lacking.missing)
            raise UsageError(
                f"{name!r} has no value for {names}.",
                "Write the path as it is asked, 'GET /users/1', or give the value in "
                "[[tool.neverblock.endpoint]] or [tool.neverblock.path].",
            ) from None


def project_of(root: Path) -> Project:
    """Read the settings of the project in a folder. Raises UsageError, with all that is wrong."""
    config = load_config(root, SomeUnset(os.environ))
    unsent: list[str] = []
    every = replace(config, additions=_sent(config.additions, "[tool.neverblock]", unsent))
    endpoints = tuple(
        replace(one, additions=_sent(one.additions, one.name, unsent)) for one in every.endpoints
    )
    if config.setup is not None:
        unsent.append(
            f"setup = '{config.setup}' is not called in a test: log in there, and give what it "
            "returns as headers= to check()"
        )
    return Project(replace(every, endpoints=endpoints), tuple(unsent))


def _sent(additions: Additions, whose: str, unsent: list[str]) -> Additions:
    """Give what can be sent; of what lacks a variable, a sentence says so."""
    kept: dict[str, dict[str, Any]] = {}
    for place in ("path", "query", "headers", "cookies"):
        values: Mapping[str, Any] = getattr(additions, place)
        for key, value in values.items():
            if lacking := UNSET.search(str(value)):
                unsent.append(
                    f"{place}.{key} of {whose} is not sent, as the environment variable "
                    f"{lacking[1]} is not set: export {lacking[1]}=..., or give it to check()"
                )
        kept[place] = {key: v for key, v in values.items() if not UNSET.search(str(v))}
    return Additions(**kept)


def endpoint_named(text: str) -> str:
    """Give the name of an endpoint as a test writes it. Raises UsageError for what is none."""
    method, _, path = text.strip().rpartition(" ")
    method = method.strip().upper() or "GET"
    if method not in METHODS or not path.startswith("/"):
        raise UsageError(f"{text!r} is no endpoint.", "Write a method and a path: 'GET /users/1'.")
    return f"{method} {path}"


def split(name: str) -> tuple[str, str]:
    """Give the method and the path of a name."""
    method, _, path = name.partition(" ")
    return method, path


def fits_template(name: str, template: str) -> bool:
    """Say whether a concrete name is one of a template: ``GET /users/1`` of ``GET /users/{id}``."""
    if not placeholders(template):
        return False
    parts = re.split(r"\{[^{}]*\}", template)
    return re.fullmatch("[^/]+".join(map(re.escape, parts)), name) is not None
