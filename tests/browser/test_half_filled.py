"""Boxes that are half filled in: the page says so at each, leads to it, and keeps what was typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.browser import furnished
from tests.browser.conftest import Served


@pytest.fixture
def page(served: Served, opened: Chromium) -> Iterator[Page]:
    context = served.open(opened, width=1280, theme="light")
    made = context.new_page()
    made.goto(f"{served.address}/installs/{served.install.id}/rules/edit/{furnished.FIRST_RULE}", wait_until="load")
    yield made
    context.close()


def test_saving_leads_to_the_box_in_which_something_is_missing_until_it_is_there(page: Page) -> None:
    values = page.locator("[name$=-value]")
    before = values.count()
    page.get_by_role("button", name="Add a condition").click()
    expect(values).to_have_count(before + 1)
    values.last.fill("Germany")
    what = f"Condition {before + 1}: which field?"
    expect(page.locator("#checked")).to_contain_text(what)
    page.get_by_role("button", name="Save the draft").click()
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("Nothing was saved")
    expect(values.last).to_have_value("Germany")
    notice.get_by_role("link", name=what).click()
    box = page.get_by_role("group", name=f"Condition {before + 1}").get_by_role("combobox", name="Field")
    expect(box).to_be_in_viewport()
    expect(box).to_have_accessible_description(f"{what} Choose it, or drop the condition.")
    box.fill("lead.country")
    expect(page.locator("#checked")).to_contain_text("No faults.")
    page.get_by_role("button", name=f"Drop condition {before + 1}").click()
    expect(values).to_have_count(before)
    expect(page.get_by_role("alert")).to_have_count(0)
