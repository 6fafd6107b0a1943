"""An org's API calls are shared: what can wait rests in time, live leads go on until the CRM says no."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from connector.crm import Allowance
from connector.errors import Later
from connector.store import installs, progress, usage
from connector.store.progress import Progress
from connector.store.usage import Told, Work
from jobs import backfill, budget, massmatch, policy
from jobs.budget import Standing
from tests.jobs.conftest import House

NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)


def stands(*, used: int, org: int = 1000, total: int = 100_000, said: timedelta = timedelta()) -> Standing:
    told = Told(Allowance(org, total), NOW - said)
    return Standing({"live": used}, today=used, told=told, granted=total // 4, forecast=0)


@pytest.mark.parametrize(
    ("work", "used", "org", "rests"),
    [
        ("backfill", 19_999, 20_000, False),
        ("backfill", 20_000, 20_000, True),
        ("backfill", 10, 89_999, False),
        ("backfill", 10, 90_000, True),
        ("poll", 24_999, 90_000, False),
        ("poll", 25_000, 25_000, True),
        ("poll", 10, 95_000, True),
        ("live", 99_999, 99_999, False),
        ("other", 99_999, 99_999, False),
    ],
)
def test_what_can_wait_rests_before_the_calls_are_gone(*, work: Work, used: int, org: int, rests: bool) -> None:
    assert bool(budget.why_not(stands(used=used, org=org), work, now=NOW)) is rests


def test_what_the_crm_said_long_ago_stops_nobody() -> None:
    old = stands(used=10, org=99_000, said=timedelta(minutes=16))
    assert budget.why_not(old, "backfill", now=NOW) == ""


def test_nothing_rests_where_no_limit_is_known() -> None:
    unknown = Standing({"live": 10**6}, today=0, told=None, granted=None, forecast=0)
    assert budget.why_not(unknown, "backfill", now=NOW) == ""
    assert unknown.rests_at is None


@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("backfill:account", "backfill"),
        ("match:all", "backfill"),
        ("try:unmatched", "backfill"),
        ("reconcile:lead", "poll"),
        ("undo:ab12", "live"),
        ("leads that wait", "live"),
        ("standings", "other"),
        ("setup", "other"),
    ],
)
def test_each_long_work_has_its_kind(name: str, work: Work) -> None:
    assert budget.kind_of(name) == work


def told(house: House, used: int, total: int) -> None:
    house.crm.allowance = Allowance(used, total)
    with house.database.write() as connection:
        usage.tell(connection, house.install.id, house.crm.allowance, now=house.now)


def row(house: House, name: str) -> Progress:
    with house.database.read() as connection:
        return next(each for each in progress.of(connection, house.install.id) if each.name == name)


def where(house: House) -> Standing:
    with house.database.read() as connection:
        return budget.standing(connection, house.install.id, house.settings, now=house.now)


def test_calls_are_counted_by_what_they_were_made_for(house: House) -> None:
    before = where(house)
    calls = house.crm.calls
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    live = where(house).ours["live"] - before.ours["live"]
    assert live > 0
    with house.database.write() as connection:
        progress.start(connection, house.install.id, backfill.name("account"), now=house.now)
    house.drain()
    after = where(house)
    assert after.ours["backfill"] > before.ours["backfill"]
    assert after.used - before.used == house.crm.calls - calls, "none is forgotten"


def test_what_the_crm_says_of_its_calls_is_kept_with_ours(house: House) -> None:
    house.crm.allowance = Allowance(used=4711, total=100_000)
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    found = where(house)
    assert found.told == Told(Allowance(4711, 100_000), house.now)
    assert (found.granted, found.rests_at) == (25_000, 20_000)


def test_a_backfill_rests_and_goes_on_by_itself(house: House) -> None:
    house.account("a1", name="Globex")
    told(house, used=95_000, total=100_000)
    name = backfill.name("account")
    with house.database.write() as connection:
        progress.start(connection, house.install.id, name, now=house.now)
    calls = house.crm.calls
    house.drain()
    rests = row(house, name)
    assert (rests.state, rests.done, house.crm.calls) == ("waiting", 0, calls)
    assert rests.not_before == house.now + budget.REST
    assert "95,000 of its 100,000" in rests.reason
    assert house.rung == [], "a rest is no busy waiting"
    house.later(minutes=16)
    house.crm.allowance = Allowance(used=80_000, total=100_000)
    house.drain()
    done = row(house, name)
    assert (done.state, done.done, done.reason) == ("done", 1, "")


def test_a_mass_match_rests_when_our_share_is_nearly_used(house: House) -> None:
    told(house, used=1000, total=1000)
    with house.database.write() as connection:
        usage.add(connection, house.install.id, {"live": 200}, now=house.now)
        name = massmatch.start(connection, house.install.id, work="match", which="all", now=house.now)
    house.drain()
    assert "of our 250" in row(house, name).reason


def test_a_comparison_beyond_our_share_goes_on_every_quarter_of_an_hour(house: House) -> None:
    """While Salesforce delivers no events, comparing is how new leads are found."""
    told(house, used=500, total=1000)
    with house.database.write() as connection:
        usage.add(connection, house.install.id, {"poll": 400}, now=house.now)
        progress.start(connection, house.install.id, "reconcile:account", now=house.now)
        after = json.dumps({"since": house.now.isoformat(), "after": None})
        progress.move(connection, house.install.id, "reconcile:account", now=house.now, after=after)
    house.drain()
    assert row(house, "reconcile:account").done == 0
    assert "Rests" in row(house, "reconcile:account").reason
    house.later(minutes=16)
    house.drain()
    assert row(house, "reconcile:account").reason == ""


def test_live_leads_go_on_when_our_share_is_gone(house: House) -> None:
    told(house, used=999, total=1000)
    with house.database.write() as connection:
        usage.add(connection, house.install.id, {"backfill": 900}, now=house.now)
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    assert house.owner("l1") in {"u1", "u2"}


def test_our_calls_of_yesterday_drop_out_by_the_hour(house: House) -> None:
    with house.database.write() as connection:
        usage.add(connection, house.install.id, {"live": 100}, now=house.now)
    before = where(house).used
    house.later(hours=23)
    assert where(house).used == before
    house.later(hours=1)
    assert where(house).used == 0


def test_the_forecast_goes_by_the_last_hours(house: House) -> None:
    house.now = NOW
    with house.database.write() as connection:
        usage.add(connection, house.install.id, {"live": 1000}, now=NOW - timedelta(hours=10))
        usage.add(connection, house.install.id, {"live": 200}, now=NOW - timedelta(hours=1))
        usage.add(connection, house.install.id, {"live": 400}, now=NOW - timedelta(hours=2))
    found = where(house)
    assert found.today == 1600
    assert found.forecast == 1600 + 600 // 2 * 6, "300 an hour for the six hours that are left"


def test_why_the_crm_asked_for_quiet_is_kept_as_long_as_it_lasts(house: House) -> None:
    with house.database.write() as connection:
        policy.pause_install(connection, house.install.id, Later("The calls are gone", seconds=900), now=house.now)
        policy.pause_install(connection, house.install.id, Later("busy", seconds=5), now=house.now)
        found = policy.quiet(connection, house.install.id, now=house.now)
        assert found == policy.Quiet("The calls are gone", house.now + timedelta(seconds=900))
        assert policy.quiet(connection, house.install.id, now=house.now + timedelta(seconds=901)) is None


@pytest.mark.parametrize("error", [Later("busy", seconds=60), KeyError("a fault")])
def test_a_customer_who_disconnects_while_we_ask_for_quiet_is_gone_without_a_fault(
    house: House, error: Exception
) -> None:
    house.lead("l1")
    house.post(house.event("l1"))

    def leave(_call: str) -> None:
        with house.database.write() as connection:
            installs.remove(connection, house.install.id)
        raise error

    house.crm.before = leave
    house.drain()
    assert house.status() == "gone"
