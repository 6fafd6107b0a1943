"""The list of decisions: what a line says, paging, and looking a lead up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from connector.desk import activity
from connector.store.installs import Install
from connector.store.seal import Seal
from rules.model import Outcome
from tests.connector.web.kit import Browser, House, browser, decision, main


@pytest.fixture
def own(acme: Install) -> str:
    return f"/installs/{acme.id}/decisions"


def rows(page: BeautifulSoup) -> list[str]:
    return [" ".join(item.text.split()) for item in page.select("ol.decisions li")]


def keys(page: BeautifulSoup) -> list[str]:
    return [str(item["id"]).removeprefix("d-") for item in page.select("ol.decisions li")]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("assigned", "Assigned to Ana Diaz at Acme France (97 %)"),
        ("suggested", "Suggested would go to Ana Diaz"),
        ("observed", "Observed would go to Ana Diaz"),
        ("kept", "Kept stays with its owner"),
        ("ignored", "Ignored nothing to do"),
        ("refused", "Nobody found nobody can take it"),
    ],
)
def test_each_outcome_is_one_readable_line(
    house: House, alice: Browser, acme: Install, outcome: Outcome, words: str
) -> None:
    house.decide(acme, decision("d1", outcome=outcome))
    line = rows(alice.page(f"/installs/{acme.id}/decisions"))[0]
    assert line.startswith(f"Marie Curie {words}")
    assert line.endswith("just now")


def test_what_is_parked_or_under_way_is_marked(house: House, alice: Browser, acme: Install, own: str) -> None:
    house.decide(acme, decision("d1"), parked="Not allowed")
    house.decide(acme, decision("d2"), settled=False, at=house.now + timedelta(seconds=1))
    assert ["In progress" in rows(alice.page(own))[0], "Needs you" in rows(alice.page(own))[1]] == [True, True]


def test_the_newest_page_is_asked_for_every_3_seconds(house: House, alice: Browser, acme: Install, own: str) -> None:
    house.decide(acme, decision("d1"))
    part = alice.get(own, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    block = BeautifulSoup(part, "html.parser").select_one("#decided")
    assert block is not None
    assert (block["hx-get"], block["hx-trigger"], block["hx-swap"]) == (own, "every 3s", "outerMorph")


def test_paging_shows_every_decision_once_though_a_batch_shares_one_moment(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    for number, size in enumerate((30, 60, 3)):
        one = decision().lead
        batch = [decision(f"b{number}-{each:03}", lead=replace(one, id=f"l{each}")) for each in range(size)]
        house.decide(acme, *batch, at=house.now + timedelta(minutes=number))
    seen: list[str] = []
    path, pages = own, 0
    while path:
        page = alice.page(path)
        seen += keys(page)
        pages += 1
        older = page.find("a", string="Older decisions")
        path = str(older["href"]) if older else ""
        assert bool(page.select("[hx-trigger]")) == (pages == 1), "older pages stand still"
    assert pages == 4
    assert seen == [f"b2-{each:03}" for each in range(3)] + [
        f"b{number}-{each:03}" for number, size in ((1, 60), (0, 30)) for each in range(size)
    ]


@pytest.mark.parametrize(
    "query",
    ["before=yesterday", "before=2026-11-22T09:30:00", "before=2026-11-22T09:30:00%2B00:00&key=%00",
     "before=2026-11-22T09:30:00%2B00:00&key=d%C3%A9", f"before=2026-11-22T09:30:00%2B00:00&key={'d' * 121}",
     "before=9999-12-31T23:59:59.999999%2B00:00", "before=9999-12-31T23:59:59.999999-23:59",
     "before=0001-01-01T00:00:00%2B23:59", "before=1969-12-31T23:59:59%2B00:00"],
)  # fmt: skip
def test_an_address_that_was_tampered_with_is_refused(alice: Browser, own: str, query: str) -> None:
    alice.page(f"{own}?{query}", status=400)


def test_a_page_opens_only_the_decisions_that_it_shows(
    house: House, alice: Browser, acme: Install, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.decide(acme, *(decision(f"d{each:03}") for each in range(100)))
    path, opened = own, 0
    open_bytes = Seal.open_bytes

    def counted(seal: Seal, sealed: bytes, *, about: str) -> bytes:
        nonlocal opened
        opened += about.startswith("decision:")
        return open_bytes(seal, sealed, about=about)

    monkeypatch.setattr(Seal, "open_bytes", counted)
    for _ in range(3):
        opened = 0
        older = alice.page(path).find("a", string="Older decisions")
        assert isinstance(older, Tag)
        assert opened == activity.PAGE + 1
        path = str(older["href"])


def test_a_page_beyond_the_end_says_where_older_ones_are(alice: Browser, own: str) -> None:
    page = alice.page(f"{own}?before=2020-01-01T00:00:00%2B00:00")
    assert "no older decisions here" in main(page)


@pytest.mark.parametrize(
    "typed",
    [
        "00Q000000000001AAA",
        "  00Q000000000001AAA ",
        "https://acme.lightning.force.com/lightning/r/Lead/00Q000000000001AAA/view",
        "https://acme.my.salesforce.com/00Q000000000001AAA",
        "https://acme.my.salesforce.com/00Q000000000001AAA?nooverride=1",
    ],
)
def test_a_lead_is_found_by_id_or_by_its_address(
    house: House, alice: Browser, acme: Install, own: str, typed: str
) -> None:
    other = decision("d2")
    house.decide(acme, decision("d1"), replace(other, lead=replace(other.lead, id="00Q000000000002AAA")))
    page = alice.get(own, query_string={"lead": typed})
    assert keys(BeautifulSoup(page.text, "html.parser")) == ["d1"]


@pytest.mark.parametrize(
    "typed",
    [
        "541935488729",
        "https://app-eu1.hubspot.com/contacts/247187887/record/0-1/541935488729",
        "https://app.hubspot.com/contacts/247187887/contact/541935488729/",
        "https://app.hubspot.com/contacts/247187887/record/0-1/541935488729?interaction=note",
        "https://app.hubspot.com/contacts/247187887/record/0-136/541935488729",
    ],
)
def test_a_contact_or_lead_of_hubspot_is_found_by_id_or_by_its_address(house: House, app: Flask, typed: str) -> None:
    portal = house.connect("hubspot", "247187887", "Portal", admin="77")
    made = decision("d1")
    house.decide(portal, replace(made, lead=replace(made.lead, id="541935488729")))
    client = browser(app)
    client.sign_in("hubspot", "247187887", "77")
    page = client.get(f"/installs/{portal.id}/decisions", query_string={"lead": typed})
    assert keys(BeautifulSoup(page.text, "html.parser")) == ["d1"]


def test_a_lead_without_decisions_gets_a_sentence(alice: Browser, own: str) -> None:
    text = main(alice.page(f"{own}?lead=00Q000000000009AAA"))
    assert "no decision about 00Q000000000009AAA" in text
    assert "30 days" in text
