"""Find the endpoints to check, once the target serves: its document, login, and the choice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from neverblock.config.login_hook import run_setup
from neverblock.config.secret import redact
from neverblock.endpoints.name_filter import matches, meant
from neverblock.endpoints.openapi.discover import base_path_of, declared_statuses, discover
from neverblock.endpoints.openapi.fetch import fetch_document
from neverblock.endpoints.refusal import REDIRECTS
from neverblock.endpoints.unserved import refuse_unserved
from neverblock.errors import NeverblockError, TargetError, UsageError, nearest
from neverblock.gate.policy import refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from neverblock.config import Config
    from neverblock.endpoints.openapi.fetch import Document
    from neverblock.plan import Subject, Target
    from neverblock.result import Unchecked

SOME = 8


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints to measure, those that cannot be, and the secrets to keep out of every text.

    ``entries`` are the lines of configuration that endpoints without values need, ``replaceable``
    those for values that were made up, ``unsafe`` those of what is asked only if named. ``routes``
    names all that the app serves, whatever was chosen; ``left_out`` those endpoints that were not.
    """

    subjects: tuple[Subject, ...]
    unchecked: tuple[Unchecked, ...] = ()
    secrets: frozenset[str] = frozenset()
    entries: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    replaceable: tuple[str, ...] = ()
    unsafe: tuple[str, ...] = ()


async def find(
    base_url: str,
    config: Config,
    target: Target,
    *,
    probed: bool,
    expression: str | None = None,
    named: Sequence[str] = (),
    earlier: bool = False,
) -> Endpoints:
    """Give the endpoints to measure, by the app's document and the configuration.

    ``expression`` and ``named`` choose among the endpoints as ``chosen`` says. Raises UsageError
    where there is no endpoint, where one that is named cannot be asked or is not served and for an
    allow, a pattern or a parameter that fits nothing (an ``earlier`` state of the app may lack it),
    TargetError where the document or the hook fails.
    """
    document = await fetch_document(base_url, probed=probed)
    content = None if document is None else document.content
    if config.setup is not None:
        config = await logged_in(base_url, config, config.setup, target)
    base = "" if document is None or document.inside else base_path_of(document.content, base_url)
    discovered = discover(content, config, base_path="" if base_url.endswith(base) else base)
    if not discovered.subjects and not config.endpoints and not (content or {}).get("paths"):
        raise without_endpoints(document, discovered.unchecked)
    subjects = [as_configured(subject, config, content) for subject in discovered.subjects]
    names = [subject.endpoint.name for subject in subjects]
    every = [*names, *(f"{one.method} {one.path}" for one in discovered.unchecked)]
    refuse_unknown(config.policy, every)
    if not earlier:
        refuse_idle(config, every)
        refuse_misspelt(discovered.misspelt)
        refuse_unasked(discovered.unchecked, named)
    if expression is not None and names and not any(matches(expression, name) for name in names):
        hint = f"{meant(expression, names)}{some(names).strip()}"
        raise UsageError(f"-k {expression!r} fits none of the endpoints.", hint)
    asked = {name: chosen(name, expression, named) for name in every}
    wanted = [subject for subject in subjects if asked[subject.endpoint.name]]
    if not earlier:
        await refuse_unserved(base_url, wanted, discovered.served, named)
    return Endpoints(
        subjects=tuple(wanted),
        unchecked=tuple(u for u in discovered.unchecked if asked[f"{u.method} {u.path}"]),
        secrets=config.secrets,
        entries=discovered.entries,
        routes=discovered.routes,
        left_out=tuple(name for name, is_asked in asked.items() if not is_asked),
        replaceable=discovered.replaceable,
        unsafe=discovered.unsafe,
    )


def refuse_idle(config: Config, names: Sequence[str]) -> None:
    """Raise UsageError for a pattern of the configuration that fits none of the endpoints."""
    for key in ("include", "exclude"):
        for pattern in getattr(config, key):
            if names and not any(fnmatchcase(name, pattern) for name in names):
                near = nearest(pattern, names)
                meant = "" if near is None else f"Did you mean {near!r}? "
                raise UsageError(
                    f'{key} = "{pattern}" fits none of the endpoints.',
                    f"{meant}Correct or drop it in [tool.neverblock].{some(names)}",
                )


def refuse_misspelt(complaints: Sequence[str]) -> None:
    """Raise UsageError where the configuration names parameters that no request has."""
    if complaints:
        lines = "".join(f"\n  {one}" for one in complaints)
        raise UsageError(
            f"The configuration names parameters that the app does not have:{lines}",
            "Correct or drop them in [tool.neverblock], or in what its `setup` returns.",
        )


def refuse_unasked(unchecked: Sequence[Unchecked], named: Sequence[str]) -> None:
    """Raise UsageError where an endpoint that somebody named cannot be asked, and say why."""
    for one in unchecked:
        if f"{one.method} {one.path}" in named:
            what, _, lines = one.reason.partition("\n")
            raise UsageError(f"-e '{one.method} {one.path}' cannot be asked: {what}", lines)


def without_endpoints(document: Document | None, unchecked: Sequence[Unchecked]) -> UsageError:
    """Say why there is nothing to ask: the app has no routes, or no document that lists them."""
    if document is not None and not unchecked:
        return UsageError(
            "The app has no routes: its OpenAPI document lists no path.",
            "Look which app is meant: is a router not included, or is a factory meant (--factory)?",
        )
    hint = "Name them: -e 'GET /path', or [[tool.neverblock.endpoint]] in pyproject.toml."
    return UsageError(
        "The target shows no OpenAPI document, so its endpoints are not known.",
        hint + some([f"{one.method} {one.path}" for one in unchecked]),
    )


def some(names: Sequence[str]) -> str:
    """Give a sentence that names a few of the endpoints, after a space; "" where there is none.

    Those without parameters come first: they can be named as they are.
    """
    first = sorted(names, key=lambda name: "{" in name)[:SOME]
    return f" Some: {', '.join(first)}." if first else ""


def chosen(name: str, expression: str | None, named: Collection[str]) -> bool:
    """Say whether an endpoint is to be asked: all are, unless the command line chooses.

    What is ``named`` by ``-e`` is chosen alone, or beside what fits the expression of ``-k``.
    """
    if name in named or not (expression or named):
        return True
    return expression is not None and matches(expression, name)


async def logged_in(base_url: str, config: Config, hook: str, target: Target) -> Config:
    """Give the settings with what the user's login function adds; what it returns is secret."""
    try:
        return config.with_additions(await run_setup(hook, base_url, target))
    except NeverblockError as error:
        what, hint = (redact(text, config.secrets) for text in (error.what, error.hint))
        kind = UsageError if isinstance(error, UsageError) else TargetError
        raise kind(what, hint) from None


def as_configured(subject: Subject, config: Config, document: Mapping[str, Any] | None) -> Subject:
    """Give a subject with the settings that configuration and document have for its endpoint."""
    said = config.endpoint(subject.endpoint.name)
    redirects = declared_statuses(document, subject.endpoint) & set(REDIRECTS)
    return replace(
        subject,
        n=said.n if said else None,
        loop_limit_s=said.loop_limit_s if said else None,
        statuses=said.statuses if said else (),
        redirects=bool(redirects),
        named=said is not None,
    )
