"""Builds the site: ``python tools/site/build.py [FOLDER]``, into build/site by default.

What stands in docs/ and what is generated is put together in a folder of its own, so that no file
of the project changes; then Sphinx makes pages of it. A warning is an error; nothing is fetched.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

from generated import pages

if TYPE_CHECKING:
    from collections.abc import Iterable

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
HERE = Path(__file__).parent
ELSEWHERE = {"CONTRIBUTING.md": "contributing.md", "ARCHITECTURE.md": "architecture.md"}
"""Pages that stand at the top of the project, and what they are called in the site."""

ORDER = {
    "Start in five minutes <start>": (),
    "How a verdict is reached <model>": (),
    "Your own app <your-app>": (),
    "In CI <ci>": ("containers", "offenders"),
    "In tests <pytest>": (),
    "Load and capacity <load>": ("load-report", "many", "capacity", "constants"),
    "What it cannot see <blind>": ("portable", "suspects", "suspects-found"),
    "When it says inconclusive <inconclusive>": (),
    "Codes <codes>": (),
    "Commands and options <commands>": (),
    "Configuration <keys>": ("Configuration in detail <configuration>",),
    "How well it does <how-well>": (
        *("accuracy", "unseen", "reliability", "peers", "roads", "limits"),
        *("field-notes", "mutation", "pins"),
    ),
    "Contributing <contributing>": ("architecture",),
}
"""The pages in the order in which one needs them, each with those beneath it."""

BENEATH = {title.partition("<")[2].rstrip(">"): pages for title, pages in ORDER.items()}

LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s]+)(#[^)\s]+)?\)")
EXTRA = ("llms.txt", "partial-neverblock.json", "reliability.jsonl")


def main(folder: Path) -> int:
    """Build into a folder; give Sphinx's exit code."""
    with tempfile.TemporaryDirectory(prefix="neverblock-site-") as made:
        source = Path(made) / "source"
        put_together(source)
        shutil.rmtree(folder, ignore_errors=True)
        sphinx = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", "-E"]
        words = [*sphinx, "-d", Path(made) / "trees", source, folder]
        return subprocess.run(words, check=False).returncode  # noqa: S603 - our own words


def put_together(source: Path) -> None:
    """Write all that the site is made of into a new folder."""
    for name in ("extra", "static", "codes"):
        (source / name).mkdir(parents=True)
    texts = {file.name: file.read_text(encoding="utf-8") for file in DOCS.glob("*.md")}
    texts["index.md"] = (HERE / "index.md").read_text(encoding="utf-8")
    for name, called in ELSEWHERE.items():
        texts[called] = (PROJECT / name).read_text(encoding="utf-8")
    texts |= pages()
    for name, text in texts.items():
        stem = name.removesuffix(".md")
        whole = text + tree(BENEATH[stem]) if BENEATH.get(stem) else text
        if stem == "index":
            whole += tree(ORDER)
        (source / name).write_text(linked(whole, set(texts)), encoding="utf-8")
    for file in (*DOCS.glob("*.png"), *DOCS.glob("*.svg")):
        shutil.copy2(file, source)
    for name in EXTRA:
        shutil.copy2(DOCS / name, source / "extra")
    for name in ("conf.py", "site.css"):
        shutil.copy2(HERE / name, source / ("static" if name.endswith(".css") else ""))


def tree(names: Iterable[str]) -> str:
    """Give the lines that put pages beneath another."""
    return "\n```{toctree}\n:hidden:\n\n" + "\n".join(names) + "\n```\n"


def linked(text: str, names: set[str]) -> str:
    """Give a page whose links lead into the site; what is in the repository alone is named."""

    def link(found: re.Match[str]) -> str:
        words, target, anchor = found[1], found[2], found[3] or ""
        if "://" in target or target.endswith((".png", ".svg")):
            return found[0]
        name = target.removeprefix("../").removeprefix("docs/")
        name = {"README.md": "index.md", **ELSEWHERE}.get(name, name)
        if name in names:
            return f"[{words}]({name}{anchor})"
        if name in EXTRA:
            return f'<a href="{name}">{words}</a>'
        return words if target.strip("/") in words else f"{words} (`{target.removeprefix('../')}`)"

    parts = re.split(r"(^```.*?^```)", text, flags=re.DOTALL | re.MULTILINE)
    parts[::2] = (LINK.sub(link, part) for part in parts[::2])
    return "".join(parts)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else PROJECT / "build" / "site"))
