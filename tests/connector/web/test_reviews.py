"""The page Reviews: what is asked, with which evidence, and what each button does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from connector.desk import log
from connector.store import progress, reviews
from connector.store.installs import Install
from connector.store.reviews import Review
from connector.web.reviews import PAGE
from rules.model import Basis, Match, Record
from tests.connector.web.conftest import ALICE
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
    buttons = [each.get_text(" ", strip=True) for each in page.select("article button")]
    assert buttons == ["Yes, Acme France a", "Not this one r", "Never for leads of acme.fr n", "It is Acme Holding"]
    keys = [each["data-key"] for each in page.select("article [data-key]")]
    assert keys == [each["aria-keyshortcuts"] for each in page.select("article [data-key]")] == ["a", "r", "n"]
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


def test_the_lead_and_the_account_are_shown_side_by_side_with_what_is_equal(
    house: House, alice: Browser, acme: Install
) -> None:
    sure = decision()
    lead = replace(sure.lead, fields={"company": "Åkerlund & Söhne GmbH", "email": "zoë@akerlund.se", "country": "SE"})
    told = {"name": "AKERLUND & SOEHNE", "website": "https://www.akerlund.se", "country": "Norway", "city": "Oslo"}
    basis = Basis(account=Record("account", ACCOUNT, told))
    match = Match("review", sure.match.account, sure.match.runners_up, "Not sure enough.", log_odds=3.1)
    made = replace(sure, lead=lead, match=match, basis=basis)
    house.decide(acme, made)
    with house.database.write() as connection:
        reviews.follow(connection, acme.id, house.seal(acme), [made], now=house.now)
    page = alice.page(f"/installs/{acme.id}/reviews")
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
        for row in page.select("article .scroll")[0].select("tbody tr")
    ]
    assert rows[0][:3] == ["Company", "Åkerlund & Söhne GmbH", "AKERLUND & SOEHNE"]
    assert rows[1:] == [
        ["Domain", "zoë@akerlund.se", "https://www.akerlund.se", "= the same"],
        ["Country", "SE", "Norway", "≠ different"],
        ["City", "–", "Oslo", "only one says it"],  # noqa: RUF001 - as shown
    ]


@pytest.fixture
def many(house: House, acme: Install) -> list[str]:
    """The leads of a page and a half of reviews, some asked in the same moment; the longest waiting first."""
    sure = decision().match
    match = Match("review", sure.account, (), "Not sure enough.", log_odds=1.0)
    leads = [f"00Q{place:03}" for place in range(PAGE + 12)]
    for begin in range(0, len(leads), 10):
        some = leads[begin : begin + 10]
        made = [replace(decision(f"d{each}"), lead=replace(decision().lead, id=each), match=match) for each in some]
        house.decide(acme, *made)
        with house.database.write() as connection:
            at = house.now + timedelta(seconds=begin)
            reviews.follow(connection, acme.id, house.seal(acme), made, now=at)
    return leads


def on_page(page: BeautifulSoup) -> list[str]:
    return [str(each["id"]).removeprefix("review-") for each in page.select("article")]


def test_whom_one_cannot_answer_is_passed_over(alice: Browser, acme: Install, many: list[str]) -> None:
    path = f"/installs/{acme.id}/reviews"
    first = alice.page(path)
    assert on_page(first) == many[:PAGE]
    (link,) = first.select("#reviews > p > a[href*=behind]")
    second = alice.page(str(link["href"]))
    assert on_page(second) == many[PAGE:]
    polled = second.select_one("#reviews")
    assert polled is not None
    part = alice.get(str(polled["hx-get"]), headers={"HX-Request": "true"})
    assert on_page(BeautifulSoup(part.text, "html.parser")) == many[PAGE:]
    for lead in many[PAGE:]:
        form = alice.page(str(link["href"])).select_one(f"#review-{lead} form")
        assert form is not None
        answer = alice.post(str(form["action"]), data={"csrf_token": alice.token(), "verdict": "rejected"})
        assert "behind=" in answer.headers["Location"], "one goes on where one was"
    assert on_page(alice.page(str(link["href"]))) == many[:PAGE], "then from the beginning"


@pytest.mark.parametrize("place", ["since=x&behind=y", "since=9999-12-31T23:59:59-23:00&behind=y", "behind=%00"])
def test_an_address_that_makes_no_sense_is_the_first_page(
    alice: Browser, acme: Install, many: list[str], place: str
) -> None:
    assert on_page(alice.page(f"/installs/{acme.id}/reviews?{place}")) == many[:PAGE]


def undo(alice: Browser, install: Install) -> None:
    assert alice.submit(f"/installs/{install.id}/reviews/undo").status_code == 303


@pytest.mark.parametrize("verdict", ["accepted", "rejected", "never"])
def test_the_last_answer_is_taken_back_and_the_lead_is_asked_about_again(
    house: House, alice: Browser, asked: Install, verdict: str
) -> None:
    path = f"/installs/{asked.id}/reviews"
    assert "Take the last answer back" not in alice.page(path).text
    alice.submit(f"{path}/{LEAD}", account=ACCOUNT, verdict=verdict)
    page = alice.page(path)
    assert "1 of 1" in page.get_text(" ", strip=True)
    button = page.select_one("[data-key=u]")
    assert button is not None
    undo(alice, asked)
    assert decided(house, asked) == {}
    text = alice.page(path).get_text(" ", strip=True)
    assert "Taken back. The lead is asked about again" in text
    assert "Acme Holding" in text, "with all candidates"
    assert "0 of 1" in text
    assert [row.change for row in house.letters(asked.id)] == ["resync"] * 2, "it is decided anew without the answer"
    undo(alice, asked)
    assert "There is nothing to take back" in alice.page(path).text


def test_a_runner_up_that_was_chosen_is_taken_back_with_what_it_said_of_the_best(
    house: House, alice: Browser, asked: Install
) -> None:
    alice.submit(f"/installs/{asked.id}/reviews/{LEAD}", account=OTHER, verdict="accepted")
    undo(alice, asked)
    assert decided(house, asked) == {}


def test_what_was_decided_by_an_answer_goes_back_with_it(house: House, alice: Browser, asked: Install) -> None:
    alice.submit(f"/installs/{asked.id}/reviews/{LEAD}", account=ACCOUNT, verdict="accepted")
    house.decide(asked, decision("d2"), at=house.now + timedelta(seconds=2))
    undo(alice, asked)
    with house.database.read() as connection:
        works = [each for each in progress.of(connection, asked.id) if each.name.startswith("undo:")]
    assert [(each.state, each.total) for each in works] == [("waiting", 1)]
    assert len(house.letters(asked.id)) == 1, "what is undone is not routed again by us"


def test_an_answer_that_somebody_else_has_given_since_stays(house: House, alice: Browser, asked: Install) -> None:
    alice.submit(f"/installs/{asked.id}/reviews/{LEAD}", account=ACCOUNT, verdict="rejected")
    house.now += timedelta(minutes=1)
    with house.database.write() as connection:
        found = reviews.decided(connection, asked.id, house.seal(asked))
        said = [replace(each, state="accepted", decided_at=house.now) for each in found]
        reviews.keep(connection, asked.id, house.seal(asked), said)
    undo(alice, asked)
    assert "Somebody else has answered meanwhile" in alice.page(f"/installs/{asked.id}/reviews").text
    assert decided(house, asked)[ACCOUNT].state == "accepted"


def test_after_an_hour_an_answer_is_undone_by_its_decision_alone(house: House, alice: Browser, asked: Install) -> None:
    alice.submit(f"/installs/{asked.id}/reviews/{LEAD}", account=ACCOUNT, verdict="rejected")
    house.now += timedelta(hours=1)
    alice.sign_in("salesforce", asked.tenant_id, ALICE)
    undo(alice, asked)
    assert decided(house, asked)[ACCOUNT].state == "rejected"


def test_the_sure_ones_are_accepted_at_once_and_taken_back_at_once(house: House, alice: Browser, acme: Install) -> None:
    sure = decision().match
    assert sure.account is not None
    made = []
    for place, likely in enumerate((0.97, 0.85, 0.7)):
        account = replace(sure.account, confidence=likely)
        lead = replace(decision().lead, id=f"00Q{place}")
        match = Match("review", account, (), "Not sure enough.", log_odds=1.0)
        made.append(replace(decision(f"d{place}"), lead=lead, match=match))
    house.decide(acme, *made)
    with house.database.write() as connection:
        reviews.follow(connection, acme.id, house.seal(acme), made, now=house.now)
    path = f"/installs/{acme.id}/reviews/sure"
    boxes = [str(each["value"]) for each in alice.page(path).select("input[name=lead]")]
    assert boxes == ["00Q0", "00Q1"], "the surest first, and none below 80 %"
    answer = alice.post(path, data={"csrf_token": alice.token(), "lead": [*boxes, "00Q404"]})
    assert answer.status_code == 303
    with house.database.read() as connection:
        said = reviews.decided(connection, acme.id, house.seal(acme))
    assert {each.lead_id: each.state for each in said} == {"00Q0": "accepted", "00Q1": "accepted"}
    assert "2 of 3" in alice.page(f"/installs/{acme.id}/reviews").get_text(" ", strip=True)
    undo(alice, acme)
    with house.database.read() as connection:
        assert reviews.decided(connection, acme.id, house.seal(acme)) == []
    assert "None of the matches" not in alice.page(path).text


def test_nobody_is_sure_of_nothing(alice: Browser, acme: Install) -> None:
    assert "None of the matches that wait is so likely." in alice.page(f"/installs/{acme.id}/reviews/sure").text


def test_reviews_of_another_tenant_do_not_exist(house: House, alice: Browser, asked: Install) -> None:
    other = house.connect("hubspot", "77", "Other", admin="9")
    for path in ("reviews", "reviews/sure"):
        assert alice.get(f"/installs/{other.id}/{path}").status_code == 404
    for path in ("reviews/sure", "reviews/undo", f"reviews/{LEAD}"):
        assert alice.submit(f"/installs/{other.id}/{path}", verdict="accepted").status_code == 404


def test_what_was_done_is_noted_under_the_name_of_who_did_it(house: House, alice: Browser, asked: Install) -> None:
    alice.submit(f"/installs/{asked.id}/reviews/{LEAD}", account=ACCOUNT, verdict="never")
    undo(alice, asked)
    found = [(each.by, each.did) for each in log.listed(house, asked).changes]
    assert found[:2] == [(ALICE, "undo review"), (ALICE, "review never")]
