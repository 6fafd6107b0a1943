"""How answers are asked for: in pages, with what it costs, and however CRM or worker fail meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from connector.acts import ResponseRow
from connector.crm import Allowance
from connector.errors import Later, Refused
from connector.store import decisions, ledger, responses, unfinished, usage
from connector.store.decisions import Intent
from connector.store.ledger import Entry
from jobs import budget, clock
from jobs import responses as answers
from rules.model import Record
from tests.jobs.answering import RULES, calls, desk, look, told, waits, work
from tests.jobs.conftest import House
from tests.jobs.killing import Killed
from tests.jobs.routes import act, come, made, rules, tick

__all__ = ["desk"]


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
