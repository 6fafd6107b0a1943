"""Undo while the world moves on: what people do meanwhile stays, who is stuck holds nobody up, who had it has it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import Later
from connector.store import progress
from connector.store.progress import Progress
from connector.work import Effect
from jobs import course, routing, undo
from jobs.undo import Wish
from tests.jobs.conftest import House, Prologue
from tests.jobs.routes import POOL, change, come, got, held, made, rules, set_timers, tick

DESK = '- rule: Leads\n  assign: pool "Desk"\n  task: {subject: "Call {lead.name}", due: 30 minutes}\n' + POOL
HOT = '- rule: Hot\n  when: [lead.status is Hot]\n  assign: user "{email}"\n'
EMAIL = {"u1": "ana@example.com", "u2": "bob@example.com"}
OTHER = {"u1": "u2", "u2": "u1"}


def has_a_desk(house: House) -> None:
    rules(house, DESK)


@pytest.fixture
def house(begin: Callable[[Prologue], House]) -> House:
    return begin(has_a_desk)


def ask(house: House, *lead_ids: str, since: timedelta | None = None) -> str:
    """Kim wants the newest decisions of these leads taken back, or all since so long."""
    house.later(seconds=1)
    keys = tuple(made(house, each)[-1].decision.key for each in lead_ids)
    wish = Wish("Kim", house.now, keys=keys, since=house.now - since if since else None)
    seal = house.tools.seal(house.install)
    return undo.ask(house.database, house.install.id, seal, wish, clock=lambda: house.now)


def came(house: House, name: str) -> Progress:
    with house.database.read() as connection:
        return next(each for each in progress.of(connection, house.install.id) if each.name == name)


def person(house: House, lead_id: str, *, owner: str = "", **fields: str) -> None:
    """A person changes a lead in the CRM."""
    lead = house.crm.records[("lead", lead_id)]
    house.crm.add(replace(lead, owner_id=owner or lead.owner_id, fields={**lead.fields, **fields}))


def heat(house: House, lead_id: str) -> None:
    """A lead gets hot, and so goes to the one who has not got it."""
    other = OTHER[str(house.owner(lead_id))]
    rules(house, HOT.format(email=EMAIL[other]) + DESK)
    person(house, lead_id, status="Hot")
    change(house, lead_id)
    assert house.owner(lead_id) == other


def away(house: House, *, applied: bool = False) -> None:
    """The CRM performs nothing for two minutes; `applied`: what it was asked it may have done."""

    def down(call: str) -> None:
        if call.startswith("apply"):
            raise Later("The CRM is away", seconds=120, applied=applied)

    house.crm.before = down


def back(house: House) -> None:
    house.crm.before = lambda _call: None
    tick(house, seconds=121)
    tick(house, seconds=10)


def reason(house: House, lead_id: str) -> str:
    """Return what the audit says of the newest decision about a lead."""
    return house.crm.entries[made(house, lead_id)[-1].decision.key].reason


def planned_and_kept_back(house: House, lead_id: str, *, applied: bool = False) -> None:
    """Have a lead routed, and its undo planned; the CRM is away then."""
    come(house, lead_id)
    ask(house, lead_id)
    away(house, applied=applied)
    house.drain()
    assert made(house, lead_id)[-1].decision.outcome == "undone"


def test_who_was_given_the_lead_before_the_undo_could_be_done_keeps_it(house: House) -> None:
    planned_and_kept_back(house, "l1")
    person(house, "l1", owner="u2" if house.owner("l1") == "u1" else "u1")
    chosen = house.owner("l1")
    back(house)
    assert (house.owner("l1"), house.crm.tasks_of("l1")) == (chosen, [])
    assert "so this is what was done: " in reason(house, "l1")
    assert "the owner was left, it is" in reason(house, "l1")
    assert made(house, "l1")[-1].decision.route.reason == reason(house, "l1"), "what we hold says the same"
    assert [each.state for each in made(house, "l1")] == ["settled", "settled"]


@pytest.mark.parametrize("how", ["done", "edited"])
def test_a_task_that_was_touched_before_the_undo_could_be_done_stays(house: House, how: str) -> None:
    planned_and_kept_back(house, "l1")
    getattr(house.crm, how).add("task1")
    back(house)
    assert (house.owner("l1"), len(house.crm.tasks_of("l1"))) == ("u0", 1)
    assert "the task “Call l1” was left" in reason(house, "l1")


def test_an_account_that_was_chosen_before_the_undo_could_be_done_stays(house: House) -> None:
    house.account("a1", name="Globex", website="globex.com")
    house.account("a2", name="Initech", website="initech.com")
    house.post(house.event("a1", kind="account"), house.event("a2", kind="account"))
    house.drain()
    come(house, "l1", email="kim@globex.com", company="Globex")
    assert house.crm.records[("lead", "l1")].text("account_id") == "a1"
    ask(house, "l1")
    away(house)
    house.drain()
    person(house, "l1", account_id="a2")
    back(house)
    lead = house.crm.records[("lead", "l1")]
    assert (lead.owner_id, lead.text("account_id")) == ("u0", "a2")


def test_a_lead_that_was_converted_before_the_undo_could_be_done_is_left(house: House) -> None:
    planned_and_kept_back(house, "l1")
    lead, owner = house.crm.records[("lead", "l1")], house.owner("l1")
    house.crm.add(replace(lead, fields={**lead.fields, "converted": True}))
    back(house)
    assert (house.owner("l1"), len(house.crm.tasks_of("l1"))) == (owner, 1)
    assert "Nothing was undone" in reason(house, "l1")


def test_an_undo_that_nobody_crossed_is_done_as_it_was_planned(house: House) -> None:
    planned_and_kept_back(house, "l1")
    told = made(house, "l1")[-1].decision.route.reason
    back(house)
    assert (house.owner("l1"), house.crm.tasks_of("l1"), reason(house, "l1")) == ("u0", [], told)


def test_what_an_undo_has_done_itself_counts_as_its_own(house: House) -> None:
    planned_and_kept_back(house, "l1", applied=True)
    undone = made(house, "l1")[-1].decision
    person(house, "l1", owner="u0", decision="")
    house.crm.deleted.add("task1")
    back(house)
    assert reason(house, "l1") == undone.route.reason
    assert (house.owner("l1"), [each.state for each in made(house, "l1")]) == ("u0", ["settled", "settled"])


def stuck(house: House, lead_id: str, hours: int) -> None:
    """A lead is matched now, and the decision that links it waits for so long: its record is locked."""
    house.account("a1", name="Globex", website="globex.com")
    house.post(house.event("a1", kind="account"))
    house.drain()

    def answer(work: object, action: str) -> Effect | None:
        decision = work.decision  # type: ignore[attr-defined]
        if decision.lead.id != lead_id or decision.outcome == "undone":
            return None
        return Effect(decision.key, action, "later", detail="locked", seconds=3600 * hours, applied=False)

    house.crm.answer = answer
    person(house, lead_id, email="kim@globex.com", company="Globex")
    change(house, lead_id)
    assert made(house, lead_id)[-1].state == "intended"


def ticks(house: House, number: int) -> Iterator[int]:
    for each in range(number):
        tick(house, minutes=2)
        yield each


def test_a_lead_that_is_stuck_holds_up_nobody_elses_undo(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo.wanted, "__kwdefaults__", {"size": 2})
    for lead_id in ("l1", "l2", "l3", "l4"):
        come(house, lead_id)
        house.later(seconds=1)
    stuck(house, "l3", hours=1)
    name = ask(house, since=timedelta(hours=1))
    tick(house, minutes=1)
    assert [house.owner(each) for each in ("l1", "l2", "l4")] == ["u0"] * 3
    work = came(house, name)
    assert (work.state, work.reason.split(".")[0]) == ("running", "3 undone, 0 left as they are")
    assert "2 put off" in work.reason, "the decision that is stuck, and the one before it"


def test_what_was_put_off_is_undone_newest_first_once_nothing_is_done_about_its_lead(house: House) -> None:
    for lead_id in ("l1", "l2"):
        come(house, lead_id)
        house.later(seconds=1)
    stuck(house, "l1", hours=1)
    name = ask(house, since=timedelta(hours=1))
    for _ in ticks(house, 10):
        assert came(house, name).state == "running"
    house.crm.answer = lambda _work, _action: None
    tick(house, minutes=41)
    for _ in ticks(house, 10):
        if came(house, name).state == "done":
            break
    lead = house.crm.records[("lead", "l1")]
    assert (lead.owner_id, lead.text("account_id"), lead.text("decision")) == ("u0", "", "")
    assert house.crm.tasks_of("l1") == []
    work = came(house, name)
    assert (work.state, work.done, work.total, work.reason) == ("done", 3, 3, "3 undone, 0 left as they are.")


def test_what_stays_stuck_is_left_in_the_end_and_said(house: House) -> None:
    for lead_id in ("l1", "l2"):
        come(house, lead_id)
        house.later(seconds=1)
    owner = house.owner("l1")
    stuck(house, "l1", hours=9)
    name = ask(house, since=timedelta(hours=1))
    for _ in ticks(house, 60):
        if came(house, name).state == "done":
            break
    work = came(house, name)
    assert (work.state, work.done, house.owner("l1"), house.owner("l2")) == ("done", 3, owner, "u0")
    assert work.reason.startswith("1 undone, 2 left as they are, 2 of them because something is still being done")


def test_an_undo_killed_between_its_writes_puts_the_same_off_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for lead_id in ("l1", "l2"):
        come(house, lead_id)
        house.later(seconds=1)
    stuck(house, "l1", hours=1)
    name = ask(house, since=timedelta(hours=1))
    real, calls = progress.advance, itertools.count()

    def dying(*args: object, **values: object) -> bool:
        if next(calls) == 0:
            raise RuntimeError("killed")
        return real(*args, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(progress, "advance", dying)
    tick(house, minutes=1)
    tick(house, minutes=2)
    work = came(house, name)
    assert (work.done, house.owner("l2")) == (1, "u0")
    assert "2 put off" in work.reason


def test_waits_get_longer_and_end_after_about_an_hour() -> None:
    waits = [course.Course(walked=True, tries=each, put_off={"k": "l"}) for each in range(1, course.TRIES + 1)]
    assert [each.is_over for each in waits] == [False] * (course.TRIES - 1) + [True]
    assert waits[0].wait == timedelta(seconds=5)
    assert timedelta(minutes=45) < sum((each.wait for each in waits), timedelta()) < timedelta(minutes=75)


def test_who_had_the_lead_by_us_before_has_it_by_us_again(house: House) -> None:
    come(house, "l1")
    first = str(house.owner("l1"))
    heat(house, "l1")
    ask(house, "l1")
    tick(house, seconds=5)
    assert house.owner("l1") == first
    assert held(house, "l1") == [(first, "replaced"), (OTHER[first], "undone"), (first, "")]
    assert sum(got(house).values()) == 0, "the turn is not taken again"
    with house.database.write() as connection:
        assert routing.reject(connection, house.install.id, "l1", by=first, mode="act", now=house.now)
    assert held(house, "l1")[2] == (first, "rejected")


def test_who_had_the_lead_again_loses_it_when_that_is_undone_too(house: House) -> None:
    come(house, "l1")
    first = str(house.owner("l1"))
    heat(house, "l1")
    ask(house, since=timedelta(hours=1))
    tick(house, seconds=5)
    tick(house, seconds=5)
    assert house.owner("l1") == "u0"
    assert held(house, "l1") == [(first, "undone"), (OTHER[first], "undone"), (first, "undone")]


def test_who_had_the_lead_by_somebody_else_before_does_not_have_it_by_us(house: House) -> None:
    come(house, "l1")
    taker = str(house.owner("l1"))
    ask(house, "l1")
    tick(house, seconds=5)
    assert (house.owner("l1"), held(house, "l1")) == ("u0", [(taker, "undone")])


def test_timers_of_the_decision_before_do_not_start_again(house: House) -> None:
    rules(house, DESK.replace("  task", "  escalate: [{after: 15 minutes, remind: true}]\n  task"))
    come(house, "l1")
    first = str(house.owner("l1"))
    rules(house, HOT.format(email=EMAIL[OTHER[first]]) + DESK)
    person(house, "l1", status="Hot")
    change(house, "l1")
    ask(house, "l1")
    tick(house, seconds=5)
    assert house.owner("l1") == first
    assert [each.state for each in set_timers(house, "l1")] == ["stopped"]
