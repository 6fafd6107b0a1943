"""Snapshots of merges go when nobody can take the merges back any more: not before, and not for ever after."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import Refused
from connector.store import notes, progress, unfinished
from connector.store.progress import Progress
from connector.work import Effect
from jobs import clock, expiry
from jobs.undo import Wish, ask
from tests.jobs.conftest import House
from tests.jobs.joining import JoiningCrm
from tests.jobs.killing import run_killed
from tests.jobs.routes import outcomes
from tests.jobs.test_merge import DESK, crm_of, merges, policy

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DAYS = 30


def merged(house: House, crm: JoiningCrm | None = None, *, number: int = 1) -> JoiningCrm:
    """Have two leads of one person become one."""
    crm = crm or crm_of(house, policy() + DESK)
    person = {"email": f"kim{number}@globex.example", "last_name": f"Lee{number}", "name": f"Kim Lee{number}"}
    for lead_id in (f"a{number}", f"b{number}"):
        house.later(seconds=1)
        house.lead(lead_id, **person)
        house.post(house.event(lead_id))
    house.drain()
    house.drain()
    return crm


def tick(house: House, **delta: float) -> None:
    """Let time pass, and the clock come by."""
    house.later(**delta)
    clock.clean(house.tools)
    expiry.ask(house.tools)
    house.drain()


def chosen(house: House, days: int, name: str = notes.MERGE_UNDO_DAYS) -> None:
    with house.database.write() as connection:
        notes.put(connection, house.install.id, name, str(days), now=house.now)


def undo(house: House, key: str) -> None:
    wish = Wish("Kim", house.now, keys=(key,))
    ask(house.database, house.install.id, house.tools.seal(house.install), wish, clock=lambda: house.now)


def work(house: House, name: str) -> Progress:
    with house.database.read() as connection:
        return next(each for each in progress.of(connection, house.install.id) if each.name.startswith(name))


def test_a_snapshot_stays_as_long_as_its_merge_can_be_undone_and_not_longer(house: House) -> None:
    crm = merged(house)
    tick(house, days=DAYS - 1)
    assert len(crm.snapshots) == 1
    merged(house, crm, number=2)
    tick(house, days=1, minutes=30)
    assert len(crm.snapshots) == 2, "an hour for clocks that differ"
    tick(house, days=1)
    assert list(crm.snapshots) == [merges(house)[0].decision.key]
    assert len(crm.snapshots[merges(house)[0].decision.key]) == 2
    assert (work(house, expiry.NAME).state, work(house, expiry.NAME).done) == ("done", 1)


def test_until_the_last_moment_it_can_be_undone_and_then_it_is_said_that_it_has_expired(house: House) -> None:
    crm = merged(house)
    merge = merges(house)[0].decision
    house.now = merge.decided_at + timedelta(days=DAYS)
    undo(house, merge.key)
    house.drain()
    assert ("lead", "b1") not in crm.records
    assert outcomes(house, "a1").count("undone") == 0
    house.now = merge.decided_at + timedelta(days=DAYS) - timedelta(microseconds=1)
    undo(house, merge.key)
    house.drain()
    assert ("lead", "b1") in crm.records


def test_while_an_undo_is_under_way_no_snapshot_goes(house: House) -> None:
    crm = merged(house)
    merge = merges(house)[0].decision
    house.now = merge.decided_at + timedelta(days=DAYS) - timedelta(seconds=1)
    undo(house, merge.key)
    crm.answer = lambda _work, action: (
        Effect("", "", "later", detail="busy", seconds=3600) if action == "unmerge" else None
    )
    house.drain()
    tick(house, hours=5)
    assert list(crm.snapshots) == [merge.key], "the undo was planned and is not done"
    crm.answer = lambda _work, action: Effect("", "", "refused", detail="no") if action == "unmerge" else None
    tick(house, days=2)
    tick(house, days=2)
    assert list(crm.snapshots) == [merge.key], "it stands still, and a person may have it tried again"
    crm.answer = lambda _work, _action: None
    with house.database.write() as connection:
        unfinished.retry_parked(connection, house.install.id, now=house.now)
    house.drain()
    assert ("lead", "b1") in crm.records
    tick(house, days=2)
    assert not crm.snapshots


def test_an_undo_that_was_asked_for_in_time_is_waited_for(house: House) -> None:
    crm = merged(house)
    merge = merges(house)[0].decision
    house.now = merge.decided_at + timedelta(days=DAYS) - timedelta(seconds=1)
    undo(house, merge.key)
    with house.database.write() as connection:  # its lead is busy for long
        progress.move(connection, house.install.id, work(house, "undo:").name, now=house.now,
                      not_before=house.now + timedelta(hours=30))  # fmt: skip
    tick(house, hours=25)
    assert list(crm.snapshots) == [merge.key]
    assert work(house, expiry.NAME).reason == "Waits for an undo that is under way."
    house.later(hours=6)
    house.drain()
    assert ("lead", "b1") in crm.records
    house.later(minutes=11)
    house.drain()
    assert not crm.snapshots


def test_an_undo_that_was_asked_for_in_time_is_done_though_fewer_days_are_chosen_since(house: House) -> None:
    crm = merged(house)
    merge = merges(house)[0].decision
    house.now = merge.decided_at + timedelta(days=20)
    undo(house, merge.key)
    chosen(house, 7)
    house.drain()
    assert ("lead", "b1") in crm.records
    merged(house, crm, number=2)
    later = merges(house)[0].decision
    house.now = later.decided_at + timedelta(days=20)
    undo(house, later.key)
    chosen(house, 30)
    house.drain()
    assert ("lead", "b2") in crm.records, (
        "and what was too late may be in time by more days, while the snapshot is there"
    )
    merged(house, crm, number=3)
    last = merges(house)[0].decision
    chosen(house, 7)
    house.now = last.decided_at + timedelta(days=20)
    undo(house, last.key)
    house.drain()
    assert ("lead", "b3") not in crm.records


def test_each_install_may_choose_fewer_days_and_more_bring_none_back(house: House) -> None:
    crm = merged(house)
    merge = merges(house)[0].decision
    chosen(house, 7)
    tick(house, days=6)
    assert crm.snapshots
    tick(house, days=1, hours=2)
    assert not crm.snapshots
    chosen(house, 30)
    with house.database.read() as connection:
        kept = expiry.keeping(connection, house.install.id, house.settings)
    assert (kept.days, kept.until(merge)) == (30, merge.decided_at + timedelta(days=30))
    assert kept.has_expired(merge, house.now), "what is gone is gone, whatever the days are now"
    fresh = replace(merge, decided_at=house.now)
    assert not kept.has_expired(fresh, house.now)


def test_a_merge_is_known_as_long_as_it_can_be_undone_though_decisions_are_not(house: House) -> None:
    merged(house)
    chosen(house, 3, notes.DECISION_DAYS)
    tick(house, days=4)
    assert [each.decision.outcome for each in merges(house)] == ["merged"]
    tick(house, days=DAYS)
    assert len(merges(house)) == 1, "for a week it is said that it has expired"
    tick(house, days=7)
    assert merges(house) == []


def test_a_worker_that_is_killed_at_any_step_leaves_what_is_needed_and_the_rest_goes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm, step, died = crm_of(house, policy() + DESK), 0, True
    while died:
        step += 1
        for number in range(5):
            merged(house, crm, number=step * 10 + number)
        tick(house, days=DAYS + 2)
        old = set(crm.snapshots)
        house.later(days=2)
        for number in range(5, 7):
            merged(house, crm, number=step * 10 + number)
        young = set(crm.snapshots) - old
        expiry.ask(house.tools)
        died = run_killed(house, step, monkeypatch)
        for _ in range(3):
            house.later(minutes=2)
            house.drain()
        assert set(crm.snapshots) == young, f"killed at step {step}"
        tick(house, days=DAYS + 2)
    assert step > 3, "it has more steps than this: the killing does not work"


def test_what_the_crm_refuses_is_shown_and_tried_again_the_next_day(house: House) -> None:
    crm = merged(house)

    def refuse(call: str) -> None:
        if call == "expire":
            raise Refused("Routing_Snapshot__c may not be deleted")

    crm.before = refuse
    tick(house, days=DAYS + 2)
    assert (work(house, expiry.NAME).state, crm.snapshots != {}) == ("failed", True)
    assert work(house, expiry.NAME).reason == "Routing_Snapshot__c may not be deleted"
    crm.before = lambda _call: None
    tick(house, hours=1)
    assert crm.snapshots, "once a day is enough"
    tick(house, days=1)
    assert not crm.snapshots
