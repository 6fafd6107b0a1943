"""The page of how leads are matched: in plain words, what thresholds are worth on one's own answers, changing it."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest
from bs4 import BeautifulSoup

from connector.desk import matching
from connector.desk.matching import Change
from connector.errors import Later
from connector.rows import RuleRow
from connector.store import pairs, reviews, rulesets
from connector.store.installs import Install
from connector.store.pair_labels import Label
from connector.store.reviews import Detail, Review
from jobs import publish
from rules.ruleset import Source, load
from tests.connector.web.kit import NOW, Browser, CheckedCrm, House
from tests.fakes import FakeCrm

TEXT = """# ours since 2025
- match: default
  accept: 0.9   # agreed with sales
  review: 0.6
  only:
    - account.type is not Competitor
  prefer:
    - customer: [Kunde, 顧客]
    - oldest
  synonyms:
    - [IBM, Big Blue]
  acquired:
    - {company: Red Hat, by: IBM}
  never:
    - {company: Apple Records, account: Apple Inc.}
"""


@pytest.fixture
def crm(house: House, acme: Install) -> FakeCrm:
    """A CRM with a rule set in force that has a match item."""
    return furnish(house, acme)


def furnish(house: House, acme: Install) -> FakeCrm:
    """Have such a rule set be in force."""
    made = FakeCrm()
    rule = '- rule: All\n  assign: user "ana@example.com"\n'
    ids = made.put_rules([RuleRow("All", "rule", 10, rule), RuleRow("default", "match", 20, TEXT)])
    house.crms[acme.id] = cast("CheckedCrm", made)
    sources = [Source(f"All ({ids[0]})", rule), Source(f"default ({ids[1]})", TEXT)]
    with house.database.write() as connection:
        version = load(sources).version
        rulesets.put(connection, acme.id, house.seal(acme), sources=sources, version=version, now=NOW)
    return made


def answered(house: House, install: Install, *said: tuple[float, bool]) -> None:
    """Have people say of matches of these log-odds whether they were right."""
    found = [
        Review(
            f"lead {number}",
            "a1",
            "accepted" if right else "rejected",
            Detail("Zoë", "Åkerlund", "Acme", "d1", "lead", "x", log_odds=odds),
            NOW,
            NOW - timedelta(minutes=number),
        )
        for number, (odds, right) in enumerate(said)
    ]
    with house.database.write() as connection:
        reviews.keep(connection, install.id, house.seal(install), found)


def path(install: Install) -> str:
    return f"/installs/{install.id}/matching"


def form(page: BeautifulSoup) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    found = page.select_one("form.policy")
    assert found is not None
    told = {str(each["name"]): str(each["value"]) for each in found.select("input[name][value]:not([name=prefer])")}
    chosen = found.select_one("select[name=domain_only] option[selected]")
    assert chosen is not None
    return {**told, "domain_only": str(chosen["value"]), "csrf_token": told["csrf_token"]}


def tie_breakers(page: BeautifulSoup) -> list[str]:
    return [str(each["value"]) for each in page.select("select[name=prefer] option[selected]")]


def live_text(crm: FakeCrm) -> str:
    return next(row.definition for row in crm.rules() if row.kind == "match" and row.state == "live")


def test_an_install_without_rules_is_told_what_will_hold(alice: Browser, house: House, acme: Install) -> None:
    page = alice.page(path(acme))
    text = page.get_text(" ", strip=True)
    assert "No rules are in force yet" in text
    assert "From 90 % on, the likeliest account is taken. Between 60 % and 90 % a person is asked." in text
    assert "Nobody has answered a match yet" in text
    assert "Nobody has answered a pair yet" in text
    assert tie_breakers(page) == ["customer", "active owner"]


def test_the_policy_in_force_is_told_in_plain_words(alice: Browser, acme: Install, crm: FakeCrm) -> None:
    text = alice.page(path(acme)).get_text(" ", strip=True)
    for words in (
        "account.type is not Competitor",
        "customer: [Kunde, 顧客]",
        "1 line of other names, 1 acquisitions",
        "IBM = Big Blue",
        "Red Hat belongs to IBM",
        "0 always, 1 never",
        "bent to what people say here",
    ):
        assert words in text, words


def test_filters_pairs_and_dictionaries_are_changed_where_their_text_stands(
    alice: Browser, house: House, acme: Install
) -> None:
    def linked() -> BeautifulSoup:
        link = next(each for each in alice.page(path(acme)).select("#policy ~ p a") if "dictionaries" in each.text)
        return alice.page(str(link["href"]))

    house.crms[acme.id] = cast("CheckedCrm", FakeCrm())
    assert "- match: default" in linked().text, "a new one, where there is none"
    furnish(house, acme)
    assert "- {company: Red Hat, by: IBM}" in linked().text


def test_thresholds_are_measured_on_the_customers_own_answers(
    alice: Browser, house: House, acme: Install, crm: FakeCrm
) -> None:
    # 30 right ones of 98 %, 20 right and 10 wrong ones of 73 %.
    answered(house, acme, *[(4.0, True)] * 30, *[(1.0, True)] * 20, *[(1.0, False)] * 10)
    page = alice.page(path(acme))
    table = page.select_one("table[data-chart=line]")
    assert table is not None
    rows = {
        row.th.get_text(strip=True): [cell.get_text(strip=True) for cell in row.select("td")]
        for row in table.select("tbody tr")
        if row.th
    }
    assert rows["70 %"][:4] == ["83 %", "100 %", "60", "50"]
    assert rows["90 % (in force)"][:4] == ["100 %", "60 %", "30", "30"]
    assert rows["99 %"] == ["–", "0 %", "0", "0", "–"]  # noqa: RUF001 - as shown
    assert rows["90 % (in force)"][4] == "89 % and 100 %"
    text = page.get_text(" ", strip=True)
    assert "Measured on 60 matches that people here have answered, 50 of them right." in text
    assert "75 % is the lowest threshold that is right in 99 % of cases or more" in text
    assert "too little to go by" not in text


def test_few_answers_come_with_a_warning(alice: Browser, house: House, acme: Install, crm: FakeCrm) -> None:
    answered(house, acme, (4.0, True), (1.0, False))
    text = alice.page(path(acme)).get_text(" ", strip=True)
    assert "Measured on 2 matches" in text
    assert "too little to go by" in text
    assert "lowest threshold" not in text


def test_what_was_said_of_pairs_is_measured_for_duplicates(
    alice: Browser, house: House, acme: Install, crm: FakeCrm
) -> None:
    said = [Label(frozenset({f"l{n}", "l"}), n % 2 == 0, "Ana", NOW, 5.0) for n in range(4)]
    with house.database.write() as connection:
        pairs.keep(connection, acme.id, house.seal(acme), said)
    text = alice.page(path(acme)).get_text(" ", strip=True)
    assert "Measured on 4 pairs that people here have answered, 2 of them the same." in text


def test_a_change_goes_live_and_leaves_the_rest_of_the_text_alone(
    alice: Browser, house: House, acme: Install, crm: FakeCrm
) -> None:
    told = form(alice.page(path(acme)))
    wanted = ["oldest", "customer: [Kunde, 顧客]", "", 'list "Große Kunden: alle"']
    crm.put_rules([RuleRow("Große Kunden: alle", "list", 30, "- list: 'Große Kunden: alle'\n  values: [Ünal]\n")])
    answer = alice.post(
        path(acme), data={**told, "prefer": wanted, "accept": "93,5", "tie": "0", "do": "publish", "note": "Fewer"}
    )
    assert answer.status_code == 303
    assert (
        live_text(crm)
        == TEXT.replace("accept: 0.9 ", "accept: 0.935 ").replace(
            "    - customer: [Kunde, 顧客]\n    - oldest\n",
            "    - oldest\n    - customer: [Kunde, 顧客]\n    - 'list \"Große Kunden: alle\"'\n",
        )
        + "  tie: 0%\n"
    )
    assert house.rung == [acme.id]
    assert "It is live within seconds" in alice.page(path(acme)).text


def test_a_draft_waits_among_the_rules(alice: Browser, house: House, acme: Install, crm: FakeCrm) -> None:
    told = form(alice.page(path(acme)))
    kept = {"prefer": ["customer: [Kunde, 顧客]", "oldest"], "keep_links": "yes", "review": "50", "do": "draft"}
    assert alice.post(path(acme), data={**told, **kept}).status_code == 303
    assert live_text(crm) == TEXT
    (draft,) = [row for row in crm.rules() if publish.is_draft(row)]
    assert draft.definition == TEXT.replace("review: 0.6", "review: 0.5")
    page = alice.page(path(acme))
    (told_of_it,) = page.select(".notice.wait")
    assert "A draft of these settings waits" in told_of_it.text
    (way,) = told_of_it.select("a")
    assert alice.get(str(way["href"])).status_code == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"accept": "50", "review": "60"}, "asking must begin below accepting"),
        ({"accept": "ninety"}, "Write a percentage as a number."),
        ({"tie": "2000"}, "A tie is from 0"),
        ({"domain_only": "sometimes"}, "Say never, fallback or always."),
        ({"prefer": ["oldest", "oldest"]}, "stands there twice"),
        ({"prefer": ["biggest"]}, "“biggest” is not a tie-breaker."),
        ({}, "Nothing was changed: that is what holds already."),
    ],
)
def test_what_cannot_hold_is_refused_with_the_reason_and_what_was_typed_stays(
    alice: Browser, acme: Install, crm: FakeCrm, fields: dict[str, object], words: str
) -> None:
    told = form(alice.page(path(acme)))
    kept = {"prefer": ["customer: [Kunde, 顧客]", "oldest"], "keep_links": "yes", "do": "publish", "note": "Später"}
    answer = alice.post(path(acme), data={**told, **kept, **fields})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Später"' in answer.text
    assert live_text(crm) == TEXT


def test_a_reason_for_a_draft_is_not_thrown_away_without_a_word(alice: Browser, acme: Install, crm: FakeCrm) -> None:
    told = form(alice.page(path(acme)))
    kept = {"prefer": ["customer: [Kunde, 顧客]", "oldest"], "keep_links": "yes", "review": "50", "note": "Später"}
    answer = alice.post(path(acme), data={**told, **kept, "do": "draft"})
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    (box,) = page.select("[aria-invalid=true]")
    assert (box["name"], box["value"]) == ("note", "Später")
    (why,) = page.select(f"#{box['aria-describedby']}[role=alert]")
    assert "A draft keeps no reason: you are asked when you publish it." in why.get_text()
    assert not [row for row in crm.rules() if publish.is_draft(row)]


def test_a_test_that_fails_says_what_it_expected_and_found(
    alice: Browser, house: House, acme: Install, crm: FakeCrm
) -> None:
    told = form(alice.page(path(acme)))
    text = "- test: Nobody takes it\n  lead: {company: Acme}\n  expect: {rule: none}\n"
    crm.put_rules([RuleRow("Nobody takes it", "test", 30, text)])
    answer = alice.post(path(acme), data={**told, "prefer": ["oldest"], "do": "publish"})
    assert answer.status_code == 422
    assert "Tests of the rules fail, so nothing was changed." in answer.text
    shown = BeautifulSoup(answer.text, "html.parser").get_text(" ", strip=True)
    assert "expected none, found All" in shown
    assert "Report(" not in shown
    assert live_text(crm) == TEXT


def test_of_two_people_who_change_it_the_second_is_told(
    alice: Browser, house: House, acme: Install, crm: FakeCrm
) -> None:
    told = form(alice.page(path(acme)))
    row = next(each for each in crm.rules() if each.kind == "match")
    crm.put_rules([RuleRow(row.name, row.kind, row.position, TEXT.replace("0.6", "0.7"), id=row.id)])
    answer = alice.post(path(acme), data={**told, "prefer": ["oldest"], "do": "publish"})
    assert answer.status_code == 422
    assert "Somebody has changed how leads are matched meanwhile" in answer.text


def test_a_crm_that_does_not_answer_changes_nothing_and_says_so(
    alice: Browser, house: House, acme: Install, crm: FakeCrm
) -> None:
    told = form(alice.page(path(acme)))

    def away(_call: str) -> None:
        raise Later("Salesforce is away.", seconds=5)

    crm.before = away
    assert alice.page(path(acme)).h1 is not None, "the page itself asks nobody"
    answer = alice.post(path(acme), data={**told, "prefer": ["oldest"], "do": "publish"})
    assert answer.status_code == 422
    assert "Salesforce is away." in answer.text


def test_a_new_item_is_made_where_the_rules_have_none(house: House, acme: Install) -> None:
    settings = matching.read(house, acme)
    change = Change(0.95, 0.6, 0.3, "fallback", keep_links=True, prefer=("oldest",))
    assert matching.text_of(settings, change) == "- match: default\n  accept: 0.95\n  prefer:\n    - oldest\n"


def test_somebody_elses_matching_does_not_exist(alice: Browser, anyone: Browser, house: House, acme: Install) -> None:
    other = house.connect("hubspot", "77", "Other", admin="9")
    assert alice.get(path(other)).status_code == 404
    assert alice.submit(path(other), do="publish").status_code == 404
    assert anyone.get(path(acme)).status_code == 303
    assert alice.post(path(acme), data={"do": "publish"}).status_code == 400
