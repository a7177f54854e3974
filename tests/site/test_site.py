"""The site: it builds without a warning, loads nothing from outside, and has no dead link."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from neverblock.cli import COMMANDS

PROJECT = Path(__file__).parents[2]
READ = [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").glob("*.md"))]
SHORT = (
    *("start", "model", "your-app", "ci", "containers", "offenders", "pytest", "load", "many"),
    *("load-report", "capacity", "blind", "portable", "suspects", "inconclusive", "how-well"),
)
ORDER = [
    *("Start in five minutes", "How a verdict is reached", "Your own app", "In CI", "In tests"),
    *("Load and capacity", "What it cannot see", "When it says inconclusive", "Codes"),
    *("Commands and options", "Configuration", "How well it does", "Contributing"),
]
"""The pages in the order in which one needs them."""


class Page(HTMLParser):
    """What a page links to, what it loads, the places that can be linked to, and its contents."""

    def __init__(self, text):
        """Read a page."""
        super().__init__()
        self.links, self.loads, self.places, self.contents = [], [], set(), []
        self._listed = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Take what a tag leads to."""
        given = dict(attributes)
        self.places |= {given[key] for key in ("id", "name") if given.get(key)}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            self._listed = "reference" in (given.get("class") or "").split()
        elif tag in {"script", "img", "iframe", "source"} and given.get("src"):
            self.loads.append(given["src"])
        elif tag == "link" and given.get("rel") in {"stylesheet", "icon", "preload"}:
            self.loads.append(given["href"])
        self.top = "toctree-l1" in (given.get("class") or "") or (tag == "a" and self.top)

    top = False

    def handle_data(self, data):
        """Take the title of a page that the contents name."""
        if self.top and self._listed and data.strip():
            self.contents.append(data.strip())
            self.top = False


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site; give its pages by their paths. A warning fails it."""
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, PROJECT / "tools" / "site" / "build.py", folder]
    done = subprocess.run(build, capture_output=True, text=True, check=False, timeout=200)
    assert (done.returncode, done.stderr) == (0, "")
    files = {file: Page(file.read_text(encoding="utf-8")) for file in folder.rglob("*.html")}
    return folder, files


def test_every_link_within_the_site_leads_to_a_place(site):
    """To a page or a file that is there, and to a heading that is on it."""
    folder, pages = site
    dead, followed = [], 0
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            place = unquote(parts.fragment)
            there = target.is_file() and target.is_relative_to(folder)
            if not there or (place and place not in pages[target].places):
                dead.append((file.name, link))
            followed += 1
    assert dead == []
    assert followed > 1000


def test_a_page_loads_nothing_from_elsewhere(site):
    """No font, no script and no picture: the site can be read without a network."""
    folder, pages = site
    for file, page in pages.items():
        for what in page.loads:
            assert not urlsplit(what).netloc, (file.name, what)
            assert (file.parent / unquote(urlsplit(what).path)).resolve().is_file(), what
    styles = "".join(file.read_text(encoding="utf-8") for file in folder.rglob("*.css"))
    assert "url(http" not in styles


def test_the_pages_stand_in_the_order_in_which_one_needs_them(site):
    """From the first check to contributing, as the contents beside every page have it."""
    folder, pages = site
    assert list(dict.fromkeys(pages[folder / "index.html"].contents)) == ORDER


def test_every_command_option_key_and_code_is_on_a_page(site):
    """The generated pages come from the code: a new option is there without anybody's doing."""
    folder, _ = site
    names = ("commands", "keys", "codes")
    read = {name: (folder / f"{name}.html").read_text(encoding="utf-8") for name in names}
    said = {name: " ".join(re.sub("<[^>]*>", "", text).split()) for name, text in read.items()}
    for words in ("neverblock check", "--loop-limit TIME", "--no-ceiling", "--endpoint, -e", "-k"):
        assert words in said["commands"]
    for key in ("loop-limit", "may-be-missing", "[[tool.neverblock.threshold]]"):
        assert key in said["keys"]
    assert {command in said["commands"] for command in COMMANDS} == {True}
    assert "codes/NB101.html" in read["codes"]


@pytest.mark.parametrize("page", READ, ids=lambda page: page.name)
def test_a_page_read_in_the_repository_has_no_dead_link_either(page):
    """Its links lead to files that are there; headings are followed in the site."""
    text = re.sub(
        r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    links = [urlsplit(link) for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    paths = [unquote(link.path) for link in links if not link.scheme and link.path]
    assert [path for path in paths if not (page.parent / path).exists()] == []


@pytest.mark.parametrize("name", SHORT)
def test_a_page_is_short(name):
    """One reads it at once: 150 lines at most."""
    text = (PROJECT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
