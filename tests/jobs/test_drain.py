"""The drain over a fake CRM: what is lost (nothing), what is done twice (nothing), who waits, who is parked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import Later, Refused, Revoked
from connector.rows import RuleRow
from connector.store import decisions, leases, letters, rotation, unfinished
from connector.work import Effect, Work
from jobs import clock
from jobs.drain import drain
from jobs.shift import drain_lease
from rules import decide as door
from rules.model import WHOLE_KIND, AuditEntry, Event
from tests.jobs.conftest import House


def entry_of(house: House, lead_id: str) -> AuditEntry:
    found = [entry for entry in house.crm.entries.values() if entry.lead_id == lead_id]
    assert len(found) == 1, f"{lead_id} has {len(found)} audits"
    return found[0]


def test_a_new_lead_gets_account_owner_task_bell_and_audit(house: House) -> None:
    house.account("a1", name="Globex", website="https://globex.com", owner="u2")
    house.post(house.event("a1", kind="account"))
    house.lead("l1", email="hank@globex.com", company="Globex")
    house.post(house.event("l1"))
    house.drain()
    lead = house.crm.records[("lead", "l1")]
    assert (lead.owner_id, lead.fields["account_id"]) == ("u2", "a1")
    assert [task.owner_id for lead_id, task in house.crm.tasks if lead_id == "l1"] == ["u2"]
    assert [bell.user_id for lead_id, bell in house.crm.bells if lead_id == "l1"] == ["u2"]
    assert entry_of(house, "l1").outcome == "assigned"
    assert house.waiting() == {"waiting": 0, "parked": 0}


def test_the_same_event_twice_is_one_letter_and_its_echo_is_none(house: House) -> None:
    house.lead("l1")
    assert house.post(house.event("l1"), house.event("l1"), house.event("l2", ours=True)) == 1
    house.drain()
    house.post(house.event("l1"))
    house.drain()
    assert len(house.crm.entries) == 1


def test_a_batch_gives_the_decisions_that_single_events_give(house: House) -> None:
    for number in range(7):
        house.lead(f"batch{number}")
    house.post(*(house.event(f"batch{number}") for number in range(7)))
    house.drain()
    in_batch = [house.owner(f"batch{number}") for number in range(7)]
    for number in range(8):
        house.lead(f"single{number}")
        house.post(house.event(f"single{number}"))
        house.drain()
    alone = [house.owner(f"single{number}") for number in range(8)]
    assert in_batch == ["u1", "u2", "u1", "u2", "u1", "u2", "u1"]
    assert alone == ["u2", "u1", "u2", "u1", "u2", "u1", "u2", "u1"], "the rotation goes on where the batch ended"


def test_two_copies_of_one_person_in_one_batch_find_each_other(house: House) -> None:
    house.lead("l1", email="kim@nowhere.example")
    house.later(seconds=1)
    house.lead("l2", email="KIM@nowhere.example ")
    house.post(house.event("l1"), house.event("l2"))
    house.drain()
    assert entry_of(house, "l1").duplicate_status == "different"
    assert (entry_of(house, "l2").duplicate_status, entry_of(house, "l2").duplicate_of) == ("same", "l1")


@pytest.mark.parametrize("together", [True, False])
def test_the_owner_of_a_duplicate_is_who_got_it_a_moment_ago(house: House, *, together: bool) -> None:
    text = "- rule: Known\n  when: [duplicate.status is same]\n  assign: duplicate owner\n"
    house.crm.rule_rows.append(RuleRow("Known", "rule", -1, text, id="known"))
    house.post(house.event("known", kind="rule"))
    house.drain()
    house.lead("l1", email="kim@nowhere.example")
    house.later(seconds=1)
    house.lead("l2", email="kim@nowhere.example")
    house.post(house.event("l1"))
    if not together:
        house.drain()
    house.post(house.event("l2"))
    house.drain()
    assert (house.owner("l1"), house.owner("l2")) == ("u1", "u1")


def test_a_lead_deleted_before_it_is_read_leaves_an_audit_that_says_so(house: House) -> None:
    house.post(house.event("ghost"))
    house.drain()
    assert entry_of(house, "ghost").outcome == "ignored"
    assert "deleted" in entry_of(house, "ghost").story
    assert house.waiting()["waiting"] == 0


def test_a_lead_older_than_the_install_is_left_alone_when_somebody_edits_it(house: House) -> None:
    old = replace(house.lead("old"), created_at=house.install.created_at - timedelta(days=30))
    house.crm.add(old)
    house.post(house.event("old", change="updated"))
    house.drain()
    assert house.crm.entries == {}
    assert house.waiting()["waiting"] == 0


def test_an_edit_of_what_nobody_reads_asks_for_nothing(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    lead = house.crm.records[("lead", "l1")]
    house.crm.add(replace(lead, fields={**lead.fields, "status": "Working"}))
    house.later(minutes=1)
    house.post(house.event("l1", change="updated"))
    house.drain()
    assert len(house.crm.entries) == 1


def test_the_owner_a_person_chose_is_kept_when_the_lead_changes(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    lead = house.crm.records[("lead", "l1")]
    house.crm.add(replace(lead, owner_id="u3", fields={**lead.fields, "company": "Initech"}))
    house.later(minutes=1)
    house.post(house.event("l1", change="updated"))
    house.drain()
    assert house.owner("l1") == "u3"
    assert sorted(entry.outcome for entry in house.crm.entries.values()) == ["assigned", "kept"]
    assert len(house.crm.tasks) == 1


def test_observe_changes_nothing_but_the_audit(house: House) -> None:
    house.mode("observe")
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    assert (house.owner("l1"), house.crm.tasks, house.crm.bells) == ("u0", [], [])
    assert entry_of(house, "l1").outcome == "observed"


def test_suggest_makes_a_task_and_leaves_the_owner(house: House) -> None:
    house.mode("suggest")
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    assert (house.owner("l1"), len(house.crm.tasks)) == ("u0", 1)
    assert entry_of(house, "l1").outcome == "suggested"


@pytest.mark.parametrize("call", ["read", "apply:record", "apply:notify"])
@pytest.mark.parametrize("applied", [True, False])
def test_a_busy_crm_pauses_the_install_and_loses_nothing(house: House, call: str, *, applied: bool) -> None:
    house.account("a1", name="Globex", website="globex.com")
    house.post(house.event("a1", kind="account"))
    house.drain()
    house.lead("l1", email="x@globex.com")
    house.post(house.event("l1"))
    busy = iter([True])

    def before(name: str) -> None:
        if name == call and next(busy, False):
            raise Later("busy", seconds=60, applied=applied)

    house.crm.before = before
    house.drain()
    calls = house.crm.calls
    house.drain()
    assert house.crm.calls == calls, "the CRM asked for quiet"
    house.later(seconds=61)
    house.drain()
    assert entry_of(house, "l1").outcome == "assigned"
    assert len(house.crm.tasks) == 1
    # Whether a bell rang before the answer was lost nobody can know: it is not rung again.
    unknown = call == "apply:notify" and applied
    assert len(house.crm.bells) == (0 if unknown else 1)
    assert house.waiting()["waiting"] == 0


def test_a_locked_record_waits_alone(house: House) -> None:
    for lead_id in ("l1", "l2", "l3"):
        house.lead(lead_id)
    house.post(*(house.event(lead_id) for lead_id in ("l1", "l2", "l3")))
    locked = iter([True] * 4)

    def answer(work: Work, action: str) -> Effect | None:
        if work.decision.lead.id == "l2" and next(locked, False):
            return Effect(work.decision.key, action, "later", detail="locked", seconds=5)
        return None

    house.crm.answer = answer
    house.drain()
    assert {entry.lead_id for entry in house.crm.entries.values()} == {"l1", "l3"}
    assert house.waiting()["waiting"] == 1
    house.later(seconds=6)
    house.drain()
    assert entry_of(house, "l2").outcome == "assigned"
    assert house.waiting()["waiting"] == 0


def test_a_refused_owner_is_audited_parked_and_performed_after_a_click(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    house.crm.answer = lambda work, action: (
        Effect(work.decision.key, action, "refused", detail="INACTIVE_OWNER") if action == "assign" else None
    )
    house.drain()
    assert entry_of(house, "l1").outcome == "refused"
    assert house.owner("l1") == "u0"
    with house.database.read() as connection:
        (parked,) = decisions.recent(connection, house.install.id, house.tools.seal(house.install), limit=5)
    assert (parked.state, "INACTIVE_OWNER" in parked.reason) == ("parked", True)
    house.crm.answer = lambda _work, _action: None
    with house.database.write() as connection:
        assert unfinished.retry_parked(connection, house.install.id, now=house.now) == 1
    house.drain()
    assert house.owner("l1") == "u1"
    assert len(house.crm.tasks) == 1


def test_a_revoked_grant_stops_the_install_and_keeps_its_letters(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))

    def before(_name: str) -> None:
        raise Revoked("The admin removed the app.")

    house.crm.before = before
    house.drain()
    assert house.status() == "revoked"
    assert house.waiting()["waiting"] == 1


def test_a_fault_of_ours_hits_only_the_letter_that_causes_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    real = door.decide

    def broken(lead, **kwargs):  # type: ignore[no-untyped-def]
        if lead.id == "poison":
            raise ZeroDivisionError
        return real(lead, **kwargs)

    monkeypatch.setattr(door, "decide", broken)
    for lead_id in ("l1", "poison", "l2"):
        house.lead(lead_id)
    house.post(*(house.event(lead_id) for lead_id in ("l1", "poison", "l2")))
    house.drain()
    assert {entry.lead_id for entry in house.crm.entries.values()} == {"l1", "l2"}
    assert house.waiting() == {"waiting": 1, "parked": 0}
    for _ in range(house.settings.park_after_attempts):
        house.later(hours=7)
        house.drain()
    assert house.waiting() == {"waiting": 0, "parked": 1}
    monkeypatch.undo()
    with house.database.write() as connection:
        letters.retry_parked(connection, house.install.id, now=house.now)
    house.drain()
    assert entry_of(house, "poison").outcome == "assigned"


def test_an_intended_decision_is_resumed_and_never_made_again(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))

    def stop(name: str) -> None:
        if name.startswith("apply"):
            raise Later("away", seconds=1)

    house.crm.before = stop
    house.drain()
    house.crm.before = lambda _name: None
    house.crm.rule_rows = [row for row in house.crm.rule_rows if row.kind != "pool" and row.name != "Everyone else"]
    house.post(house.event("r", kind="rule"))
    house.later(seconds=2)
    house.drain()
    assert house.owner("l1") == "u1", "by the rules that were live when it was decided"


def test_only_one_drain_works_at_an_install(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    with house.database.write() as connection:
        leases.take(connection, drain_lease(house.install.id), "other", now=house.now, seconds=30)
    house.drain()
    assert house.crm.entries == {}
    house.later(seconds=31)
    house.drain()
    assert entry_of(house, "l1").outcome == "assigned"


def test_a_worker_that_lost_its_lease_writes_nothing(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))

    def steal(name: str) -> None:
        if name == "read":
            house.later(seconds=31)
            with house.database.write() as connection:
                leases.take(connection, drain_lease(house.install.id), "thief", now=house.now, seconds=30)

    house.crm.before = steal
    drain(house.tools, house.install.id)
    assert house.crm.entries == {}
    with house.database.read() as connection:
        assert decisions.recent(connection, house.install.id, house.tools.seal(house.install), limit=1) == []
        assert rotation.states(connection, house.install.id) == {}


def test_live_letters_go_before_backfill(house: House) -> None:
    house.lead("old")
    house.lead("new")
    house.post(house.event("old"), priority=letters.BACKFILL)
    house.post(house.event("new"))
    house.drain()
    assert house.owner("new") == "u1"
    assert house.owner("old") == "u2"


def test_a_bad_rule_refuses_the_set_and_the_last_good_version_stays_live(house: House) -> None:
    good = house.crm.rule_rows
    house.crm.rule_rows = [
        replace(row, definition=row.definition.replace("match.status is matched", "match.stauts is matched"))
        for row in good
    ]
    house.lead("l1")
    house.post(house.event("r0", kind="rule"), house.event("l1"))
    house.drain()
    (bad,) = [row for row in house.crm.rule_rows if row.error]
    assert (bad.name, "stauts" in bad.error) == ("Account owner", True)
    assert entry_of(house, "l1").outcome == "assigned"
    house.crm.rule_rows = good
    house.later(seconds=1)
    house.post(house.event("r0", kind="rule"))
    house.drain()
    assert not any(row.error for row in house.crm.rule_rows)


def test_lost_events_are_found_by_a_comparison(house: House) -> None:
    house.later(minutes=5)
    for number in range(5):
        house.lead(f"missed{number}")
    house.post(Event("gap", "lead", WHOLE_KIND, "resync", house.now - timedelta(minutes=1)))
    house.drain()
    assert {entry.lead_id for entry in house.crm.entries.values()} == {f"missed{number}" for number in range(5)}


def test_the_sweep_rings_for_whoever_has_due_work_and_only_for_them(house: House) -> None:
    house.rung.clear()
    assert clock.sweep(house.tools) == 0
    house.lead("l1")
    house.post(house.event("l1"))
    assert clock.sweep(house.tools) == 1
    assert house.rung == [house.install.id]


def test_a_crm_that_lacks_the_package_says_so_and_setup_can_be_tried_again(house: House) -> None:
    from connector.store import progress  # noqa: PLC0415
    from jobs import setup  # noqa: PLC0415

    def before(name: str) -> None:
        if name == "prepare":
            raise Refused("Install the package first.")

    house.crm.before = before
    with house.database.write() as connection:
        progress.start(connection, house.install.id, setup.NAME, now=house.now)
    house.drain()
    with house.database.read() as connection:
        work = {each.name: each for each in progress.of(connection, house.install.id)}
    assert (work["setup"].state, work["setup"].reason) == ("failed", "Install the package first.")
