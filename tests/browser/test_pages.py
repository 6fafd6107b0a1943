"""Every page of the console in a browser: by axe, by its console, by where it asks, and at the width of a phone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import furnished, pages
from tests.browser.conftest import Served
from tests.browser.viewers import Viewer

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map(
    (each) => `${each.id}: ${each.nodes.map((node) => node.target.join(' ')).slice(0, 5).join(', ')}`)"""
SETTLED = """() => document.querySelector('.htmx-request') && new Promise(
    (done) => document.body.addEventListener('htmx:after:swap', () => done(null), {once: true}))"""
"""Waits for what a page asks for as it opens."""
CHECKED = (
    """() => new Promise((done) => document.body.addEventListener('htmx:after:swap', () => done(null), {once: true}))"""
)
"""Waits until what was written has been checked."""
EVERY = [address for found in pages.EXAMPLES.values() for address in found]


class Heard:
    """What a window said and asked for while it showed a page."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.address = address
        self.wrong: list[str] = []
        self.page.on(
            "console", lambda line: self.wrong.append(line.text) if line.type in {"error", "warning"} else None
        )
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda asked: self._asked(asked.url))
        self.page.on("requestfailed", lambda asked: self._failed(asked.url, asked.failure or ""))

    def open(self, path: str) -> list[str]:
        """Show a page with all that it loads by itself, and return what went wrong with it."""
        self.wrong = []
        self.page.goto(self.address + path, wait_until="load")
        self.page.evaluate(SETTLED)
        return self.wrong

    def violations(self) -> list[str]:
        """Return what axe finds on the page."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[str] = self.page.evaluate(RUN_AXE)
        return found

    def _failed(self, url: str, why: str) -> None:
        if why != "net::ERR_ABORTED":  # what the page before asked for as it was left
            self.wrong.append(f"{url}: {why}")

    def _asked(self, url: str) -> None:
        if not url.startswith(self.address):
            self.wrong.append(f"asked {url}")


def window(served: Served, opened: Chromium, **how: Any) -> Iterator[Heard]:
    context = served.open(opened, **how)
    yield Heard(context, served.address)
    context.close()


@pytest.fixture(scope="module")
def desktop(served: Served, opened: Chromium) -> Iterator[Heard]:
    yield from window(served, opened, width=1280, theme="light")


@pytest.fixture(scope="module")
def phone(served: Served, opened: Chromium) -> Iterator[Heard]:
    yield from window(served, opened, width=360, theme="dark")


def picture(heard: Heard, folder: Path, path: str, kind: str) -> None:
    """Take a picture where somebody wants to look at one (``make screenshots``): it takes longer than the page does."""
    if not os.environ.get("SCREENSHOTS"):
        return
    name = re.sub(r"[^a-z0-9]+", "-", path.removeprefix("/installs/{id}").lower()).strip("-") or "home"
    name = f"install-{name}" if "{id}" in path else name
    heard.page.screenshot(path=folder / f"{name}-{kind}.png", full_page=True)


def test_every_page_has_an_example_here(served: Served) -> None:
    assert {each.endpoint for each in pages.rules(served.app)} == set(pages.EXAMPLES)


@pytest.mark.parametrize("path", EVERY)
def test_a_page_is_whole_on_a_desk_in_daylight(served: Served, desktop: Heard, screenshots: Path, path: str) -> None:
    wrong = desktop.open(path.format(id=served.install.id))
    picture(desktop, screenshots, path, "wide")
    assert desktop.violations() == []
    assert wrong == []


@pytest.mark.parametrize("path", EVERY)
def test_a_page_is_whole_on_a_phone_at_night(served: Served, phone: Heard, screenshots: Path, path: str) -> None:
    wrong = phone.open(path.format(id=served.install.id))
    picture(phone, screenshots, path, "narrow")
    width = phone.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360, "it scrolls sideways"
    assert phone.violations() == []
    assert wrong == []


@pytest.fixture(scope="module")
def windows(served: Served, opened: Chromium) -> Iterator[dict[Viewer, Heard]]:
    """A window for each kind of people besides the administrator."""
    found = {each: window(served, opened, width=1280, theme="light", viewer=each) for each in pages.OTHERS}
    yield {each: next(made) for each, made in found.items()}
    for made in found.values():
        next(made, None)


@pytest.mark.parametrize(("viewer", "path"), [(who, path) for who, paths in pages.OTHERS.items() for path in paths])
def test_a_page_is_whole_for_the_others_who_may_see_it(
    served: Served, windows: dict[Viewer, Heard], screenshots: Path, viewer: Viewer, path: str
) -> None:
    heard = windows[viewer]
    wrong = heard.open(path.format(id=(served.portal if viewer == "hubspot" else served.install).id))
    picture(heard, screenshots, path, viewer)
    assert heard.page.locator("main h1").count() == 1
    assert "not found" not in heard.page.title().casefold()
    assert heard.violations() == []
    assert wrong == []


def test_what_is_pasted_over_all_of_the_text_brings_no_style_that_the_policy_refuses(
    served: Served, desktop: Heard
) -> None:
    page = desktop.page
    desktop.open(f"/installs/{served.install.id}/rules/editions/2?to=1")
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+C")  # with the look of the page, as HTML
    wrong = desktop.open(f"/installs/{served.install.id}/rules/edit/{furnished.FIRST_RULE}?as=text")
    editor = page.locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+V")
    expect(editor).to_contain_text("What changed from edition 1 to edition 2")
    page.evaluate(CHECKED)
    assert wrong == []
