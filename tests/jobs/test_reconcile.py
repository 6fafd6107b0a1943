"""What was lost is found again: changes, deletions and merges that nobody told us of."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.index import Index
from connector.store import letters, progress
from connector.store.progress import Progress
from jobs import backfill, gone
from rules.model import WHOLE_KIND, Event, Kind
from tests.jobs.conftest import House
from tests.jobs.killing import Killed
from tests.jobs.routes import POOL, come, got, held, outcomes, rules, states

DESK = '- rule: Leads\n  assign: pool "Desk"\n  escalate: [{after: 15 minutes, remind: true}]\n' + POOL


def work(house: House, name: str) -> Progress:
    with house.database.read() as connection:
        return next(each for each in progress.of(connection, house.install.id) if each.name == name)


def indexed(house: House, kind: Kind) -> list[str]:
    with house.database.read() as connection:
        index = Index(connection, house.install.id, house.keyring.seal(house.install.key))
        return index.page(kind, size=100)


def drain(house: House) -> None:
    """Drain until nothing more is due: on a slow machine one shift may be over before."""
    house.rung.append("first")
    while house.rung:
        house.rung.clear()
        house.drain()


def compare(house: House, kind: Kind = "lead", *, minutes: float = 1, at_once: bool = True) -> None:
    """Ask for a comparison that reaches back so far."""
    since = house.now - timedelta(minutes=minutes)
    house.post(Event(f"lost:{kind}:{house.now.isoformat()}:{minutes}", kind, WHOLE_KIND, "resync", since))
    if at_once:
        drain(house)


def test_a_lead_deleted_in_the_gap_ends_as_one_whose_deletion_was_told(house: House) -> None:
    rules(house, DESK)
    for lead_id in ("heard", "missed"):
        come(house, lead_id)
    house.later(minutes=1)
    for lead_id in ("heard", "missed"):
        house.crm.drop("lead", lead_id, house.now)
    house.post(house.event("heard", change="deleted"))
    drain(house)
    compare(house)
    assert indexed(house, "lead") == []
    assert states(house, "missed") == states(house, "heard") == [("remind", "stopped", "gone")]
    assert [ending for _, ending in held(house, "missed")] == [ending for _, ending in held(house, "heard")] == ["gone"]
    assert outcomes(house, "missed") == outcomes(house, "heard") == ["assigned"]
    assert house.waiting() == {"waiting": 0, "parked": 0}


def test_a_lead_merged_away_in_the_gap_gives_its_turn_back(house: House) -> None:
    rules(house, DESK)
    come(house, "l1")
    come(house, "l2")
    assert sum(got(house).values()) == 2
    house.crm.drop("lead", "l1", house.now, master="l2")
    compare(house)
    assert [ending for _, ending in held(house, "l1")] == ["merged"]
    assert sum(got(house).values()) == 1


@pytest.mark.parametrize("kind", ["account", "contact"])
def test_accounts_and_contacts_deleted_in_the_gap_leave_the_index(house: House, kind: Kind) -> None:
    for number in range(7):
        house.account(f"a{number}", name=f"Account {number}")
        record = house.crm.records[("account", f"a{number}")]
        if kind == "contact":
            house.crm.add(type(record)("contact", f"a{number}", {"last_name": f"Contact {number}"}))
        house.post(house.event(f"a{number}", kind=kind))
    drain(house)
    assert len(indexed(house, kind)) == 7
    for number in range(5):
        house.crm.drop(kind, f"a{number}", house.now)
    compare(house, kind)
    assert indexed(house, kind) == ["a5", "a6"]


def test_what_was_deleted_and_restored_since_stays(house: House) -> None:
    come(house, "l1")
    record = house.crm.records[("lead", "l1")]
    house.crm.drop("lead", "l1", house.now)
    house.crm.add(record)
    compare(house)
    assert indexed(house, "lead") == ["l1"]


def test_what_the_crm_has_purged_is_missed_by_the_count_and_leaves_the_index(house: House) -> None:
    for lead_id in ("l1", "l2", "l3"):
        come(house, lead_id)
    del house.crm.records[("lead", "l2")]
    compare(house)
    assert indexed(house, "lead") == ["l1", "l3"]
    assert work(house, "compare:lead").state == "done"


def test_as_long_as_the_numbers_agree_no_id_is_looked_up(house: House) -> None:
    come(house, "l1")
    calls: list[str] = []
    house.crm.before = calls.append
    compare(house, "lead", minutes=-30)
    assert calls == ["gone", "scan", "count"]


def test_a_gap_longer_than_the_recycle_bin_has_every_id_looked_up(house: House) -> None:
    come(house, "l1")
    del house.crm.records[("lead", "l1")]
    house.lead("l2", owner="u2")
    compare(house, minutes=16 * 24 * 60)
    assert indexed(house, "lead") == ["l2"], "one came and one went: the numbers agree"


def test_letters_under_way_are_waited_for_before_records_are_missed(house: House) -> None:
    for lead_id in ("l1", "l2"):
        come(house, lead_id)
    house.crm.drop("lead", "l1", house.now)
    late = house.event("l1", change="deleted")
    house.post(late)
    with house.database.write() as connection:
        found = letters.waiting(connection, house.install.id, now=house.now, records=9)
        until = house.now + timedelta(seconds=9)
        ids = [each.id for each in found]
        letters.postpone(connection, house.install.id, ids, until=until, reason="", failed=False)
    compare(house, minutes=-30)
    assert (work(house, "compare:lead").state, work(house, "compare:lead").not_before) == (
        "running",
        house.now + gone.RECOUNT,
    )
    house.later(seconds=11)
    drain(house)
    assert (work(house, "compare:lead").state, work(house, "compare:lead").done) == ("done", 0)


def test_nobody_deletes_most_of_an_org_so_nothing_is_taken_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gone, "FEW", 2)
    for number in range(5):
        come(house, f"l{number}")
    hidden = {ref: record for ref, record in house.crm.records.items() if ref[0] == "lead"}
    for ref in list(hidden)[:4]:
        del house.crm.records[ref]
    compare(house)
    refused = work(house, "compare:lead")
    assert (refused.state, len(indexed(house, "lead"))) == ("failed", 5)
    assert "The CRM shows 1 of 5 records (lead) that are known here. Nothing was taken out" in refused.reason
    house.crm.records |= hidden
    with house.database.write() as connection:
        progress.start(connection, house.install.id, "compare:lead", now=house.now)
    drain(house)
    assert work(house, "compare:lead").state == "done"


def test_short_comparisons_count_once_an_hour(house: House) -> None:
    calls: list[str] = []
    house.crm.before = calls.append
    for _ in range(3):
        house.later(minutes=1)
        compare(house)
    assert calls.count("count") == 1
    house.later(hours=1)
    compare(house)
    assert calls.count("count") == 2


def test_a_comparison_asked_for_under_way_is_made_once_more_behind_it(house: House) -> None:
    for number in range(9):
        house.lead(f"old{number}")
    compare(house, minutes=30, at_once=False)
    changed: list[str] = []

    def change(call: str) -> None:
        if call == "scan" and work(house, "reconcile:lead").done == 6 and not changed:
            # Behind the place where the scan stands by now, and so is its letter lost too.
            changed.append("a-late-one")
            house.lead("a-late-one")
            compare(house, at_once=False)

    house.crm.before = change
    drain(house)
    assert changed
    assert outcomes(house, "a-late-one") == ["assigned"]
    assert all(outcomes(house, f"old{number}") == ["assigned"] for number in range(9))
    assert work(house, "reconcile:lead").state == "done"


def test_a_lead_read_as_it_is_now_is_not_asked_for_again(house: House) -> None:
    house.later(hours=1)
    for lead_id in ("l1", "l2"):
        come(house, lead_id)
    compare(house)
    reads: list[str] = []
    house.crm.before = reads.append
    house.later(minutes=1)
    compare(house)
    assert "read" not in reads
    house.crm.add(replace(house.crm.records[("lead", "l2")], owner_id="u1", modified_at=house.now))
    compare(house)
    assert reads.count("read") == 1
    assert [ending for _, ending in held(house, "l2")] == ["replaced"]


def test_a_lead_that_a_backfill_has_read_is_asked_for_all_the_same(house: House) -> None:
    house.later(hours=1)
    house.lead("l1")
    with house.database.write() as connection:
        progress.start(connection, house.install.id, backfill.name("lead"), now=house.now)
    drain(house)
    assert (indexed(house, "lead"), outcomes(house, "l1")) == (["l1"], [])
    compare(house)
    assert outcomes(house, "l1") == ["assigned"]


def test_two_comparisons_asked_for_at_once_are_one_from_the_earlier_moment(house: House) -> None:
    scans: list[str] = []
    house.crm.before = scans.append
    compare(house, minutes=5, at_once=False)
    compare(house, minutes=50, at_once=False)
    compare(house, minutes=20, at_once=False)
    drain(house)
    assert scans.count("scan") == 1
    since = json.loads(work(house, "reconcile:lead").after or "")["since"]
    assert since == (house.now - timedelta(minutes=60)).isoformat()


def test_a_lead_that_comes_now_goes_before_a_long_comparison(house: House) -> None:
    for number in range(30):
        house.lead(f"old{number:02}")
    compare(house, minutes=30, at_once=False)
    house.now += timedelta(seconds=1)
    done: list[int] = []

    def come_in(call: str) -> None:
        if call == "scan" and work(house, "reconcile:lead").done == 3:
            house.lead("now")
            house.post(house.event("now"))
        if call.startswith("apply") and "now" in {entry.lead_id for entry in house.crm.entries.values()} and not done:
            done.append(work(house, "reconcile:lead").done)

    house.crm.before = come_in
    drain(house)
    assert done
    assert done[0] <= 9, "pages read before it was routed"
    assert len(house.crm.entries) == 31


def test_leads_older_than_the_install_are_not_new_however_far_it_reaches_back(house: House) -> None:
    house.later(minutes=5)
    born = house.install.created_at
    house.lead("before")
    record = house.crm.records[("lead", "before")]
    house.crm.add(type(record)("lead", "before", record.fields, "u0", born - timedelta(minutes=2), house.now))
    house.post(Event("start", "lead", WHOLE_KIND, "resync", born))
    drain(house)
    assert outcomes(house, "before") == []


def test_a_wildcard_has_every_record_read_again_and_an_overflow_what_changed(house: House) -> None:
    for number in range(4):
        house.account(f"a{number}", name=f"Account {number}")
    house.later(days=1)
    house.post(Event("t1:1:*", "account", WHOLE_KIND, "resync", house.now))
    drain(house)
    assert indexed(house, "account") == [], "they have not changed since"
    house.post(Event("t2:1:001*", "account", WHOLE_KIND, "resync", house.now, changed=("employees",)))
    drain(house)
    assert len(indexed(house, "account")) == 4
    assert work(house, backfill.name("account")).done == 4


def test_a_comparison_that_failed_begins_with_the_install_when_it_is_tried_again(house: House) -> None:
    house.lead("missed")
    with house.database.write() as connection:
        progress.start(connection, house.install.id, "reconcile:lead", now=house.now)
    drain(house)
    assert outcomes(house, "missed") == ["assigned"]
    assert work(house, "reconcile:lead").state == "done"


def test_a_backfill_ends_by_looking_for_what_the_index_had_and_the_crm_has_not(house: House) -> None:
    for number in range(4):
        house.account(f"a{number}", name=f"Account {number}")
        house.post(house.event(f"a{number}", kind="account"))
    drain(house)
    del house.crm.records[("account", "a2")]
    with house.database.write() as connection:
        progress.start(connection, house.install.id, backfill.name("account"), now=house.now)
    drain(house)
    assert indexed(house, "account") == ["a0", "a1", "a3"]


def test_the_place_of_a_comparison_survives_the_death_of_its_worker(house: House) -> None:
    for number in range(12):
        house.lead(f"l{number:02}")
    compare(house, minutes=30, at_once=False)
    scans: list[str] = []

    def die(call: str) -> None:
        if call == "scan":
            scans.append(call)
            if len(scans) == 3:
                raise Killed

    house.crm.before = die
    with pytest.raises(Killed):
        drain(house)
    assert work(house, "reconcile:lead").done == 6
    drain(house)
    assert len(scans) == 5, "two pages before, and from there on: the third once more, and the fourth"
    assert {entry.lead_id for entry in house.crm.entries.values()} == {f"l{number:02}" for number in range(12)}
    assert len(house.crm.entries) == 12
