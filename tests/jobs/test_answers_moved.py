"""What people said of matches stays with the records: through a merge, its undo, and the loss of our database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.store import pairs
from connector.store import reviews as store
from connector.store.reviews import Detail, Review, State
from jobs import cleanup_labels, reviews
from rules.actions import Member
from rules.labels import Label
from rules.matching.pairs import Pair
from tests.jobs.conftest import House
from tests.jobs.joining import JoiningCrm
from tests.jobs.test_labels import learned
from tests.jobs.test_merge import DESK, SAME, come, crm_of, merges, policy
from tests.jobs.test_merge_undone import undo
from tests.jobs.test_recall import lose
from tests.jobs.test_reviews import waiting

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def tell(house: House, lead: str, account: str, state: State) -> None:
    """Have a person say something of a lead and an account, and the CRM know of it."""
    house.later(seconds=1)
    detail = Detail("Kim", "", "Globex", "", "lead", lead, 1.5, by="Ana")
    said = Review(lead, account, state, detail, house.now, house.now)
    seal = house.tools.seal(house.install)
    with house.database.write() as connection:
        store.recall(connection, house.install.id, seal, said)
        reviews.tell(connection, house.install.id, seal, [said], now=house.now)
    house.drain()


def spoken(house: House, *, renames: bool) -> JoiningCrm:
    """Have two leads, about each of which a person has said something, become one."""
    crm = crm_of(house, policy() + DESK, renames=renames)
    come(house, "l1")
    house.lead("l2", **SAME)
    for lead, account in (("l1", "a1"), ("l2", "a2")):
        tell(house, lead, account, "rejected")
    assert known(house) == [("l1", "a1"), ("l2", "a2")]
    come(house, "l2")
    assert crm.merged == ["l2"]
    return crm


def known(house: House) -> list[tuple[str, str]]:
    return [(each.who, each.account) for each in learned(house)]


def reversed_audits(house: House) -> House:
    """Have the CRM give its audits in another order: what was said comes last."""
    entries = house.crm.entries
    last = dict(sorted(entries.items(), key=lambda one: one[1].outcome == "ignored"))
    entries.clear()
    entries.update(last)
    return house


@pytest.mark.parametrize("renames", [False, True], ids=["ids stay", "new ids"])
def test_a_merge_and_its_undo_take_what_was_said_along(house: House, *, renames: bool) -> None:
    spoken(house, renames=renames)
    kept, back = ("n1", "n2") if renames else ("l1", "l2")
    assert known(house) == [(kept, "a1"), (kept, "a2")]
    undo(house, merges(house)[0].decision.key)
    assert known(house) == [(kept, "a1"), (back, "a2")]


@pytest.mark.parametrize("late", [False, True], ids=["as it was", "what was said last"])
@pytest.mark.parametrize("renames", [False, True], ids=["ids stay", "new ids"])
def test_a_merge_takes_it_along_after_the_loss_too(house: House, *, renames: bool, late: bool) -> None:
    spoken(house, renames=renames)
    before = learned(house)
    found = lose(reversed_audits(house) if late else house)
    assert learned(found) == before


@pytest.mark.parametrize("late", [False, True], ids=["as it was", "what was said last"])
@pytest.mark.parametrize("renames", [False, True], ids=["ids stay", "new ids"])
def test_an_undo_gives_it_back_after_the_loss_too(house: House, *, renames: bool, late: bool) -> None:
    spoken(house, renames=renames)
    undo(house, merges(house)[0].decision.key)
    before = learned(house)
    found = lose(reversed_audits(house) if late else house)
    assert learned(found) == before


def test_what_was_taken_back_stays_so_though_the_older_answer_is_read_on_a_later_page(house: House) -> None:
    crm_of(house, policy() + DESK)
    come(house, "l1")
    tell(house, "l1", "a1", "never")
    tell(house, "l1", "a1", "unsaid")
    assert learned(house) == []
    entries = house.crm.entries
    refused = next(key for key, each in entries.items() if each.key.startswith("never:"))
    for number in range(4):
        tell(house, "l1", f"b{number}", "rejected")
    entries[refused] = entries.pop(refused)
    assert Pair("never", "lead", "l1", "a1", by="Ana") not in learned(lose(house))


def test_nobody_is_asked_about_a_lead_that_is_part_of_another(house: House) -> None:
    crm = crm_of(house, policy() + DESK)
    come(house, "l1")
    house.lead("l2", **SAME)
    seal = house.tools.seal(house.install)
    with house.database.write() as connection:
        open_ = Review("l2", "a2", "open", Detail("Kim", "", "Globex", "", "lead", "l2"), house.now)
        store.keep(connection, house.install.id, seal, [open_])
    come(house, "l2")
    assert crm.merged == ["l2"]
    assert waiting(house) == []


@pytest.mark.parametrize("renames", [False, True], ids=["ids stay", "new ids"])
def test_what_is_read_of_pairs_after_a_merge_is_about_the_records_as_they_are_called_now(
    house: House, *, renames: bool
) -> None:
    before = house.now
    spoken(house, renames=renames)
    kept, seal = "n1" if renames else "l1", house.tools.seal(house.install)
    told = [
        Label("different", (Member("lead", "l2"), Member("lead", "x")), "Ana", before),
        Label("different", (Member("lead", "l2"), Member("lead", "l1")), "Ana", before),
        Label("different", (Member("lead", "l2"), Member("lead", "y")), "Ana", house.now + timedelta(days=1)),
    ]
    with house.database.write() as connection:
        cleanup_labels.keep(connection, house.install.id, seal, told)
        found = {(*sorted(each.ids), each.same) for each in pairs.said(connection, house.install.id, seal)}
        assert found == {(kept, "x", False), ("l2", "y", False)}, "the last is about one that was restored since"
        same = Label("same", told[1].records, "Ana", before)
        cleanup_labels.keep(connection, house.install.id, seal, [same])
        spent = [each.ids for each in pairs.said(connection, house.install.id, seal) if each.spent]
    assert spent == [frozenset({"l1", "l2"})], "it teaches, and merges nothing again"
