"""What the page of an install begins with: the first steps, what needs a person, and today."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bs4 import BeautifulSoup

from connector.rows import Check
from connector.store import editions, installs, notes, pairs, progress, reviews, rulesets
from connector.store.installs import Install
from rules.actions import Member
from rules.model import Candidate, Match
from rules.wording.words import english
from tests.connector.web.kit import RULE, Browser, CheckedCrm, House, decision, main

TWICE = pairs.Suggestion((Member("lead", "k1"), Member("lead", "k2")), 0.9)


def steps(page: BeautifulSoup) -> dict[str, str]:
    """Return the first steps by their title, with what they are: done, next or to come."""
    found = {}
    for each in page.select("ol.steps > li"):
        title = each.strong
        assert title is not None
        found[title.text] = " ".join(each.get("class") or ["to come"])
    return found


def test_the_first_steps_say_what_is_done_and_what_comes_next(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    assert list(steps(alice.page(own)).values()) == ["done", "next", *["to come"] * 5]
    house.crms[acme.id] = CheckedCrm([Check("Routing Rule object", True, "can be read")])
    alice.page(f"{own}/check?run=now")
    assert steps(alice.page(own))["Check the permissions"] == "done"
    with house.database.write() as connection:
        seal = house.seal(acme)
        editions.add(connection, acme.id, seal, sources=[RULE], version="1", now=house.now, by="Alice Adams")
    found = steps(alice.page(own))
    assert (found["Publish"], found["Look at the starter rules"]) == ("done", "next")


def test_the_first_steps_can_be_hidden_and_shown_again(alice: Browser, own: str) -> None:
    alice.submit(f"{own}/first-steps", show="no")
    page = alice.page(own)
    assert page.select_one("ol.steps") is None
    assert "Show the first steps again" in main(page)
    alice.submit(f"{own}/first-steps", show="yes")
    assert alice.page(own).select_one("ol.steps")


def test_what_needs_a_person_is_listed_with_where_it_is_dealt_with(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    missing = Check("Convert leads", False, "The user may not.", "Tick it.")
    house.crms[acme.id] = CheckedCrm([missing, replace(missing, optional=True)])
    alice.get(f"{own}/check", headers={"HX-Request": "true"})
    house.decide(acme, decision("d1"), parked="Not allowed")
    unsure = decision("d2", match=Match("review", Candidate("a1", "Acme", None, 0.7)))
    with house.database.write() as connection:
        seal = house.seal(acme)
        reviews.follow(connection, acme.id, seal, [unsure], now=house.now)
        pairs.suggest(connection, acme.id, seal, [TWICE], now=house.now)
        progress.start(connection, acme.id, "backfill:lead", now=house.now)
        progress.move(connection, acme.id, "backfill:lead", now=house.now, state="failed", reason="Not readable")
        rulesets.put(connection, acme.id, seal, sources=[RULE], version="1", now=house.now)
        rulesets.set_fault(connection, acme.id, seal, "There is no pool All.", now=house.now)
    page = alice.page(own)
    words = [each.get_text(" ", strip=True) for each in page.select("ul.tasks > li > p")]
    assert dict(zip(words, [str(each["href"]) for each in page.select("ul.tasks > li > a")], strict=True)) == {
        "The newest text of the rules is not valid; the last good version stays in force. There is no pool All.": (
            f"{own}/rules"
        ),
        "1 thing stands still.": f"{own}#parked",
        "1 thing is missing in your CRM, by the last permission check.": f"{own}/check",
        "1 long work has stopped.": f"{own}/work",
        "1 match waits for a word.": f"{own}/reviews",
        "1 pair of records may be one.": f"{own}/duplicates",
    }


def test_leads_that_came_while_nothing_was_connected_are_told_until_a_mode_is_chosen(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    told = english("work.missed", decisions="30", count="12", since="2026-11-01 08:00", until="2026-11-02 09:00")
    with house.database.write() as connection:
        installs.set_mode(connection, acme.id, "observe")
        notes.put(connection, acme.id, notes.MISSED_TOLD, str(told), now=house.now)
    (words,) = [each.get_text(" ", strip=True) for each in alice.page(own).select("ul.tasks > li > p")]
    assert words == told
    with house.database.write() as connection:
        installs.set_mode(connection, acme.id, "suggest")
    assert "12 leads" not in main(alice.page(own))


def test_today_is_counted_by_outcome_and_by_the_viewers_hour(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    for hours, outcome in ((0, "assigned"), (0, "kept"), (3, "assigned"), (23, "refused"), (25, "assigned")):
        key = f"{outcome}{hours}"
        made = decision(key, outcome=outcome, lead=replace(decision().lead, id=key))
        house.decide(acme, made, at=house.now - timedelta(hours=hours))
    alice.set_cookie("browser_zone", "Asia/Kolkata", domain="route.example.com")
    page = alice.page(own)
    names, figures = page.select("dl.facts dt"), page.select("dl.facts dd")
    told = {name.text: figure.text for name, figure in zip(names, figures, strict=True)}
    assert told == {"Assigned": "2", "Kept": "1", "Nobody found": "1", "Changes that wait": "0"}
    lines = [[cell.text for cell in row.select("th, td")] for row in page.select("table[data-chart] tbody tr")]
    rows = {hour: counts for hour, *counts in lines}
    assert len(rows) == 24
    assert rows["14:30"] == ["1", "1", "0"], "09:30 in London is 15:00 in Kolkata, in the hour from 14:30"
    assert rows["11:30"] == ["1", "0", "0"]
    assert alice.get(f"{own}/today", headers={"HX-Request": "true"}).text.lstrip().startswith('<div id="today-live"')
