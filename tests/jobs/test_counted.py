"""Every decision is counted once, in the transaction that settles it, and every answer when it is first known."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from connector.store import arrears, decisions, finding, letters, tallies, unfinished
from connector.store.decisions import decision
from connector.store.finding import Sought
from connector.store.tallies import Label, tally
from connector.store.terms import Field, term
from jobs import arrears as late
from jobs import clock
from jobs import responses as answers
from rules.model import Record
from tests.jobs.conftest import START, House


def counted(house: House) -> Counter[Label]:
    """Return everything that was counted so far."""
    seal = house.keyring.seal(house.install.key)
    found: Counter[Label] = Counter()
    with house.database.read() as connection:
        until = house.now + timedelta(days=1)
        for _, counts in tallies.read(connection, house.install.id, seal, since=START - timedelta(days=9), until=until):
            found.update(tallies.labelled(counts))
    return found


def sought(house: House, *terms: tuple[Field, str]) -> list[str]:
    """Return the leads that are found by these terms."""
    seal = house.keyring.seal(house.install.key)
    wanted = Sought(tuple((each,) for each in terms))
    with house.database.read() as connection:
        found = finding.search(connection, house.install.id, seal, wanted, limit=9)
    return [each.decision.lead.id for each in found]


def test_what_a_lead_came_to_is_counted_with_who_got_it_and_how_fast(house: House) -> None:
    house.account("a1", owner="u1", name="Globex", website="globex.com")
    house.lead("l1", email="kim@globex.com", company="Globex", source="Web")
    house.lead("l2", source="Fair", company="Nowhere Works")
    house.post(house.event("a1", kind="account"), house.event("l1"), house.event("l2"))
    house.drain()
    found = counted(house)
    assert found["outcome", "assigned"] == 2
    assert (found["rule", "Account owner"], found["rule", "Everyone else"]) == (1, 1)
    assert (found["source", "Web", "matched"], found["source", "Fair", "none"]) == (1, 1)
    assert found["unmatched", "nothing in common"] == 1
    assert found["taker", "assigned", "u1", "Ana"] == 2
    assert found["pool", "Everyone"] == 1
    assert sum(count for label, count in found.items() if label[0] == "speed") == 2


def test_a_second_drain_counts_nothing_again(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    before = counted(house)
    house.drain()
    assert counted(house) == before


def test_a_worker_that_dies_as_it_settles_counts_nothing_and_the_next_one_counts_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, died = letters.settle, list[bool]()

    def dies(*given: object) -> None:
        if not died and given[-1]:
            died.append(True)
            raise SystemExit
        settle(*given)  # type: ignore[arg-type]

    house.lead("l1")
    house.post(house.event("l1"))
    monkeypatch.setattr("jobs.perform.letters.settle", dies)
    with pytest.raises(SystemExit):
        house.drain()
    assert died
    assert counted(house) == {}
    house.later(minutes=5)
    house.drain()
    assert counted(house)["outcome", "assigned"] == 1


def test_what_the_crm_refused_is_counted_once_another_try_is_done(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    with monkeypatch.context() as patch:
        patch.setattr(house.crm, "_refusal", lambda *_given: "No tasks.")
        house.drain()
    assert counted(house) == {}
    with house.database.write() as connection:
        assert unfinished.retry_parked(connection, house.install.id, now=house.now) == 1
    house.drain()
    assert counted(house)["outcome", "assigned"] == 1


def test_an_answer_is_counted_once_with_whose_it_is(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    house.later(minutes=12)
    lead = house.crm.records["lead", "l1"]
    house.crm.records["lead", "l1"] = Record(
        "lead", "l1", {**lead.fields, "status": "Working"}, owner_id=lead.owner_id, modified_at=house.now
    )
    for minutes in (20, 60):
        house.later(minutes=minutes)
        if answers.ask(house.tools):
            house.drain()
    found = counted(house)
    assert sum(count for label, count in found.items() if label[0] == "answer") == 1
    assert next(label for label in found if label[0] == "answer of")[2] == "u1"


def test_decisions_of_an_older_version_are_counted_and_found_by_and_by(house: House) -> None:
    house.lead("l1", company="Globex")
    house.lead("l2", company="Initech")
    house.post(house.event("l1"), house.event("l2"))
    house.drain()
    before = counted(house)
    with house.database.write() as connection:
        connection.execute(delete(term))
        connection.execute(delete(tally))
        connection.execute(update(decision).values(owed=2))
    assert sought(house, ("company", "globex")) == []
    assert late.pay(house.tools) == 2
    assert counted(house) == before
    assert sought(house, ("company", "globex")) == ["l1"]
    assert late.pay(house.tools) == 0, "nothing is owed any more"


def test_what_an_older_version_left_unfinished_is_counted_when_it_settles_and_not_before(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    with house.database.write() as connection:
        connection.execute(delete(tally))
        connection.execute(update(decision).values(owed=1, state="intended"))
    late.pay(house.tools)
    assert counted(house) == {}
    house.drain()
    assert counted(house)["outcome", "assigned"] == 1


def test_a_decision_that_cannot_be_read_is_owed_nothing_any_more(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    with house.database.write() as connection:
        connection.execute(update(decision).values(owed=2))
        connection.execute(update(decision).values(sealed=b"damaged"))
    assert late.pay(house.tools) == 1
    with house.database.read() as connection:
        assert arrears.installs(connection) == []


def test_decisions_that_go_take_their_terms_along(house: House) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    house.later(days=400)
    clock.clean(house.tools)
    with house.database.read() as connection:
        assert connection.execute(select(decision.c.key)).all() == []
        assert connection.execute(select(term.c.decision_key)).all() == []
        assert tallies.first(connection, house.install.id) is not None, "reports look back further"
    house.later(days=10)
    clock.clean(house.tools)
    with house.database.read() as connection:
        assert tallies.first(connection, house.install.id) is None


def test_a_decision_knows_how_many_calls_it_and_those_beside_it_took(house: House) -> None:
    for lead_id in ("l1", "l2"):
        house.lead(lead_id)
        house.post(house.event(lead_id))
    before = house.crm.calls
    house.drain()
    with house.database.read() as connection:
        seal = house.keyring.seal(house.install.key)
        stored = [each for lead in ("l1", "l2") for each in decisions.of_lead(connection, house.install.id, seal, lead)]
    assert {each.together for each in stored} == {2}
    (calls,) = {each.calls for each in stored}
    assert calls is not None
    assert 0 < calls <= house.crm.calls - before
