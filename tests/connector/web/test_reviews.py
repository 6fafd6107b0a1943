"""The page Reviews: what is asked, with which evidence, and what each button does."""

from __future__ import annotations

import pytest

from connector.store import reviews
from connector.store.installs import Install
from connector.store.reviews import Review
from rules.model import Match
from tests.connector.web.kit import Browser, House, decision

LEAD, ACCOUNT, OTHER = "00Q000000000001AAA", "001000000000001AAA", "001000000000009AAA"


@pytest.fixture
def asked(house: House, acme: Install) -> Install:
    sure = decision().match
    made = decision("d1", match=Match("review", sure.account, sure.runners_up, "Not sure enough.", log_odds=3.1))
    house.decide(acme, made)
    with house.database.write() as connection:
        reviews.follow(connection, acme.id, house.seal(acme), [made], now=house.now)
    return acme


def decided(house: House, install: Install) -> dict[str, Review]:
    with house.database.read() as connection:
        return {each.account_id: each for each in reviews.decided(connection, install.id, house.seal(install))}


def test_an_empty_page_says_that_nothing_waits(alice: Browser, acme: Install) -> None:
    assert "Nothing waits for you" in alice.page(f"/installs/{acme.id}/reviews").text


def test_the_page_asks_with_the_evidence_and_three_answers(alice: Browser, asked: Install) -> None:
    page = alice.page(f"/installs/{asked.id}/reviews")
    text = page.get_text(" ", strip=True)
    for words in (
        "Marie Curie",
        "Acme France",
        "97 %",
        "Both use the e-mail domain acme.fr",
        "Acme Holding",
        "1 match",
    ):
        assert words in text
    buttons = [each.get_text(strip=True) for each in page.select("article button")]
    assert buttons == ["Yes, Acme France", "Not this one", "Never for leads of acme.fr", "It is Acme Holding"]
    linked = alice.page(f"/installs/{asked.id}").select_one(f"a[href='/installs/{asked.id}/reviews']")
    assert linked is not None


@pytest.mark.parametrize(("verdict", "words"), [("accepted", "Taken."), ("rejected", "Noted."), ("never", "Noted.")])
def test_each_answer_is_stored_with_who_gave_it_and_the_lead_is_decided_anew(
    house: House, alice: Browser, asked: Install, verdict: str, words: str
) -> None:
    answer = alice.submit(f"/installs/{asked.id}/reviews/{LEAD}", account=ACCOUNT, verdict=verdict)
    assert answer.status_code == 303
    said = decided(house, asked)[ACCOUNT]
    assert (said.state, said.detail.by, said.detail.log_odds) == (verdict, "Alice Adams", 3.1)
    assert [(row.record_id, row.change) for row in house.letters(asked.id)] == [(LEAD, "resync")]
    assert house.rung == [asked.id]
    page = alice.page(f"/installs/{asked.id}/reviews").text
    assert words in page
    assert "Nothing waits for you" in page


def test_a_runner_up_can_be_chosen(house: House, alice: Browser, asked: Install) -> None:
    alice.submit(f"/installs/{asked.id}/reviews/{LEAD}", account=OTHER, verdict="accepted")
    assert {each: found.state for each, found in decided(house, asked).items()} == {
        ACCOUNT: "rejected",
        OTHER: "accepted",
    }


def test_an_answer_that_comes_too_late_changes_nothing_and_says_so(
    house: House, alice: Browser, asked: Install
) -> None:
    path = f"/installs/{asked.id}/reviews/{LEAD}"
    alice.submit(path, account=ACCOUNT, verdict="rejected")
    alice.submit(path, account=ACCOUNT, verdict="accepted")
    assert decided(house, asked)[ACCOUNT].state == "rejected"
    assert "Nobody asks about this any more" in alice.page(f"/installs/{asked.id}/reviews").text
    assert len(house.letters(asked.id)) == 1


def test_an_answer_without_a_token_or_without_sense_is_refused(house: House, alice: Browser, asked: Install) -> None:
    path = f"/installs/{asked.id}/reviews/{LEAD}"
    assert alice.post(path, data={"account": ACCOUNT, "verdict": "accepted"}).status_code == 400
    assert alice.submit(path, account=ACCOUNT, verdict="perhaps").status_code == 400
    assert decided(house, asked) == {}


def test_the_polling_script_gets_that_part_of_the_page_alone(alice: Browser, asked: Install) -> None:
    part = alice.get(f"/installs/{asked.id}/reviews", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="reviews"')
    assert "<html" not in part
