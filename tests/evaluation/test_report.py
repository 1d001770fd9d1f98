"""Reports: one file that opens offline and on a phone, and the leaderboard that is made of what was committed."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from lathe.evaluation import Plot, Report, Section, Table, write_report

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wide = Table([f"column {n}" for n in range(14)], [[f"{n * 1234.5:,.1f}" for n in range(14)]] * 3)
    plot = Plot("curve", "Something that <rises>", lambda axes: axes.plot([1, 2, 3], [1, 4, 9]))
    sections = [Section("Wide & long", ("A name/" * 60, "a | b"), wide, plot), Section("Nothing")]
    write_report(tmp_path, Report("<Title>", ["What is missing: nothing."], sections))
    return tmp_path


def test_the_same_data_gives_the_same_files(folder: Path) -> None:
    files = [folder / "report.md", folder / "report.html", folder / "plots/curve.svg", folder / "plots/curve.png"]
    before = [path.read_bytes() for path in files]
    plot = Plot("curve", "Something that <rises>", lambda axes: axes.plot([1, 2, 3], [1, 4, 9]))
    wide = Table([f"column {n}" for n in range(14)], [[f"{n * 1234.5:,.1f}" for n in range(14)]] * 3)
    sections = [Section("Wide & long", ("A name/" * 60, "a | b"), wide, plot), Section("Nothing")]
    write_report(folder, Report("<Title>", ["What is missing: nothing."], sections))
    assert [path.read_bytes() for path in files] == before
    page, text = (folder / "report.html").read_text(), (folder / "report.md").read_text()
    assert "&lt;Title&gt;" in page and "<svg" in page and "Wide &amp; long" in page
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    )
    assert "![Something that <rises>](plots/curve.svg)" in text and "| column 0 |" in text


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to look with")
def test_a_browser_shows_it_offline_on_a_phone(folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
        page = context.new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto((folder / "report.html").as_uri())
        assert page.title() == "<Title>" and page.locator("h2").count() == 2
        assert page.locator("figure svg").is_visible() and page.locator("td").first.is_visible()
        wide, screen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= screen == 390  # the table scrolls, not the page
        assert page.locator(".wide").evaluate("e => e.scrollWidth > e.clientWidth")
        assert page.locator("figure svg").bounding_box()["width"] <= 390  # type: ignore[index]
        assert len(asked) == 1 and not said
        browser.close()


@pytest.fixture
def leaderboard() -> ModuleType:
    spec = importlib.util.spec_from_file_location("leaderboard", ROOT / "benchmarks" / "leaderboard.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_leaderboard_is_made_of_what_was_committed(leaderboard: ModuleType) -> None:
    text = leaderboard.write_board()
    assert (ROOT / "benchmarks" / "leaderboard.md").read_text() == text, "python benchmarks/leaderboard.py write"
    published = [line for line in text.splitlines() if "arXiv" in line]
    assert len(published) > 10 and all("another protocol" in line for line in published)
