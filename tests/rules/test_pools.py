"""Who of a pool can take the lead: seats, shifts, caps, limits, and what is told when nobody can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar import read_hours
from rules.conditions import parse
from rules.model import Standing, Turn, Value
from rules.parts import Absence, Calendar, Cap, Member
from rules.pools import Refusal, Share, give_back, lane, shares, stays, take
from rules.routing import rotation
from rules.routing.rotation import UNIT
from rules.routing.seats import seating
from tests.rules.desks import HOUR, MONDAY, NAMES, OFFICE, USERS, desk, mail, pool, refusal, run, takers, turn

# Turns and seats.


def test_members_take_turns_by_weight() -> None:
    assert takers(pool("cem", "ana", "bob"), 6) == "ana bob cem ana bob cem"
    assert Counter(run(pool(Member(mail("ana"), weight=2), "bob"), 6)[0]) == {"ana": 4, "bob": 2}


def test_each_mode_has_a_lane_of_its_own() -> None:
    assert [lane("P", "act"), lane("P", "observe"), lane("P", "suggest")] == ["P", "P (observe)", "P (suggest)"]
    acted = turn(pool("ana", "bob"), desk())
    watched = turn(pool("ana", "bob"), desk(mode="observe", rotation={"P": acted.after}))
    assert (watched.pool, watched.member_id) == ("P (observe)", "ana")


def test_two_addresses_of_one_user_are_one_seat_by_the_first_entry() -> None:
    users = {**USERS, "old@x.example": USERS[mail("ana")]}
    twice = pool(Member(mail("ana"), weight=1), "bob", Member("old@x.example", weight=9))
    where = desk(users=users)
    assert list(seating(twice, where).seats) == ["ana", "bob"]
    assert seating(twice, where).weights == {"ana": 1, "bob": 1}


def test_who_is_no_user_has_no_seat_and_who_is_not_active_takes_nothing() -> None:
    users = {**USERS, mail("bob"): replace(USERS[mail("bob")], active=False)}
    found = turn(pool("nobody", "ana", "bob"), desk(users=users))
    assert found.member_id == "ana"
    assert found.passed == (("Bob", "not active"), ("nobody@x.example", "no user of the CRM"))
    assert found.after.keys() == {"ana", "bob"}


def test_a_change_of_users_comes_as_a_new_mapping_and_is_seen() -> None:
    of = pool("ana", "bob")
    assert turn(of, desk()).member_id == "ana"
    gone = {**USERS, mail("ana"): replace(USERS[mail("ana")], active=False)}
    assert turn(of, desk(users=gone)).member_id == "bob"
    for _ in range(20):
        assert turn(of, desk(users=dict(USERS))).member_id == "ana"


# What rules a member out.

FACTS: Mapping[str, Value] = {"lead.country": "France"}


@pytest.mark.parametrize(
    ("member", "rest", "why"),
    [
        (Member(mail("ana"), paused=True), {}, "paused"),
        (Member(mail("ana")), {"paused": {"ana": None}}, "paused"),
        (Member(mail("ana")), {"paused": {"ana": MONDAY + HOUR}}, "paused until 2026-11-23 11:00 UTC"),
        (Member(mail("ana"), when=(parse("lead.country is Germany"),)), {"facts": FACTS},
         "“lead.country is Germany” does not hold, found: France"),
        (Member(mail("ana"), open_leads=3), {"open_leads": {"ana": 3}}, "has 3 open leads, the limit is 3"),
        (Member(mail("ana")), {"refused": frozenset({"ana"})}, "must not get this lead now"),
        (Member(mail("ana"), caps=(Cap(1, "day"),)), {"rotation": {"P": {"ana": {
            "due": 0, "got": 1, "entitled": UNIT, "day 2026-11-23": 1}}}}, "has had 1 per day"),
        (Member(mail("ana"), hours=read_hours("Sat 10:00-12:00 UTC")), {}, "outside working hours"),
        (Member(mail("ana"), absent=(Absence(date(2026, 11, 20), date(2026, 11, 30)),)), {}, "absent until 2026-11-30"),
    ],
)  # fmt: skip
def test_a_member_who_cannot_take_it_is_passed_over_with_the_reason(
    member: Member, rest: dict[str, Any], why: str
) -> None:
    found = turn(pool(member, "bob"), desk(**rest))
    assert found.member_id == "bob"
    assert found.passed == (("Ana", why),)
    alone = refusal(pool(member), desk(**rest))
    assert alone.why == f"nobody in the pool P can take a lead now: Ana ({why})"
    assert alone.until is None


def test_a_pause_that_is_over_and_a_limit_not_reached_rule_nobody_out() -> None:
    of = pool(Member(mail("ana"), open_leads=3, when=(parse("lead.country is France"),)))
    assert turn(of, desk(paused={"ana": MONDAY}, open_leads={"ana": 2}, facts=FACTS)).member_id == "ana"


def test_never_back_leaves_out_who_had_the_lead_and_only_then() -> None:
    where = desk(before=("ana", "cem"))
    assert turn(pool("ana", "bob", "cem"), where).member_id == "ana"
    assert turn(pool("ana", "bob", "cem", never_back=True), where).member_id == "bob"
    why = refusal(pool("ana", "cem", never_back=True), where).why
    assert why.endswith("Ana (has had this lead before) and Cem (has had this lead before)")


def test_a_refusal_names_three_and_counts_the_rest() -> None:
    why = refusal(pool(*NAMES), desk(refused=frozenset(NAMES))).why
    told = ", ".join(f"{name} (must not get this lead now)" for name in ("Ana", "Bob", "Cem"))
    assert why == f"nobody in the pool P can take a lead now: {told} and 2 more"


def test_a_pool_of_nobody_known_says_so() -> None:
    assert refusal(pool("x"), desk()).why.endswith("x@x.example (no user of the CRM)")


# Shifts.


def test_own_hours_come_before_own_calendar_and_both_before_those_of_the_pool() -> None:
    night, day = read_hours("Mon-Sun 00:00-06:00 UTC"), read_hours("Mon-Sun 06:00-20:00 UTC")
    calendars = {"night": Calendar("night", night), "day": Calendar("day", day)}

    def works(member: Member, **rest: Any) -> bool:
        return isinstance(take(pool(member, **rest), desk(calendars=calendars)), Turn)

    ana = mail("ana")
    assert works(Member(ana))
    assert works(Member(ana, hours=day, calendar="night"), hours=night, calendar="night")
    assert works(Member(ana, calendar="day"), hours=night)
    assert works(Member(ana), hours=day, calendar="night")
    assert works(Member(ana), calendar="day")
    assert not works(Member(ana, hours=night, calendar="day"))
    assert not works(Member(ana), hours=night)
    assert not works(Member(ana), calendar="night")


def test_who_is_off_shift_accrues_nothing_and_keeps_what_was_due() -> None:
    of = pool(Member(mail("ana"), hours=OFFICE), "bob", "cem")
    _, standing = run(of, 10)
    night = MONDAY.replace(hour=23)
    others, later = run(of, 20, standing, at=night)
    assert set(others) == {"bob", "cem"}
    assert later["ana"] == standing["ana"]
    back = Counter(run(of, 12, later, at=MONDAY + timedelta(days=1))[0])
    assert all(3 <= back[name] <= 5 for name in ("ana", "bob", "cem"))


# Caps.


def test_caps_are_kept_in_fixed_windows_of_the_members_zone() -> None:
    kiritimati = {**USERS, mail("ana"): replace(USERS[mail("ana")], zone="Pacific/Kiritimati")}
    of = pool(Member(mail("ana"), caps=(Cap(2, "day"),)))
    late = datetime(2026, 11, 23, 9, 59, tzinfo=UTC)  # a minute before midnight there
    _, standing = run(of, 2, at=late, users=kiritimati)
    assert refusal(of, desk(late, users=kiritimati, rotation={"P": standing})).why.endswith("Ana (has had 2 per day)")
    found = turn(of, desk(late + timedelta(minutes=1), users=kiritimati, rotation={"P": standing}))
    assert found.after["ana"]["day 2026-11-24"] == 1


def test_the_zone_of_the_hours_counts_before_the_members_own() -> None:
    of = pool(Member(mail("ana"), caps=(Cap(1, "day"),), hours=read_hours("24/7 Asia/Tokyo")))
    assert "day 2026-11-24" in turn(of, desk(MONDAY.replace(hour=15))).after["ana"]


def test_caps_of_the_pool_hold_for_members_without_their_own() -> None:
    of = pool("ana", Member(mail("bob"), caps=(Cap(3, "day"),)), caps=(Cap(1, "day"),))
    found, standing = run(of, 4)
    assert Counter(found) == {"ana": 1, "bob": 3}
    assert isinstance(take(of, desk(rotation={"P": standing})), Refusal)


def test_each_of_several_caps_counts() -> None:
    of = pool(Member(mail("ana"), caps=(Cap(2, "hour"), Cap(3, "day"), Cap(50, "week"), Cap(90, "month"))))
    _, standing = run(of, 2)
    assert "2 per hour" in refusal(of, desk(rotation={"P": standing})).why
    _, standing = run(of, 1, standing, at=MONDAY + HOUR)
    assert "3 per day" in refusal(of, desk(MONDAY + 2 * HOUR, rotation={"P": standing})).why
    assert standing["ana"]["week 2026-11-23"] == standing["ana"]["month 2026-11"] == 3


def test_a_clock_that_is_behind_finds_what_it_counted_before_the_hour_of_another_began() -> None:
    of = pool(Member(mail("ana"), caps=(Cap(2, "hour"),)), "bob")
    standing: Standing = {}
    found = []
    for minute in (58, 61, 59, 62, 59, 63):
        takers, standing = run(of, 1, standing, at=MONDAY + timedelta(minutes=minute))
        found += takers
    assert Counter(found) == {"ana": 3, "bob": 3}
    for hour in (0, 1):
        again, _ = run(of, 9, standing, at=MONDAY + hour * HOUR)
        assert Counter(again)["ana"] == 2 - standing["ana"][f"hour 2026-11-23T{10 + hour}+0000"]


def test_counters_of_past_windows_go_so_that_the_state_stays_small() -> None:
    of = pool(Member(mail("ana"), caps=(Cap(9, "hour"), Cap(99, "day"))), "bob")
    standing: Standing = {}
    for hours in range(60):
        _, standing = run(of, 2, standing, at=MONDAY + hours * HOUR)
    assert standing["ana"].keys() == {
        *rotation.LEVEL, "hour 2026-11-25T20+0000", "hour 2026-11-25T21+0000", "day 2026-11-24", "day 2026-11-25",
    }  # fmt: skip
    assert standing["bob"].keys() == {"due", "got", "entitled"}
    bare, after_all = run(pool("ana", "bob"), 2, standing)
    assert sorted(bare) == ["ana", "bob"]
    assert after_all["ana"].keys() == {"due", "got", "entitled"}


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4)), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 240), st.integers(0, 59)), min_size=1, max_size=60),
)
@settings(deadline=None, max_examples=60)
def test_no_cap_is_ever_passed_by_several_clocks_and_the_rest_is_shared_out(
    members: list[tuple[int, int]], minutes: list[tuple[int, int]]
) -> None:
    of = pool(*(Member(mail(NAMES[at]), w, caps=(Cap(cap, "hour"),)) for at, (w, cap) in enumerate(members)))
    now, counts = MONDAY, Counter[tuple[str, str]]()
    standing: Standing = {}
    for wait, ahead in minutes:
        now += timedelta(minutes=wait)
        at = now + timedelta(minutes=ahead)
        hour = f"{at:%d %H}"
        found = take(of, desk(at, rotation={"P": standing}))
        if isinstance(found, Refusal):
            assert all(counts[NAMES[n], hour] == cap for n, (_, cap) in enumerate(members))
            continue
        counts[found.member_id, hour] += 1
        assert counts[found.member_id, hour] <= members[NAMES.index(found.member_id)][1]
        assert sum(row["due"] for row in found.after.values()) == 0
        standing = found.after


# The holder.


def test_who_has_the_lead_keeps_it_and_it_is_no_turn() -> None:
    of = pool(Member(mail("ana"), hours=read_hours("Sat 10:00-12:00 UTC"), caps=(Cap(1, "day"),)), "bob")
    _, standing = run(of, 3)
    found = turn(of, desk(holder="ana", rotation={"P": standing}, before=("ana",)))
    assert (found.member_id, found.how) == ("ana", "stays")
    assert found.before == found.after == standing


def test_a_holder_who_left_is_ruled_out_or_not_for_this_lead_does_not_keep_it() -> None:
    of = pool("ana", Member(mail("bob"), when=(parse("lead.country is Germany"),)))
    inactive = {**USERS, mail("ana"): replace(USERS[mail("ana")], active=False)}
    assert stays(of, desk(holder="ana"))
    assert not stays(of, desk(holder="ana", users=inactive))
    assert not stays(of, desk(holder="ana", refused=frozenset({"ana"})))
    assert not stays(of, desk(holder="eva"))
    assert not stays(of, desk())
    assert not stays(of, desk(holder="bob", facts=FACTS))
    assert stays(of, desk(holder="bob", facts={"lead.country": "DE"}))


# Holding.


def test_a_pool_that_holds_says_when_the_first_is_at_work() -> None:
    tokyo = read_hours("Mon-Fri 09:00-18:00 Asia/Tokyo")
    saturday = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
    members = (Member(mail("ana"), hours=OFFICE), Member(mail("bob"), hours=tokyo))
    of = pool(*members, hold=timedelta(days=3))
    assert refusal(of, desk(saturday)).until == datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
    assert refusal(replace(of, hold=None), desk(saturday)).until is None


def test_a_cap_that_ends_while_nobody_works_holds_until_work_begins() -> None:
    of = pool(Member(mail("ana"), hours=OFFICE, caps=(Cap(1, "day"),)), hold=timedelta(days=1))
    _, standing = run(of, 1)
    found = refusal(of, desk(rotation={"P": standing}))
    assert found.until == datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    hourly = pool(Member(mail("ana"), hours=OFFICE, caps=(Cap(1, "hour"),)), hold=timedelta(days=1))
    _, standing = run(hourly, 1)
    assert refusal(hourly, desk(rotation={"P": standing})).until == MONDAY + HOUR


def test_a_pause_with_an_end_is_waited_for_and_what_no_time_mends_is_not() -> None:
    pause = {"ana": MONDAY + 3 * HOUR}
    of = pool("ana", hold=timedelta(days=1))
    assert refusal(of, desk(paused=pause)).until == MONDAY + 3 * HOUR
    assert refusal(of, desk(paused=pause, refused=frozenset({"ana"}))).until is None
    assert refusal(of, desk(paused={"ana": None})).until is None
    never = pool(Member(mail("ana"), absent=(Absence(date(2026, 1, 1), None),)), hold=timedelta(days=1))
    assert refusal(never, desk()).until is None


@given(st.integers(0, 7 * 24 * 4 - 1), st.integers(0, 2), st.integers(0, 2))
@settings(deadline=None, max_examples=60)
def test_when_the_time_comes_somebody_can_indeed_take_it(quarter: int, by_hour: int, by_day: int) -> None:
    at = MONDAY + quarter * HOUR / 4
    ana = Member(mail("ana"), hours=OFFICE, caps=(Cap(1 + by_hour, "hour"), Cap(1 + by_day, "day")))
    of = pool(ana, hold=timedelta(days=3))
    standing: Standing = {}
    for _ in range(5):
        found = take(of, desk(at, rotation={"P": standing}))
        if isinstance(found, Refusal):
            assert found.until
            assert found.until > at
            assert isinstance(take(of, desk(found.until - HOUR / 60, rotation={"P": standing})), Refusal)
            at = found.until
            found = turn(of, desk(at, rotation={"P": standing}))
        standing = found.after


# Giving back, and the console.


def test_a_turn_given_back_takes_its_caps_and_its_share_with_it() -> None:
    of = pool(Member(mail("ana"), caps=(Cap(1, "day"),)), "bob")
    first = turn(of, desk())
    assert first.member_id == "ana"
    second = turn(of, desk(rotation={"P": first.after}))
    back = give_back(second.after, first)
    assert (back["ana"]["got"], back["bob"]["got"]) == (0, 1)
    assert "day 2026-11-23" not in back["ana"]
    assert sum(row["due"] for row in back.values()) == 0
    assert give_back(first.after, first) == first.before
    assert turn(of, desk(rotation={"P": back})).member_id == "ana"


def test_the_console_shows_received_and_entitled() -> None:
    _, standing = run(pool(Member(mail("ana"), weight=3), "bob"), 8)
    assert shares(standing) == [Share("ana", 6, 6.0), Share("bob", 2, 2.0)]
    assert shares({}) == []


def test_many_leads_at_once_are_as_many_one_by_one_with_caps_and_shifts() -> None:
    of = pool(Member(mail("ana"), 3, caps=(Cap(4, "day"),)), Member(mail("bob"), hours=OFFICE), "cem")
    once, standing = run(of, 7)
    then, end = run(of, 6, standing)
    assert (once + then, end) == run(of, 13)
