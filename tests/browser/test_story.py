"""From install to live, in a browser, over the local CRMs and the product with all its processes; once for each CRM."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.demo.watch import HubSpotEye, SalesforceEye
from tests.local.person import Person
from tests.local.processes import until
from tests.local.product import PROCESSES, Product
from tests.local.world import CrmName, begin
from tests.sandbox.hubspot.hub import DEFAULT_PORTAL
from tests.story.conftest import QUICK

CRMS: tuple[CrmName, ...] = ("salesforce", "hubspot")
NAMES = {"salesforce": "Salesforce", "hubspot": "HubSpot"}
PATIENCE_MS = 60_000
pytestmark = pytest.mark.timeout(240)  # the first test here also starts the product and both CRMs


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """The product and both CRMs running, nothing connected yet."""
    with tempfile.TemporaryDirectory(prefix="switchyard-", ignore_cleanup_errors=True) as directory:
        world = begin(Path(directory))
        found = Product(world, Path(directory) / "data", dict(QUICK))
        try:
            found.start(*PROCESSES)
            found.wait_until_ready(Person(world))
            found.fill(1)
            yield found
        finally:
            found.stop()
            world.stop()


@pytest.fixture
def page(product: Product, opened: Chromium) -> Iterator[Page]:
    context = opened.new_context(ignore_https_errors=True, locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    assert wrong == []
    context.close()


def go(page: Page, place: str) -> None:
    """Open a page of the install by its navigation, and wait for what it asks the CRM for."""
    page.get_by_role("navigation", name="Pages of").get_by_role("link", name=place, exact=True).click()


def step(page: Page, title: str) -> str:
    """Return what the first steps say of one: done, or to do."""
    go(page, "Home")
    item = page.locator("ol.steps > li", has_text=title)
    return "done" if "done" in (item.get_attribute("class") or "") else "to do"


def connect(page: Page, product: Product, crm: CrmName) -> None:
    page.goto(product.world.url)
    page.get_by_role("link", name=f"Connect {NAMES[crm]}", exact=True).click()
    page.locator("button[value=allow]").click()
    expect(page.get_by_role("heading", name="Your first steps")).to_be_visible(timeout=PATIENCE_MS)


def wait_until_set_up(page: Page) -> None:
    """Wait as a person would: the page tells how far it is, and changes by itself."""
    expect(page.locator("#work section")).to_have_count(0, timeout=PATIENCE_MS)
    page.reload()
    expect(page.locator("ol.steps > li.done").first).to_contain_text("Connect")


def check(page: Page) -> None:
    page.get_by_role("link", name="Run the check").click()
    expect(page.locator("ul.checks li").first).to_be_visible()
    expect(page.locator("#check-result")).to_contain_text("there.")


def change_a_rule(page: Page) -> None:
    go(page, "Rules")
    page.get_by_role("link", name="Everyone else", exact=True).click()
    page.get_by_label("Due after").fill("30 minutes")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("link", name="Compare and publish").first.click()
    expect(page.locator("main")).to_contain_text("30 minutes")
    page.get_by_label("Why (for the history)").fill("Sooner")
    page.get_by_role("button", name="Publish the drafts").click()
    go(page, "Rules")
    expect(page.locator("section.in-force")).to_contain_text("Sooner")


def preview(page: Page) -> None:
    go(page, "Preview")
    page.get_by_label("Last name", exact=True).fill("Story")
    page.get_by_label("E-mail", exact=True).fill("grace@example.org")
    page.get_by_role("button", name="Look", exact=True).click()
    expect(page.locator("#preview")).to_contain_text("Everyone else")


def act(page: Page) -> None:
    go(page, "Settings")
    card = page.locator("article", has=page.get_by_role("heading", name="Act", exact=True))
    card.get_by_role("checkbox").check()
    card.get_by_role("button", name="Switch to Act").click()
    expect(page.locator("article.current")).to_contain_text("Act")


def lead_comes_in(product: Product, crm: CrmName) -> SalesforceEye | HubSpotEye:
    if crm == "salesforce":
        eye: SalesforceEye | HubSpotEye = SalesforceEye(product.world)
        row = {"FirstName": "Grace", "LastName": "Story", "Company": "Story Ltd", "Email": "grace@story-ltd.com"}
    else:
        eye = HubSpotEye(product.world, str(DEFAULT_PORTAL))
        row = {"firstname": "Grace", "lastname": "Story", "company": "Story Ltd", "email": "grace@story-ltd.com"}
    (lead_id,) = eye.create([row])
    until(lambda: lead_id in eye.audits(), seconds=60, what=f"the lead's audit in {crm}", every=0.25)
    return eye


@pytest.mark.parametrize("crm", CRMS)
def test_from_install_to_a_lead_that_is_routed_and_explained(
    product: Product, page: Page, screenshots: Path, crm: CrmName
) -> None:
    connect(page, product, crm)
    wait_until_set_up(page)
    check(page)
    assert step(page, "Check the permissions") == "done"
    change_a_rule(page)
    preview(page)
    assert [step(page, each) for each in ("Look at the starter rules", "Preview a lead", "Publish")] == ["done"] * 3
    act(page)
    eye = lead_comes_in(product, crm)
    go(page, "Activity")
    page.get_by_role("link", name=re.compile("Grace Story")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Grace Story")
    main = page.locator("main")
    expect(main).to_contain_text("Everyone else")
    expect(main).to_contain_text("New business")
    page.screenshot(path=screenshots / f"story-{crm}.png", full_page=True)
    (audit,) = next(found for found in eye.audits().values() if found[0].rule == "Everyone else")
    assert (audit.outcome, eye.owners()[audit.lead_id]) == ("assigned", audit.owner_id)
