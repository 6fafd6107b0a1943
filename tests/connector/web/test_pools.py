"""The page Pools: received and entitled, who can take leads now and why not, pauses, and the next timers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import cast

import pytest
from bs4 import BeautifulSoup

from connector.desk import pools as boards
from connector.desk import rulebook
from connector.errors import Later
from connector.rows import RuleRow
from connector.store import absences, assignments, pauses, progress, rotation, rulesets, timers
from connector.store.assignments import Assignment
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.timers import Waiting
from jobs import standings, workload
from rules.calendar import window
from rules.model import Standing, Timer, User
from rules.rotation import after
from rules.ruleset import Source, load, split
from rules.zones import zone_of
from tests.connector.web.kit import ANA, NOW, Browser, CheckedCrm, House, decision
from tests.fakes import FakeCrm

BOB = User("005000000000002AAA", "Bob Ömer", "bob@example.com", zone="America/New_York")
CEM = User("005000000000003AAA", "Cem Kaya", "cem@example.com", active=False)
RULES = """
- rule: Enterprise EMEA
  assign: pool "EMEA enterprise"
  escalate:
    - {after: 15 minutes, remind: true}
    - {after: 4 working hours, to: manager}
- pool: EMEA enterprise
  members:
    - {user: ana@example.com, weight: 2, cap: 3 per day}
    - {user: bob@example.com, hours: "Mon-Fri 09:00-17:00 America/New_York", open leads: 20}
    - {user: cem@example.com, when: [lead.country is France]}
    - nobody@example.com
- pool: By load
  by: fewest open leads
  members: [ana@example.com, bob@example.com]
- pool: By account
  sticky: account
  members: [ana@example.com, bob@example.com]
- pool: By skill
  by: best fit
  members: [{user: ana@example.com, skills: [fr]}, {user: bob@example.com, skills: [en]}]
- pool: Alone
  members: [ana@example.com]
"""


class Directory(FakeCrm):
    """A CRM that says who its users are, or raises."""

    answer_users: Exception | None = None

    def users(self) -> tuple[User, ...]:
        if self.answer_users:
            raise self.answer_users
        return super().users()


@pytest.fixture
def crm(house: House, acme: Install) -> Directory:
    made = Directory(people=[ANA, BOB, CEM])
    house.crms[acme.id] = cast("CheckedCrm", made)
    return made


def in_force(house: House, install: Install, text: str = RULES) -> None:
    sources = [Source(item.name, item.text) for item in split(text)]
    with house.database.write() as connection:
        version = load(sources).version
        seal = house.seal(install)
        rulesets.put(connection, install.id, seal, sources=sources, version=version, now=house.now)


@pytest.fixture
def desk(house: House, acme: Install, crm: Directory) -> Install:
    """Ana got three leads and Bob one, of the pool of weights 2 to 1; today Ana had her three."""
    standing: Standing = {}
    for taker in (ANA, BOB, ANA, ANA):
        standing = after(standing, taker.id, {ANA.id: 2, BOB.id: 1})
    today = {window("day", house.now, "UTC"): 3}
    standing = {**standing, ANA.id: {**standing[ANA.id], **today}}
    with house.database.write() as connection:
        rotation.put(connection, acme.id, {"EMEA enterprise (observe)": standing})
    in_force(house, acme)
    return acme


def pool(page: BeautifulSoup, name: str = "EMEA enterprise") -> BeautifulSoup:
    return cast("BeautifulSoup", next(each for each in page.select("section.pool") if name in each.text))


def rows(page: BeautifulSoup, name: str = "EMEA enterprise") -> dict[str, list[str]]:
    """Return the cells of a pool's members by name."""
    found = {}
    for row in pool(page, name).select("table.stacked tbody tr"):
        title, *cells = (each.get_text(" ", strip=True) for each in row.select("th, td"))
        found[title] = cells
    return found


def open_page(alice: Browser, install: Install) -> BeautifulSoup:
    return alice.page(f"/installs/{install.id}/pools")


def test_a_member_has_received_entitled_difference_share_limits_and_why_not_now(alice: Browser, desk: Install) -> None:
    page = open_page(alice, desk)
    ana, bob, cem = rows(page).items()
    assert ana[0] == "Ana Diaz 50 % by weight"
    assert ana[1][:4] == ["3", "2.67", "0.33 ahead", "3 of 3 today"]
    assert ana[1][4].startswith("Takes none now Has had 3 per day. Takes leads again 23 Nov 2026, 00:00.")
    assert bob[0] == "Bob Ömer 25 % by weight"
    assert bob[1][:4] == ["1", "1.33", "0.33 behind", "at most 20 open leads, not counted yet"]
    assert bob[1][4].startswith("Takes none now Outside working hours. Takes leads again 23 Nov 2026, 14:00.")
    assert "only when lead.country is France" in cem[0]
    assert cem[1][4].startswith("Takes none now Not active.")
    text = " ".join(pool(page).get_text(" ", strip=True).split())
    assert "4 leads received. The largest difference is 0.33. 0 of 3 members take leads now." in text
    assert "no user of nobody@example.com" in text


def test_the_table_comes_first_and_the_bars_draw_the_same_figures(alice: Browser, desk: Install) -> None:
    page = open_page(alice, desk)
    ids = [str(each["id"]) for each in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert {str(each["aria-labelledby"]) for each in page.find_all("section")} <= set(ids)
    section = pool(page)
    table, bars = section.select_one("table"), section.select_one("ul.bars")
    assert table is not None
    assert bars is not None
    assert bars in table.find_all_next("ul")
    assert bars["aria-hidden"] == "true"
    assert [each["width"] for each in bars.select(".got")] == ["99.00", "33.00", "0.00"]
    assert [each["x"] for each in bars.select(".entitled")] == ["88.00", "44.00", "0.00"]
    assert [each["scope"] for each in table.select("thead th")] == ["col"] * 6
    assert not section.select("[style]"), "our content policy forbids inline styles"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("EMEA enterprise", "While the same people take leads, nobody is ever a whole lead ahead or behind."),
        ("EMEA enterprise", "with at most 3 members at once that never adds up to more than 3 leads."),
        ("By load", "fewest open ones for their weight"),
        ("By account", "Leads of one account stay with one person"),
        ("By skill", "While the same people take leads and fit them, nobody is ever a whole lead ahead or behind."),
        ("Alone", "One person alone gets every lead"),
    ],
)
def test_each_pool_says_in_plain_words_what_is_promised(alice: Browser, desk: Install, name: str, words: str) -> None:
    assert words in pool(open_page(alice, desk), name).get_text(" ", strip=True)


def test_open_leads_are_shown_where_they_were_counted(house: House, alice: Browser, desk: Install) -> None:
    memo = StoredMemo(house.database, desk.id, house.seal(desk), house.clock)
    memo.put(workload.OPEN_LEADS, {"at": house.now.isoformat(), "counts": {BOB.id: 21}}, seconds=300)
    _, bob, _ = rows(open_page(alice, desk)).values()
    assert bob[3] == "21 open leads of 20"
    assert bob[4].startswith("Takes none now Has 21 open leads, the limit is 20.")


def test_an_admin_pauses_a_member_who_takes_leads_again_on_a_click(house: House, alice: Browser, desk: Install) -> None:
    path = f"/installs/{desk.id}/pools/people/{ANA.id}"
    answer = alice.submit(path, do="pause")
    assert (answer.status_code, answer.location) == (303, f"/installs/{desk.id}/pools")
    with house.database.read() as connection:
        (pause,) = pauses.every(connection, desk.id, now=house.now)
    assert (pause.user_id, pause.until, pause.by) == (ANA.id, None, "005000000000001AAA")
    page = open_page(alice, desk)
    assert "They get no lead of any pool" in page.text
    now = rows(page, "By load")["Ana Diaz 50 % by weight"][4]
    assert now.startswith("Takes none now Paused until further notice. Set by Ana Diaz. just now")
    button = pool(page, "By load").select_one("tbody button")
    assert button is not None
    assert (button["value"], button["aria-label"]) == ("resume", "Take leads again: Ana Diaz")
    alice.submit(path, do="resume")
    page = open_page(alice, desk)
    assert "They take leads again." in page.text
    assert rows(page, "By load")["Ana Diaz 50 % by weight"][4].startswith("Takes leads")
    with house.database.read() as connection:
        assert pauses.every(connection, desk.id, now=house.now) == []


def test_who_is_no_member_or_not_paused_changes_nothing(house: House, alice: Browser, desk: Install) -> None:
    for user_id, wish in (("005000000000009AAA", "pause"), (ANA.id, "resume")):
        alice.submit(f"/installs/{desk.id}/pools/people/{user_id}", do=wish)
        assert "Nothing was changed" in open_page(alice, desk).text
    with house.database.read() as connection:
        assert pauses.every(connection, desk.id, now=house.now) == []


def test_a_click_without_a_token_or_without_sense_is_refused(house: House, alice: Browser, desk: Install) -> None:
    path = f"/installs/{desk.id}/pools/people/{ANA.id}"
    assert alice.post(path, data={"do": "pause"}).status_code == 400
    assert alice.submit(path, do="dismiss").status_code == 400
    with house.database.read() as connection:
        assert pauses.every(connection, desk.id, now=house.now) == []


def test_others_find_nothing_here(alice: Browser, anyone: Browser, house: House, crm: Directory) -> None:
    other = house.connect("salesforce", "00D000000000002AAA", "Other", admin="005000000000009AAA")
    assert alice.get(f"/installs/{other.id}/pools").status_code == 404
    assert alice.submit(f"/installs/{other.id}/pools/people/{ANA.id}", do="pause").status_code == 404
    assert anyone.get(f"/installs/{other.id}/pools").status_code == 303


def test_an_empty_page_says_what_would_be_here(house: House, alice: Browser, acme: Install, crm: Directory) -> None:
    text = open_page(alice, acme).get_text(" ", strip=True)
    assert "No rules are in force yet" in text
    assert "Nothing is timed" in text
    in_force(house, acme, '- rule: All\n  assign: user "ana@example.com"\n')
    assert "The rules in force have no pool" in open_page(alice, acme).text


def test_a_crm_that_does_not_say_who_is_who_is_named_and_nothing_breaks(
    alice: Browser, desk: Install, crm: Directory
) -> None:
    crm.answer_users = Later("Busy.", seconds=30)
    assert "Salesforce does not say just now who its users are" in open_page(alice, desk).text


def test_a_refusal_to_write_the_figures_is_told(house: House, alice: Browser, desk: Install) -> None:
    with house.database.write() as connection:
        progress.start(connection, desk.id, standings.NAME, now=house.now)
    assert standings.NAME not in alice.page(f"/installs/{desk.id}").text
    assert "does not take these figures" not in open_page(alice, desk).text
    with house.database.write() as connection:
        progress.move(connection, desk.id, standings.NAME, now=house.now, state="failed", reason="Update the package.")
    text = open_page(alice, desk).get_text(" ", strip=True)
    assert "Salesforce does not take these figures on the pools' records: Update the package." in text
    assert "Writing to the pools' records" in alice.page(f"/installs/{desk.id}").text


def away(house: House, install: Install, user: User, first: str, last: str) -> None:
    days = (date.fromisoformat(first), date.fromisoformat(last))
    with house.database.write() as connection:
        zone = zone_of(user.zone)
        absences.put(connection, install.id, absences.planned(user.id, *days, zone=zone, by=user.id, now=NOW), now=NOW)


def test_the_next_seven_days_are_told_in_hours_by_each_members_own_calendar(
    house: House, alice: Browser, desk: Install
) -> None:
    away(house, desk, BOB, "2026-11-24", "2026-11-24")
    table = pool(open_page(alice, desk)).select_one("table.week")
    assert table is not None
    heads = [each.get_text(strip=True) for each in table.select("thead th")]
    assert heads[1:] == ["Sun 22", "Mon 23", "Tue 24", "Wed 25", "Thu 26", "Fri 27", "Sat 28"]
    told = {
        row.th.next_element: [cell.get_text(strip=True) for cell in row.select("td")]
        for row in table.select("tbody tr")
        if row.th
    }
    found = {str(name).strip(): cells for name, cells in told.items()}
    assert found["Ana Diaz"] == ["all day"] * 7
    assert found["Bob Ömer"] == ["–", "8 h", "away", "8 h", "8 h", "8 h", "–"]  # noqa: RUF001 - as shown
    assert found["Cem Kaya"] == ["away"] * 7


def test_an_absence_that_runs_is_told_with_its_end_in_the_viewers_zone(
    house: House, alice: Browser, desk: Install
) -> None:
    away(house, desk, BOB, "2026-11-21", "2026-11-24")
    away(house, desk, BOB, "2026-11-25", "2026-11-30")
    away(house, desk, ANA, "2026-12-24", "2026-12-31")
    alice.set_cookie("zone", "Asia/Tokyo", domain="route.example.com")
    found = rows(open_page(alice, desk), "By load")
    ana, bob = found["Ana Diaz 50 % by weight"][4], found["Bob Ömer 50 % by weight"][4]
    assert bob.startswith("Takes none now Away until 1 Dec 2026, 14:00. Set by Bob Ömer."), "both absences, by New York"
    assert "Takes leads" in ana
    assert "Away from 24 Dec 2026 to 31 Dec 2026." in ana


def test_people_are_listed_with_their_pools_and_their_load(house: House, alice: Browser, desk: Install) -> None:
    given = [
        Assignment("d1", "l1", ANA.id, None, "", "observe", NOW),
        Assignment("d2", "l2", ANA.id, None, "", "act", NOW),
    ]
    with house.database.write() as connection:
        assignments.add(connection, desk.id, given)
    page = alice.page(f"/installs/{desk.id}/pools/people")
    found = [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in page.select("tbody tr")]
    assert [row[0] for row in found] == ["Ana Diaz UTC", "Bob Ömer America/New_York", "Cem Kaya UTC"]
    assert found[0][1:4] == ["EMEA enterprise, By load, By account, By skill, Alone", "1", "1"]
    assert found[1][4].startswith("Takes leads")
    assert found[2][4].startswith("Not active")


def test_who_gets_leads_without_a_pool_is_listed_and_can_be_sent_on_holiday(
    house: House, alice: Browser, acme: Install, crm: Directory
) -> None:
    in_force(house, acme, '- rule: All\n  assign: user "ana@example.com"\n')
    crm.people.append(User("00G000000000001AAA", "Inbound", queue=True))
    with house.database.write() as connection:
        given = [("d1", "l1", ANA.id), ("d2", "l2", "00G000000000001AAA")]
        assignments.add(connection, acme.id, [Assignment(*each, None, "", acme.mode, NOW) for each in given])
    page = alice.page(f"/installs/{acme.id}/pools/people")
    (row,) = page.select("tbody tr")
    assert [cell.get_text(" ", strip=True) for cell in row.select("th, td")][:4:2] == ["Ana Diaz UTC", "1"]
    assert "In no pool" in row.text
    (link,) = row.select("th a")
    assert "Plan days without leads" in alice.page(str(link["href"])).text


def test_one_persons_page_has_everything_about_them_and_lets_an_admin_change_it(
    house: House, alice: Browser, desk: Install
) -> None:
    path = f"/installs/{desk.id}/pools/people/{BOB.id}"
    text = alice.page(path).get_text(" ", strip=True)
    for words in ("Bob Ömer", "bob@example.com", "None are planned.", "EMEA enterprise", "Outside working hours"):
        assert words in text, words
    answer = alice.submit(path, **{"do": "pause", "for": "until", "until": "2026-11-30T09:00", "from": "person"})
    assert (answer.status_code, answer.location) == (303, path)
    assert "Paused until 30 Nov 2026, 14:00." in alice.page(path).get_text(" ", strip=True), "nine in New York"
    answer = alice.submit(path, **{"do": "pause", "for": "until", "until": "2020-11-30T09:00", "from": "person"})
    assert answer.status_code == 422
    (box,) = BeautifulSoup(answer.text, "html.parser").select("[aria-invalid=true]")
    assert (box["name"], box["value"]) == ("until", "2020-11-30T09:00")
    assert "Give a date and time that is ahead, within a year." in answer.text
    answer = alice.submit(f"{path}/absences", first="2026-12-26", last="2026-12-24")
    assert answer.status_code == 422
    (box,) = BeautifulSoup(answer.text, "html.parser").select("[aria-invalid=true]")
    assert (box["name"], box["value"], box["aria-describedby"]) == ("last", "2026-12-24", "last-why")
    assert alice.submit(f"{path}/absences", first="2026-12-24", last="2026-12-26").location == path
    assert "24 Dec 2026 to 26 Dec 2026" in alice.page(path).get_text(" ", strip=True)
    assert alice.submit(f"{path}/absences/2026-12-24").location == path
    assert "None are planned." in alice.page(path).get_text(" ", strip=True)
    alice.submit(path, **{"do": "resume", "from": "people"})
    with house.database.read() as connection:
        assert pauses.every(connection, desk.id, now=NOW) == []


def test_who_is_nobody_or_of_another_tenant_has_no_page(house: House, alice: Browser, desk: Install) -> None:
    other = house.connect("salesforce", "00D000000000002AAA", "Other", admin="005000000000009AAA")
    assert alice.get(f"/installs/{desk.id}/pools/people/005000000000404AAA").status_code == 404
    for path in (f"people/{ANA.id}", "people"):
        assert alice.get(f"/installs/{other.id}/pools/{path}").status_code == 404
    days = {"first": "2026-12-24", "last": "2026-12-24"}
    assert alice.submit(f"/installs/{other.id}/pools/people/{ANA.id}/absences", **days).status_code == 404
    assert alice.submit(f"/installs/{desk.id}/pools/people/005000000000404AAA/absences", **days).status_code == 404


def test_without_a_word_of_the_crm_the_list_of_people_says_so(alice: Browser, desk: Install, crm: Directory) -> None:
    crm.answer_users = Later("Busy.", seconds=30)
    text = alice.page(f"/installs/{desk.id}/pools/people").get_text(" ", strip=True)
    assert "Salesforce does not say just now who its users are" in text


def test_without_rules_nobody_is_in_a_pool(alice: Browser, acme: Install, crm: Directory) -> None:
    assert "Nobody is in a pool yet" in alice.page(f"/installs/{acme.id}/pools/people").text


@pytest.fixture
def timed(house: House, desk: Install) -> Install:
    steps = (
        Timer("remind", NOW + timedelta(minutes=15)),
        Timer("tell", NOW + timedelta(hours=4), to="manager", step=1),
        Timer("idle", NOW - timedelta(minutes=1), step=2),
    )
    made = decision("d1", timers=steps)
    bobs = replace(made, key="d2", route=replace(made.route, assignee=BOB), timers=(Timer("reassign", NOW),))
    house.decide(desk, made, bobs)
    with house.database.write() as connection:
        waiting = [
            Waiting(each.key, place, each.lead.id, timer.kind, timer.due_at)
            for each in (made, bobs)
            for place, timer in enumerate(each.timers)
        ]
        timers.add(connection, desk.id, waiting, now=NOW)
    return desk


def test_timers_say_what_for_which_lead_when_and_in_whose_time(alice: Browser, timed: Install) -> None:
    page = open_page(alice, timed)
    section = page.select_one("section[aria-labelledby=timers]")
    assert section is not None
    told = [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in section.select("tbody tr")]
    assert told == [
        ["Marie Curie", "Asks the rules again, if nobody has worked on it",
         "1 minute ago 22 Nov 2026, 09:29 UTC", "wall time", "Due"],
        ["Marie Curie", "Gives it to the next of the pool, away from Bob Ömer",
         "just now 22 Nov 2026, 04:30 America/New_York", "as its rule said then", "Due"],
        ["Marie Curie", "Reminds Ana Diaz", "in 15 minutes 22 Nov 2026, 09:45 UTC", "wall time", "Waiting"],
        ["Marie Curie", "Tells the manager of Ana Diaz", "in 4 hours 22 Nov 2026, 13:30 UTC",
         "the working time of Ana Diaz", "Waiting"],
    ]  # fmt: skip
    links = [str(each["href"]) for each in section.select("tbody a")]
    assert links[0] == f"/installs/{timed.id}/decisions/d1"
    assert alice.get(links[1]).status_code == 200


def test_at_most_fifty_timers_are_shown_and_the_page_says_so(house: House, alice: Browser, timed: Install) -> None:
    with house.database.write() as connection:
        many = [Waiting("d1", step, "00Q000000000001AAA", "ask", NOW + timedelta(days=step)) for step in range(9, 70)]
        timers.add(connection, timed.id, many, now=NOW)
    page = open_page(alice, timed)
    assert len(page.select("section[aria-labelledby=timers] tbody tr")) == boards.TIMERS_SHOWN
    assert "These are the next 50." in page.text


def test_the_page_of_an_install_leads_here(alice: Browser, desk: Install) -> None:
    links = [str(each["href"]) for each in alice.page(f"/installs/{desk.id}").select("nav a")]
    assert f"/installs/{desk.id}/pools" in links


def test_pools_that_no_rule_leads_to_are_listed_and_say_so(alice: Browser, desk: Install) -> None:
    page = open_page(alice, desk)
    assert "Not used" not in pool(page).text
    for name in ("By load", "By account", "By skill", "Alone"):
        assert "No rule leads to this pool" in pool(page, name).text


def test_a_pool_that_is_only_drafted_is_listed_apart_and_each_leads_to_its_form(
    house: House, alice: Browser, desk: Install, crm: Directory
) -> None:
    found = [(item.name, item.text) for item in split(RULES) if item.kind == "pool"]
    crm.rule_rows = [RuleRow(name, "pool", at, text, id=f"p{at}") for at, (name, text) in enumerate(found, start=1)]
    draft = "- pool: Night\n  members: [ana@example.com]\n"
    crm.rule_rows = [*crm.rule_rows, RuleRow("Night", "pool", 9, draft, state="draft", id="p9")]
    rulebook.read(house, desk, ask=True)
    page = open_page(alice, desk)
    assert [(each.text, each["href"]) for each in page.select("#drafts + ul a")] == [
        ("Night", f"/installs/{desk.id}/rules/edit/p9")
    ]
    (link,) = pool(page, "By skill").select("a.button")
    assert link["href"] == f"/installs/{desk.id}/rules/edit/p4"
