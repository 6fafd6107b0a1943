"""What reports add up: by the viewer's days, for one tenant alone, and as files that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.crm import Allowance
from connector.desk import reports, sheets, spending
from connector.desk.faults import NotThere
from connector.desk.periods import Period, period
from connector.desk.reports import Answers, Report, Source
from connector.desk.sheets import Sheet
from connector.store import assignments, responses, rulesets, tallies, usage
from connector.store.assignments import Assignment
from connector.store.counting import SPEEDS
from connector.store.installs import Install
from connector.store.responses import Awaited
from connector.store.tallies import Label
from rules import ruleset
from tests.connector.web.conftest import acme, empty, house
from tests.connector.web.kit import NOW, House

__all__ = ["acme", "empty", "house"]

RULES = """
- rule: Partners
  when: [lead.source is Partner]
  assign: keep
- rule: EMEA
  assign: keep
"""
UTC_ZONE, PARIS, KOLKATA = ZoneInfo("UTC"), ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Kolkata")


@pytest.fixture(autouse=True)
def all_are_heard(heard: None) -> None:
    """What log lines hold is tested all over here."""


def count(house: House, install: Install, at: datetime, counts: Mapping[Label, int]) -> None:
    with house.database.write() as connection:
        tallies.add(connection, install.id, house.seal(install), [(at, counts)])


def week(zone: ZoneInfo = UTC_ZONE, *, now: datetime = NOW) -> Period:
    return period("7", now=now, zone=zone)


def told(house: House, install: Install, zone: ZoneInfo = UTC_ZONE) -> Report:
    return reports.report(house, install, week(zone))


ASSIGNED: Label = ("outcome", "assigned")


def test_nothing_counted_is_an_empty_report(house: House, acme: Install) -> None:
    found = told(house, acme)
    assert (found.is_empty, found.since, found.speed.count, found.answers.kept) == (True, None, 0, None)
    assert [each.total for each in found.days] == [0] * 7


def test_what_came_before_midnight_belongs_to_the_day_before_in_each_zone(house: House, acme: Install) -> None:
    count(house, acme, datetime(2026, 11, 20, 22, 59, tzinfo=UTC), {ASSIGNED: 1})
    count(house, acme, datetime(2026, 11, 20, 23, 0, tzinfo=UTC), {ASSIGNED: 2})
    count(house, acme, datetime(2026, 11, 20, 18, 29, tzinfo=UTC), {ASSIGNED: 4})
    count(house, acme, datetime(2026, 11, 20, 18, 30, tzinfo=UTC), {ASSIGNED: 8})

    def days(zone: ZoneInfo) -> dict[date, int]:
        return {each.day: each.total for each in told(house, acme, zone).days if each.total}

    assert days(UTC_ZONE) == {date(2026, 11, 20): 15}
    assert days(PARIS) == {date(2026, 11, 20): 13, date(2026, 11, 21): 2}
    assert days(KOLKATA) == {date(2026, 11, 20): 4, date(2026, 11, 21): 11}


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_has_as_many_hours_as_its_clock_says(house: House, acme: Install, day: str, hours: int) -> None:
    chosen = period("range", now=NOW, zone=PARIS, first=day, last=day)
    count(house, acme, chosen.start, {ASSIGNED: 1})
    count(house, acme, chosen.end - timedelta(seconds=1), {ASSIGNED: 2})
    count(house, acme, chosen.end, {ASSIGNED: 4})
    found = reports.report(house, acme, chosen)
    assert [sum(each.outcomes.values()) for each in found.hours] == [1, *[0] * (hours - 2), 2]
    assert found.days[0].total == 3


def test_hours_begin_on_the_half_hour_where_the_day_does(house: House, acme: Install) -> None:
    today = period("today", now=NOW, zone=KOLKATA)
    count(house, acme, today.start + timedelta(minutes=59), {ASSIGNED: 1})
    count(house, acme, today.start + timedelta(minutes=60), {ASSIGNED: 2})
    found = reports.report(house, acme, today).hours
    assert [sum(each.outcomes.values()) for each in found[:3]] == [1, 2, 0]
    assert {each.at.minute for each in found} == {30}


def test_a_report_says_since_when_it_was_counted(house: House, acme: Install) -> None:
    count(house, acme, NOW - timedelta(days=2), {ASSIGNED: 1})
    assert told(house, acme).since == tallies.slot(NOW - timedelta(days=2))
    count(house, acme, NOW - timedelta(days=60), {ASSIGNED: 1})
    assert told(house, acme).since is None


def test_nobody_sees_the_figures_of_another_tenant(house: House, acme: Install) -> None:
    other = house.connect("hubspot", "77", "Portal")
    count(house, other, NOW, {ASSIGNED: 9, ("rule", "Theirs"): 9})
    assert told(house, acme).is_empty
    assert reports.caught(house, acme) == {}
    assert reports.caught(house, other) == {"Theirs": 9}


def test_what_rules_caught_is_that_of_the_last_days(house: House, acme: Install) -> None:
    count(house, acme, NOW - timedelta(days=31), {("rule", "Old"): 5})
    count(house, acme, NOW - timedelta(days=29), {("rule", "EMEA → Zürich"): 2})
    count(house, acme, NOW - timedelta(minutes=1), {("rule", "EMEA → Zürich"): 1, ("source", "Web", "none"): 1})
    assert reports.caught(house, acme) == {"EMEA → Zürich": 3}
    assert reports.caught(house, acme, days=40) == {"Old": 5, "EMEA → Zürich": 3}


def test_a_rule_in_force_that_never_holds_is_told_with_nothing(house: House, acme: Install) -> None:
    sources = [ruleset.Source(item.name, item.text) for item in ruleset.split(RULES)]
    with house.database.write() as connection:
        rulesets.put(connection, acme.id, house.seal(acme), sources=sources, version="v1", now=NOW)
    count(house, acme, NOW, {("rule", "EMEA"): 2, ("rule", "Removed since"): 1})
    assert told(house, acme).rules == {"EMEA": 2, "Removed since": 1, "Partners": 0}
    assert rows(sheets.table(house, acme, "rules", week()))[-1] == ["Partners", "0"]


def test_half_of_all_is_found_within_its_bucket(house: House, acme: Install) -> None:
    count(house, acme, NOW, {("speed", "3"): 50, ("speed", "4"): 40, ("speed", "10"): 10})
    speed = told(house, acme).speed
    assert (speed.count, speed.p50, speed.p90) == (100, 2.0, 3.0)
    assert speed.p99 == pytest.approx(20 + 10 * 0.9, abs=10)
    assert [(each.upto, each.count) for each in speed.buckets][:2] == [(2, 50), (3, 40)]
    assert sum(each.count for each in speed.buckets) == 100


def test_what_took_longer_than_all_bounds_is_told_as_longer(house: House, acme: Install) -> None:
    count(house, acme, NOW, {("speed", str(len(SPEEDS))): 3})
    speed = told(house, acme).speed
    assert [(each.upto, each.count) for each in speed.buckets] == [(None, 3)]
    assert speed.p50 == SPEEDS[-1]


def test_sources_are_told_with_their_share_the_largest_first(house: House, acme: Install) -> None:
    count(
        house, acme, NOW, {("source", "Web", "matched"): 3, ("source", "Web", "none"): 1, ("source", "", "review"): 1}
    )
    assert told(house, acme).sources == (Source("Web", 3, 0, 1), Source("", 0, 1, 0))
    assert [each.rate for each in told(house, acme).sources] == [0.75, 0.0]


def test_reps_are_told_by_day_with_the_name_they_had_last(house: House, acme: Install) -> None:
    count(house, acme, NOW - timedelta(days=2), {("taker", "assigned", "u1", "Ana Dias"): 2})
    count(house, acme, NOW, {("taker", "assigned", "u1", "Ana Diaz"): 1, ("taker", "suggested", "u2", "Bob"): 1})
    count(house, acme, NOW, {("taker", "observed", "u3", "Nobody yet"): 9})
    count(house, acme, NOW, {("answer", "in_time"): 1, ("answer of", "in_time", "u1"): 1, ("answer", "never"): 1})
    found = told(house, acme)
    assert [(each.name, each.per_day, each.answers.in_time) for each in found.reps] == [
        ("Ana Diaz", (0, 0, 0, 0, 2, 0, 1), 1),
        ("Bob", (0, 0, 0, 0, 0, 0, 1), 0),
    ]
    assert (found.answers, found.answers.kept) == (Answers(in_time=1, never=1), 0.5)


def test_who_has_leads_past_due_is_told_long_before_it_is_too_late(house: House, acme: Install) -> None:
    day, hour = timedelta(days=1), timedelta(hours=1)
    dues = {"d1": NOW - day, "d2": NOW - hour, "d3": NOW + hour, "d4": NOW - day, "d5": NOW - hour}
    waits = [Awaited(key, f"l{key}", NOW - 2 * day, due, due) for key, due in dues.items()]
    given = [Assignment(key, f"l{key}", "u1", None, "", "act", NOW - 2 * day) for key in dues]
    with house.database.write() as connection:
        responses.add(connection, acme.id, waits, now=NOW)
        assignments.add(connection, acme.id, given)
        for key in ("d1", "d2", "d4"):  # asked about, and nobody had answered; d5 was not asked about yet
            responses.put_off(connection, acme.id, key, until=NOW + hour)
        assignments.end(connection, acme.id, "d4", "rejected", now=NOW, gives_back=False)
    count(house, acme, NOW, {("taker", "assigned", "u2", "Bob"): 1})
    found = told(house, acme)
    assert [(each.name, each.total, each.overdue) for each in found.reps] == [("Bob", 1, 0), ("u1", 0, 2)]
    assert found.overdue == 2
    assert rows(sheets.table(house, acme, "answers", week()))[1][-1] == "2"


# As files


def rows(table: Sheet) -> list[list[str]]:
    text = sheets.csv(table)
    assert text.startswith(sheets.BYTE_ORDER_MARK)
    return list(csv.reader(io.StringIO(text.removeprefix(sheets.BYTE_ORDER_MARK))))


@pytest.mark.parametrize("name", sheets.OF_PERIODS)
def test_every_table_is_a_file_also_when_it_is_empty(house: House, acme: Install, name: str) -> None:
    whole = rows(sheets.sheet(told(house, acme), name))
    assert all(len(row) == len(whole[0]) for row in whole)
    assert len(set(whole[0])) == len(whole[0])


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =cmd|' /C calc'!A0", "\uff1d1", "\r=1", '=HYPERLINK("x")']
)
def test_what_looks_like_a_formula_is_text_in_a_file(text: str) -> None:
    assert rows(Sheet(("source",), ((text,),)))[1][0].startswith("'")


def test_other_text_and_numbers_are_as_they_were() -> None:
    table = Sheet(("a", "b", "c", "d"), (('Zoë, "Li"\n日本', -3, 0.5, None),))
    assert rows(table)[1] == ['Zoë, "Li"\n日本', "-3", "0.5", ""]


def test_a_file_that_there_is_not_is_not_found(house: House, acme: Install) -> None:
    with pytest.raises(NotThere):
        sheets.sheet(told(house, acme), "leads")


def test_the_file_of_the_load_has_a_column_for_each_day(house: House, acme: Install) -> None:
    count(house, acme, NOW, {("taker", "assigned", "u1", "=Ana"): 2})
    whole = rows(sheets.sheet(told(house, acme), "load"))
    assert whole[0] == ["person", "id", *(f"2026-11-{day}" for day in range(16, 23)), "total"]
    assert whole[1] == ["'=Ana", "u1", "0", "0", "0", "0", "0", "0", "2", "2"]


# API calls


def spend(house: House, install: Install, calls: int, **ago: float) -> None:
    with house.database.write() as connection:
        usage.add(connection, install.id, {"live": calls}, now=NOW - timedelta(**ago))


def allow(house: House, install: Install, total: int) -> None:
    with house.database.write() as connection:
        usage.tell(connection, install.id, Allowance(used=1, total=total), now=NOW)


def test_calls_are_told_by_hour_with_what_is_to_come(house: House, acme: Install) -> None:
    allow(house, acme, 4000)
    spend(house, acme, 100, hours=20)
    spend(house, acme, 250)
    found = spending.forecast(house, acme)
    assert (found.used, found.today, found.granted) == (350, 250, 1000)
    assert (found.hours[-1][1], len(found.hours)) == (250, 24)
    assert found.per_hour == 100, "250 calls in the two and a half hours that are looked at"
    assert found.by_midnight == 250 + 1450
    assert found.reached_at == NOW + timedelta(hours=6.5)


@pytest.mark.parametrize(("calls", "total", "when"), [(1, 4000, None), (999, 4000, 1 / 999), (2000, 4000, 0)])
def test_when_the_calls_are_gone_is_told_if_that_is_today(
    house: House, acme: Install, calls: int, total: int, when: float | None
) -> None:
    allow(house, acme, total)
    spend(house, acme, calls)
    reached = spending.forecast(house, acme).reached_at
    assert (reached is None) == (when is None)
    if when is not None and reached is not None:
        assert (reached - NOW) / timedelta(hours=1) == pytest.approx(when * 2.5, abs=0.01)


def test_where_the_crm_tells_of_no_limit_nothing_is_reached(house: House, acme: Install) -> None:
    spend(house, acme, 9)
    found = spending.forecast(house, acme)
    assert (found.granted, found.reached_at, found.told, found.rests_at) == (None, None, None, None)
    assert replace(found, ours={}).used == 0
