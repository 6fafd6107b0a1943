"""Leads that wait for an answer: when it is asked, what the audit says in the end, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.acts import Act, ResponseRow
from connector.crm import Allowance
from connector.errors import Later, Refused
from connector.store import decisions, ledger, progress, responses, unfinished, usage
from connector.store.decisions import Intent
from connector.store.ledger import Entry
from connector.store.progress import Progress
from connector.store.responses import Awaited
from connector.work import Effect, Step
from jobs import budget, clock
from jobs import responses as answers
from rules.model import Mode, Record
from tests.jobs.conftest import House, Prologue
from tests.jobs.routes import POOL, change, come, made, rules, set_timers, tick

DUE = timedelta(minutes=30)
RULES = f"""
- rule: Leads
  assign: pool "Desk"
  task: {{due: 30 minutes}}
{POOL}"""
REMINDING = RULES.replace("  task", "  escalate: [{after: 15 minutes, remind: true}]\n  task")
TAKING = RULES.replace("  task", "  escalate: [{after: 20 minutes, reassign: true}]\n  task")


def look(house: House, **delta: float) -> None:
    """Let time pass; let the clock look, and a worker answer it."""
    house.later(**delta)
    if answers.ask(house.tools):
        house.drain()


def calls(house: House) -> list[str]:
    """Return the names of the calls from now on."""
    heard: list[str] = []
    house.crm.before = heard.append
    return heard


def waits(house: House, lead_id: str) -> Awaited:
    """Return what the first decision about a lead waits for."""
    with house.database.read() as connection:
        found = responses.of_decision(connection, house.install.id, made(house, lead_id)[0].decision.key)
    assert found is not None
    return found


def told(house: House, lead_id: str, number: int = 0) -> tuple[str, float | None]:
    """Return what the audit of a lead's first decision says of the answer."""
    entry = house.crm.entries[made(house, lead_id)[number].decision.key]
    return entry.response_status, entry.response_minutes


def work(house: House) -> Progress | None:
    with house.database.read() as connection:
        return next((each for each in progress.of(connection, house.install.id) if each.name == answers.NAME), None)


def act(house: House, what: Act, lead_id: str = "l1") -> None:
    lead = house.crm.records[("lead", lead_id)]
    if what == "gone":
        del house.crm.records[("lead", lead_id)]
    elif what == "converted":
        house.crm.add(replace(lead, fields={**lead.fields, "converted": True}, modified_at=house.now))
    elif what == "owner changed":
        house.crm.add(replace(lead, owner_id="u3"))
    elif what == "status changed":
        house.crm.add(replace(lead, fields={**lead.fields, "status": "Working"}, modified_at=house.now))
    elif what == "task done":
        house.crm.done.add("task1")
        house.crm.finished["task1"] = house.now
    else:
        house.crm.activities[lead_id] = house.now


def has_a_desk(house: House) -> None:
    rules(house, RULES)


@pytest.fixture
def desk(begin: Callable[[Prologue], House]) -> House:
    return begin(has_a_desk)


def test_at_the_decision_the_audit_says_by_when_an_answer_is_due(desk: House) -> None:
    come(desk, "l1", source="Web")
    (entry,) = desk.crm.entries.values()
    assert (entry.response_status, entry.response_due_at) == ("waiting", desk.now + DUE)
    assert (entry.pool, entry.entitled_share, entry.lead_source) == ("Desk", 50.0, "Web")
    assert entry.why_unmatched == "No account has anything in common with this lead."


@pytest.mark.parametrize("what", ["task done", "status changed", "activity logged", "converted"])
def test_who_works_on_a_lead_before_it_is_due_has_answered_in_time(desk: House, what: Act) -> None:
    come(desk, "l1")
    desk.later(minutes=12)
    act(desk, what)
    look(desk, minutes=18)
    assert told(desk, "l1") == ("in_time", 12.0)
    assert waits(desk, "l1").state == "told"


def test_whoever_got_a_lead_whose_task_was_refused_is_asked_about_all_the_same(desk: House) -> None:
    *before, record, bell = desk.crm.steps
    task = frozenset({"task"})
    desk.crm.steps = (*before, Step("record", record.actions - task, 2), Step("task", task, 2), bell)
    desk.crm.answer = lambda work, action: (
        Effect(work.decision.key, action, "refused", detail="A rule of the org") if action == "task" else None
    )
    come(desk, "l1")
    (stored,) = made(desk, "l1")
    assert (stored.state, desk.owner("l1") != "u0") == ("parked", True)
    desk.crm.answer = lambda _work, _action: None
    desk.later(minutes=12)
    act(desk, "activity logged")
    look(desk, minutes=18)
    assert told(desk, "l1") == ("in_time", 12.0)


def test_an_answer_after_the_due_time_is_late_and_told_with_its_minutes(desk: House) -> None:
    come(desk, "l1")
    look(desk, minutes=31)
    assert told(desk, "l1") == ("waiting", None)
    desk.later(minutes=14)
    act(desk, "activity logged")
    look(desk, hours=1)
    assert told(desk, "l1") == ("late", 45.0)


def test_an_answer_in_time_is_told_as_such_however_late_it_is_asked(desk: House) -> None:
    come(desk, "l1")
    desk.later(minutes=5)
    act(desk, "task done")
    look(desk, days=2)
    assert told(desk, "l1") == ("in_time", 5.0)


def test_who_never_answers_is_asked_about_six_times_in_a_week_and_never_again(desk: House) -> None:
    come(desk, "l1")
    heard = calls(desk)
    for _ in range(8 * 24):
        look(desk, hours=1)
    assert heard.count("acted") == 6
    assert heard.count("mark_responses") == 1
    assert told(desk, "l1") == ("never", None)
    assert made(desk, "l1")[0].decision.decided_at + DUE + timedelta(days=7) <= desk.now


@pytest.mark.parametrize(("minutes", "status"), [(10, "none"), (40, "late")])
def test_a_lead_that_a_person_gave_away_is_nobodys_to_answer_any_more(desk: House, minutes: int, status: str) -> None:
    come(desk, "l1")
    desk.later(minutes=minutes)
    desk.crm.add(replace(desk.crm.records[("lead", "l1")], owner_id="u2", modified_at=desk.now))
    change(desk, "l1")
    heard = calls(desk)
    look(desk, hours=1)
    assert told(desk, "l1") == (status, None)
    assert "acted" not in heard, "our own store knows"


def test_a_newer_decision_ends_the_waiting_of_the_older_one_and_waits_itself(house: House) -> None:
    rules(house, TAKING)
    come(house, "l1")
    tick(house, minutes=20)
    assert [each.decision.route.assignee.id for each in made(house, "l1") if each.decision.route.assignee] == [
        "u1", "u2",
    ]  # fmt: skip
    house.later(minutes=5)
    act(house, "activity logged")
    look(house, minutes=30)
    assert (told(house, "l1"), told(house, "l1", 1)) == (("none", None), ("in_time", 5.0))


def test_a_lead_that_nobody_had_answered_in_time_and_that_is_gone_then_is_late(desk: House) -> None:
    come(desk, "l1")
    look(desk, minutes=31)
    act(desk, "gone")
    look(desk, hours=2)
    assert told(desk, "l1") == ("late", None)


def test_a_lead_that_is_known_to_be_deleted_before_it_was_due_was_not_left_lying(desk: House) -> None:
    come(desk, "l1")
    act(desk, "gone")
    change(desk, "l1", "deleted")
    look(desk, hours=2)
    assert told(desk, "l1") == ("none", None)


def test_under_suggest_giving_the_lead_away_is_no_answer_and_working_on_it_is(house: House) -> None:
    house.mode("suggest")
    rules(house, RULES)
    come(house, "l1")
    assert told(house, "l1") == ("waiting", None)
    act(house, "owner changed")
    look(house, minutes=31)
    assert told(house, "l1") == ("waiting", None)
    house.later(minutes=2)
    act(house, "status changed")
    look(house, hours=1)
    assert told(house, "l1") == ("late", 33.0)


@pytest.mark.parametrize("mode", ["observe", "suggest", "act"])
def test_nothing_is_asked_in_observe(house: House, mode: Mode) -> None:
    rules(house, RULES)
    come(house, "l1")
    house.mode(mode)
    heard = calls(house)
    look(house, hours=1)
    assert ("acted" in heard) == (mode != "observe")


def test_a_page_that_was_asked_for_before_the_mode_became_observe_asks_nothing(desk: House) -> None:
    come(desk, "l1")
    desk.later(hours=1)
    assert answers.ask(desk.tools) == 1
    desk.mode("observe")
    heard = calls(desk)
    desk.drain()
    assert "acted" not in heard
    assert (found := work(desk)) is not None
    assert found.state == "done"


def test_what_a_timer_has_learned_is_written_without_asking_again(house: House) -> None:
    rules(house, REMINDING)
    come(house, "l1")
    house.later(minutes=4)
    act(house, "activity logged")
    tick(house, minutes=11)
    assert [each.reason for each in set_timers(house, "l1")] == ["activity logged"]
    assert waits(house, "l1").state == "found"
    heard = calls(house)
    look(house)
    assert (heard.count("acted"), heard.count("mark_responses")) == (0, 1)
    assert told(house, "l1") == ("in_time", 4.0)


def test_nobody_waits_means_no_work_and_no_call(house: House) -> None:
    rules(house, RULES.replace("  task: {due: 30 minutes}", "  task: false"))
    come(house, "l1")
    heard = calls(house)
    look(house, days=1)
    assert (answers.ask(house.tools), work(house), heard) == (0, None, [])


def many(house: House, count: int) -> list[str]:
    """Have so many leads wait: decided and carried out as one that came."""
    come(house, "l0")
    first = made(house, "l0")[0].decision
    others = [replace(first, key=f"k{n}", lead=replace(first.lead, id=f"m{n}")) for n in range(1, count)]
    for each in others:
        house.crm.add(Record("lead", each.lead.id, first.lead.fields, owner_id="u1", modified_at=house.now))
        house.crm.entries[each.key] = replace(house.crm.entries[first.key], key=each.key, lead_id=each.lead.id)
    seal = house.tools.seal(house.install)
    with house.database.write() as connection:
        decisions.intend(connection, house.install.id, seal, [Intent(each, ()) for each in others], now=house.now)
        ledger.record(
            connection,
            house.install.id,
            [(each.key, "assign", Entry("done")) for each in others],
            now=house.now,
        )
        unfinished.settle(connection, house.install.id, [each.key for each in others], now=house.now)
        responses.add(connection, house.install.id, answers.awaited(others), now=house.now)
    return [first.key, *(each.key for each in others)]


def test_two_hundred_leads_take_one_question_and_one_answer(desk: House) -> None:
    keys = many(desk, 200)
    desk.later(minutes=10)
    desk.crm.activities |= {desk.crm.entries[key].lead_id: desk.now for key in keys}
    heard = calls(desk)
    look(desk, hours=1)
    assert [each for each in heard if each in {"acted", "mark_responses"}] == ["acted", "mark_responses"]
    assert {desk.crm.entries[key].response_status for key in keys} == {"in_time"}


def test_a_full_page_is_followed_by_the_next_at_once_and_the_rest_by_the_quarter_of_an_hour(desk: House) -> None:
    keys = many(desk, 201)
    desk.later(minutes=1)
    desk.crm.activities |= {desk.crm.entries[key].lead_id: desk.now for key in keys}
    heard = calls(desk)
    look(desk, hours=1)
    assert heard.count("acted") == 2
    come(desk, "late1")
    heard.clear()
    desk.later(minutes=5)
    assert answers.ask(desk.tools) == 0, "a quarter of an hour has not passed"
    look(desk, minutes=40)
    assert heard.count("acted") == 1


def test_two_decisions_about_one_lead_that_are_due_together_are_told_one_after_the_other(desk: House) -> None:
    come(desk, "l1")
    first = made(desk, "l1")[0]
    again = replace(first.decision, key="again")
    seal = desk.tools.seal(desk.install)
    with desk.database.write() as connection:
        decisions.intend(connection, desk.install.id, seal, [Intent(again, ())], now=desk.now)
        ledger.record(connection, desk.install.id, [("again", "assign", Entry("done"))], now=desk.now)
        unfinished.settle(connection, desk.install.id, ["again"], now=desk.now)
        responses.add(connection, desk.install.id, answers.awaited([again]), now=desk.now)
    desk.crm.entries["again"] = replace(desk.crm.entries[first.decision.key], key="again")
    desk.later(minutes=1)
    act(desk, "activity logged")
    look(desk, hours=1)
    statuses = {each.response_status for each in desk.crm.entries.values()}
    assert statuses == {"in_time"}


def test_a_crm_that_is_away_is_asked_later(desk: House) -> None:
    come(desk, "l1")
    desk.later(minutes=6)
    act(desk, "activity logged")

    def away(call: str) -> None:
        if call == "acted":
            raise Later("Busy.", seconds=30)

    desk.crm.before = away
    look(desk, hours=1)
    assert told(desk, "l1") == ("waiting", None)
    calls(desk)
    tick(desk, minutes=1)
    assert told(desk, "l1") == ("in_time", 6.0)


def test_a_crm_that_does_not_tell_who_acted_never_makes_anybody_late(desk: House) -> None:
    come(desk, "l1")

    def refuse(call: str) -> None:
        if call == "acted":
            raise Refused("No access to tasks.")

    desk.crm.before = refuse
    for _ in range(9):
        look(desk, days=1)
    assert told(desk, "l1") == ("waiting", None)
    assert (found := work(desk)) is not None
    assert (found.state, found.reason) == ("failed", "No access to tasks.")


def test_an_older_package_keeps_what_is_known_until_it_has_the_fields(desk: House) -> None:
    come(desk, "l1")
    act(desk, "task done")
    heard: list[str] = []

    def old(call: str) -> None:
        heard.append(call)
        if call == "mark_responses":
            raise Refused("Routing_Audit__c has no such fields.")

    desk.crm.before = old
    look(desk, hours=1)
    assert [each for each in heard if each in {"mark_responses", "prepare"}] == [
        "mark_responses", "prepare", "mark_responses",
    ]  # fmt: skip
    assert waits(desk, "l1").state == "found"
    heard = calls(desk)
    look(desk, days=1)
    assert "mark_responses" not in heard, "a refusal holds for a week"
    look(desk, days=7)
    assert told(desk, "l1") == ("in_time", 0.0)


def test_answers_rest_when_the_orgs_calls_are_nearly_gone(desk: House) -> None:
    come(desk, "l1")
    desk.later(hours=1)
    with desk.database.write() as connection:
        usage.tell(connection, desk.install.id, Allowance(used=96_000, total=100_000), now=desk.now)
    heard = calls(desk)
    look(desk)
    assert "acted" not in heard
    assert (found := work(desk)) is not None
    assert "Rests to save API calls" in found.reason
    assert budget.kind_of(answers.NAME) in budget.STOPS


def test_a_decision_that_was_overtaken_before_it_was_carried_out_waits_for_nobody(desk: House) -> None:
    def away(call: str) -> None:
        if call.startswith("apply"):
            raise Later("daily limit", seconds=600, applied=False)

    desk.crm.before = away
    come(desk, "l1")
    desk.crm.add(replace(desk.crm.records[("lead", "l1")], owner_id="u3"))
    heard = calls(desk)
    tick(desk, minutes=11)
    assert told(desk, "l1") == ("none", None)
    heard.clear()
    look(desk, hours=1)
    assert [each for each in heard if each in {"acted", "mark_responses"}] == []


def test_what_waits_is_not_cleared_away_and_what_is_over_is(desk: House) -> None:
    rules(desk, RULES.replace("30 minutes", "60 days"))
    come(desk, "l1")
    desk.later(days=desk.settings.decision_days + 1)
    clock.clean(desk.tools)
    assert len(made(desk, "l1")) == 1
    act(desk, "task done")
    look(desk, days=60)
    assert told(desk, "l1")[0] == "in_time"
    key = made(desk, "l1")[0].decision.key
    desk.later(days=desk.settings.decision_days + 1)
    clock.clean(desk.tools)
    with desk.database.read() as connection:
        assert responses.of_decision(connection, desk.install.id, key) is None


class Killed(BaseException):
    """The worker is dead; nothing catches it."""


@pytest.mark.parametrize("step", range(1, 6))
def test_a_worker_killed_at_any_step_leaves_an_answer_that_is_told_once_it_is_looked_at_again(
    desk: House, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    come(desk, "l1")
    desk.later(minutes=7)
    act(desk, "task done")
    desk.later(minutes=30)
    answers.ask(desk.tools)
    marked: list[str] = []
    real, taken = desk.crm.mark_responses, [0]

    def take() -> None:
        taken[0] += 1
        if taken[0] >= step:
            raise Killed

    def counted(rows: Sequence[ResponseRow]) -> dict[str, str]:
        marked.extend(row.status for row in rows)
        found = real(rows)
        take()
        return found

    def asked(call: str) -> None:
        if call == "acted":
            take()

    with monkeypatch.context() as patch:
        patch.setattr(desk.crm, "mark_responses", counted)
        patch.setattr(responses, "find", _then(responses.find, take))
        patch.setattr(responses, "told", _then(responses.told, take))
        desk.crm.before = asked
        try:
            desk.drain()
        except Killed:
            assert step < 5
    desk.crm.before = lambda _call: None
    desk.later(hours=1)
    for _ in range(2):
        answers.ask(desk.tools)
        desk.drain()
    assert told(desk, "l1") == ("in_time", 7.0)
    assert set(marked) <= {"in_time"}
    assert waits(desk, "l1").state == "told"


def _then(real: Callable[..., object], take: Callable[[], None]) -> Callable[..., object]:
    """Return the function, which dies before its transaction is stored."""

    def dying(*args: object, **parts: object) -> object:
        found = real(*args, **parts)
        take()
        return found

    return dying
