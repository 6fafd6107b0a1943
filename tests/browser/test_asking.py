"""Questions on pages that bring themselves up to date: they stay open until somebody has answered them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from connector.store import progress
from jobs import massmatch, simulation
from tests.browser.conftest import Served

KEY = "0badcafe"
WORK = (f"{simulation.PREFIX}{KEY}", massmatch.NAMES[0])
AGAIN = "() => new Promise((done) => document.body.addEventListener('htmx:after:swap', () => done(null), {once: true}))"
"""Waits until the page has brought itself up to date once more."""


@pytest.fixture
def page(served: Served, context: BrowserContext) -> Iterator[Page]:
    """A tab while a simulation and other long work wait for their turn."""
    with served.house.database.write() as connection:
        for name in WORK:
            progress.start(connection, served.install.id, name, now=served.house.now)
    yield context.new_page()
    with served.house.database.write() as connection:
        for name in WORK:
            progress.move(connection, served.install.id, name, now=served.house.now, state="done", done=0, total=0)


@pytest.mark.parametrize(("path", "answer"), [(f"/simulations/{KEY}", "Cancel the simulation"), ("/runs", "Cancel it")])
def test_a_question_stays_open_while_its_page_brings_itself_up_to_date(
    served: Served, page: Page, path: str, answer: str
) -> None:
    page.goto(f"{served.address}/installs/{served.install.id}{path}", wait_until="load")
    button = page.get_by_role("button", name=answer).first
    expect(button).to_be_hidden()
    page.locator("main details summary", has_text="Cancel").first.click()
    expect(button).to_be_visible()
    page.evaluate(AGAIN)
    page.evaluate(AGAIN)
    expect(button).to_be_visible()


def test_a_simulation_is_cancelled_by_the_answer_alone(served: Served, page: Page) -> None:
    page.goto(f"{served.address}/installs/{served.install.id}/simulations/{KEY}", wait_until="load")
    page.locator("main details summary", has_text="Cancel").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Cancel the simulation").click()
    expect(page.locator(".flash")).to_contain_text("Cancelled. Nothing is kept of it.")
