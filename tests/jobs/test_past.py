"""What the next decision knows of those before: turns that go back, rejections, neighbours, pauses, open leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.store import assignments, decisions, pauses
from connector.store.memos import StoredMemo
from connector.work import Effect
from jobs import routing, rulebook, workload
from rules.model import User
from rules.ruleset import RuleSet, Source, load
from tests.jobs.conftest import House
from tests.jobs.routes import POOL, change, come, got, held, made, outcomes, rules, tick

LEADS = f"""
- rule: Leads
  assign: pool "Desk"
{POOL}"""
STICKY = LEADS.replace("- pool: Desk", "- pool: Desk\n  sticky: account")
FEWEST = LEADS.replace("- pool: Desk", "- pool: Desk\n  by: fewest open leads")


def give(house: House, lead_id: str, owner: str) -> None:
    """Have a person give a lead to somebody."""
    house.crm.add(replace(house.crm.records[("lead", lead_id)], owner_id=owner))


def globex(house: House) -> None:
    for number in (1, 2):
        house.account(
            f"a{number}", name=f"Globex {'Corporation' if number == 1 else 'Lakes'}", website=f"g{number}.com"
        )
        house.post(house.event(f"a{number}", kind="account"))
    house.drain()


def test_a_turn_goes_back_when_a_person_gives_the_lead_to_somebody_else(house: House) -> None:
    rules(house, LEADS)
    come(house, "l1")
    assert got(house) == {"u1": 1, "u2": 0}
    give(house, "l1", "u3")
    change(house, "l1")
    assert (got(house), held(house, "l1")) == ({"u1": 0, "u2": 0}, [("u1", "replaced")])
    change(house, "l1")
    assert got(house) == {"u1": 0, "u2": 0}, "once"
    come(house, "l2")
    assert house.owner("l2") == "u1"
    assert outcomes(house, "l1") == ["assigned"], "nothing was read that changed"


def test_a_turn_goes_back_when_our_own_rules_give_the_lead_to_somebody_else(house: House) -> None:
    text = '- rule: Hot\n  when: [lead.company is Initech]\n  assign: user "bob@example.com"\n' + LEADS
    rules(house, text)
    come(house, "l1")
    lead = house.crm.records[("lead", "l1")]
    house.crm.add(replace(lead, fields={**lead.fields, "company": "Initech"}))
    change(house, "l1")
    assert (house.owner("l1"), got(house)) == ("u2", {"u1": 0, "u2": 0})
    assert held(house, "l1") == [("u1", "replaced"), ("u2", "")]


@pytest.mark.parametrize(("event", "left"), [("merged", 0), ("deleted", 1)])
def test_a_turn_goes_back_for_a_lead_that_was_merged_away_and_not_for_a_deleted_one(
    house: House, event: str, left: int
) -> None:
    rules(house, LEADS)
    come(house, "l1")
    del house.crm.records[("lead", "l1")]
    change(house, "l1", event)  # type: ignore[arg-type]
    assert got(house)["u1"] == left


def test_a_turn_that_was_let_lapse_does_not_go_back(house: House) -> None:
    rules(
        house,
        LEADS.replace('assign: pool "Desk"', 'assign: pool "Desk"\n  escalate: [{after: 1 hour, reassign: true}]'),
    )
    come(house, "l1")
    tick(house, hours=1)
    assert (house.owner("l1"), got(house)) == ("u2", {"u1": 1, "u2": 1})


def reject(house: House, lead_id: str, by: str) -> bool:
    with house.database.write() as connection:
        return routing.reject(connection, house.install.id, lead_id, by=by, mode="act", now=house.now)


def test_whoever_rejects_a_lead_gets_the_turn_back_and_never_that_lead(house: House) -> None:
    rules(house, LEADS)
    come(house, "l1")
    house.later(minutes=1)
    assert not reject(house, "l1", "u2"), "it is not Bob's"
    assert reject(house, "l1", "u1")
    assert not reject(house, "l1", "u1"), "once"
    house.drain()
    assert (house.owner("l1"), got(house)) == ("u2", {"u1": 0, "u2": 1})
    assert held(house, "l1") == [("u1", "rejected"), ("u2", "")]
    house.later(minutes=1)
    assert reject(house, "l1", "u2")
    house.drain()
    assert (house.owner("l1"), got(house)) == ("u2", {"u1": 0, "u2": 0}), "nobody is left, so it stays"
    assert outcomes(house, "l1") == ["assigned", "assigned", "kept"]


def test_a_lead_that_nobody_has_by_us_cannot_be_rejected(house: House) -> None:
    assert not reject(house, "l1", "u1")


def test_a_turn_whose_decision_is_forgotten_is_settled_without_a_fault(house: House) -> None:
    rules(house, LEADS)
    come(house, "l1")
    with house.database.write() as connection:
        connection.execute(decisions.decision.delete())
    house.later(minutes=1)
    assert reject(house, "l1", "u1")
    house.drain()
    with house.database.read() as connection:
        assert assignments.owed(connection, house.install.id, limit=9) == []
    assert got(house)["u1"] == 1


def test_a_refused_owner_is_no_persons_choice(house: House) -> None:
    rules(house, LEADS)
    house.crm.answer = lambda work, action: (
        Effect(work.decision.key, action, "refused", detail="NO") if action == "assign" else None
    )
    come(house, "l1")
    house.crm.answer = lambda _work, _action: None
    change(house, "l1")
    assert held(house, "l1") == [("u1", "")]


def test_the_same_company_goes_to_the_same_person_also_within_a_batch(house: House) -> None:
    rules(house, STICKY)
    globex(house)
    for number in range(4):
        house.lead(f"l{number}", email=f"p{number}@g1.com", company="Globex Corporation")
    house.lead("other", email="x@g2.com", company="Globex Lakes")
    house.post(*(house.event(f"l{number}") for number in range(4)), house.event("other"))
    house.drain()
    assert [house.owner(f"l{number}") for number in range(4)] == ["u1"] * 4
    assert house.owner("other") == "u2"
    house.later(minutes=1)
    come(house, "late", email="late@g1.com", company="Globex Corporation")
    assert house.owner("late") == "u1"


def test_a_company_that_only_looks_alike_makes_no_neighbours(house: House) -> None:
    rules(house, STICKY)
    globex(house)
    come(house, "l1", email="p@g1.com", company="Globex Corporation")
    assert house.owner("l1") == "u1"
    house.later(minutes=1)
    come(house, "l2", email="p@elsewhere.example", company="Glob Elsewhere")
    assert made(house, "l2")[0].decision.match.status != "matched"
    assert house.owner("l2") == "u2"


def test_who_has_the_fewest_open_leads_is_counted_on_within_a_batch_and_after_it(house: House) -> None:
    rules(house, FEWEST)
    for number in range(3):
        house.lead(f"old{number}", owner="u1")
    calls: list[str] = []
    house.crm.before = calls.append
    for number in range(5):
        house.lead(f"l{number}")
    house.post(*(house.event(f"l{number}") for number in range(5)))
    house.drain()
    assert [house.owner(f"l{number}") for number in range(5)].count("u2") == 4
    for number in range(5, 9):
        come(house, f"l{number}")
    owners = [each.owner_id for (kind, _), each in house.crm.records.items() if kind == "lead"]
    assert (owners.count("u1"), owners.count("u2")) == (6, 6)
    assert calls.count("open_leads") == 1, "the rest is counted on"
    house.later(seconds=house.settings.open_leads_seconds)
    come(house, "late")
    assert calls.count("open_leads") == 2


def test_a_crm_that_counts_a_few_people_at_a_time_makes_leads_wait_until_all_are_counted(house: House) -> None:
    house.crm.people.append(User("u9", "Dora", "dora@example.com"))
    house.post(house.event("u9", kind="user"))
    rules(house, FEWEST.replace("{user: bob@example.com}", "{user: bob@example.com}, {user: dora@example.com}"))
    house.crm.owners_a_call = 1
    house.lead("old", owner="u1")
    house.lead("old2", owner="u2")
    come(house, "l1")
    assert house.owner("l1") == "u0"
    for _ in range(3):
        tick(house, seconds=workload.NEXT_SECONDS + 0.1)
    assert house.owner("l1") == "u9"


def test_no_pool_that_goes_by_it_asks_for_no_open_leads(house: House) -> None:
    rules(house, LEADS)
    calls: list[str] = []
    house.crm.before = calls.append
    come(house, "l1")
    assert "open_leads" not in calls
    seal = house.tools.seal(house.install)
    assert StoredMemo(house.database, house.install.id, seal, lambda: house.now).get(workload.OPEN_LEADS) is None


def test_who_is_paused_gets_nothing_from_the_next_lead_on(house: House) -> None:
    rules(house, LEADS)
    with house.database.write() as connection:
        until = house.now + timedelta(hours=1)
        pauses.put(connection, house.install.id, "u1", until=until, by="u1", now=house.now)
    come(house, "l1")
    come(house, "l2")
    assert (house.owner("l1"), house.owner("l2")) == ("u2", "u2")
    house.later(hours=1)
    come(house, "l3")
    assert house.owner("l3") == "u1"


def test_the_owner_of_the_parent_is_asked_for_when_a_rule_names_them(house: House) -> None:
    rules(house, "- rule: Parent\n  assign: parent owner\n")
    house.account("p1", owner="u2", name="Globex Holding", website="holding.example")
    house.account("a1", owner="u1", name="Globex Corporation", website="globex.com", parent_id="p1")
    house.post(house.event("a1", kind="account"), house.event("p1", kind="account"))
    house.drain()
    come(house, "l1", email="kim@globex.com", company="Globex Corporation")
    assert house.owner("l1") == "u2"


def test_previous_assignee_is_whoever_had_it_last_by_us(house: House) -> None:
    text = "- rule: Back\n  when: [lead.company is Initech]\n  assign: previous assignee\n" + LEADS
    rules(house, text)
    come(house, "l1")
    give(house, "l1", "")
    lead = house.crm.records[("lead", "l1")]
    house.crm.add(replace(lead, owner_id=None, fields={**lead.fields, "company": "Initech"}))
    change(house, "l1")
    assert house.owner("l1") == "u1"


def test_rules_are_loaded_once_for_their_text_and_anew_after_an_edit(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[int] = []

    def counted(sources: Sequence[Source]) -> RuleSet:
        loads.append(len(sources))
        return load(sources)

    monkeypatch.setattr(rulebook, "load", counted)
    rulebook.loaded.cache_clear()
    rules(house, LEADS)
    loads.clear()
    for number in range(3):
        come(house, f"l{number}")
    assert loads == [], "the rule set that went live is at hand"
    rules(house, LEADS.replace('assign: pool "Desk"', 'assign: user "bob@example.com"'))
    come(house, "late")
    assert house.owner("late") == "u2"
    assert made(house, "late")[0].decision.route.target == 'user "bob@example.com"'
