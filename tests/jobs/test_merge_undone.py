"""A merge that a person takes back: the records are there again, each as it was, and stay apart."""

from __future__ import annotations

import pytest

from connector.store import aliases, decisions, forgetting, pairs
from jobs.undo import Wish, ask
from rules.actions import Unmerge
from tests.jobs.conftest import House
from tests.jobs.joining import JoiningCrm
from tests.jobs.routes import change, got, held, outcomes
from tests.jobs.test_merge import DESK, come, crm_of, merges, policy

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def undo(house: House, key: str) -> None:
    house.later(minutes=10)
    wish = Wish("Kim", house.now, keys=(key,))
    ask(house.database, house.install.id, house.tools.seal(house.install), wish, clock=lambda: house.now)
    house.drain()


def joined(house: House, *, renames: bool = False, text: str = "") -> JoiningCrm:
    """Have two leads of one person become one, the older of which was routed."""
    crm = crm_of(house, (text or policy()) + DESK, renames=renames)
    come(house, "l1")
    come(house, "l2", title="Buyer")
    return crm


@pytest.mark.parametrize("renames", [False, True], ids=["ids stay", "new ids"])
def test_both_are_there_again_and_nobody_is_routed_anew(house: House, *, renames: bool) -> None:
    crm = joined(house, renames=renames)
    kept, back = ("n1", "n2") if renames else ("l1", "l2")
    owner, told = house.owner(kept), len(crm.tasks)
    undo(house, merges(house)[0].decision.key)
    assert {each for kind, each in crm.records if kind == "lead"} == {kept, back}
    assert (crm.records[("lead", kept)].text("title"), crm.records[("lead", back)].text("title")) == ("", "Buyer")
    assert (house.owner(kept), house.owner(back)) == (owner, "u0")
    for event in ("created", "restored", "updated"):
        change(house, back, event)
    assert [len(crm.tasks), sum(got(house).values())] == [told, 1]
    assert outcomes(house, kept)[-1] == "undone"
    assert outcomes(house, back) == []
    assert crm.deleted == {"task2"}, "that told of the merge"


def test_the_audit_of_the_undo_says_what_could_not_be_restored(house: House) -> None:
    crm = joined(house, renames=True)
    undo(house, merges(house)[0].decision.key)
    (entry,) = (each for each in crm.entries.values() if each.outcome == "undone")
    assert "Undone by Kim: what was merged into it restored (1)" in entry.story
    assert "Not done: The date of creation is a new one" in entry.story


@pytest.mark.parametrize("renames", [False, True], ids=["ids stay", "new ids"])
def test_the_two_are_kept_apart_from_then_on(house: House, *, renames: bool) -> None:
    crm = joined(house, renames=renames)
    kept, back = ("n1", "n2") if renames else ("l1", "l2")
    undo(house, merges(house)[0].decision.key)
    house.later(hours=1)
    house.lead(back, email="kim@globex.example", last_name="Lee", first_name="Kim", name="Kim Lee", title="Chief")
    change(house, back)
    assert crm.merged == ["l2"]
    seal = house.tools.seal(house.install)
    with house.database.read() as connection:
        (found,) = pairs.labels(connection, house.install.id, seal, [kept, back]).values()
        latest = decisions.latest(connection, house.install.id, seal, [kept])
    assert (found.status, found.by) == ("different", "Kim")
    assert latest[kept].outcome in {"assigned", "kept"}, "the undo of a merge routes nothing"


def test_what_the_survivor_took_over_goes_back_with_the_record(house: House) -> None:
    joined(house, text=policy().replace("oldest", "newest"))
    taker = house.owner("l2")
    assert held(house, "l2") == [(taker, "")]
    undo(house, merges(house)[0].decision.key)
    assert (held(house, "l1"), held(house, "l2")) == ([(taker, "")], [])
    assert (house.owner("l1"), house.owner("l2")) == (taker, "u0")


def test_a_merge_is_taken_back_once_however_often_it_is_asked_for(house: House) -> None:
    crm = joined(house)
    key = merges(house)[0].decision.key
    for _ in range(2):
        undo(house, key)
    assert [each.outcome for each in crm.entries.values()].count("undone") == 1


def test_a_merge_whose_survivor_is_gone_cannot_be_taken_back(house: House) -> None:
    crm = joined(house)
    crm.drop("lead", "l1", house.now)
    undo(house, merges(house)[0].decision.key)
    assert not [each for each in crm.entries.values() if each.outcome == "undone"]
    assert Unmerge.key not in {name for each in merges(house) for name in each.ledger}


def test_who_is_forgotten_after_a_merge_was_taken_back_is_forgotten_there_too(house: House) -> None:
    joined(house)
    undo(house, merges(house)[0].decision.key)
    seal = house.tools.seal(house.install)
    with house.database.write() as connection:
        found = forgetting.mentions(connection, house.install.id, seal, ["l2"])
        forgetting.forget(connection, house.install.id, seal, found)
    (merge,) = merges(house)
    assert "Buyer" not in repr(merge.decision.actions) + repr(merge.decision.merging)
    assert merge.decision.duplicate.of_id is None
    with house.database.read() as connection:
        assert aliases.of(connection, house.install.id, "lead", ["l2"]) == {}
