from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules.calendar import (
    ALWAYS,
    Hours,
    Shift,
    read_absence,
    read_hours,
    window,
    window_end,
    with_holidays,
)
from rules.parts import Absence
from tests.rules.make_hours import CHANGES, HOUR, MINUTE, OFFICE, WEEKS, ZONES, utc

FREE = {code: holidays.country_holidays(code) for code in ("FR", "IN")}


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def paris(text: str) -> Shift:
    return Shift(read_hours(text), "Europe/Paris")


def naive(hours: Hours, zone: str, absent: tuple[Absence, ...], moment: datetime) -> bool:
    """What the clock on the wall and the calendar beside it say, a minute at a time."""
    wall = moment.astimezone(ZoneInfo(hours.zone or zone))
    day, minute = wall.date(), wall.hour * 60 + wall.minute
    off = any(one.first <= day and (one.last is None or day <= one.last) for one in (*absent, *hours.closed))
    free = any(day in FREE[code] for code in hours.holidays)
    held = any(span.weekday == day.weekday() and span.start <= minute < span.end for span in hours.spans)
    return held and not off and not free


@settings(max_examples=60, deadline=None)
@given(
    WEEKS,
    st.sampled_from(ZONES),
    st.sampled_from(CHANGES),
    st.integers(-3000, 3000),
    st.sampled_from(([], ["FR", "IN"])),
)
def test_at_work_is_what_the_wall_clock_says(
    hours: Hours, zone: str, change: datetime, minutes: int, codes: list[str]
) -> None:
    hours = with_holidays(hours, codes, ())
    start = change + minutes * MINUTE
    absent = (Absence((start + timedelta(days=1)).date(), (start + timedelta(days=1)).date()),) if minutes % 3 else ()
    shift = Shift(hours, zone, absent)
    open_ = [naive(hours, zone, absent, start + step * MINUTE) for step in range(2 * 24 * 60)]
    assert [shift.is_open(start + step * MINUTE) for step in range(2 * 24 * 60)] == open_
    assert shift.worked(start, start + 2 * 24 * HOUR) == sum(open_) * MINUTE
    first = start + open_.index(True) * MINUTE if any(open_) else None
    assert first is None or shift.next_open(start) == first


@settings(max_examples=150, deadline=None)
@given(
    WEEKS,
    st.sampled_from(ZONES),
    st.sampled_from(CHANGES),
    st.integers(-10_000, 10_000),
    st.timedeltas(timedelta(0), timedelta(days=9)),
)
def test_time_added_is_time_worked(hours: Hours, zone: str, change: datetime, minutes: int, time: timedelta) -> None:
    shift = Shift(with_holidays(hours, ["US"], ()), zone)
    start = change + minutes * MINUTE
    # Time passes on the wall after ten years: who works a minute a week works 8 hours by then.
    assume(time <= sum(span.end - span.start for span in hours.spans) * MINUTE * 52 * 9)
    assume(shift.add(start, time) < start + timedelta(days=3_600))
    end = shift.add(start, time)
    assert shift.worked(start, end) == time
    assert end.tzinfo is UTC
    assert not time or shift.worked(start, end - timedelta(microseconds=1)) < time


@settings(max_examples=100, deadline=None)
@given(WEEKS, st.sampled_from(ZONES), st.sampled_from(CHANGES), st.integers(-10_000, 10_000))
def test_the_next_opening_is_open_and_nothing_before_it_is(
    hours: Hours, zone: str, change: datetime, minutes: int
) -> None:
    shift = Shift(with_holidays(hours, ["JP"], ()), zone)
    start = change + minutes * MINUTE
    opening = shift.next_open(start)
    assert opening is not None
    assert shift.is_open(opening)
    assert opening >= start
    assert shift.worked(start, opening) == timedelta(0)
    assert (opening == start) == shift.is_open(start)
    assert all(not shift.is_open(start + step * (opening - start) / 50) for step in range(50) if opening > start)


@settings(max_examples=60, deadline=None)
@given(WEEKS, st.sampled_from(ZONES), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_more_work_never_ends_earlier(hours: Hours, zone: str, time: timedelta) -> None:
    shift = Shift(hours, zone, (read_absence("from 2026-03-29"),))
    start = utc("2026-03-23T07:30")
    assert shift.add(start, time) <= shift.add(start, time + MINUTE)


def test_a_local_time_that_does_not_exist_is_not_worked() -> None:
    shift = paris("Sun 01:30-03:30")
    assert shift.worked(utc("2026-03-28T00:00"), utc("2026-03-30T00:00")) == HOUR
    assert shift.add(at("2026-03-29T01:30", "Europe/Paris"), HOUR) == utc("2026-03-29T01:30")
    gone = paris("Sun 02:00-03:00")
    assert gone.next_open(utc("2026-03-28T12:00")) == utc("2026-04-05T00:00")


def test_a_local_time_that_exists_twice_is_worked_twice() -> None:
    shift = paris("Sun 02:00-02:30")
    assert shift.worked(utc("2026-10-25T00:00"), utc("2026-10-25T06:00")) == HOUR
    assert [shift.is_open(utc(f"2026-10-25T0{when}")) for when in ("0:15", "0:45", "1:15", "1:45")] == [
        True, False, True, False,
    ]  # fmt: skip


def test_a_night_shift_is_an_hour_shorter_in_march_and_longer_in_october() -> None:
    night = paris("Mon-Sun 22:00-06:00")
    assert night.worked(utc("2026-03-28T12:00"), utc("2026-03-29T12:00")) == 7 * HOUR
    assert night.worked(utc("2026-10-24T12:00"), utc("2026-10-25T12:00")) == 9 * HOUR
    assert night.worked(utc("2026-06-13T12:00"), utc("2026-06-14T12:00")) == 8 * HOUR


def test_working_hours_over_a_clock_change_keep_to_the_clock_on_the_wall() -> None:
    shift = Shift(OFFICE, "Europe/Paris")
    assert shift.add(at("2026-03-27T17:00", "Europe/Paris"), 2 * HOUR) == utc("2026-03-30T08:00")
    assert shift.add(at("2026-10-23T17:00", "Europe/Paris"), 2 * HOUR) == utc("2026-10-26T09:00")


@pytest.mark.parametrize(
    ("zone", "opens"),
    [
        ("Asia/Kolkata", "2026-03-02T03:30"),
        ("Asia/Kathmandu", "2026-03-02T03:15"),
        ("Australia/Lord_Howe", "2026-03-01T22:00"),  # +11:00 in summer
        ("Pacific/Chatham", "2026-03-01T19:15"),
    ],
)
def test_half_hours_and_quarters_of_zones_count(zone: str, opens: str) -> None:
    assert Shift(OFFICE, zone).next_open(utc("2026-03-01T12:00")) == utc(opens)


def test_lord_howe_puts_its_clock_by_half_an_hour() -> None:
    night = Shift(read_hours("Sun 00:00-06:00"), "Australia/Lord_Howe")
    assert night.worked(utc("2026-04-04T00:00"), utc("2026-04-05T12:00")) == 6.5 * HOUR
    assert night.worked(utc("2026-10-03T00:00"), utc("2026-10-04T12:00")) == 5.5 * HOUR


def test_the_leap_day_is_a_day() -> None:
    shift = Shift(with_holidays(OFFICE, (), (read_absence("2028-02-29"),)), "Europe/Paris")
    assert shift.add(utc("2028-02-28T16:00"), 2 * HOUR) == utc("2028-03-01T09:00")
    assert Shift(OFFICE, "Europe/Paris").add(utc("2028-02-28T16:00"), 2 * HOUR) == utc("2028-02-29T09:00")
    assert shift.why_closed(utc("2028-02-29T12:00")) == "closed until 2028-02-29"


def test_a_span_over_midnight_belongs_to_both_days() -> None:
    shift = paris("Mon-Fri 22:00-06:00")
    assert shift.is_open(at("2026-06-06T05:59", "Europe/Paris"))  # Saturday morning
    assert not shift.is_open(at("2026-06-06T06:00", "Europe/Paris"))
    assert not shift.is_open(at("2026-06-01T05:59", "Europe/Paris"))  # Monday morning
    assert paris("Sun 22:00 - Mon 06:00").is_open(at("2026-06-01T05:59", "Europe/Paris"))
    holiday = Shift(with_holidays(read_hours("Mon-Fri 22:00-06:00"), ["FR"], ()), "Europe/Paris")
    assert holiday.is_open(at("2026-07-13T23:59", "Europe/Paris"))
    assert not holiday.is_open(at("2026-07-14T00:00", "Europe/Paris"))


def test_a_week_wraps() -> None:
    shift = paris("Sat-Tue 09:00-18:00")
    open_ = [shift.is_open(at(f"2026-06-{day:02}T12:00", "Europe/Paris")) for day in range(1, 8)]
    assert open_ == [True, True, False, False, False, True, True]


def test_why_somebody_is_not_at_work() -> None:
    hours = with_holidays(OFFICE, ["FR-57"], (read_absence("2026-12-21 to 2026-12-23"),))
    absent = (read_absence("2026-12-28 to 2026-12-30"), read_absence("2026-12-31"), read_absence("from 2027-02-01"))
    shift = Shift(hours, "Europe/Paris", absent)
    told = {
        "2026-03-02T12:00": "",
        "2026-03-02T18:00": "outside working hours",
        "2026-05-14T12:00": "public holiday Ascension Day",
        "2026-05-14T03:00": "public holiday Ascension Day",
        "2026-12-26T12:00": "outside working hours",  # a Saturday first of all
        "2026-04-03T12:00": "public holiday Good Friday",  # in Moselle alone
        "2026-12-22T12:00": "closed until 2026-12-23",
        "2026-12-28T12:00": "absent until 2026-12-31",
        "2027-02-06T23:00": "absent until further notice",
    }
    assert {when: shift.why_closed(at(when, "Europe/Paris")) for when in told} == told
    assert Shift(with_holidays(ALWAYS, (), absent), "UTC").why_closed(utc("2027-02-01T00:00")) == (
        "closed until further notice"
    )


def test_holidays_are_named_in_english_wherever_they_are() -> None:
    names = {
        code: Shift(with_holidays(ALWAYS, [code], ()), "UTC").why_closed(utc(f"{day}T12:00"))
        for code, day in {
            "JP": "2026-11-03", "BR": "2026-09-07", "NZ": "2026-02-06", "GB-SCT": "2026-11-30", "US": "2021-12-31",
        }.items()
    }  # fmt: skip
    assert names == {
        "JP": "public holiday Culture Day",
        "BR": "public holiday Independence Day",
        "NZ": "public holiday Waitangi Day",
        "GB-SCT": "public holiday Saint Andrew's Day",
        "US": "public holiday New Year's Day (observed)",
    }


def test_a_holiday_beyond_the_date_line_is_a_day_there() -> None:
    samoa = Shift(with_holidays(ALWAYS, ["WS"], ()), "Pacific/Apia")
    ours = Shift(with_holidays(ALWAYS, ["AS"], ()), "Pacific/Pago_Pago")
    assert (samoa.is_open(utc("2026-12-24T12:00")), ours.is_open(utc("2026-12-24T12:00"))) == (False, True)
    assert (samoa.is_open(utc("2026-12-26T10:00")), ours.is_open(utc("2026-12-26T10:00"))) == (False, False)
    assert samoa.why_closed(utc("2026-12-26T10:59")) == "public holiday Boxing Day"
    assert samoa.is_open(utc("2026-12-26T11:00"))


def test_the_day_that_samoa_skipped_is_nobodys() -> None:
    shift = Shift(read_hours("Fri 00:00-24:00"), "Pacific/Apia")
    assert shift.worked(utc("2011-12-29T00:00"), utc("2012-01-02T00:00")) == timedelta(0)
    assert window("day", utc("2011-12-30T09:59"), "Pacific/Apia") == "day 2011-12-29"
    assert window_end("day", utc("2011-12-30T09:00"), "Pacific/Apia") == utc("2011-12-30T10:00")
    assert window("day", utc("2011-12-30T10:00"), "Pacific/Apia") == "day 2011-12-31"


def test_a_zone_in_the_hours_is_before_the_persons_own() -> None:
    hours = read_hours("Mon-Fri 09:00-18:00 Asia/Tokyo")
    shift = Shift(hours, "America/New_York", (read_absence("2026-03-03"),))
    assert shift.zone == "Asia/Tokyo"
    assert shift.next_open(utc("2026-03-01T12:00")) == utc("2026-03-02T00:00")
    assert shift.next_open(utc("2026-03-02T12:00")) == utc("2026-03-04T00:00")


def test_who_is_away_until_further_notice_has_no_next_opening_and_time_passes_on_the_wall() -> None:
    shift = Shift(OFFICE, "UTC", (read_absence("from 2026-03-03"),))
    assert shift.next_open(utc("2026-03-03T12:00")) is None
    assert shift.next_open(utc("2026-03-02T12:00")) == utc("2026-03-02T12:00")
    assert shift.add(utc("2026-03-03T12:00"), 2 * HOUR) == utc("2026-03-03T14:00")
    # Six hours on Monday, then four on the wall.
    assert shift.add(utc("2026-03-02T12:00"), 10 * HOUR) == utc("2026-03-02T22:00")
    assert shift.worked(utc("2026-03-02T12:00"), utc("2026-04-02T12:00")) == 6 * HOUR


@pytest.mark.parametrize(
    "hours", [read_hours("closed"), with_holidays(ALWAYS, (), (read_absence("from 2000-01-01"),))], ids=str
)
def test_what_never_opens_never_opens(hours: Hours) -> None:
    shift = Shift(hours, "Asia/Kathmandu")
    now = utc("2026-03-02T09:00")
    assert not shift.is_open(now)
    assert shift.next_open(now) is None
    assert shift.add(now, 3 * HOUR) == now + 3 * HOUR
    assert shift.worked(now, now + timedelta(days=900)) == timedelta(0)
    assert shift.why_closed(now) in {"outside working hours", "closed until further notice"}
    assert shift.working_time(timedelta(days=2)) == timedelta(days=2)


def test_an_absence_of_less_than_a_year_is_waited_for() -> None:
    shift = Shift(OFFICE, "UTC", (read_absence("2026-03-03 to 2027-02-28"),))
    assert shift.next_open(utc("2026-03-03T12:00")) == utc("2027-03-01T09:00")
    longer = Shift(OFFICE, "UTC", (read_absence("2026-03-03 to 2027-03-31"),))
    assert longer.next_open(utc("2026-03-03T12:00")) is None


def test_endless_work_ends_on_the_wall() -> None:
    shift = paris("Mon 09:00-10:00")
    start = utc("2026-03-02T00:00")
    assert shift.add(start, timedelta(days=365)) > start + timedelta(days=3_650 + 300)


@pytest.mark.parametrize(
    ("hours", "long"),
    [
        ("Mon-Fri 09:00-12:00, 13:00-18:00", 8 * HOUR),
        ("Mon-Fri 22:00-06:00", 8 * HOUR),
        ("Mon-Thu 09:00-18:00; Fri 09:00-13:00", 8 * HOUR),
        ("Fri 22:00 - Mon 06:00", 24 * HOUR),
        ("24/7", 24 * HOUR),
        ("closed", 24 * HOUR),
    ],
)
def test_a_working_day_is_as_long_as_the_persons_days_are(hours: str, long: timedelta) -> None:
    shift = paris(hours)
    assert shift.working_day == long
    assert shift.working_time(timedelta(days=2, hours=1)) == 2 * long + HOUR
    assert shift.working_time(timedelta(hours=5)) == 5 * HOUR


def test_a_working_day_later_is_the_same_time_tomorrow() -> None:
    shift = Shift(OFFICE, "Europe/Paris")
    after = shift.working_time(timedelta(days=1))
    assert shift.add(at("2026-03-06T11:30", "Europe/Paris"), after) == at("2026-03-09T11:30", "Europe/Paris")


def test_no_work_takes_no_time() -> None:
    shift = Shift(OFFICE, "UTC")
    night = utc("2026-03-02T03:00")
    assert shift.add(night, timedelta(0)) == night
    assert shift.add(night, -HOUR) == night
    assert shift.worked(night + 10 * HOUR, night) == timedelta(0)


def test_work_ends_with_the_day_not_with_the_next_morning() -> None:
    assert Shift(OFFICE, "UTC").add(utc("2026-03-06T17:00"), HOUR) == utc("2026-03-06T18:00")


def test_times_in_any_zone_are_one_time_and_answers_are_in_utc() -> None:
    shift = Shift(OFFICE, "Europe/Paris")
    tokyo = datetime(2026, 3, 2, 20, 30, tzinfo=timezone(9 * HOUR))
    assert shift.is_open(tokyo)
    assert shift.next_open(tokyo) == tokyo
    assert {moment.tzinfo for moment in (shift.next_open(tokyo), shift.add(tokyo, HOUR)) if moment} == {UTC}
    assert window_end("day", tokyo, "Asia/Tokyo").tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    bare = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - this is the point
    for ask in (
        lambda: Shift(OFFICE, "UTC").is_open(bare),
        lambda: window("day", bare, "UTC"),
        lambda: window_end("day", bare, "UTC"),
    ):
        with pytest.raises(ValueError, match="has no zone"):
            ask()


def test_what_is_worked_out_is_kept_and_does_not_grow() -> None:
    shift = Shift(OFFICE, "UTC")
    assert Shift(read_hours("Mon-Fri 09:00-18:00"), "UTC")._days is shift._days
    start = utc("2020-01-01T00:00")
    assert shift.worked(start, start + timedelta(days=7 * 200)) == 200 * 45 * HOUR
    assert len(shift._days) <= 400
