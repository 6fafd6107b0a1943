"""Pairs: asked once whoever finds them, answered once, and what people said stays with the records."""

from __future__ import annotations

from dataclasses import replace

from connector.store import cleanups, forgetting, pairs
from connector.store.base import Database
from connector.store.cleanups import Cleanup, Tie
from connector.store.pairs import Asked, Behind, Suggestion
from rules.actions import Member
from rules.merging.plan import Edit
from rules.model import Evidence
from tests.connector.store.kit import NOW, Tenant, after

KIM = Suggestion(
    (Member("lead", "l1"), Member("contact", "c1")), 0.9, (Evidence("e", "Both are Kim", 2.0),), ("Why.",), "l1", ("K",)
)


def suggest(database: Database, who: Tenant, *told: Suggestion, run: str = "") -> int:
    with database.write() as connection:
        return pairs.suggest(connection, who.id, who.seal, told, now=NOW, run=run)


def asked(database: Database, who: Tenant) -> list[Asked]:
    with database.read() as connection:
        return pairs.open_(connection, who.id, who.seal, limit=9)


def test_a_set_of_records_is_asked_about_once_whoever_finds_it(database: Database, alice: Tenant) -> None:
    turned = replace(KIM, members=KIM.members[::-1], confidence=0.95)
    assert (suggest(database, alice, KIM), suggest(database, alice, turned, run="cleanup:1")) == (1, 0)
    (found,) = asked(database, alice)
    assert (found.suggestion, found.run, found.state) == (turned, "", "open")


def test_an_answer_is_heard_once_and_what_was_decided_is_not_asked_again(database: Database, alice: Tenant) -> None:
    suggest(database, alice, KIM)
    (found,) = asked(database, alice)
    answer = pairs.Answer("Ana", Edit("Ana", "c1", {"phone": "l1"}), "plan")
    with database.write() as connection:
        yes, no = replace(found, state="accepted", answer=answer), replace(found, state="rejected")
        assert pairs.move(connection, alice.id, alice.seal, found, yes)
        assert not pairs.move(connection, alice.id, alice.seal, found, no)
    assert suggest(database, alice, KIM) == 0
    with database.read() as connection:
        kept = pairs.by_key(connection, alice.id, alice.seal, found.key)
    assert kept == yes


def test_pages_go_from_the_surest_down_and_leave_nothing_out(database: Database, alice: Tenant) -> None:
    told = [replace(KIM, members=(Member("lead", f"a{n}"), Member("lead", f"b{n}"))) for n in range(5)]
    suggest(database, alice, *told, replace(KIM, confidence=0.99))
    seen: list[Asked] = []
    with database.read() as connection:
        behind = None
        while page := pairs.open_(connection, alice.id, alice.seal, limit=2, after=behind):
            seen += page
            behind = Behind(page[-1].suggestion.confidence, page[-1].key)
    assert len({each.key for each in seen}) == 6
    assert seen[0].suggestion.confidence == 0.99


def test_what_people_said_follows_records_to_their_new_ids(database: Database, alice: Tenant) -> None:
    three = [Member("lead", each) for each in ("a", "b", "c")]
    with database.write() as connection:
        pairs.label(connection, alice.id, alice.seal, three, same=False, by="Ana", at=NOW, log_odds=1.5)
        pairs.label(connection, alice.id, alice.seal, three[:2], same=True, by="Bob", at=after(hours=1))
        pairs.label(connection, alice.id, alice.seal, three[:2], same=False, by="Late", at=after(hours=-1))
        pairs.renamed(connection, alice.id, alice.seal, {"a": "n", "b": "n"})
        found = pairs.labels(connection, alice.id, alice.seal, ["a", "b", "c", "n"])
        said = pairs.said(connection, alice.id, alice.seal)
    assert {tuple(sorted(ids)): (each.status, each.by) for ids, each in found.items()} == {
        ("c", "n"): ("different", "Ana")
    }
    assert [(sorted(each.ids), each.same, each.spent) for each in said] == [
        (["c", "n"], False, False),
        (["a", "b"], True, True),
    ], "that two were rightly called the same still teaches when they have become one"


def test_an_answer_that_is_taken_back_stays_so_whatever_older_one_is_read_later(
    database: Database, alice: Tenant
) -> None:
    two = [Member("account", each) for each in ("a1", "a2")]
    with database.write() as connection:
        pairs.label(connection, alice.id, alice.seal, two, same=False, by="Ana", at=NOW, log_odds=1.5)
        assert [each.companies for each in pairs.said(connection, alice.id, alice.seal)] == [True]
        pairs.label(connection, alice.id, alice.seal, two, same=None, by="Ana", at=after(hours=1))
        pairs.label(connection, alice.id, alice.seal, two, same=False, by="Ana", at=NOW)
        assert pairs.labels(connection, alice.id, alice.seal, ["a1", "a2"]) == {}
        assert pairs.said(connection, alice.id, alice.seal) == []
        pairs.label(connection, alice.id, alice.seal, two, same=True, by="Bob", at=after(hours=2))
        found = pairs.labels(connection, alice.id, alice.seal, ["a1", "a2"])
    assert [(each.status, each.by) for each in found.values()] == [("same", "Bob")]


def test_all_that_was_asked_and_said_of_a_record_is_found(database: Database, alice: Tenant) -> None:
    suggest(database, alice, KIM, replace(KIM, members=(Member("lead", "l2"), Member("lead", "l3"))))
    (kim,) = [each for each in asked(database, alice) if "c1" in each.ids]
    with database.write() as connection:
        told = replace(kim, state="rejected", answer=pairs.Answer("Ana"), decided_at=NOW)
        assert pairs.move(connection, alice.id, alice.seal, kim, told)
        for other, same in (("l1", False), ("l2", True), ("l2", None)):
            two = [Member("contact", "c1"), Member("lead", other)]
            pairs.label(connection, alice.id, alice.seal, two, same=same, by="Ana", at=NOW)
        pairs.label(
            connection, alice.id, alice.seal, [Member("lead", "l2"), Member("lead", "l3")], same=True, by="Bob", at=NOW
        )
        assert pairs.about(connection, alice.id, alice.seal, ["c1", "l1"]) == [told]
        found = pairs.said_of(connection, alice.id, alice.seal, ["c1", "l1"])
    assert [(set(each.ids), each.same, each.by) for each in found] == [
        ({"c1", "l1"}, False, "Ana"), ({"c1", "l2"}, None, "Ana")
    ]  # fmt: skip


def test_records_that_are_gone_end_the_question_until_they_are_found_again(database: Database, alice: Tenant) -> None:
    suggest(database, alice, KIM)
    with database.write() as connection:
        pairs.close(connection, alice.id, ["c1"])
        assert pairs.counts(connection, alice.id) == {"gone": 1}
    assert suggest(database, alice, KIM) == 1


def test_who_must_be_forgotten_leaves_no_pair_no_label_and_no_tie(database: Database, alice: Tenant) -> None:
    suggest(database, alice, KIM)
    with database.write() as connection:
        pairs.label(connection, alice.id, alice.seal, KIM.members, same=True, by="Ana", at=NOW)
        cleanups.put(connection, alice.id, alice.seal, Cleanup("cleanup:1", "Ana", NOW, counts={"found": 2}))
        cleanups.tie(connection, alice.id, "cleanup:1", [Tie("l1", "c1", ("lead", "contact"), 0.9)])
        assert cleanups.ties(connection, alice.id, "cleanup:1") == [Tie("c1", "l1", ("contact", "lead"), 0.9)]
        forgetting.forget(connection, alice.id, alice.seal, forgetting.Mentions(frozenset({"c1"})))
        assert pairs.counts(connection, alice.id) == {}
        assert pairs.labels(connection, alice.id, alice.seal, ["l1", "c1"]) == {}
        assert cleanups.ties(connection, alice.id, "cleanup:1") == []
        kept = cleanups.get(connection, alice.id, alice.seal, "cleanup:1")
    assert kept is not None
    assert kept.counting({"found": 1}, spent=3).counts == {"found": 3}
