from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from typing import Any, get_type_hints

import cattrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.store import codec
from rules import decide as door
from rules import model
from rules.decide import decision_key, owner_after, unchanged
from rules.model import Action, Assign, Decision, Link, Notify, Past, Record, Stamp, Task, Turn, User, Workload
from tests.rules.make import ANA, BOB, CARLA, GONE, NOW, account, cases, decided, lead, record, scene

ROUTES = cases("routes")
RULES = ROUTES["rules"]


def made(kind: Any, id_: str, fields: dict[str, Any]) -> Record:
    told = dict(fields)
    return record(kind, told.pop("id", id_), owner=told.pop("owner", "U9"), age=told.pop("age", 0), **told)


def outcome(case: dict[str, Any], text: str) -> Decision:
    """Decide about the lead of a case, under these rules."""
    past, work = dict(case.get("past", {})), case.get("work", {})
    return decided(
        made("lead", "L1", case["lead"]),
        scene(text, case.get("mode", "act")),
        accounts=[made("account", "A1", each) for each in case.get("accounts", ())],
        duplicates=[
            *(made("lead", "L0", each) for each in case.get("duplicates", ())),
            *(made("contact", "C1", each) for each in case.get("contacts", ())),
        ],
        rotation=case.get("rotation"),
        previous="L1-000000000000-000000000000" if "previous" in case else "",
        last_assignee=case.get("previous", {}).get("last"),
        past=Past(
            tuple(past.get("assignees", ())),
            refused=frozenset(past.get("refused", ())),
            waited_since=past.get("waited_since"),
        ),
        work=Workload(work.get("open_leads", {}), work.get("paused", {})),
        now=case.get("now", NOW),
    )


@pytest.mark.parametrize(
    ("case", "text"),
    [*((case, RULES) for case in ROUTES["cases"]), *((case, ROUTES["plan"]) for case in ROUTES["plan_cases"])],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
def test_a_lead_finds_its_way(case: dict[str, Any], text: str) -> None:
    decision = outcome(case, text)
    path = {trace.rule: trace for trace in decision.route.path}
    told = {
        "rule": decision.route.rule,
        "to": decision.route.assignee.id if decision.route.assignee else None,
        "outcome": decision.outcome,
        "actions": [action.key for action in decision.actions],
        "target": decision.route.target,
        "fallback": decision.route.fallback,
        "turn": decision.route.turn and decision.route.turn.member_id,
        "asked": dict(decision.route.refused),
        "until": decision.route.until,
    }
    gives = dict(case["gives"])
    failed, refused = gives.pop("failed", {}), gives.pop("refused", {})
    assert {name: told[name] for name in gives} == gives
    assert {rule: [path[rule].failed, path[rule].found] for rule in failed} == failed
    assert {rule: path[rule].failed for rule in refused} == refused
    assert all(path[rule].held for rule in refused)
    assert decision.route.reason
    assert codec.load(codec.dump(decision)) == decision


KEEP = "- rule: A\n  assign: keep\n"


def only(decision: Decision, kind: type[Action]) -> Any:
    found = [action for action in decision.actions if isinstance(action, kind)]
    assert len(found) == 1
    return found[0]


def test_the_actions_say_what_to_do() -> None:
    who = lead(email="ana@grand.fr", name="Ana Lima", company="Grand", country="FR", employees=7000)
    decision = decided(who, scene(RULES), accounts=[account(name="Grand", website="grand.fr")])
    assert only(decision, Link).account_id == "A1"
    assert only(decision, Assign).owner_id == ANA.id
    stamp = only(decision, Stamp)
    assert (stamp.decision, stamp.rule, stamp.routed_at) == (decision.key, "Enterprise EMEA", NOW)
    assert stamp.confidence == decision.match.confidence > 0.9
    task = only(decision, Task)
    assert (task.owner_id, task.subject) == (ANA.id, "Call Ana Lima at Grand")
    assert task.due_at == NOW + timedelta(minutes=15)
    assert decision.route.reason in task.body
    notice = only(decision, Notify)
    assert (notice.user_id, notice.title) == (ANA.id, "New lead for you: Ana Lima, Grand")


@pytest.mark.parametrize(
    ("email", "status", "stamped"), [("ana@grand.fr", "same", "C1"), ("info@grand.fr", "unsure", "")]
)
def test_the_stamp_names_the_older_record_only_when_it_is_surely_the_same_person(
    email: str, status: str, stamped: str
) -> None:
    who = lead(email=email, name="Ana Lima", company="Grand")
    older = record("contact", "C1", email=email, name="Ana Lima")
    decision = decided(who, scene(RULES), accounts=[], duplicates=[older])
    assert (decision.duplicate.status, decision.duplicate.of_id) == (status, "C1")
    assert only(decision, Stamp).duplicate_of == stamped


def test_what_the_policy_of_duplicates_says_counts_in_a_decision() -> None:
    rule = "- rule: Known\n  when: [duplicate.status is same]\n  assign: duplicate owner\n"
    policy = "- duplicates: One person\n  ids: [Member__c]\n"
    who = lead(email="kim@one.example", last_name="Kim", Member__c="A-1")
    other = lead("L0", owner=BOB.id, age=9, last_name="Kim", Member__c="a-1")
    without, with_ = (decided(who, scene(text), duplicates=[other]) for text in (rule, policy + rule))
    assert without.duplicate.status != "same"
    assert (with_.duplicate.status, with_.route.assignee) == ("same", BOB)


def test_a_task_without_a_time_is_due_when_the_install_says() -> None:
    decision = door.decide(
        lead(email="x@acme.com"),
        scene=scene("- rule: A\n  assign: user ana@example.com\n"),
        accounts=[],
        duplicates=[],
        rotation={},
        received_at=NOW,
        now=NOW,
        task_due_minutes=25,
    )
    assert only(decision, Task).due_at == NOW + timedelta(minutes=25)


def test_without_a_rule_that_holds_the_lead_stays() -> None:
    decision = decided(lead(), scene("- rule: A\n  when: lead.city is Rome\n  assign: account owner\n"))
    assert (decision.outcome, decision.route.assignee, decision.route.rule) == ("kept", None, "")
    assert [action.key for action in decision.actions] == ["stamp"]


def test_a_rule_whose_targets_cannot_take_it_says_why_for_each() -> None:
    text = '- rule: A\n  assign: account owner\n  otherwise: queue "None"\n'
    decision = decided(lead(), scene(text))
    assert decision.route.path[0].held
    assert decision.route.path[0].failed == "no account is matched for certain; there is no queue None"
    assert decision.outcome == "kept"


def test_a_pool_where_nobody_is_active_is_passed_over_and_takes_no_turn() -> None:
    text = "- rule: A\n  assign: pool P\n- pool: P\n  members: [gustavo@example.com, who@example.com]\n"
    decision = decided(lead(), scene(text))
    assert decision.route.turn is None
    assert decision.route.path[0].failed == (
        "nobody in the pool P can take a lead now: Gustavo (not active) and who@example.com (no user of the CRM)"
    )


def test_the_turn_of_a_passed_over_rule_is_not_taken() -> None:
    text = (
        "- rule: A\n  when: lead.city is Rome\n  assign: pool P\n- rule: B\n  assign: user ana@example.com\n"
        "- pool: P\n  members: [bob@example.com]\n"
    )
    assert decided(lead(city="Lyon"), scene(text)).route.turn is None


def test_two_addresses_of_one_user_make_one_seat() -> None:
    text = "- rule: A\n  assign: pool P\n- pool: P\n  members: [ana@example.com, bob@example.com]\n"
    users = {"U1": User("U1", "Ana", "ana@example.com"), "U8": User("U8", "Old Ana", "Ana@example.com", active=False)}
    decision = decided(lead(), scene(text, users=users))
    assert decision.route.assignee == users["U1"]


def test_a_rule_may_ask_whether_it_is_the_first_decision() -> None:
    text = "- rule: First\n  when: event.first is true\n  assign: user ana@example.com\n- rule: Later\n  assign: keep\n"
    assert decided(lead(), scene(text)).route.rule == "First"
    assert decided(lead(), scene(text), previous="L1-a-b").route.rule == "Later"


def test_the_account_is_known_to_rules_only_when_it_is_matched() -> None:
    text = "- rule: A\n  when: account.name is not empty\n  assign: keep\n"
    sure, unsure = account(name="Acme", website="acme.com"), account(name="Acme")
    assert decided(lead(email="x@acme.com"), scene(text), accounts=[sure]).route.rule == "A"
    assert decided(lead(email="x@acme.com"), scene(text), accounts=[unsure]).route.rule == ""


def test_the_same_change_decided_twice_has_one_key() -> None:
    who = lead(email="x@acme.com", company="Acme")
    later = replace(who, owner_id="U3", modified_at=NOW, fields={**who.fields, "status": "Working", "decision": "old"})
    assert decided(who, scene(KEEP)).key == decided(later, scene(KEEP, "observe")).key


def test_a_lead_that_returns_to_an_earlier_state_has_a_new_key() -> None:
    here, there = lead(company="Acme"), lead(company="Beta")
    first = decided(here, scene(KEEP)).key
    second = decided(there, scene(KEEP), previous=first).key
    third = decided(here, scene(KEEP), previous=second).key
    assert len({first, second, third}) == 3
    assert first.split("-")[2] == third.split("-")[2]
    assert all(key.startswith("L1-") for key in (first, second, third))


def test_a_lead_is_unchanged_until_something_that_counts_changes() -> None:
    rules = scene("- rule: A\n  when: lead.Score__c > 3\n  assign: keep\n").ruleset
    who = lead(email="x@acme.com", company="Acme", employees=5, Score__c=4)
    key = decided(who, scene("- rule: A\n  when: lead.Score__c > 3\n  assign: keep\n")).key
    assert unchanged(who, key, rules)
    for field, value in {"status": "Working", "account_id": "A1", "decision": key, "Other__c": "x"}.items():
        assert unchanged(replace(who, fields={**who.fields, field: value}), key, rules)
    assert unchanged(replace(who, owner_id="U1", modified_at=NOW), key, rules)
    for field in ("email", "company", "phone", "title", "country", "employees", "source", "Score__c"):
        assert not unchanged(replace(who, fields={**who.fields, field: "changed"}), key, rules)
    assert not unchanged(who, "", rules)


def test_who_holds_the_lead_after_a_decision_is_told_to_the_next() -> None:
    text = (
        "- rule: A\n  when: lead.city is Rome\n  assign: user ana@example.com\n"
        "- rule: B\n  when: lead.city is Lyon\n  assign: keep\n"
    )
    assigned = decided(lead(city="Rome"), scene(text))
    assert owner_after(assigned, "act") == ANA.id
    assert owner_after(assigned, "observe") is None
    assert owner_after(decided(lead(city="Lyon"), scene(text)), "act") == "U9"
    assert owner_after(decided(lead(city="Oslo"), scene(text)), "act") == "U9"
    by_hand = decided(lead(owner="U2"), scene(text), previous=assigned.key, last_assignee=ANA.id)
    assert owner_after(by_hand, "act") == ""
    again = decided(lead(owner="U2", city="Rome"), scene(text), previous=by_hand.key, last_assignee="")
    assert again.route.assignee == BOB
    ignored = door.ignore(lead(), reason="It was deleted.", scene=scene(text), received_at=NOW, now=NOW)
    assert owner_after(ignored, "act") is None


def test_a_lead_that_nobody_could_take_and_a_person_then_took_is_theirs() -> None:
    where = scene("- rule: A\n  when: lead.city is Rome\n  assign: user ana@example.com\n")
    first = decided(lead(city="Oslo"), where)
    second = decided(
        lead(city="Rome", owner=CARLA.id), where, previous=first.key, last_assignee=owner_after(first, "act")
    )
    assert second.outcome == "kept"
    assert second.route.assignee == CARLA


def test_to_do_nothing_is_a_decision_with_a_reason() -> None:
    ignored = door.ignore(
        lead(), reason="The lead was deleted.", scene=scene(KEEP), received_at=NOW, now=NOW, trace_id="t"
    )
    assert (ignored.outcome, ignored.actions, ignored.route.reason) == ("ignored", (), "The lead was deleted.")


def test_the_nouns_tell_their_types_at_run_time_so_that_they_can_be_stored() -> None:
    nouns = [noun for noun in vars(model).values() if is_dataclass(noun) and isinstance(noun, type)]
    assert len(nouns) >= 15
    for noun in nouns:
        assert {field.name for field in fields(noun)} <= set(get_type_hints(noun))
    turn = Turn("P", "U1", {"U1": {"got": 0}}, {"U1": {"got": 1}}, passed=(("Bob", "Bob is not active"),))
    assert cattrs.structure(cattrs.unstructure(turn), Turn) == turn


SOURCES = st.sampled_from(["Web", "Partner", "", "Gustavo"])
COMPANIES = st.sampled_from(["acme.com", "beta.com", "gmail.com"])


@st.composite
def arrivals(draw: st.DrawFn) -> list[Record]:
    count = draw(st.integers(1, 6))
    return [
        lead(
            f"L{n}",
            age=10 - n,
            email=f"{draw(st.sampled_from('abc'))}@{draw(COMPANIES)}",
            source=draw(SOURCES),
            country="FR",
        )
        for n in range(count)
    ]


def decide_in_turn(leads: list[Record], pile: list[Record]) -> list[Decision]:
    where = scene(RULES)
    rotation: dict[str, Any] = {}
    found = []
    for who in leads:
        accounts = [
            account("A1", name="Acme", website="acme.com", type="Customer"),
            account("A2", name="Beta", website="beta.com"),
        ]
        decision = decided(who, where, accounts=accounts, duplicates=pile, rotation=rotation)
        if decision.route.turn:
            rotation[decision.route.turn.pool] = decision.route.turn.after
        found.append(decision)
    return found


@given(arrivals())
@settings(max_examples=40, deadline=None)
def test_a_batch_is_decided_as_its_leads_one_by_one(batch: list[Record]) -> None:
    together = decide_in_turn(batch, batch)
    one_by_one: list[Decision] = []
    for number in range(len(batch)):
        one_by_one = decide_in_turn(batch[: number + 1], batch[: number + 1])
    assert together == one_by_one


@given(arrivals())
@settings(max_examples=40, deadline=None)
def test_the_same_inputs_give_the_same_decision(batch: list[Record]) -> None:
    assert decide_in_turn(batch, batch) == decide_in_turn(batch, list(reversed(batch)))


def test_every_lead_of_a_round_goes_to_the_next_in_turn() -> None:
    found = decide_in_turn([lead(f"L{n}", age=9 - n, email=f"p{n}@gmail.com") for n in range(6)], [])
    assert [each.route.assignee for each in found] == [ANA, BOB, CARLA, ANA, BOB, CARLA]
    assert GONE not in [each.route.assignee for each in found]


def test_a_change_of_status_asks_again_only_when_a_rule_reads_it() -> None:
    reading = scene("- rule: R\n  when: [lead.status is Hot]\n  assign: keep\n").ruleset
    others = scene("- rule: R\n  when: [lead.country is France]\n  assign: keep\n").ruleset
    cold, hot = lead(status="Cold"), lead(status="Hot")
    assert not unchanged(hot, decision_key(cold, reading), reading)
    assert unchanged(hot, decision_key(cold, others), others)
