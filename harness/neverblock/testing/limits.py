"""The limits that a test's markers and the ini file set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from neverblock.config.complaints import complaint_of
from neverblock.config.table import N, Seconds  # noqa: TC001 - pydantic reads them
from neverblock.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neverblock.testing.job import Limits


def _number(value: Any) -> Any:
    """Read what an ini file has as text."""
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


class Said(BaseModel):
    """Limits as a marker or an ini file names them; None where it does not."""

    model_config = ConfigDict(strict=True, extra="forbid")

    n: Annotated[N | None, BeforeValidator(_number)] = None
    loop_limit: Seconds | None = None
    deadline: Seconds | None = None
    start_timeout: Seconds | None = None

    def over(self, limits: Limits) -> Limits:
        """Give these limits, and others where nothing is said."""

        def first(mine: Any, other: Any) -> Any:
            return other if mine is None else mine

        return replace(
            limits,
            n=first(self.n, limits.n),
            loop_limit_s=first(self.loop_limit, limits.loop_limit_s),
            deadline_s=first(self.deadline, limits.deadline_s),
            start_timeout_s=first(self.start_timeout, limits.start_timeout_s),
        )


def marked(marks: Sequence[tuple[Sequence[Any], Mapping[str, Any]]]) -> Said:
    """Give what the markers of a test say, the nearest first; each is given without and with names.

    Raises UsageError for a name or a value that is none.
    """
    said: dict[str, Any] = {}
    for unnamed, named in reversed(marks):
        if unnamed:
            raise UsageError(
                f"The marker neverblock has {unnamed[0]!r} without a name.",
                f"It takes names: n=10, or {', '.join(list(Said.model_fields)[1:])}.",
            )
        read(named, "marker neverblock")
        said |= named
    return read(said, "marker neverblock")


def of_ini(ini: Mapping[str, str]) -> Said:
    """Give what an ini file says. Raises UsageError for a value that is none."""
    return read({name: text for name, text in ini.items() if text}, "ini file")


def read(said: Mapping[str, Any], where: str) -> Said:
    """Read what was said in one place. Raises UsageError with all that is wrong in it."""
    try:
        return Said.model_validate(said)
    except ValidationError as error:
        wrong = "; ".join(complaint_of(one, Said) for one in error.errors(include_url=False))
        raise UsageError(
            f"The {where} sets limits that cannot be used: {wrong}.",
            "Write them as n=10, loop_limit='50ms', deadline='30s', start_timeout='60s'.",
        ) from None
