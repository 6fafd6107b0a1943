"""What a drain does when the world moved on, or when one record stands in everybody's way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from connector.errors import Later
from connector.rows import RuleRow
from connector.store import decisions, progress, unfinished
from connector.work import Effect, Step, Work
from jobs import clock
from jobs.drain import LONGEST_BREATH
from rules.model import AUDIT, WHOLE_KIND, Event, Record
from tests.jobs.conftest import House


def refuse(house: House, lead_id: str, action: str = "assign") -> None:
    def answer(work: Work, asked: str) -> Effect | None:
        if work.decision.lead.id == lead_id and asked == action:
            return Effect(work.decision.key, asked, "refused", detail="NO")
        return None

    house.crm.answer = answer


def hold(house: House, lead_id: str, seconds: float) -> None:
    house.crm.answer = lambda work, action: (
        Effect(work.decision.key, action, "later", detail="locked", seconds=seconds)
        if work.decision.lead.id == lead_id
        else None
    )


def outcomes(house: House, lead_id: str) -> list[str]:
    return [entry.outcome for entry in house.crm.entries.values() if entry.lead_id == lead_id]


def test_letters_of_a_lead_whose_decision_waits_ring_nobody(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    hold(house, "l1", seconds=3600)
    house.drain()
    house.later(seconds=1)
    house.post(house.event("l1", change="updated"))
    house.rung.clear()
    house.drain()
    assert house.rung == []
    assert clock.sweep(house.tools) == 0


def test_a_retried_decision_leaves_a_lead_alone_that_a_person_gave_away_since(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    refuse(house, "l1")
    house.drain()
    house.crm.add(replace(house.crm.records[("lead", "l1")], owner_id="u2"))
    house.crm.answer = lambda _work, _action: None
    house.later(hours=2)
    with house.database.write() as connection:
        unfinished.retry_parked(connection, house.install.id, now=house.now)
    house.drain()
    assert (house.owner("l1"), house.crm.tasks) == ("u2", [])


def test_a_decision_that_waited_is_overtaken_by_a_newer_one(house: House) -> None:
    house.lead("l1", company="Old")
    house.post(house.event("l1"))
    refuse(house, "l1")
    house.drain()
    house.crm.answer = lambda _work, _action: None
    house.later(hours=1)
    house.lead("l1", company="New")
    house.post(house.event("l1", change="updated"))
    house.drain()
    stamped = house.crm.records[("lead", "l1")].fields["decision"]
    with house.database.write() as connection:
        unfinished.retry_parked(connection, house.install.id, now=house.now)
    house.later(hours=1)
    house.drain()
    assert house.crm.records[("lead", "l1")].fields["decision"] == stamped
    assert len(house.crm.tasks) == 1


def test_what_was_refused_of_a_lead_that_was_deleted_is_done_when_it_is_restored(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    refuse(house, "l1", "task")
    house.drain()
    kept = house.crm.records.pop(("lead", "l1"))
    house.crm.answer = lambda _work, _action: None
    house.post(house.event("l1", change="deleted"))
    house.drain()
    assert (outcomes(house, "l1"), house.crm.tasks) == (["refused"], [])
    house.crm.add(kept)
    house.post(house.event("l1", change="restored"))
    house.drain()
    assert (outcomes(house, "l1"), house.owner("l1")) == (["assigned"], "u1")
    assert len(house.crm.tasks) == 1


def test_a_lead_that_was_merged_into_another_before_anybody_was_told_is_routed_as_that(house: House) -> None:
    told = frozenset({"task", "notify"})
    *merging, record, _ = house.crm.steps
    first, last = Step("assign", record.actions - told - {AUDIT}, 2), Step("audit", frozenset({AUDIT}), 2)
    house.crm.steps = (*merging, first, Step("task", told, 2), last)
    house.lead("l1")
    house.post(house.event("l1"))
    house.crm.answer = lambda work, action: (
        Effect(work.decision.key, action, "refused", detail="It is gone") if action in told else None
    )
    house.drain()
    assert outcomes(house, "l1") == ["assigned"], "it was given to somebody, whoever could not be told"
    house.crm.answer = lambda _work, _action: None
    gone = house.crm.records.pop(("lead", "l1"))
    house.crm.add(replace(gone, id="n1"))
    house.post(house.event("l1", change="merged"))
    house.post(house.event("n1", change="created"))
    house.drain()
    assert [(lead_id, task.owner_id) for lead_id, task in house.crm.tasks] == [("n1", house.owner("n1"))]
    assert outcomes(house, "n1") == ["kept"], "by the rules, which give it to whoever has it"


def test_a_lead_seen_in_observe_and_given_away_since_stays_when_act_begins(house: House) -> None:
    house.mode("observe")
    house.lead("l1", company="A")
    house.post(house.event("l1"))
    house.drain()
    house.crm.add(replace(house.crm.records[("lead", "l1")], owner_id="u2"))
    house.mode("act")
    house.later(days=1)
    house.crm.add(replace(house.crm.records[("lead", "l1")], fields={"company": "B", "last_name": "l1"}))
    house.post(house.event("l1", change="updated"))
    house.drain()
    assert house.owner("l1") == "u2"


def test_a_lead_forgotten_after_its_days_is_not_taken_for_new(house: House) -> None:
    house.mode("observe")
    house.lead("l1", company="A")
    house.post(house.event("l1"))
    house.drain()
    house.later(days=house.settings.decision_days + 1)
    clock.clean(house.tools)
    house.mode("act")
    house.crm.add(replace(house.crm.records[("lead", "l1")], fields={"company": "B", "last_name": "l1"}))
    house.post(house.event("l1", change="updated"))
    house.drain()
    assert house.owner("l1") == "u0"


def test_a_refused_audit_is_seen_and_not_called_done(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    refuse(house, "l1", action="audit")
    house.drain()
    with house.database.read() as connection:
        (stored,) = decisions.recent(connection, house.install.id, house.tools.seal(house.install), limit=2)
    assert stored.state == "parked"


def test_one_record_on_which_the_crm_chokes_does_not_hold_up_the_others(house: House) -> None:
    for number in range(5):
        house.lead(f"l{number}")
    house.post(*(house.event(f"l{number}") for number in range(5)))
    real = house.crm.apply

    def choke(step: str, work: list[Work]) -> list[Effect]:
        if any(each.decision.lead.id == "l2" for each in work):
            raise Later("500", seconds=30)
        return real(step, work)

    house.crm.apply = choke  # type: ignore[method-assign, assignment]
    for _ in range(12):
        house.drain()
        house.later(minutes=1)
    assert {entry.lead_id for entry in house.crm.entries.values()} == {"l0", "l1", "l3", "l4"}


def test_a_decision_that_cannot_be_read_is_parked_and_stops_nobody(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    hold(house, "l1", seconds=1)
    house.drain()
    with house.database.write() as connection:
        connection.execute(update(decisions.decision).values(sealed=b"damaged"))
    house.crm.answer = lambda _work, _action: None
    house.later(minutes=1)
    house.lead("l2")
    house.post(house.event("l2"))
    house.drain()
    assert outcomes(house, "l2") == ["assigned"]
    with house.database.read() as connection:
        assert not unfinished.leads(connection, house.install.id)


def test_the_index_is_filled_also_while_letters_keep_coming(house: House) -> None:
    for number in range(9):
        house.account(f"a{number}", name=f"Account {number}")
    with house.database.write() as connection:
        progress.start(connection, house.install.id, "backfill:account", now=house.now)
    serial = iter(range(10_000))
    real = house.crm.read

    def busy(*args, **kwargs):  # type: ignore[no-untyped-def]
        number = next(serial)
        if number < 60 and not any(seen):
            house.lead(f"busy{number}")
            house.post(house.event(f"busy{number}"))
            with house.database.read() as connection:
                work = {each.name: each for each in progress.of(connection, house.install.id)}
            seen.append(work["backfill:account"].done)
        return real(*args, **kwargs)

    seen: list[int] = []
    house.crm.read = busy  # type: ignore[method-assign]
    house.lead("first")
    house.post(house.event("first"))
    house.drain()
    assert seen[-1] > 0, "filled while letters still came"


def test_the_owner_of_a_duplicate_is_known_while_its_decision_waits(house: House) -> None:
    text = "- rule: Known\n  when: [duplicate.status is same]\n  assign: duplicate owner\n"
    house.crm.rule_rows.append(RuleRow("Known", "rule", -1, text, id="known"))
    house.post(house.event("known", kind="rule"))
    house.drain()
    house.lead("l1", email="kim@nowhere.example")
    house.post(house.event("l1"))
    hold(house, "l1", seconds=60)
    house.drain()
    house.later(seconds=1)
    house.lead("l2", email="kim@nowhere.example")
    house.post(house.event("l2"))
    house.drain()
    house.crm.answer = lambda _work, _action: None
    house.later(seconds=61)
    house.drain()
    assert (house.owner("l1"), house.owner("l2")) == ("u1", "u1")


def test_an_event_that_says_deleted_is_only_a_nudge(house: House) -> None:
    house.account("a1", name="Globex", website="globex.com", owner="u2")
    house.post(house.event("a1", kind="account"))
    house.drain()
    house.lead("l1", email="x@globex.com")
    house.post(
        house.event("a1", kind="account", change="deleted"), house.event("l1"), house.event("l1", change="deleted")
    )
    house.drain()
    assert house.owner("l1") == "u2"


def test_a_first_rule_set_with_a_fault_starts_routing_once_it_is_mended(house: House) -> None:
    good = house.crm.rule_rows
    house.crm.rule_rows = [replace(row, definition="- rule: X\n  assign: nobody\n") for row in good[:1]]
    with house.database.write() as connection:
        from connector.store.rulesets import ruleset  # noqa: PLC0415

        connection.execute(ruleset.delete())
        progress.start(connection, house.install.id, "setup", now=house.now)
    house.drain()
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    assert house.crm.entries == {}
    house.crm.rule_rows = good
    house.later(minutes=20)
    house.drain()
    assert outcomes(house, "l1") == ["assigned"]


def test_custom_account_fields_are_there_for_the_rules_that_read_them(house: House) -> None:
    house.crm.add(
        Record("account", "a1", {"name": "Globex", "website": "globex.com", "Tier__c": "Gold"}, owner_id="u2")
    )
    text = "- rule: Gold\n  when: [account.Tier__c is Gold]\n  assign: account owner\n"
    house.crm.rule_rows.append(RuleRow("Gold", "rule", -1, text, id="gold"))
    house.post(house.event("gold", kind="rule"))
    house.drain()
    house.lead("l1", email="x@globex.com")
    house.post(house.event("l1"))
    house.drain()
    (entry,) = [each for each in house.crm.entries.values() if each.lead_id == "l1"]
    assert entry.rule == "Gold"


def test_a_comparison_under_way_is_not_started_over_by_a_later_one(house: House) -> None:
    house.post(Event("one", "lead", WHOLE_KIND, "resync", house.now - timedelta(hours=2)))
    house.post(Event("two", "lead", WHOLE_KIND, "resync", house.now - timedelta(hours=1)))
    before = house.crm.calls
    house.drain()
    assert house.waiting() == {"waiting": 0, "parked": 0}
    assert house.crm.calls - before <= 3, "one comparison with an empty CRM: its changes, what was deleted, the count"


def test_without_replay_lost_events_are_found_by_a_comparison_every_few_hours(house: House) -> None:
    house.crm.can = frozenset({"notify"})
    house.drain()
    house.later(hours=1)
    house.lead("missed")
    house.drain()
    assert outcomes(house, "missed") == []
    house.later(seconds=house.settings.reconcile_seconds)
    house.drain()
    assert outcomes(house, "missed") == ["assigned"]


def test_without_replay_connecting_again_finds_what_happened_meanwhile(house: House) -> None:
    house.crm.can = frozenset({"notify"})
    house.drain()
    house.later(minutes=30)
    house.lead("missed")
    with house.database.write() as connection:
        progress.start(connection, house.install.id, "setup", now=house.now)
    house.drain()
    assert outcomes(house, "missed") == ["assigned"]


def test_an_edit_made_while_the_rules_were_checked_is_not_undone(house: House) -> None:
    row = next(row for row in house.crm.rule_rows if row.name == "Everyone else")
    house.crm.rule_rows = [replace(each, version="") for each in house.crm.rule_rows]
    edited = row.definition.replace("30 minutes", "45 minutes")

    def edit(call: str) -> None:
        if call == "mark_rules":
            house.crm.rule_rows = [
                replace(each, definition=edited) if each.id == row.id else each for each in house.crm.rule_rows
            ]

    house.crm.before = edit
    house.post(house.event(str(row.id), kind="rule"))
    house.drain()
    assert next(each for each in house.crm.rule_rows if each.id == row.id).definition == edited


def test_rounds_wait_while_the_crm_is_near_its_limit_and_only_then(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("jobs.drain.sleep", waited.append)
    for number, breath in enumerate((0.0, 0.4, 60.0)):
        house.crm.breath = breath
        house.lead(f"l{number}")
        house.post(house.event(f"l{number}"))
        house.drain()
    assert waited == [0.0, 0.4, LONGEST_BREATH]
