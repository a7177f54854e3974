"""Values that come from the environment: read into memory, and kept out of every text."""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from html.entities import codepoint2name
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

SHORTEST = 4
"""Characters of a secret that is worth hiding; to hide ``1`` would hide every other digit."""

SHORTEST_ENCODED = 6
"""The same in base64, where four bytes are six characters."""

HIDDEN = "***"

_NOTHING = re.compile(r"(?!)")
_URL_SAFE = str.maketrans("+/", "-_")
_ENTITIES = {chr(code): (name,) for code, name in codepoint2name.items()} | {"'": ("apos",)}
_ESCAPES = {"\n": [r"\\+n"], "\r": [r"\\+r"], "\t": [r"\\+t"], " ": [r"\+", r"\s+"]}
"""How else a character is written: by a backslash, and blanks as plus signs or run together."""

_REFERENCE = re.compile(r"\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def expand(text: str, environ: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Give a text with each ``${NAME}`` replaced, and the names by the values that were put in.

    ``$${NAME}`` stands for ``${NAME}`` itself. Raises ValueError for a variable that is not set.
    """
    used: dict[str, str] = {}

    def value_of(match: re.Match[str]) -> str:
        if match[0].startswith("$$"):
            return match[0][1:]
        value = variable(match[1], environ)
        used[value] = match[1]
        return value

    return _REFERENCE.sub(value_of, text), used


def variable(name: str, environ: Mapping[str, str]) -> str:
    """Give the value of an environment variable. Raises ValueError where it is not set or empty."""
    value = environ.get(name, "")
    if not value:
        raise ValueError(f"the environment variable {name} is not set: export {name}=...")
    return value


def redact(text: str, secrets: Collection[str]) -> str:
    """Give a text with every secret in it hidden, in whatever form an app gives one back.

    In either case; as repr, JSON, HTML and URLs write its characters, mixed and one in another; in
    base64, also as a part of more, and in hexadecimal. Where the text was cut in the middle of a
    secret, what is left of it at the end is hidden as well.
    """
    if not secrets or not text:
        return text
    whole, cut = _patterns(frozenset(secrets))
    return cut.sub(HIDDEN, whole.sub(HIDDEN, text))


@lru_cache(maxsize=8)
def _patterns(secrets: frozenset[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Give what finds all forms of the secrets, and what finds the beginning of one at the end."""
    forms = [form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)]
    forms = sorted(dict.fromkeys(forms), key=len, reverse=True)
    if not forms:
        return _NOTHING, _NOTHING
    written = [[_written(character) for character in form] for form in forms]
    whole = "|".join("".join(characters) for characters in written)
    cut = "|".join(_beginning(characters) for characters in written)
    return re.compile(whole, re.IGNORECASE), re.compile(f"(?:{cut})\\Z", re.IGNORECASE)


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret as it is, in hexadecimal, and what of it is sure to stand in any base64."""
    yield secret
    plain = secret.encode("utf-8", "surrogateescape")
    yield plain.hex()
    for before in range(3):  # its place in a group of three bytes
        encoded = base64.b64encode(bytes(before) + plain).decode()
        sure = encoded[-(-8 * before // 6) : 8 * (before + len(plain)) // 6]
        if len(sure) >= SHORTEST_ENCODED:
            yield sure
            yield sure.translate(_URL_SAFE)


def _written(character: str) -> str:
    """Give a pattern for one character, in any of the ways in which a text may write it."""
    code = ord(character)
    ways = [rf"&#0*{code};?", rf"&#x0*{code:x};?"]
    ways += [rf"\\+u0*{code:x}", rf"\\+u\{{0*{code:x}\}}"]
    if code > 0xFFFF:  # noqa: PLR2004 - what UTF-16 writes in two
        high, low = divmod(code - 0x10000, 0x400)
        ways.append(rf"\\+u{0xD800 + high:x}\\+u{0xDC00 + low:x}")
    encoded = character.encode("utf-8", "surrogateescape")
    ways.append("".join(rf"%(?:25)*{byte:02x}" for byte in encoded))
    ways.append("".join(rf"\\+x{byte:02x}" for byte in encoded))
    ways += [rf"\\+x{code:02x}"] * (code < 0x100)  # noqa: PLR2004 - two digits
    ways += [rf"&{name};?" for name in _ENTITIES.get(character, ())]
    ways += _ESCAPES.get(character, [])
    ways.append(re.escape(character))  # last: it may be the beginning of another way
    # letters and digits stand as they are; what else there is may have a backslash before it
    escaped = "" if character.isascii() and character.isalnum() else r"\\*"
    return f"{escaped}(?:{'|'.join(ways)})"


def _beginning(characters: Sequence[str]) -> str:
    """Give a pattern for at least the first few of some characters, as far as they go on."""
    rest = ""
    for character in reversed(characters[SHORTEST:]):
        rest = f"(?:{character}{rest})?"
    return "".join(characters[:SHORTEST]) + rest
