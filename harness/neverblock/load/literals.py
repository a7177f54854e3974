"""Values of requests as code: as they are, or read from the environment where they are secrets."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

CREDENTIAL = re.compile(r"auth|cookie|token|key|secret|session|password", re.IGNORECASE)
"""Names of headers whose values are secrets wherever they come from."""

SHORTEST = 4
"""Characters of a secret that is looked for in other text: ``1`` stands in every other number."""

FORMS: tuple[tuple[Callable[[str], str], str, str], ...] = (
    (str, "os.environ[{!r}]", "import os"),
    (
        lambda secret: quote(secret, safe=""),
        "quote(os.environ[{!r}], safe='')",
        "from urllib.parse import quote",
    ),
    (quote_plus, "quote_plus(os.environ[{!r}])", "from urllib.parse import quote_plus"),
    (
        lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
        "json.dumps(os.environ[{!r}], ensure_ascii=False)[1:-1]",
        "import json",
    ),
)
"""How a request may have a secret: as text, as the code that makes it so, and what that imports."""


class AsTheyAre:
    """Writes every value as it is, for a file that nobody keeps."""

    def __init__(self) -> None:
        """Start with nothing that the code needs."""
        self.imports: dict[str, None] = {}
        self.variables: dict[str, None] = {}

    def header(self, name: str, value: str) -> str:  # noqa: ARG002 - what it is called decides elsewhere
        """Give the code of a header's value."""
        return self.text(value)

    def text(self, value: str) -> str:
        """Give the code of a text, such as a path."""
        return quoted(value)

    def content(self, value: bytes) -> str:
        """Give the code of a body."""
        return quoted(value)


class WithoutSecrets(AsTheyAre):
    """Writes code that reads secrets from the environment when it is run.

    ``imports`` and ``variables`` are what the code that was written so far needs.
    """

    def __init__(
        self, named: Mapping[str, str], secrets: Collection[str], hide: Callable[[str], str]
    ) -> None:
        """Take the names of variables by their values, all secrets, and what hides odd forms.

        A secret without a variable, such as what a login gave, is read from one of its own.
        """
        super().__init__()
        self._names = dict(named)
        self._nameless = set(secrets) - set(named)
        self._hide = hide

    def header(self, name: str, value: str) -> str:
        """Give the code of a header's value; a credential is read, wherever it came from."""
        has_named = any(_stands_in(secret, value) for secret in self._names)
        if not has_named and (CREDENTIAL.search(name) or self._hide(value) != value):
            _, blank, rest = value.partition(" ")
            secret = rest if blank and "cookie" not in name else value
            self._names[secret] = re.sub(r"\W", "_", name).upper()
        return self.text(value)

    def text(self, value: str) -> str:
        """Give the code of a text, such as a path."""
        return self._joined(value, quoted, "")

    def content(self, value: bytes) -> str:
        """Give the code of a body."""

        def constant(part: str) -> str:
            return quoted(part.encode("utf-8", "surrogateescape"))

        return self._joined(value.decode("utf-8", "surrogateescape"), constant, ".encode()")

    def _joined(self, value: str, constant: Callable[[str], str], ending: str) -> str:
        """Give code that joins what stands around the secrets in a text with these."""
        known = dict(self._forms(value))
        between = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
        parts = re.split(f"({between})", value) if between else [value]
        code = []
        for part in filter(None, parts):
            if part not in known:
                # with an end of its own: what is before a secret may be the beginning of another
                code.append(constant(self._hide(f"{part}\0")[:-1]))
                continue
            name, form, imports = known[part]
            self.variables[name] = self.imports[imports] = self.imports["import os"] = None
            code.append(form.format(name) + ending)
        return " + ".join(code) or constant("")

    def _forms(self, value: str) -> Iterator[tuple[str, tuple[str, str, str]]]:
        """Yield each form in which a secret stands in a text, with its variable and its code."""
        for secret in sorted(self._nameless):
            has_named = any(_stands_in(named, secret) for named in self._names)
            if len(secret) >= SHORTEST and secret in value and not has_named:
                self._names[secret] = f"SECRET_{len(self._names) + 1}"
        for secret, name in self._names.items():
            if len(secret) < SHORTEST and secret != value:
                continue
            for written, code, imports in reversed(FORMS):
                if (text := written(secret)) in value:
                    yield text, (name, code, imports)


def quoted(value: str | bytes) -> str:
    """Give a literal, in double quotes where it has none itself."""
    text = repr(value)
    return text if '"' in text else text.replace("'", '"')


def _stands_in(secret: str, text: str) -> bool:
    return secret == text or (len(secret) >= SHORTEST and secret in text)
