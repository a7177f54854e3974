from __future__ import annotations

import csv
import gzip
import json

import pytest
from windows import Window

from neverblock.storage import run_file


@pytest.fixture(scope="module")
def unfolded(browser, sample, hostile):
    """Give windows on both pages, everything unfolded, to tests that change their size alone."""
    opened = {"sample": Window(browser), "hostile": Window(browser)}
    for path, each in zip((sample, hostile), opened.values(), strict=True):
        each.visit(path)
        each.unfold()
    yield opened
    for each in opened.values():
        each.context.close()


def test_the_page_of_a_real_run_asks_for_nothing_and_complains_about_nothing(unfolded, sample):
    """One file is read; no request, no console message, no breach of its own policy."""
    opened = unfolded["sample"]
    assert opened.requests == [sample.as_uri()]
    assert opened.complaints == []


def test_charts_are_drawn(unfolded, sample):
    """Every card has a chart with shapes and text in it, and colours that are not the default."""
    unfolded["sample"].resize(1440)
    page = unfolded["sample"].page
    cards = page.locator(".card figure svg")
    run = run_file.load(sample.parent)
    assert cards.count() == sum(r.measurement is not None for r in run.results)
    for card in cards.all():
        box = card.bounding_box()
        assert box["width"] > 200
        assert box["height"] > 100
        assert card.locator("text").count() > 5
    bar = page.locator("#sleep\\.bad\\.gather svg path").nth(2)
    assert bar.evaluate("e => getComputedStyle(e).fill") not in {"none", "rgb(0, 0, 0)"}


def test_filters_work(window, sample):
    """By verdict, by diagnosis, by words: rows and sections go and come together."""
    opened = window()
    page = opened.visit(sample)
    everything = opened.shown()
    assert {"sleep/bad", "sleep/good", "http/bad"} <= set(everything)
    page.locator("select[name=verdict]").select_option("pass")
    assert opened.shown() == [name for name in everything if not name.endswith("/bad")]
    page.get_by_label("Find").fill("SLEEP")
    assert opened.shown() == ["sleep/good"]
    assert page.locator("main section:visible").count() == 1
    assert "1 of" in page.locator("output").inner_text()
    assert page.url.endswith("#?q=SLEEP&verdict=pass")
    page.get_by_role("button", name="Show all").click()
    opened.wait_until("tr[data-keys][hidden]", lambda number: number == 0)
    assert opened.shown() == everything
    page.locator("select[name=diagnosis]").select_option("blocking-cpu")
    assert opened.shown() == ["cpu/bad"]


def test_a_filtered_page_can_be_sent(window, sample):
    """The address holds the choices, and a count at the top leads to them."""
    opened = window()
    opened.visit(sample, "#?verdict=fail&q=http")
    assert opened.shown() == ["http/bad"]
    opened.visit(sample)
    opened.page.locator("a[data-verdict=fail]").click()
    opened.wait_until("tr[data-keys][hidden]", lambda number: number > 0)
    assert opened.shown()
    assert all(name.endswith("/bad") for name in opened.shown())


def test_sorting_keeps_pairs_together(window, sample):
    """Sorted by what others waited, the worst pair comes first, its endpoints side by side."""
    opened = window()
    page = opened.visit(sample)
    page.locator("select[name=sort]").select_option("waited")
    waited = page.locator("tbody[data-group]").evaluate_all(
        "all => all.map((each) => Number(each.dataset.waited))"
    )
    assert waited == sorted(waited, reverse=True)
    names = [name.split("/")[0] for name in opened.shown()]
    assert len(set(names)) == sum(a != b for a, b in zip([None, *names], names, strict=False))
    page.locator("select[name=sort]").select_option("name")
    assert opened.shown() == sorted(opened.shown(), key=lambda name: name.split("/")[0])


def test_links_land(window, sample):
    """A link to a folded card opens it, and a link to a hidden section shows it again."""
    opened = window()
    page = opened.visit(sample, "#sleep.good.crowd")
    card = page.locator("#sleep\\.good\\.crowd")
    assert card.is_visible()
    assert card.evaluate("e => e.getBoundingClientRect().top") < 900
    page.get_by_label("Find").fill("nothing is called so")
    page.locator("#fix-first + p + .fix-first a").first.click()
    opened.wait_until("section:target:visible", lambda number: number == 1)


def test_data_can_be_saved(window, hostile, tmp_path):
    """JSON and CSV are the run's own, and no cell of the table is a formula."""
    opened = window(accept_downloads=True)
    page = opened.visit(hostile)
    saved = {}
    for name in ("run.json.gz", "run.json", "records.csv"):
        with page.expect_download() as download:
            page.locator(".downloads .button").filter(has_text=f"({name})").click()
        assert download.value.suggested_filename == name
        saved[name] = tmp_path / name
        download.value.save_as(saved[name])
    text = saved["run.json"].read_bytes()
    assert gzip.decompress(saved["run.json.gz"].read_bytes()) == text
    run = run_file.from_json(json.loads(text))
    with saved["records.csv"].open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(result.records) for result in run.results)
    first = run.results[0].records[0]
    assert float(rows[0]["done_s"]) == first.done_s
    assert {row["endpoint"] for row in rows} == {r.endpoint.name for r in run.results if r.records}
    assert not [cell for row in rows for cell in row.values() if cell[:1] in {"=", "+", "@"}]
    assert opened.complaints == []


def test_without_javascript_everything_can_be_read(window, sample):
    """All rows are there, what cannot work is not shown, and the data can be saved."""
    opened = window(java_script_enabled=False, accept_downloads=True)
    page = opened.visit(sample)
    run = run_file.load(sample.parent)
    assert set(opened.shown()) == {r.endpoint.name for r in run.results}
    assert not page.locator("#filter").is_visible()
    assert not page.locator("button").first.is_visible()
    with page.expect_download() as download:
        page.locator("#embedded-run").click()
    assert json.loads(gzip.decompress(download.value.path().read_bytes()))["format_version"]


@pytest.mark.parametrize("width", [360, 390, 768, 1440])
def test_nothing_overflows(unfolded, width):
    """At no width does the page scroll sideways, whatever the names in it."""
    for opened in unfolded.values():
        opened.resize(width, 800)
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_names_run_nothing(window, hostile):
    """No script but our own, no dialog, and the names stand there as they are."""
    opened = window()
    dialogs = []
    opened.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page = opened.visit(hostile)
    assert dialogs == []
    assert opened.complaints == []
    assert opened.requests == [hostile.as_uri()]
    assert page.locator("script").count() == 1
    assert page.locator("main img, main iframe, main script").count() == 0
    assert "<script>alert('x')</script>" in page.locator("main").inner_text()


def test_printed_nothing_is_folded_away(window, sample):
    """On paper there are no controls, and what was folded is there; the screen is as before."""
    page = window(color_scheme="dark").visit(sample)
    telling = page.locator("details:not(.aside):not([open])")
    folded = telling.count()
    assert folded
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert telling.count() == 0
    assert not page.locator("#filter").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert telling.count() == folded
