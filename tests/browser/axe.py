"""What an accessibility checker says of a page."""

from __future__ import annotations

from needs import absent


def serious(page):
    """Give what axe-core finds serious or critical: rule, impact, and the first elements."""
    try:
        from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - may be missing
    except ImportError:
        absent("axe-core is missing. Type: make setup")
    return [
        (each["id"], each["impact"], [node["html"][:200] for node in each["nodes"]][:3])
        for each in Axe().run(page).response["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
