"""What people said of matches: it follows records to their new ids and back, and what is taken back stays so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection

from connector.store import reviews
from connector.store.base import Database
from connector.store.reviews import Detail, Review, State
from rules.model import Kind
from tests.connector.store.kit import NOW, Tenant, after

DETAIL = Detail("Kim", "Globex", "Globex Corp", "d1", "lead", "l1", 1.5, by="Ana")


def said(lead: str, account: str, state: State, hours: float = 0) -> Review:
    at = after(hours=hours)
    return Review(lead, account, state, replace(DETAIL, who=lead), at, at)


def known(connection: Connection, who: Tenant) -> list[tuple[str, str, str, str]]:
    found = reviews.decided(connection, who.id, who.seal)
    return sorted((each.lead_id, each.account_id, each.state, each.detail.who) for each in found)


def test_what_was_said_of_a_lead_follows_it_to_its_new_id_and_the_later_answer_wins(
    database: Database, alice: Tenant
) -> None:
    told = [said("l1", "a1", "never", 2), said("l2", "a1", "rejected", 1), said("l2", "a2", "rejected", 1)]
    with database.write() as connection:
        reviews.keep(connection, alice.id, alice.seal, told)
        before = reviews.stamp(connection, alice.id)
        reviews.renamed(connection, alice.id, alice.seal, "lead", {"l1": "n1", "l2": "n1"}, now=NOW)
        assert known(connection, alice) == [("n1", "a1", "never", "n1"), ("n1", "a2", "rejected", "n1")]
        assert reviews.stamp(connection, alice.id) != before


def test_what_was_said_moves_though_its_number_and_its_time_stay(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        reviews.keep(connection, alice.id, alice.seal, [said("l1", "a1", "never")])
        before = reviews.stamp(connection, alice.id)
        reviews.renamed(connection, alice.id, alice.seal, "lead", {"l1": "n1"}, now=NOW)
        assert reviews.stamp(connection, alice.id) != before, "or others would go by what they have at hand"


def test_of_two_accounts_accepted_for_one_lead_the_later_counts(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        both = [said("l1", "a1", "accepted", 2), said("l2", "a2", "accepted", 1)]
        reviews.keep(connection, alice.id, alice.seal, both)
        reviews.renamed(connection, alice.id, alice.seal, "lead", {"l2": "l1"}, now=NOW)
        assert known(connection, alice) == [("l1", "a1", "accepted", "l1")]


@pytest.mark.parametrize(("kind", "moved"), [("lead", ("l9", "x")), ("account", ("x", "l9"))])
def test_an_id_that_leads_and_accounts_share_is_moved_of_the_one_only(
    database: Database, alice: Tenant, kind: Kind, moved: tuple[str, str]
) -> None:
    with database.write() as connection:
        reviews.keep(connection, alice.id, alice.seal, [said("x", "x", "never")])
        reviews.renamed(connection, alice.id, alice.seal, kind, {"x": "l9"}, now=NOW)
        assert [each[:2] for each in known(connection, alice)] == [moved]
        reviews.renamed(connection, alice.id, alice.seal, "contact", {"l9": "x"}, now=NOW)
        assert [each[:2] for each in known(connection, alice)] == [moved]


def test_an_undo_gives_each_record_back_what_was_said_of_it(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        told = [said("l1", "a1", "never"), said("l2", "a2", "rejected"), said("l3", "a3", "rejected")]
        reviews.keep(connection, alice.id, alice.seal, told)
        reviews.renamed(connection, alice.id, alice.seal, "lead", {"l3": "l2"}, now=NOW)
        reviews.renamed(connection, alice.id, alice.seal, "lead", {"l1": "n1", "l2": "n1"}, now=NOW)
        reviews.give_back(connection, alice.id, alice.seal, "lead", "n1", {"l2": "n2"}, now=NOW)
        assert known(connection, alice) == [
            ("n1", "a1", "never", "n1"), ("n2", "a2", "rejected", "n2"), ("n2", "a3", "rejected", "n2"),
        ]  # fmt: skip
        reviews.give_back(connection, alice.id, alice.seal, "lead", "n2", {"l3": "l3"}, now=NOW)
        assert known(connection, alice)[0] == ("l3", "a3", "rejected", "l3")


def test_an_accepted_account_that_was_merged_away_is_the_one_that_took_it_in(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        reviews.keep(connection, alice.id, alice.seal, [said("l1", "a2", "accepted")])
        reviews.renamed(connection, alice.id, alice.seal, "account", {"a2": "a1"}, now=NOW)
        assert known(connection, alice) == [("l1", "a1", "accepted", "l1")]
        reviews.give_back(connection, alice.id, alice.seal, "account", "a1", {"a2": "a2"}, now=NOW)
        assert known(connection, alice) == [("l1", "a2", "accepted", "l1")]


def test_what_was_taken_back_stays_so_in_whatever_order_the_answers_are_read(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        for each in (said("l1", "a1", "unsaid", 2), said("l1", "a1", "rejected", 1)):
            reviews.recall(connection, alice.id, alice.seal, each)
        assert known(connection, alice) == []
        assert reviews.of_lead_all(connection, alice.id, alice.seal, "l1") == [], "nothing is told of it"
        assert reviews.answered(connection, alice.id, since=NOW) == 0
        reviews.recall(connection, alice.id, alice.seal, said("l1", "a1", "never", 3))
        assert known(connection, alice) == [("l1", "a1", "never", "l1")]
