"""The page Pools: received and entitled, who can take leads now and why not, pauses, and the next timers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector.desk import pools as boards
from connector.desk import rulebook
from connector.errors import Later
from connector.rows import RuleRow
from connector.store import absences, pauses, progress, timers
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.timers import Waiting
from jobs import standings, workload
from rules.model import Timer, User
from rules.ruleset import split
from rules.times.zones import zone_of
from tests.connector.web.kit import ANA, NOW, Browser, House, decision
from tests.connector.web.pool_pages import BOB, RULES, crm, desk, in_force, open_page, pool, rows
from tests.connector.web.sellers import Directory

__all__ = ["crm", "desk"]


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
