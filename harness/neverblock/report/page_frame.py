"""What every page shares: escaping, its style and script, and the policy that allows only those."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from neverblock.analysis.blame import written_place
from neverblock.analysis.codes import find_code, named
from neverblock.analysis.urgency import others_wait_s
from neverblock.errors import UsageError
from neverblock.gate.background import background_code
from neverblock.gate.changes import endpoint_said, finding_said, left_out_sentence
from neverblock.gate.threshold import threshold_sentence
from neverblock.model import CheckState
from neverblock.report import summary
from neverblock.report.asides import asides
from neverblock.report.background_words import background_sentence
from neverblock.report.call_path import call_path
from neverblock.report.changes import SYMBOLS as CHANGE_SIGNS
from neverblock.report.changes import changed, since_baseline
from neverblock.report.fix_text import fix_lines, fix_title
from neverblock.report.load_figures import load_figures
from neverblock.report.load_words import finding_sentence, made, table_sentences, trend_sentence
from neverblock.report.summary import printable
from neverblock.report.suspects_words import (
    MEANINGS,
    STATES,
    by_state,
    coverage_sentence,
    made_up_routes,
    route_state,
    suspect_lines,
    suspect_said,
    suspects_sentence,
    unsuspected_lines,
)
from neverblock.units import rate, seconds

try:
    import jinja2
    from markupsafe import Markup, escape
except ImportError as error:
    raise UsageError(
        f"The HTML page needs {error.name}, which is not installed.",
        "Type: pip install 'neverblock[report]'",
    ) from error

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = re.compile("/")
"""What the name of an endpoint has, and no other word of a sentence."""

WITHIN_NAME = re.compile(r"(?<=[^ /])(?=/)")
"""Where a name may go on in the next line: before a slash that begins no path."""

CHECK_SYMBOLS = summary.CHECK_SYMBOLS | {CheckState.BLIND: "○"}


def fill(template: str, css: str = "", **values: Any) -> str:
    """Give a template filled in as a whole page, with the shared style and script in it.

    ``css`` are further rules of our own. What a target named goes into ``values`` only: all of it
    is escaped, and the page's policy forbids every style and script but these two, by their hashes.
    """
    environment = _environment()
    style = f"{environment.get_template('style.css').render()}{css}"
    script = environment.get_template("script.js").render()
    return environment.get_template(template).render(
        style=Markup(style),  # noqa: S704 - our own rules; nothing of a target is in them
        script=Markup(script),  # noqa: S704 - our own file, the same on every page
        policy=(
            f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; "
            "base-uri 'none'; form-action 'none'"
        ),
        **values,
    )


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("neverblock.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    environment.filters |= {
        "seconds": seconds,
        "others_wait": others_wait_s,
        "marked": summary.marked,
        "left_out_sentence": left_out_sentence,
        "fix_lines": fix_lines,
        "fix_title": fix_title,
        "name": name,
        "with_names": with_names,
        "call_path": call_path,
        "worth_telling": summary.worth_telling,
        "code": lambda text: printable(text.expandtabs(4)),
        "sentence": _sentence,
        "named": named,
        "written_place": written_place,
        "asides": asides,
        "background_code": background_code,
        "background_sentence": background_sentence,
        "suspects_sentence": suspects_sentence,
        "suspect_said": suspect_said,
        "suspect_lines": suspect_lines,
        "unsuspected_lines": unsuspected_lines,
        "by_state": by_state,
        "state_title": STATES.__getitem__,
        "state_meaning": MEANINGS.__getitem__,
        "coverage_sentence": coverage_sentence,
        "route_state": route_state,
        "made_up_routes": made_up_routes,
        "finding_sentence": finding_sentence,
        "table_sentences": table_sentences,
        "load_figures": load_figures,
        "made": made,
        "named_code": lambda code: str(find_code(code)),
        "place_alone": lambda found: replace(found, held_s=0.0),
        "rate": rate,
        "trend_sentence": trend_sentence,
        "threshold_sentence": threshold_sentence,
        "by_reason": summary.by_reason,
        "changed": changed,
        "endpoint_said": endpoint_said,
        "finding_said": finding_said,
        "since_baseline": since_baseline,
    }
    environment.globals |= {"symbols": summary.SYMBOLS, "check_symbols": CHECK_SYMBOLS}
    environment.globals |= {"change_signs": CHANGE_SIGNS}
    return environment


def name(text: str, mark: str = "") -> Markup:
    """Give a name that stands whole; where a line is too narrow it goes on at a slash.

    A punctuation ``mark`` after it stays with it.
    """
    whole = Markup("<wbr>").join(WITHIN_NAME.split(printable(text)))
    return Markup('<span class="name"><bdi dir="ltr">{}{}</bdi></span>').format(whole, mark)


def with_names(text: str, names: Iterable[str]) -> Markup:
    """Give a sentence in which names of endpoints stand as names do."""
    told = sorted(filter(NAME.search, names), key=len, reverse=True)
    if not told:
        return escape(printable(text))
    between, *parts = re.split(f"({'|'.join(map(re.escape, told))})([,.:;]?)", text)
    markup = escape(printable(between))
    for told_name, mark, between in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        markup += name(told_name, mark) + escape(printable(between))
    return markup


def _finalized(value: object) -> object:
    """Spell out control characters in what a target named; markup of our own stays as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value)
    return value


def _sentence(text: str) -> str:
    """Give a clause as a sentence."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."
