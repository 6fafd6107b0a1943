"""What people said of two records stands in the CRM, each answer once, and is known again when our database is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from connector.store import decisions, erasures, pairs
from connector.store import reviews as asked_matches
from connector.store.decisions import decision
from connector.store.ledger import ledger
from connector.store.pairs import Label
from connector.work import Effect, Work
from jobs import cleanup_labels
from jobs import reviews as heard
from jobs.undo import Wish, ask
from rules import labels
from rules.actions import Member
from rules.matching import calibrate
from rules.matching.pairs import Pair
from rules.merging.plan import NOT_EDITED, Edit
from rules.model import AUDIT, AuditEntry
from tests.fakes import FakeCrm
from tests.jobs.conftest import House
from tests.jobs.joining import joining
from tests.jobs.test_cleanup import about, asked, begin, full, merged, say
from tests.jobs.test_cleanup import scope as scope_of
from tests.jobs.test_recall import lose
from tests.jobs.test_requests import ask as click
from tests.jobs.test_reviews import asked as in_review
from tests.jobs.test_reviews import matches, waiting
from tests.jobs.test_reviews import say as answer

__all__ = ["full", "in_review"]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def told(house: House) -> list[AuditEntry]:
    """Return the audits that hold what people said, the first first."""
    return [each for each in house.crm.entries.values() if labels.is_label(each.key)]


def known(house: House) -> list[Label]:
    """Return what we know that people said of pairs."""
    with house.database.read() as connection:
        return pairs.said(connection, house.install.id, house.tools.seal(house.install))


def told_apart(house: House, *ids: str) -> tuple[bool | None, str]:
    """Return what was said of two records, and by whom."""
    with house.database.read() as connection:
        found = pairs.labels(connection, house.install.id, house.tools.seal(house.install), ids)
    return next(((each.status == "same", each.by) for each in found.values()), (None, ""))


def take_back(house: House, record_id: str, state: pairs.State) -> None:
    house.later(seconds=5)
    with house.database.write() as connection:
        seal, each = house.tools.seal(house.install), about(house, record_id, state)
        assert cleanup_labels.take_back(connection, house.install, seal, each, by="Bob", now=house.now)
    house.drain()
    house.later(seconds=5)


def scanned(house: House, *, applies: bool = True) -> House:
    begin(house, applies=applies)
    house.drain()
    return house


@pytest.mark.parametrize("ids", [("a1", "a2"), ("k1", "k2")], ids=["accounts", "leads"])
def test_that_two_are_not_the_same_is_an_audit_of_its_own_and_holds_for_good(full: House, ids: tuple[str, str]) -> None:
    scanned(full, applies=False)
    assert say(full, about(full, ids[0]), same=False)
    full.drain()
    (entry,) = told(full)
    assert (entry.lead_id, entry.duplicate_of, entry.duplicate_status) == (*ids, "different")
    assert "Bob said: this is not the same as" in entry.reason
    before = known(full)
    assert [each.companies for each in before] == [ids[0] == "a1"]
    found = scanned(lose(full))
    assert known(found) == before, "who said it, when, and how sure the evidence was"
    assert before[0].log_odds is not None
    assert not [each for each in asked(found) if ids[0] in each.ids], "nobody is asked again"
    assert ids[1] in {each for _, each in found.crm.records}, "and nothing is merged"
    found.drain()
    assert len(told(found)) == 1


def remembered(house: House) -> list[tuple[str, ...]]:
    """Return the decisions that told the CRM what people said, with what made them none of a lead's latest."""
    with house.database.read() as connection:
        rows = connection.execute(select(decision, ledger.c.ref).join(ledger).where(ledger.c.action == AUDIT)).all()
    keys = [each for each in rows if labels.is_label(each.key)]
    return sorted((each.key, each.lead_id, each.state, each.outcome, each.part_of, each.ref) for each in keys)


@pytest.mark.parametrize("forgotten", ["k1", "k2"])
def test_what_was_said_of_somebody_who_must_be_forgotten_is_found_in_the_crm_after_the_loss(
    full: House, forgotten: str
) -> None:
    """By its id, as nothing else finds a note."""
    scanned(full, applies=False)
    assert say(full, about(full, "k1"), same=False)
    full.drain()
    before = remembered(full)
    ((key, lead_id, *_, ref),) = before
    found = lose(full)
    assert remembered(found) == before
    with found.database.write() as connection:
        latest = decisions.latest(connection, found.install.id, found.tools.seal(found.install), [lead_id])
        assert key not in {each.key for each in latest.values()}
        erasures.ask(connection, found.install.id, [forgotten], now=found.now)
    found.drain()
    (left,) = found.crm.forgotten
    assert ref in (left.audits if forgotten == lead_id else left.others)


def test_two_contacts_are_told_apart_in_the_crm_too(full: House) -> None:
    two = [replace(full.crm.records["lead", each], kind="contact", id=f"c{each}") for each in ("k1", "k2")]
    full.crm.add(*two)
    for each in two:
        full.post(full.event(each.id, kind="contact"))
    full.drain()
    scanned(full, applies=False)
    mine = next(each for each in asked(full) if {"ck1", "ck2"} <= set(each.ids))
    assert say(full, mine, same=False)
    full.drain()
    assert {(each.lead_id, each.duplicate_of) for each in told(full)} >= {("ck1", "ck2")}
    assert told_apart(lose(full), "ck1", "ck2") == (False, "Bob")


def test_a_worker_that_dies_when_the_crm_has_written_it_writes_it_once(
    full: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned(full, applies=False)
    assert say(full, about(full, "a1"), same=False)
    real, left = FakeCrm._do, [1]

    def dies(crm: FakeCrm, work: Work, action: str) -> Effect:
        found = real(crm, work, action)
        if action == AUDIT and left[0] and labels.is_label(work.decision.key):
            left[0] -= 1
            raise RuntimeError("the worker dies")
        return found

    monkeypatch.setattr(FakeCrm, "_do", dies)
    for _ in range(10):
        full.drain()
        full.later(minutes=2)
    assert left == [0]
    assert len(told(full)) == 1
    assert about(full, "a1", "rejected").decision == told(full)[0].key
    assert full.waiting() == {"waiting": 0, "parked": 0}


def test_an_answer_that_waited_for_hours_is_told_as_it_was_given(full: House) -> None:
    scanned(full, applies=False)
    assert say(full, about(full, "a1"), same=False)
    full.crm.before = lambda call: full.later(hours=3) if call == "apply:record" else None
    full.drain()
    assert [each.outcome for each in told(full)] == ["ignored"]
    assert told_apart(lose(full), "a1", "a2") == (False, "Bob")


def test_an_answer_that_is_taken_back_counts_no_more_and_the_next_one_does(full: House) -> None:
    scanned(full, applies=False)
    assert say(full, about(full, "a1"), same=False)
    full.drain()
    take_back(full, "a1", "rejected")
    assert [labels.read({"key": each.key, "detail": each.detail}).verdict for each in told(full)] == [  # type: ignore[union-attr]
        "different",
        "open",
    ]
    assert "Bob took back what was said of this and" in told(full)[1].reason
    assert (known(full), about(full, "a1").state) == ([], "open")
    found = scanned(lose(full), applies=False)
    assert known(found) == []
    assert about(found, "a1").state == "open", "so it is asked again"
    assert say(found, about(found, "a1"), same=False)
    found.drain()
    assert told_apart(lose(found), "a1", "a2") == (False, "Bob")


def test_an_answer_that_is_taken_back_before_the_crm_knew_is_never_told(full: House) -> None:
    scanned(full, applies=False)
    assert say(full, about(full, "a1"), same=False)
    take_back(full, "a1", "rejected")
    assert told(full) == []
    assert about(full, "a1").state == "open"


def test_what_was_accepted_teaches_after_the_merge_and_after_the_loss(full: House) -> None:
    scanned(full, applies=False)
    mine = about(full, "r1")
    assert say(full, mine, same=True)
    full.drain()
    assert merged(full) == [("r1", ["r2"])]
    (label,) = known(full)
    assert (label.same, label.by, label.spent, label.log_odds) == (True, "Bob", True, mine.suggestion.log_odds)
    (again,) = known(lose(full))
    assert (again.ids, again.same, again.by, again.spent, again.at) == (
        label.ids, True, "Bob", True, label.at,
    )  # fmt: skip
    assert again.log_odds == pytest.approx(label.log_odds)


def test_two_accounts_that_a_person_lets_be_merged_are_told_of_as_any_merge(full: House) -> None:
    scanned(full, applies=False)
    assert say(full, about(full, "a1"), same=True)
    full.drain()
    assert merged(full) == [("a1", ["a2"])]
    entry = next(each for each in full.crm.entries.values() if each.outcome == "merged")
    assert (entry.lead_id, "Account: Globex" in entry.story, "Accepted by Bob" in entry.reason) == ("a1", True, True)
    (again,) = known(lose(full))
    assert (again.same, again.by, again.companies) == (True, "Bob", True)


@pytest.mark.parametrize("renames", [False, True], ids=["ids stay", "new ids"])
@pytest.mark.parametrize("first", ["r1", "a1"], ids=["leads", "accounts"])
def test_what_a_person_takes_apart_stays_apart_after_the_loss(full: House, first: str, *, renames: bool) -> None:
    crm = joining(full, renames=renames)
    scanned(full, applies=False)
    assert say(full, about(full, first), same=True)
    full.drain()
    key = next(each.key for each in crm.entries.values() if each.outcome == "merged")
    full.later(minutes=10)
    wish = Wish("Kim", full.now, keys=(key,))
    ask(full.database, full.install.id, full.tools.seal(full.install), wish, clock=lambda: full.now)
    full.drain()
    kept, back = ("n1", "n2") if renames else (first, f"{first[0]}2")
    assert told_apart(full, kept, back) == (False, "Kim")
    before = known(full)
    assert [(each.same, each.spent) for each in before] == [(False, False)], "the answer before does not teach any more"
    assert before[0].log_odds is not None, "and this one does"
    found = scanned(lose(full))
    assert {kept, back} <= {each for _, each in found.crm.records}
    again = known(found)
    assert [(each.ids, each.same, each.by) for each in again] == [(frozenset({kept, back}), False, "Kim")]
    assert again[0].log_odds == pytest.approx(before[0].log_odds)


def test_what_was_accepted_and_could_not_be_merged_so_stands_in_the_crm(full: House) -> None:
    scanned(full, applies=False)
    assert say(full, about(full, "r1"), same=True, edit=Edit(survivor_id="r2"))
    lead = full.crm.records["lead", "r1"]
    full.crm.add(replace(lead, fields={**lead.fields, "title": "CFO", "website": "ito.example"}))
    other = full.crm.records["lead", "r2"]
    full.crm.add(replace(other, fields={**other.fields, "title": "CEO"}))
    full.drain()
    assert merged(full) == []
    (entry,) = told(full)
    assert "Bob said: this is the same as" in entry.reason
    assert told_apart(lose(full), "r1", "r2") == (True, "Bob")


def test_of_several_records_every_two_are_told_apart(full: House) -> None:
    third = replace(full.crm.records["lead", "k2"], id="k3")
    full.crm.add(third)
    full.post(full.event("k3"))
    full.mode("observe")
    full.install = replace(full.install, mode="observe")
    full.drain()
    scanned(full, applies=False)
    mine = about(full, "k1")
    assert say(full, mine, same=False, edit=NOT_EDITED)
    full.drain()
    wanted = {frozenset({one, other}) for one in mine.ids for other in mine.ids if one < other}
    assert {frozenset({each.lead_id, each.duplicate_of}) for each in told(full)} == wanted
    assert {each.ids for each in known(lose(full, "observe"))} == wanted


def test_what_was_said_follows_a_record_into_the_one_that_took_it_in(full: House) -> None:
    with full.database.write() as connection:
        seal, two = full.tools.seal(full.install), (Member("lead", "r2"), Member("lead", "s1"))
        pairs.label(connection, full.install.id, seal, two, same=False, by="Ana", at=full.now)
    scanned(full, applies=False)
    full.later(seconds=5)
    assert say(full, about(full, "r1"), same=True)
    full.drain()
    assert told_apart(full, "r1", "s1") == (False, "Ana")


def test_enough_answers_about_accounts_bend_their_probabilities_and_those_of_nobody_else(full: House) -> None:
    seal, install_id = full.tools.seal(full.install), full.install.id
    scanned(full, applies=False)
    sure = about(full, "a1").suggestion.confidence
    with full.database.write() as connection:
        for number in range(calibrate.ENOUGH):
            two = [Member("account", f"{side}{number}") for side in "xy"]
            right = number % 10 != 0
            pairs.label(connection, install_id, seal, two, same=right, by="Ana", at=full.now, log_odds=4.0)
        learned = cleanup_labels.learned(connection, install_id, seal)
    assert (learned.people, learned.companies.reviews) == (calibrate.IDENTITY, calibrate.ENOUGH)
    scanned(full, applies=False)
    now = about(full, "a1").suggestion
    assert now.confidence == pytest.approx(learned.companies.probability(sure), abs=1e-4)
    assert now.confidence < sure
    assert now.log_odds == pytest.approx(calibrate.log_odds(sure), abs=1e-3), "of the evidence alone"
    assert scope_of(full).ruleset.duplicates is not None


def learned(house: House) -> list[Pair]:
    """Return what always or never matches, by what people said."""
    with house.database.read() as connection:
        return sorted(
            heard.learned(connection, house.install.id, house.tools.seal(house.install)).pairs.every, key=repr
        )


def sureness(house: House) -> list[float | None]:
    with house.database.read() as connection:
        found = asked_matches.decided(connection, house.install.id, house.tools.seal(house.install))
    return [each.detail.log_odds for each in found]


@pytest.mark.parametrize("verdict", ["accepted", "rejected", "never"])
def test_what_was_said_of_a_lead_and_an_account_is_learned_again_after_the_loss(
    in_review: House, verdict: asked_matches.Verdict
) -> None:
    assert answer(in_review, verdict) is not None
    in_review.drain()
    (entry,) = told(in_review)
    assert (entry.lead_id, entry.outcome) == ("l1", "ignored")
    assert "Ana said: this lead" in entry.reason
    assert "Globex Corporation" in entry.reason
    before, sure = learned(in_review), sureness(in_review)
    assert before
    assert sure[0] is not None
    found = lose(in_review)
    assert (learned(found), sureness(found)) == (before, sure)
    found.later(minutes=1)
    found.lead("l2", email="ray@globex.com", company="Globex Corporation")
    found.post(found.event("l2"))
    found.drain()
    assert matches(found, "l2")[0][0] == ("none" if verdict == "never" else "review")


def test_an_answer_about_a_match_that_is_taken_back_is_not_learned_again(in_review: House) -> None:
    seal, install_id = in_review.tools.seal(in_review.install), in_review.install.id
    with in_review.database.read() as connection:
        before = asked_matches.of_lead_all(connection, install_id, seal, "l1")
    answer(in_review, "never")
    in_review.drain()
    in_review.later(minutes=1)
    with in_review.database.write() as connection:
        heard.take_back(connection, install_id, seal, "l1", before, by="Ana", now=in_review.now)
    in_review.drain()
    assert [each.state for each in waiting(in_review)] == ["open"]
    assert "Ana took back" in told(in_review)[-1].reason
    found = lose(in_review)
    assert learned(found) == []
    assert len(told(found)) == 2


def test_a_match_that_is_called_wrong_on_the_card_is_learned_again_after_the_loss(house: House) -> None:
    house.account("a1", name="Globex", website="globex.com", owner="u2")
    house.post(house.event("a1", kind="account"))
    house.drain()
    house.lead("l1", email="kim@globex.com", company="Globex")
    house.post(house.event("l1"))
    house.drain()
    assert click(house, "l1", "wrong_match") == ""
    before, sure = learned(house), sureness(house)
    assert [(each.verdict, each.who, each.account) for each in before] == [("never", "l1", "a1")]
    assert told(house) == [], "it stands in the audit of the decision that it led to"
    found = lose(house)
    assert (learned(found), sureness(found)) == (before, sure)


def test_what_is_known_to_be_said_later_is_not_overwritten_by_what_is_read_again(in_review: House) -> None:
    answer(in_review, "rejected")
    in_review.drain()
    in_review.later(minutes=1)
    found = lose(in_review)
    (label,) = [labels.read({"key": each.key, "detail": each.detail}) for each in told(found)]
    assert label is not None
    with found.database.write() as connection:
        seal = found.tools.seal(found.install)
        for verdict, at in (("never", found.now), ("accepted", found.now - timedelta(hours=3))):
            older = replace(label, verdict=verdict, at=at)  # type: ignore[arg-type] # both are
            heard.recall(connection, found.install.id, seal, older, None)
        states = [each.state for each in asked_matches.decided(connection, found.install.id, seal)]
    assert states == ["never"]
