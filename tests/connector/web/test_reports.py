"""Reports in the console: what a period came to, by the viewer's own days, as charts over tables and as files."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from connector.crm import Allowance
from connector.errors import Later
from connector.store import counting, decisions, rotation, rulesets, unfinished, usage
from connector.store.installs import Install
from rules.model import Decision, Match, User
from rules.response import Response
from rules.routing.rotation import after
from rules.ruleset import Source
from tests.connector.web.kit import ANA, DONE, Browser, CheckedCrm, House, browser, decision, main, section
from tests.fakes import FakeCrm

POOL = "- pool: Desk\n  members: [{user: ana@example.com}]\n"


def settle(house: House, install: Install, *made: Decision, at: datetime, seconds: float = 2.0) -> None:
    """Store decisions and settle them so many seconds later, as a drain does."""
    house.decide(install, *made, at=at, ledger=DONE, settled=False)
    done, seal = at + timedelta(seconds=seconds), house.seal(install)
    with house.database.write() as connection:
        fresh = unfinished.settle(connection, install.id, [each.key for each in made], now=done)
        stored = decisions.by_keys(connection, install.id, seal, fresh)
        counting.count(connection, install.id, seal, stored.values(), now=done)
        for each in stored.values():
            counting.answered(connection, install.id, seal, each, Response("in_time", done, 12.0))


def came(key: str, at: datetime, source: str = "Web", **changes: Any) -> Decision:
    made = decision(key, received_at=at, decided_at=at, **changes)
    return replace(made, lead=replace(made.lead, id=f"lead-{key}", fields={**made.lead.fields, "source": source}))


@pytest.fixture
def own(acme: Install) -> str:
    return f"/installs/{acme.id}/reports"


@pytest.fixture
def week(house: House, acme: Install) -> None:
    """Three leads of this week, and one of the month before."""
    settle(house, acme, came("d1", house.now), came("d2", house.now, "=Fair"), at=house.now)
    settle(house, acme, came("d3", house.now, match=Match("none")), at=house.now - timedelta(days=3))
    settle(house, acme, came("d4", house.now), at=house.now - timedelta(days=40))


def table(page: BeautifulSoup, name: str) -> list[list[str]]:
    found = page.select_one(f"section[aria-labelledby={name}] table")
    assert isinstance(found, Tag), name
    return [[" ".join(cell.text.split()) for cell in row.select("th, td")] for row in found.select("tr")]


def test_without_decisions_there_is_a_sentence_and_no_empty_chart(alice: Browser, own: str) -> None:
    page = alice.page(own)
    assert "Nothing was decided in this period." in main(page)
    assert page.select("table[data-chart]") == []


@pytest.mark.usefixtures("week")
def test_a_week_is_told_in_tables_that_are_drawn(alice: Browser, own: str) -> None:
    page = alice.page(own)
    assert table(page, "speed")[-1] == ["2.0 s", "2"]
    assert table(page, "sources")[1:] == [["Web", "1", "0", "1", "50 %"], ["=Fair", "1", "0", "0", "100 %"]]
    assert table(page, "unmatched")[1:] == [["No account has anything in common with it", "1"]]
    assert table(page, "rules")[1:] == [["Enterprise EMEA", "3"]]
    assert table(page, "persons") == [["Person", "Leads"], ["Ana Diaz", "3"]]
    assert table(page, "load")[0] == ["Day", "Ana Diaz"]
    assert [row[1] for row in table(page, "load")[1:]] == ["0", "0", "0", "1", "0", "0", "2"]
    assert table(page, "answers")[1:] == [["Ana Diaz", "3", "0", "0", "0", "0"]]
    assert [row[0] for row in table(page, "outcomes")[1:]][-1] == "22 Nov 2026"


@pytest.mark.usefixtures("week")
def test_every_chart_is_a_table_with_headings_in_a_region_of_its_own(alice: Browser, own: str) -> None:
    page = alice.page(own)
    drawn = page.select("table[data-chart]")
    assert len(drawn) >= 6
    for each in drawn:
        assert each.caption is not None
        assert all(head.get("scope") in {"col", "row"} for head in each.select("th"))
        region = each.find_parent(attrs={"role": "region"})
        assert isinstance(region, Tag)
        assert (region["tabindex"], bool(region["aria-label"])) == ("0", True)
        for cell in each.select("td[data-value]"):
            float(str(cell["data-value"]))


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize(
    ("query", "leads"),
    [
        ("period=today", "2"),
        ("period=7", "3"),
        ("period=30", "3"),
        ("period=90", "4"),
        ("period=range&from=2026-10-01&to=2026-10-31", "1"),
    ],
)
def test_a_period_can_be_chosen(alice: Browser, own: str, query: str, leads: str) -> None:
    page = alice.page(f"{own}?{query}")
    assert table(page, "rules")[1:] == [["Enterprise EMEA", leads]]


def test_last_week_is_a_click_away(alice: Browser, own: str) -> None:
    (link,) = [each for each in alice.page(own).select("nav.parts a") if each.text == "Last week"]
    page = alice.page(str(link["href"]))
    assert "9 Nov 2026 to 15 Nov 2026" in main(page)
    (chosen,) = page.select("nav.parts a[aria-current]")
    assert chosen.text == "Last week"


@pytest.mark.usefixtures("week")
def test_a_day_is_told_by_the_hours_of_the_viewer(alice: Browser, own: str) -> None:
    alice.set_cookie("zone", "Asia/Kolkata", domain="route.example.com")
    page = alice.page(f"{own}?period=today")
    assert [row[0] for row in table(page, "outcomes")[1:] if row[-1] != "0"] == ["15:00"]
    assert "days of Asia/Kolkata" in main(page)


@pytest.mark.usefixtures("week")
def test_it_says_since_when_it_is_counted(alice: Browser, own: str) -> None:
    assert "Counted since 13 Oct 2026, 09:30" in main(alice.page(f"{own}?period=90"))
    assert "Counted since" not in main(alice.page(f"{own}?period=7"))


@pytest.mark.parametrize("query", ["period=year", "period=range", "period=range&from=2026-11-20&to=2026-11-01"])
def test_a_period_that_nobody_can_mean_is_refused_with_a_sentence(alice: Browser, own: str, query: str) -> None:
    page = alice.page(f"{own}?{query}", status=400)
    assert page.select("[role=alert]")
    assert alice.get(f"{own}/speed.csv?{query}").status_code == 400


@pytest.mark.usefixtures("week")
def test_each_table_can_be_had_as_a_file(alice: Browser, own: str) -> None:
    links = [str(each["href"]) for each in alice.page(own).select("a[download]")]
    assert len(links) >= 6
    for link in links:
        answer = alice.get(link)
        assert (answer.status_code, answer.mimetype) == (200, "text/csv")
        assert answer.headers["Content-Disposition"].endswith('-2026-11-16-2026-11-22.csv"')
        assert answer.headers["Cache-Control"] == "no-store"
    assert '"\'=Fair",1,1,0,0,1' in alice.get(f"{own}/sources.csv").text
    assert alice.get(f"{own}/leads.csv").status_code == 404


def test_another_tenant_sees_nothing_of_it(house: House, app: Flask, own: str) -> None:
    house.connect("hubspot", "77", "Portal", admin="7")
    client = browser(app)
    client.sign_in("hubspot", "77", "7")
    for path in ("", "/speed.csv", "/fairness"):
        assert client.get(f"{own}{path}").status_code == 404


def test_calls_are_told_with_what_is_to_come(house: House, alice: Browser, acme: Install, own: str) -> None:
    assert "No call was made in the last 24 hours." in section(alice.page(own), "calls")
    with house.database.write() as connection:
        usage.add(connection, acme.id, {"live": 999}, now=house.now)
        usage.tell(connection, acme.id, Allowance(used=5, total=4000), now=house.now)
    text = section(alice.page(own), "calls")
    assert "of 1,000 that Switchyard may make" in text
    assert "by 22 Nov 2026, 09:30" in text
    with house.database.write() as connection:
        usage.add(connection, acme.id, {"live": 1}, now=house.now)
    assert "has made all the calls it may make" in section(alice.page(own), "calls")


def test_pools_are_told_with_the_bound_that_no_difference_passes(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    house.crms[acme.id] = cast("CheckedCrm", FakeCrm(people=[ANA]))
    assert "The rules in force have no pool." in main(alice.page(f"{own}/fairness"))
    with house.database.write() as connection:
        seal = house.seal(acme)
        rulesets.put(connection, acme.id, seal, sources=[Source("r", POOL)], version="v1", now=house.now)
        rotation.put(connection, acme.id, {"Desk (observe)": {ANA.id: {"got": 3, "entitled": 3_000_000}}})
    page = alice.page(f"{own}/fairness")
    assert "the rotation keeps that below" in main(page)
    assert [cell.text for cell in page.select("tbody tr")[0].select("th, td")][:2] == ["Ana Diaz", "3"]
    part = alice.get(f"{own}/fairness", headers={"HX-Request": "true"}).text
    assert "<html" not in part


def test_fairness_and_calls_can_be_had_as_files_that_no_spreadsheet_runs(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    crm = FakeCrm(people=[replace(ANA, name="=Ana")])
    house.crms[acme.id] = cast("CheckedCrm", crm)
    source = Source("Desk", POOL.replace("Desk", "+Desk"))
    with house.database.write() as connection:
        rulesets.put(connection, acme.id, house.seal(acme), sources=[source], version="v1", now=house.now)
        rotation.put(connection, acme.id, {"+Desk (observe)": after({}, ANA.id, {ANA.id: 1})})
        usage.add(connection, acme.id, {"live": 7}, now=house.now)
    link = str(alice.page(f"{own}/fairness").select_one("a[download]")["href"])  # type: ignore[index]
    answer = alice.get(link)
    assert answer.headers["Content-Disposition"].endswith('"fairness-2026-11-22.csv"')
    assert f'"\'+Desk","\'=Ana","{ANA.id}",1.0,1,1.0,0.0,"yes"' in answer.text
    (link,) = (str(each["href"]) for each in alice.page(own).select("section[aria-labelledby=calls] a[download]"))
    assert alice.get(link).text.splitlines()[-1] == '"2026-11-22T09:00:00+00:00",7'


def test_fairness_waits_for_a_crm_that_does_not_say_who_its_users_are(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    class Away(FakeCrm):
        def users(self) -> tuple[User, ...]:
            raise Later("away", seconds=5)

    house.crms[acme.id] = cast("CheckedCrm", Away())
    assert alice.get(f"{own}/fairness.csv").status_code == 503
