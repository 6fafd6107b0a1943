"""What a page offers to somebody who may only look: every link opens for them, and no button is one that refuses."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from connector.desk import support
from connector.store.installs import Install
from tests.browser import furnished, pages
from tests.connector.web.kit import Browser, House, browser
from tests.connector.web.sellers import rep_of

FOR_EVERYBODY = ("/signout", "/support", "/view", "/me")
"""Where anybody may send a form: it begins or ends a session, or is about how pages look, or about themselves."""
ONLY_LOOKS = "/decisions"
"""A search is sent as a form, so that no address says what was typed."""
MORE = ("/installs/{id}/rules/editions/1", "/installs/{id}/rules/edit/" + furnished.FIRST_RULE + "?as=text")
"""Pages that look otherwise than their example: an edition that could be had again, a rule as a text."""


@pytest.fixture
def install(house: House) -> Install:
    return furnished.furnish(house)


@pytest.fixture
def manager(app: Flask, install: Install) -> Browser:
    return rep_of(app, install, furnished.BOB)


@pytest.fixture
def rep(app: Flask, install: Install) -> Browser:
    return rep_of(app, install, furnished.CLEO)


@pytest.fixture
def helper(app: Flask, house: House, install: Install) -> Browser:
    """The browser of somebody from support."""
    made, client = support.make(house, install, hours=4, by=furnished.ALICE), browser(app)
    token = client.page("/support").select_one("main input[name=csrf_token]")
    assert token is not None
    client.post("/support", data={"csrf_token": str(token["value"]), "code": made.code, "name": "Sue"})
    return client


def shown(client: Browser, install: Install) -> dict[str, BeautifulSoup]:
    """Every page that opens for somebody, and the parts that its script asks for by itself."""
    found: dict[str, BeautifulSoup] = {}
    for path in (*pages.addresses(install.id), *(each.format(id=install.id) for each in MORE)):
        answer = client.get(path)
        if answer.status_code != 200:
            continue
        found[path] = BeautifulSoup(answer.text, "html.parser")
        for part in found[path].select("[hx-get]"):
            asked = client.get(str(part["hx-get"]), headers={"HX-Request": "true"})
            found[f"{path} > {part['hx-get']}"] = BeautifulSoup(asked.text, "html.parser")
    return found


def sends(form: Tag) -> str:
    """Where a form goes that changes something; "" when it only looks, or cannot be sent."""
    action = str(form.get("action", ""))
    own = action.startswith(FOR_EVERYBODY) or action.endswith(ONLY_LOOKS)
    off = not form.select("button:not([disabled]):not(fieldset[disabled] button)")
    return "" if own or off or form.get("method") != "post" else action


@pytest.mark.parametrize(("who", "pages_at_least"), [("manager", 9), ("helper", 20), ("rep", 3)])
def test_nobody_is_offered_what_they_may_not_do(
    request: pytest.FixtureRequest, install: Install, who: str, pages_at_least: int
) -> None:
    client: Browser = request.getfixturevalue(who)
    refused: set[str] = set()
    known: dict[str, int] = {}
    found = shown(client, install)
    for path, page in found.items():
        refused |= {f"{path}: sends to {to}" for to in map(sends, page.select("form")) if to}
        refused |= {f"{path}: sends to {each['hx-post']}" for each in page.select("[hx-post]")}
        for each in page.select("a[href^='/'], [hx-get]"):
            to = str(each.get("href") or each["hx-get"]).partition("#")[0]
            known[to] = known.get(to) or client.get(to).status_code
            if known[to] >= 400:
                refused.add(f"{path}: leads to {to}")
    assert refused == set()
    assert len(found) >= pages_at_least, "these pages open for them"
