"""Leaving a page on which something was typed and not sent: that is asked about, and nothing else is."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import furnished
from tests.browser.conftest import Served

RULE = f"/rules/edit/{furnished.FIRST_RULE}"
NAME, TEXT = "#name", ".cm-content"
BOXES = {
    "the form of a rule": (RULE, NAME),
    "the form of a pool": ("/rules/edit/new/pool", "[name=member-0-hours]"),
    "a text": (f"{RULE}?as=text", TEXT),
    "the matching": ("/matching", "#note"),
    "a simulation": ("/simulations", "#days"),
}
"""Pages where people type, and where."""
CHOICES = {"the notifications": "#reminders", "the languages": "#telling-language"}


class Tab:
    """A tab whose browser asks before it leaves a page; the answer is always to stay."""

    def __init__(self, page: Page, address: str, install_id: str) -> None:
        self.page, self.home, self._start = page, f"{address}/", f"{address}/installs/{install_id}"
        page.on("dialog", lambda question: question.dismiss())

    def open(self, path: str) -> None:
        self.page.goto(self._start + path, wait_until="load")

    def type(self, box: str, text: str) -> None:
        self.page.locator(box).first.click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def is_asked(self) -> None:
        """Follow a link out of the page, and see that the browser asks first."""
        with self.page.expect_event("dialog") as question:
            self._out()
        assert question.value.type == "beforeunload"

    def leaves(self) -> None:
        """Follow a link out of the page, and see that it leads there: a question would have kept us here."""
        self._out()
        self.page.wait_for_url(self.home)

    def _out(self) -> None:
        self.page.locator("header a.brand").click()


@pytest.fixture
def tab(served: Served, context: BrowserContext) -> Tab:
    return Tab(context.new_page(), served.address, served.install.id)


@pytest.mark.parametrize("where", BOXES)
def test_what_was_typed_is_asked_about_until_it_is_taken_back(tab: Tab, where: str) -> None:
    path, box = BOXES[where]
    tab.open(path)
    tab.type(box, "7")
    tab.is_asked()
    tab.page.locator(box).first.click()
    tab.page.keyboard.press("Control+End")
    tab.page.keyboard.press("Backspace")
    tab.leaves()


@pytest.mark.parametrize("where", CHOICES)
def test_what_was_chosen_is_asked_about_until_it_is_taken_back(tab: Tab, where: str) -> None:
    tab.open("/settings")
    box = tab.page.locator(CHOICES[where])
    chosen = box.input_value()
    box.select_option(index=2)
    assert box.input_value() != chosen
    tab.is_asked()
    box.select_option(chosen)
    tab.leaves()


def test_a_row_is_asked_about_until_it_is_dropped_again(tab: Tab) -> None:
    tab.open(RULE)
    rows = tab.page.locator("[name$=-after]")
    before = rows.count()
    tab.page.get_by_role("button", name="Add a step").click()
    expect(rows).to_have_count(before + 1)
    tab.is_asked()
    tab.page.get_by_role("button", name=f"Drop step {before + 1}").click()
    expect(rows).to_have_count(before)
    tab.leaves()


def test_sending_asks_nothing_and_what_came_back_unsaved_is_asked_about(tab: Tab) -> None:
    tab.open(RULE)
    tab.type(NAME, " 7")
    tab.page.get_by_role("button", name="Edit as text").click()
    expect(tab.page.locator(TEXT)).to_contain_text("Partners stay with their manager 7")
    tab.is_asked()
    tab.page.get_by_role("button", name="Edit as a form").click()
    expect(tab.page.locator(NAME)).to_have_value("Partners stay with their manager 7")
    tab.page.locator(NAME).fill("Everybody else")
    tab.page.get_by_role("button", name="Save the draft").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("There is a rule “Everybody else” already")
    tab.is_asked()


def test_sending_one_form_asks_about_another_of_the_page(tab: Tab) -> None:
    tab.open("/settings")
    tab.page.locator("#reminders").select_option("task")
    with tab.page.expect_event("dialog"):
        tab.page.get_by_role("button", name="Save languages").click()
    expect(tab.page.locator("#reminders")).to_have_value("task")


def test_what_is_saved_is_not_asked_about_again(tab: Tab) -> None:
    tab.open("/settings")
    box = tab.page.locator("#reminders")
    chosen = box.input_value()
    box.select_option("notification")
    tab.page.get_by_role("button", name="Save notifications").click()
    expect(tab.page.locator(".flash")).to_contain_text("Saved.")
    expect(box).to_have_value("notification")
    box.select_option(chosen)
    tab.page.get_by_role("button", name="Save notifications").click()
    expect(box).to_have_value(chosen)
    tab.leaves()
