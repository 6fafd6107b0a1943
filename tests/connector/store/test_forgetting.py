"""What is about a person is found by their id as a whole: HubSpot's are short, and part of many others."""

from __future__ import annotations

import json

import pytest

from connector.store import changes, forgetting, replies
from connector.store.base import Database
from connector.store.memos import StoredMemo
from connector.store.replies import Reply
from tests.connector.store.kit import NOW, Tenant, decision, intend, stored

LONG, SHORT = "00Q5f00000AbCdEEAZ", "00Q5f00000AbCdE"


def found(database: Database, who: Tenant, record_id: str) -> forgetting.Mentions:
    with database.read() as connection:
        return forgetting.mentions(connection, who.id, who.seal, [record_id])


def remember(database: Database, who: Tenant, **memos: object) -> None:
    memo = StoredMemo(database, who.id, who.seal, lambda: NOW)
    for name, value in memos.items():
        memo.put(name, value, seconds=60)


def note(database: Database, who: Tenant, about: str, *, did: str = "decision retried") -> None:
    with database.write() as connection:
        changes.add(connection, who.id, who.seal, by="u1", did=did, about=about, before="", now=NOW)


def answer(database: Database, who: Tenant, key: str, body: str) -> None:
    with database.write() as connection:
        replies.claim(connection, who.id, who.seal, key, "r", now=NOW)
        replies.keep(connection, who.id, who.seal, key, Reply(201, body))


def said(database: Database, who: Tenant) -> list[str]:
    with database.read() as connection:
        return [each.about for each in reversed(changes.page(connection, who.id, who.seal, limit=9))]


def test_the_contact_51_is_not_the_contact_4512(database: Database, alice: Tenant) -> None:
    remember(database, alice, other={"id": "4512"}, number={"employees": 51, "id": "x51"}, mine={"4512": ["51"]})
    for about in ("4512-abc-d51e", "51-abc-def", "contact:51:4512", "1510"):
        note(database, alice, about)
    answer(database, alice, "other", json.dumps({"id": "4512", "here": 51}))
    answer(database, alice, "mine", json.dumps({"ids": ["51"]}))
    met = found(database, alice, "51")
    assert met.memos == ("mine",)
    assert len(met.replies) == 1
    with database.write() as connection:
        forgetting.forget(connection, alice.id, alice.seal, met)
    assert said(database, alice) == ["4512-abc-d51e", "", "", "1510"]
    assert len(found(database, alice, "4512").replies) == 1, "the answer about somebody else is kept"
    memo = StoredMemo(database, alice.id, alice.seal, lambda: NOW)
    assert [memo.get(name) is None for name in ("other", "number", "mine")] == [False, False, True]


def test_a_decision_about_another_person_stays_as_it_is(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("d1", "4512"))
    before = stored(database, alice).decision
    met = found(database, alice, "51")
    assert (met.leads, met.others) == (frozenset({"51"}), ())
    with database.write() as connection:
        forgetting.forget(connection, alice.id, alice.seal, met)
    assert stored(database, alice).decision == before


def test_a_number_of_days_is_no_record(database: Database, alice: Tenant) -> None:
    for did in changes.OF_NUMBERS:
        note(database, alice, "51", did=did)
    assert found(database, alice, "51").changes == ()


@pytest.mark.parametrize(
    "text",
    ["51", "see 51.", "lead_51", "51-abc-t2", "line\n51", "联系人51号", 'said "51"', "{51", "[51]x", '["51"]'],
)
def test_it_is_found_wherever_it_stands_as_a_whole(database: Database, alice: Tenant, text: str) -> None:
    inner = json.dumps({"text": text})
    remember(database, alice, plain={"text": text}, key={text: 1}, inner={"status": 200, "body": inner})
    assert set(found(database, alice, "51").memos) == {"plain", "key", "inner"}


def test_a_salesforce_id_of_15_characters_is_the_record_of_18(database: Database, alice: Tenant) -> None:
    remember(database, alice, long=[LONG], short=[SHORT], within=[f"{SHORT}AAAA"], other=[SHORT.swapcase()])
    assert set(found(database, alice, LONG).memos) == {"long", "short"}


def test_what_cannot_be_read_as_json_is_searched_as_it_stands(database: Database, alice: Tenant) -> None:
    deep = "[" * 100_000
    remember(database, alice, deep=[deep + " 51"], other=[deep + " 4512"])
    assert found(database, alice, "51").memos == ("deep",)
