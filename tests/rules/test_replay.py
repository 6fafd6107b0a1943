"""A decision is made again from what was kept of it: from the store's bytes, and from the audit's detail."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connector.store import codec
from rules import audit, detail
from rules.decide import decide, ignore, owner_after
from rules.model import Decision, Past, Record, Standing, User, Workload
from rules.replay import replay
from tests.rules.make import ANA, BOB, CARLA, NOW, USERS, account, decided, lead, ruleset, scene

RULES = """
- rule: Customer
  when: [match.status is matched, account.type is Customer, account.tier__c is gold]
  assign: account owner
- rule: Known
  when: [duplicate.status is same, contact.title is CEO]
  assign: contact owner
- rule: Updated
  when: [event.kind is updated, event.changed contains country]
  assign: previous assignee
- pool: First
  members: [{user: carla@example.com}]
  cap: 2 per day
- pool: Team
  members: [{user: ana@example.com, weight: 2}, {user: bob@example.com}]
  open leads: 5
  sticky: true
- rule: Rest
  assign: pool "First"
  otherwise: pool "Team"
  task: {subject: "Call {lead.name}"}
  escalate: [{after: 15 minutes, remind: true}, {after: 2 working hours, reassign: true}]
"""
RULE_SET = ruleset(RULES)
FULL = {CARLA.id: {"due": 0, "got": 2, "entitled": 0, f"day {NOW:%Y-%m-%d}": 2}}


def through_store(decision: Decision) -> Decision:
    return codec.load(codec.dump(decision))


def through_audit(decision: Decision) -> Decision:
    return detail.read(audit.detail(decision), USERS)


def streams() -> list[Decision]:
    """Return decisions of every kind: matched, duplicate, updated, pools that are full, paused, waiting."""
    where = scene(RULES)
    gold = account(name="Globex", website="globex.com", type="Customer", tier__c="gold", since=date(2026, 1, 31))
    boss = replace(lead("C1", owner=ANA.id, age=9, email="kim@globex.com", title="CEO"), kind="contact")
    found = [
        decided(lead(email="kim@globex.com", company="Globex"), where, accounts=[gold]),
        decided(lead(email="kim@globex.com"), where, duplicates=[boss]),
        decided(lead(last_name="Lee", employees=3, seen=NOW), where),
        decided(
            lead(owner=ANA.id, country="FR"),
            where,
            previous="L1-a-b",
            last_assignee=ANA.id,
            changed=("country",),
            past=Past(assignees=(BOB.id,)),
        ),
    ]
    rotation: dict[str, Standing] = {"First": FULL}
    for number in range(7):
        work = Workload({ANA.id: number, CARLA.id: 90, "U77": 4}, {BOB.id: None} if number == 3 else {})
        past = Past(neighbours=(BOB.id,) if number == 2 else (), refused=frozenset({ANA.id} if number == 1 else ()))
        one = decided(lead(f"L{number}"), where, rotation=rotation, work=work, past=past)
        rotation |= {one.route.turn.pool: one.route.turn.after} if one.route.turn else {}
        found.append(one)
    return found


@pytest.mark.parametrize("way", [through_store, through_audit])
def test_every_kind_of_decision_comes_out_the_same(way) -> None:  # type: ignore[no-untyped-def]
    made = streams()
    assert {each.route.rule for each in made} == {"Customer", "Known", "Updated", "Rest"}
    assert {each.route.fallback for each in made} == {True, False}
    for decision in made:
        found = replay(way(decision), RULE_SET, USERS)
        assert found.same, (decision.route, found.differences)
        assert found.gone == ()


def test_a_decision_keeps_of_counters_only_what_it_asked_for() -> None:
    decision = streams()[-1]
    assert decision.basis is not None
    assert set(decision.basis.work.open_leads) <= {ANA.id, BOB.id, CARLA.id}, "nobody asked for U77"
    assert set(decision.basis.rotation) == {"First"}, "the lane of the turn stands in the turn"


def test_other_languages_and_tasks_by_another_setting_are_the_same_decision() -> None:
    rafa = User("U1", "Rafa", "ana@example.com", language="es")
    users = {**USERS, rafa.id: rafa}
    made = decide(
        lead(last_name="Lee"), scene=scene(RULES, users=users), accounts=(), duplicates=(),
        rotation={"First": FULL}, received_at=NOW, now=NOW, task_due_minutes=17,
    )  # fmt: skip
    assert made.language == "es"
    assert replay(through_store(made), RULE_SET, users).same


def test_a_rule_set_that_is_not_kept_is_named() -> None:
    (gone,) = replay(streams()[0], None, USERS).gone
    assert RULE_SET.version in gone


def test_a_decision_of_an_older_version_says_what_it_lacks() -> None:
    found = replay(replace(streams()[0], basis=None), RULE_SET, USERS)
    assert not found.same
    assert "older version" in found.gone[0]


def test_an_undo_routes_nothing() -> None:
    assert "routes nothing" in replay(replace(streams()[0], outcome="undone"), RULE_SET, USERS).gone[0]


def test_an_ignored_lead_says_that_nothing_was_decided() -> None:
    nothing = ignore(lead(), reason="It is converted.", scene=scene(RULES), received_at=NOW, now=NOW)
    assert "It is converted." in replay(nothing, RULE_SET, USERS).gone[0]


def test_who_has_left_since_is_named_with_what_comes_out_instead() -> None:
    made = streams()[0]
    users = {**USERS, BOB.id: replace(BOB, active=False)}
    found = replay(made, RULE_SET, users)
    assert not found.same
    assert next(each for each in found.differences if each.what == "assignee").then == BOB.id
    assert "Bob is not active any more" in found.gone[0]
    without = {id_: user for id_, user in USERS.items() if id_ != BOB.id}
    assert f"Bob ({BOB.id}) is no user of the CRM any more." in replay(made, RULE_SET, without).gone


def test_other_rules_of_the_same_version_are_told_apart_from_what_is_gone() -> None:
    other = ruleset('- rule: All\n  assign: user "carla@example.com"\n')
    found = replay(streams()[0], other, USERS)
    assert {"rule", "target", "assignee"} <= {each.what for each in found.differences}
    assert "Switchyard itself" in found.gone[0]


def test_a_decision_that_a_crm_refused_is_the_same_decision() -> None:
    assert replay(replace(streams()[0], outcome="refused"), RULE_SET, USERS).same


def crowd(count: int) -> tuple[str, dict[str, User]]:
    users = {f"005{n:015}": User(f"005{n:015}", f"User {n}", f"user{n}@example.com") for n in range(count)}
    lines = "".join(f"    - {{user: {each.email}, cap: 99 per week}}\n" for each in users.values())
    return f'- pool: Crowd\n  members:\n{lines}- rule: All\n  assign: pool "Crowd"\n', users


def of_crowd(count: int) -> tuple[Decision, str, dict[str, User]]:
    text, users = crowd(count)
    rotation: dict[str, Standing] = {}
    where = scene(text, users=users)
    made = None
    for number in range(3):
        made = decided(lead(f"L{number}", owner=None), where, rotation=rotation)
        assert made.route.turn
        rotation = {"Crowd": made.route.turn.after}
    assert made
    return made, text, users


def test_a_pool_of_a_hundred_fits_both_crms_and_is_replayed() -> None:
    made, text, users = of_crowd(100)
    told = audit.detail(made)
    assert len(told) < 65_536
    assert "short" not in json.loads(told)
    assert replay(detail.read(told, users), ruleset(text), users).same


def test_a_huge_pool_leaves_out_what_can_be_worked_out_and_is_replayed() -> None:
    made, text, users = of_crowd(1000)
    told = audit.detail(made)
    assert len(told) <= detail.LONGEST
    assert json.loads(told)["short"] == ["turn.after"]
    found = replay(detail.read(told, users), ruleset(text), users)
    assert found.same


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no detail"),
        ('{"cut":true,"match":{}}', "lacks: inputs, duplicate, rules"),
        ('{"v":2,"key":"L1-a-b"}', "older version"),
        ('{"basis":null,"decided":"2026-01-01"}', "changed by somebody"),
    ],
)
def test_a_detail_that_holds_no_decision_says_why(text: str, words: str) -> None:
    with pytest.raises(detail.Unreadable, match=words):
        detail.read(text, USERS)


def test_dates_come_back_as_dates() -> None:
    day, moment = date(2026, 1, 31), datetime(2026, 1, 31, 10, tzinfo=UTC)
    made = decided(lead(day=day, moment=moment, text="2026-01-31"), scene(RULES))
    back: Record = through_audit(made).lead
    assert (back.fields["day"], back.fields["moment"], back.fields["text"]) == (day, moment, "2026-01-31")
    assert (back.id, back.owner_id, back.created_at) == (made.lead.id, made.lead.owner_id, made.lead.created_at)


def test_the_next_decision_of_a_lead_is_replayed_with_its_history() -> None:
    where = scene(RULES)
    first = decided(lead(last_name="Lee", owner=None), where, rotation={"First": FULL})
    moved = replace(lead(last_name="Lim"), owner_id=CARLA.id)
    second = decided(
        moved, where, previous=first.key, last_assignee=owner_after(first, "act"), now=NOW + timedelta(hours=1)
    )
    assert second.route.target == "keep", "a person has given it to Carla"
    assert replay(through_audit(second), RULE_SET, USERS).same
