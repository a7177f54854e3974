"""What is made of a run. One file per format; all give text."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from neverblock.errors import UsageError, choices_hint
from neverblock.report.foreign import harmless

if TYPE_CHECKING:
    from neverblock.result import Run


class Renderer(Protocol):
    """Turns a run into the text of one format; it neither measures, judges nor writes."""

    def __call__(self, run: Run) -> str:
        """Give the run in this format."""


RENDERERS = {
    "text": "neverblock.report.text:render",
    "json": "neverblock.report.json:render",
    "html": "neverblock.report.html:render",
    "junit": "neverblock.report.junit:render",
    "sarif": "neverblock.report.sarif:render",
    "github": "neverblock.report.github:render",
    "gitlab": "neverblock.report.gitlab:render",
    "markdown": "neverblock.report.markdown:render",
    "speedscope": "neverblock.report.speedscope:render",
    "agent": "neverblock.report.agent:render",
}
"""Import strings, so that nothing is loaded until it is chosen."""

OF_LINES = frozenset({"agent", "html", "junit", "markdown"})
"""Formats in which the app's own line breaks stand as they are; text sees to that itself."""


def create_renderer(name: str) -> Renderer:
    """Give the renderer of that name. Raises UsageError for a name that is not in the table."""
    if name not in RENDERERS:
        raise UsageError(f"There is no format {name!r}.", choices_hint(name, RENDERERS))
    module, _, attribute = RENDERERS[name].partition(":")
    render = cast("Renderer", getattr(import_module(module), attribute))
    return guarded(render) if name in OF_LINES else render


def guarded(render: Renderer) -> Renderer:
    """Give a renderer of which no line is a command to whoever reads it."""

    def rendered(run: Run) -> str:
        return harmless(render(run))

    return rendered
