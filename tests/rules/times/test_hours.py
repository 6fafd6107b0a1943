from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendar import (
    ALWAYS,
    Hours,
    Shift,
    Span,
    read_absence,
    read_hours,
    read_zone,
    window,
    with_holidays,
)
from rules.faults import RuleFault
from rules.parts import Absence
from tests.rules.make import cases
from tests.rules.make_hours import OFFICE, WEEKS, ZONES, utc


@pytest.mark.parametrize("case", [case for case in cases("hours") if "prints" in case], ids=lambda case: case["text"])
def test_hours_are_read_and_print_back(case: dict[str, Any]) -> None:
    hours = read_hours(case["text"])
    assert str(hours) == case["prints"]
    assert read_hours(str(hours)) == hours


@pytest.mark.parametrize("case", [case for case in cases("hours") if "fault" in case], ids=lambda case: case["text"])
def test_hours_that_cannot_be_read_are_told_with_place_and_remedy(case: dict[str, Any]) -> None:
    with pytest.raises(RuleFault) as raised:
        read_hours(case["text"])
    fault = raised.value
    assert f"{fault.line}:{fault.column} {fault.message} → {fault.remedy}" == case["fault"]


def test_an_endless_text_is_no_hours() -> None:
    with pytest.raises(RuleFault, match="more than 2,000 characters"):
        read_hours("Mon 9-18, " * 1000)


PIECES = (
    "Mon", "Fri", "Sunday", "weekdays", "every", "all", "day", "closed", "9", "09:00", "18", "6pm", "24:00", "24/7",
    "-", ",", ";", "\n", "noon", "to", "and", "Europe/Paris", "UTC", "Fry",
)  # fmt: skip


@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join))
def test_any_text_is_hours_or_a_fault_in_it(text: str) -> None:
    try:
        hours = read_hours(text)
    except RuleFault as raised:
        fault = raised.within("Paris")
    else:
        assert read_hours(str(hours)) == hours
        return
    assert fault.remedy
    assert 1 <= fault.line <= text.count("\n") + 1


@given(WEEKS, st.sampled_from(("", *ZONES)))
def test_any_hours_print_back(hours: Hours, zone: str) -> None:
    hours = replace(hours, zone=zone)
    assert read_hours(str(hours)) == hours


def test_spans_are_split_at_midnight() -> None:
    assert read_hours("Sun 22:00 - Mon 06:00").spans == (Span(0, 0, 360), Span(6, 1320, 1440))
    assert len(ALWAYS.spans) == 7
    assert read_hours("24/7") == ALWAYS


def test_a_zone_is_found_in_any_case_and_an_unknown_one_has_a_nearest_name() -> None:
    assert read_zone(" europe/paris ") == "Europe/Paris"
    assert read_zone("america/new york") == "America/New_York"
    with pytest.raises(RuleFault) as raised:
        read_zone("Asia/Calcuta")
    assert raised.value.remedy == "Did you mean “Asia/Calcutta”?"
    for unknown in ("", "Factory", "localtime", "../Europe/Paris", "/etc/passwd", "Europe", "a\0b"):
        with pytest.raises(RuleFault):
            read_zone(unknown)


def test_a_user_whose_zone_nobody_knows_lives_in_utc() -> None:
    assert Shift(OFFICE, "Mars/Phobos").is_open(utc("2026-03-02T09:00"))
    assert not Shift(OFFICE, "Mars/Phobos").is_open(utc("2026-03-02T18:00"))
    assert window("day", utc("2026-03-02T23:59"), "Mars/Phobos") == "day 2026-03-02"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FR", "FR"), ("fr-57", "FR-57"), ("France", "FR"), ("Deutschland", "DE"), ("DE-Bayern", "DE-BY"),
        ("UK", "GB"), ("GB-SCT", "GB-SCT"), ("US-CA", "US-CA"), ("Guinea-Bissau", "GW"), ("CH - ZH", "CH-ZH"),
    ],
)  # fmt: skip
def test_holidays_have_codes_or_names(text: str, code: str) -> None:
    assert with_holidays(OFFICE, [text], ()).holidays == (code,)


@pytest.mark.parametrize(
    ("text", "column", "remedy"),
    [
        ("Frence", 1, "Did you mean FR (France)?"),
        ("XX", 1, "Write a country like FR, or a part of one like FR-57."),
        ("", 1, "Write a country like FR, or a part of one like FR-57."),
        ("DE-Bayer", 4, "Did you mean DE-BY?"),
        ("MC-1", 4, "Write MC."),
        ("AT-XY", 4, "Known are: AT-1, AT-2, AT-3, AT-4, AT-5, AT-6, AT-7, AT-8, AT-9."),
    ],
)
def test_unknown_holidays_are_told_with_a_suggestion(text: str, column: int, remedy: str) -> None:
    with pytest.raises(RuleFault) as raised:
        with_holidays(OFFICE, [text], ())
    assert (raised.value.column, raised.value.remedy) == (column, remedy)


def test_holidays_and_closed_days_are_replaced_not_added() -> None:
    closed = (read_absence("2026-12-24"),)
    hours = with_holidays(with_holidays(OFFICE, ["DE"], ()), ["FR", "fr"], closed)
    assert hours == Hours(OFFICE.spans, "", ("FR",), closed)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-12-24", date(2026, 12, 24), date(2026, 12, 24)),
        ("2026-12-24 to 2027-01-02", date(2026, 12, 24), date(2027, 1, 2)),
        ("from 2026-12-24 until 2027-1-2", date(2026, 12, 24), date(2027, 1, 2)),
        (" 2028-02-29 \u2013 2028-02-29 ", date(2028, 2, 29), date(2028, 2, 29)),
        ("from 2026-12-24", date(2026, 12, 24), None),
        ("2026-12-24 until further notice", date(2026, 12, 24), None),
    ],
)
def test_absences_are_days(text: str, first: date, last: date | None) -> None:
    assert read_absence(text) == Absence(first, last)


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("24.12.2026", 1, "“24.12.2026” does not say days."),
        ("", 0, "“” does not say days."),
        ("2027-02-29", 1, "There is no day 2027-02-29."),
        ("2026-12-24 to 2026-13-01", 15, "There is no day 2026-13-01."),
        ("2026-12-24 to 2026-12-01", 15, "2026-12-01 is before 2026-12-24."),
        ("from soon", 1, "“from soon” does not say days."),
    ],
)
def test_days_that_cannot_be_read_are_told(text: str, column: int, message: str) -> None:
    with pytest.raises(RuleFault) as raised:
        read_absence(text)
    assert (raised.value.column, raised.value.message) == (max(column, 1), message)
    assert raised.value.remedy
