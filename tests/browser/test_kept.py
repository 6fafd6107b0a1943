"""What was typed and sent when the sign-in had ended: kept in the tab for whoever typed it, and for nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, expect

from connector.store import installs
from tests.browser import furnished
from tests.browser.conftest import Served
from tests.browser.viewers import Viewer
from tests.connector.web.kit import browser

EDITOR = f"/rules/edit/{furnished.FIRST_RULE}"
OFFER, NOTE, TEXT = "[data-kept-offer]", "[data-kept-note]", ".cm-content"
WRITTEN = "# written while the sign-in ended"
KEPT = "Object.keys(sessionStorage).filter((key) => key.startsWith('kept:')).length"


class Desk:
    """A tab with the editor of a rule."""

    def __init__(self, served: Served, context: BrowserContext) -> None:
        self.served, self.context, self.page = served, context, context.new_page()

    def open(self, path: str = EDITOR) -> None:
        self.page.goto(f"{self.served.address}/installs/{self.served.install.id}{path}", wait_until="load")

    def write(self, text: str = WRITTEN) -> None:
        self.page.locator(TEXT).click()
        self.page.keyboard.press("Control+Home")
        self.page.keyboard.type(f"{text}\n")

    def save(self) -> None:
        self.page.get_by_role("button", name="Save the draft").click()

    def kept(self) -> int:
        found: int = self.page.evaluate(KEPT)
        return found

    def sign_in(self, viewer: Viewer) -> None:
        self.context.clear_cookies()
        for name, value in self.served.cookies[viewer]:
            self.context.add_cookies([{"name": name, "value": value, "url": self.served.address}])

    def loses(self, text: str = WRITTEN) -> None:
        """Write and save when nobody is signed in any more."""
        self.open(f"{EDITOR}?as=text")
        self.write(text)
        self.context.clear_cookies()
        self.save()
        expect(self.page.locator(NOTE)).to_be_visible()


@pytest.fixture
def desk(served: Served, context: BrowserContext) -> Desk:
    return Desk(served, context)


def test_a_text_is_offered_again_to_who_wrote_it_and_put_back_without_being_saved(desk: Desk) -> None:
    desk.loses()
    desk.sign_in("admin")
    desk.open("/rules/edit/new/rule")
    expect(desk.page.locator(OFFER)).to_be_hidden()
    desk.open(EDITOR)
    expect(desk.page.locator(OFFER)).to_be_visible()
    desk.page.get_by_role("button", name="Put it into the editor").click()
    expect(desk.page.locator(TEXT)).to_contain_text(WRITTEN)
    expect(desk.page.locator("#editor")).to_have_attribute("data-guarded", "changed")
    assert desk.kept() == 0
    desk.context.new_page().goto(f"{desk.served.address}/installs/{desk.served.install.id}{EDITOR}?as=text")
    expect(desk.context.pages[-1].locator(TEXT)).not_to_contain_text(WRITTEN)


def test_a_form_with_a_new_row_is_kept_when_the_sign_in_is_too_old(desk: Desk) -> None:
    desk.open(EDITOR)
    rows = desk.page.locator("[name$=-after]")
    before = rows.count()
    desk.page.get_by_role("button", name="Add a step").click()
    expect(rows).to_have_count(before + 1)
    rows.last.fill("77 minutes")
    house, now = desk.served.house, desk.served.house.now
    house.now = now + timedelta(hours=12)
    try:
        desk.save()
        expect(desk.page.get_by_role("heading", level=1)).to_contain_text("Every lead to the right person")
        expect(desk.page.locator(NOTE)).to_be_visible()
    finally:
        house.now = now
    desk.open(EDITOR)
    desk.page.get_by_role("button", name="Put it into the editor").click()
    expect(rows.last).to_have_value("77 minutes")
    assert desk.kept() == 0


def test_it_is_thrown_away_when_nobody_wants_it(desk: Desk) -> None:
    desk.loses()
    desk.sign_in("admin")
    desk.open(EDITOR)
    desk.page.get_by_role("button", name="Throw it away").click()
    expect(desk.page.locator(OFFER)).to_be_hidden()
    assert desk.kept() == 0


def test_nothing_is_kept_of_what_was_saved_or_shown_again(desk: Desk) -> None:
    desk.open(f"{EDITOR}?as=text")
    desk.page.locator(TEXT).click()
    desk.page.keyboard.press("Control+End")
    desk.page.keyboard.type("\n\n")  # which saving takes away: then there is nothing to draft
    desk.save()
    expect(desk.page.locator(".flash")).to_contain_text("Saved as a draft.")
    assert desk.kept() == 0
    desk.write("- rule: another")
    desk.save()
    expect(desk.page.get_by_role("alert").first).to_be_visible()
    assert desk.kept() == 0


@pytest.mark.parametrize("viewer", ["hubspot", "rep"])
def test_it_goes_when_somebody_else_signs_in(desk: Desk, viewer: Viewer) -> None:
    desk.loses()
    desk.sign_in(viewer)
    desk.page.goto(f"{desk.served.address}/me" if viewer == "rep" else desk.served.address)
    assert desk.kept() == 0


def test_it_goes_at_signing_out(desk: Desk) -> None:
    served, other = desk.served, "005000000000009AAA"
    with served.house.database.write() as connection:
        installs.add_admin(connection, served.install.id, other, served.house.now)
    person = browser(served.app)
    person.sign_in("salesforce", furnished.ORG, other)
    name = served.app.config["SESSION_COOKIE_NAME"]
    cookie = person.get_cookie(name, domain="route.example.com")
    assert cookie is not None
    desk.context.clear_cookies()
    desk.context.add_cookies([{"name": name, "value": cookie.value, "url": served.address}])
    desk.loses()
    desk.context.add_cookies([{"name": name, "value": cookie.value, "url": served.address}])
    desk.open("")
    assert desk.kept() == 1
    desk.page.get_by_role("button", name="Sign out").click()
    expect(desk.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert desk.kept() == 0


def test_it_goes_when_it_is_old(desk: Desk) -> None:
    desk.loses()
    desk.sign_in("admin")
    desk.page.clock.install()
    desk.page.clock.fast_forward("12:00:01")
    desk.open(EDITOR)
    expect(desk.page.locator("#editor")).to_be_visible()
    assert desk.kept() == 0
