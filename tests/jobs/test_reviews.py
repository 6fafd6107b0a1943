"""Matches that a person is asked about: who is asked, what the answer changes, and what is learned from it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from connector.rows import RuleRow
from connector.store import aliases, decisions, installs, letters
from connector.store import reviews as store
from connector.store.aliases import Alias
from connector.store.decisions import Intent
from connector.store.reviews import Review, Verdict
from jobs import reviews
from rules.matching.calibrate import ENOUGH, IDENTITY
from rules.model import Candidate, Match, MatchStatus, Record
from tests.connector.store import kit
from tests.jobs.conftest import House, Prologue

STRICT = "- match: default\n  accept: 1\n  review: 0.05\n"


def has_asked(house: House) -> None:
    """Its policy takes no match without a person, two accounts and a lead that is asked about."""
    house.crm.rule_rows.append(RuleRow("default", "match", -2, STRICT, id="strict"))
    house.post(house.event("strict", kind="rule"))
    house.account("a1", name="Globex Corporation", website="globex.com", owner="u2")
    house.account("a2", name="Initech", website="initech.example")
    house.post(house.event("a1", kind="account"), house.event("a2", kind="account"))
    house.drain()
    house.lead("l1", email="hank@globex.com", company="Globex Corporation")
    house.post(house.event("l1"))
    house.drain()
    house.later(minutes=1)


@pytest.fixture
def asked(begin: Callable[[Prologue], House]) -> House:
    return begin(has_asked)


def waiting(house: House) -> list[Review]:
    with house.database.read() as connection:
        return store.waiting(connection, house.install.id, house.tools.seal(house.install), limit=9)


def say(house: House, verdict: Verdict, account_id: str = "a1", lead_id: str = "l1") -> Review | None:
    with house.database.write() as connection:
        return reviews.answer(
            connection,
            house.install.id,
            house.tools.seal(house.install),
            lead_id=lead_id,
            account_id=account_id,
            verdict=verdict,
            by="Ana",
            now=house.now,
        )


def matches(house: House, lead_id: str = "l1") -> list[tuple[MatchStatus, str]]:
    """Return the matches of a lead's decisions, oldest first."""
    with house.database.read() as connection:
        found = decisions.of_lead(connection, house.install.id, house.tools.seal(house.install), lead_id)
    made = [each.decision.match for each in reversed(found) if not each.part_of]
    return [(each.status, each.account.account_id if each.account else "") for each in made]


def test_a_match_for_review_asks_a_person_with_all_that_speaks_for_it(asked: House) -> None:
    (review,) = waiting(asked)
    assert (review.lead_id, review.account_id, review.state) == ("l1", "a1", "open")
    assert (review.detail.lead, review.detail.company) == ("l1", "Globex Corporation")
    assert review.detail.candidates[0].evidence
    assert (review.detail.side, review.detail.who) == ("domain", "globex.com")
    assert asked.crm.records[("lead", "l1")].text("account_id") == ""


def test_an_accepted_account_is_matched_and_linked_and_says_who_said_so(asked: House) -> None:
    assert say(asked, "accepted") is not None
    asked.drain()
    assert matches(asked) == [("review", "a1"), ("matched", "a1")]
    lead = asked.crm.records[("lead", "l1")]
    assert (lead.text("account_id"), lead.owner_id) == ("a1", "u2")
    assert "Ana" in list(asked.crm.entries.values())[-1].story
    assert waiting(asked) == []


def test_a_rejected_account_is_not_proposed_again_for_this_lead(asked: House) -> None:
    say(asked, "rejected")
    asked.drain()
    assert matches(asked) == [("review", "a1"), ("none", "")]
    asked.later(minutes=1)
    asked.lead("l2", email="ray@globex.com", company="Globex Corporation")
    asked.post(asked.event("l2"))
    asked.drain()
    assert matches(asked, "l2") == [("review", "a1")], "only of this lead was anything said"


def test_never_holds_for_every_lead_of_that_domain_also_for_those_that_wait(asked: House) -> None:
    asked.lead("l2", email="ray@globex.com", company="Globex Corporation")
    asked.post(asked.event("l2"))
    asked.drain()
    asked.later(seconds=1)
    say(asked, "never")
    asked.drain()
    assert matches(asked, "l2") == [("review", "a1"), ("none", "")]
    asked.later(minutes=1)
    asked.lead("l3", email="sue@globex.com", company="Globex Corporation")
    asked.post(asked.event("l3"))
    asked.drain()
    assert matches(asked, "l3") == [("none", "")]
    assert waiting(asked) == []


def test_an_account_that_was_not_asked_about_cannot_be_accepted(asked: House) -> None:
    assert say(asked, "accepted", account_id="a2") is None
    assert say(asked, "accepted", lead_id="nobody") is None
    assert asked.waiting() == {"waiting": 0, "parked": 0}
    assert len(waiting(asked)) == 1


@pytest.mark.parametrize("happens", ["linked", "deleted", "converted"])
def test_nobody_is_asked_any_more_once_the_lead_is_linked_or_gone(asked: House, happens: str) -> None:
    lead = asked.crm.records[("lead", "l1")]
    if happens == "deleted":
        del asked.crm.records[("lead", "l1")]
    else:
        change = {"account_id": "a2"} if happens == "linked" else {"converted": True}
        asked.crm.add(replace(lead, fields={**lead.fields, **change}, modified_at=asked.now))
    asked.post(asked.event("l1", change="deleted" if happens == "deleted" else "updated"))
    asked.drain()
    assert waiting(asked) == []


def test_a_review_and_its_decision_are_stored_together(asked: House) -> None:
    asked.lead("l2", email="ray@globex.com", company="Globex Corporation")
    asked.post(asked.event("l2"))

    def dies(name: str) -> None:
        if name.startswith("apply"):
            raise RuntimeError("the worker dies")

    asked.crm.before = dies
    asked.drain()
    assert {each.lead_id for each in waiting(asked)} == {"l1", "l2"}
    assert matches(asked, "l2") == [("review", "a1")]


def test_asking_again_for_what_has_not_changed_makes_no_new_decision(asked: House) -> None:
    asked.post(asked.event("l1", change="resync"))
    asked.drain()
    assert matches(asked) == [("review", "a1")]
    assert asked.waiting() == {"waiting": 0, "parked": 0}
    assert len(waiting(asked)) == 1


def test_choosing_a_runner_up_says_no_to_the_best(database, house: House) -> None:  # type: ignore[no-untyped-def]
    candidates = [Candidate(each, each.upper(), None, 0.5) for each in ("a1", "a2")]
    match = Match("review", candidates[0], (candidates[1],), "As likely.", log_odds=0.25)
    made = kit.decision("d1", "l9", match=match, lead=Record("lead", "l9", {"company": "Globex"}))
    seal, install_id = house.tools.seal(house.install), house.install.id
    with database.write() as connection:
        decisions.intend(connection, install_id, seal, [Intent(made, ())], now=house.now)
        store.follow(connection, install_id, seal, [made], now=house.now)
    assert say(house, "accepted", account_id="a2", lead_id="l9") is not None
    with database.read() as connection:
        found = {each.account_id: each for each in store.decided(connection, install_id, seal)}
    assert {each: found[each].state for each in found} == {"a1": "rejected", "a2": "accepted"}
    assert (found["a1"].detail.log_odds, found["a2"].detail.log_odds) == (0.25, None)
    assert found["a1"].detail.side == "company"


def test_what_is_said_of_an_account_that_became_part_of_another_is_about_that(asked: House) -> None:
    gone = Alias("account", "a1", "account", "a2", "merged", "x", asked.now)
    with asked.database.write() as connection:
        aliases.put(connection, asked.install.id, [gone])
    assert say(asked, "accepted") is not None
    asked.drain()
    assert matches(asked)[-1] == ("matched", "a2")
    assert "belongs:l1:a2" in {each.key.rpartition(":")[0] for each in asked.crm.entries.values()}


def test_of_two_accounts_that_are_one_by_now_the_chosen_one_counts(asked: House) -> None:
    seal, install_id = asked.tools.seal(asked.install), asked.install.id
    candidates = tuple(Candidate(each, each.upper(), None, 0.5) for each in ("a1", "a2"))
    with asked.database.write() as connection:
        open_ = store.of_lead(connection, install_id, seal, "l1")
        assert open_ is not None
        store.keep(connection, install_id, seal, [replace(open_, detail=replace(open_.detail, candidates=candidates))])
        aliases.put(connection, install_id, [Alias("account", "a2", "account", "a1", "merged", "x", asked.now)])
    assert say(asked, "accepted", account_id="a2") is not None
    with asked.database.read() as connection:
        found = store.decided(connection, install_id, seal)
    assert [(each.account_id, each.state) for each in found] == [("a1", "accepted")]
    asked.drain()
    assert matches(asked)[-1] == ("matched", "a1")
    told = {each.key.partition(":")[0] for each in asked.crm.entries.values() if ":l1:" in each.key}
    assert told == {"belongs"}, "and nobody is told that it does not belong there"


def test_enough_reviews_calibrate_the_probabilities_of_their_install(house: House) -> None:
    seal, install_id = house.tools.seal(house.install), house.install.id
    match = Match("review", Candidate("a1", "Globex", None, 0.9), log_odds=2.0)

    def learn(numbers: range) -> None:
        with house.database.write() as connection:
            made = [kit.decision(f"d{n}", f"x{n}", match=match, lead=Record("lead", f"x{n}", {})) for n in numbers]
            store.follow(connection, install_id, seal, made, now=house.now)
            for n in numbers:
                store.answer(
                    connection,
                    install_id,
                    seal,
                    lead_id=f"x{n}",
                    account_id="a1",
                    verdict="accepted" if n % 2 else "rejected",
                    by="Ana",
                    now=house.now,
                )

    learn(range(ENOUGH - 1))
    with house.database.read() as connection:
        few = reviews.learned(connection, install_id, seal)
    assert few.calibration == IDENTITY
    assert len(few.pairs.every) == ENOUGH - 1
    learn(range(ENOUGH - 1, ENOUGH))
    with house.database.read() as connection:
        enough = reviews.learned(connection, install_id, seal)
    likely = enough.calibration.probability(1 / (1 + math.exp(-2.0)))
    assert 0.4 < likely < 0.65, "half of them were right"


def test_disconnecting_deletes_what_was_said(asked: House) -> None:
    say(asked, "accepted")
    with asked.database.write() as connection:
        installs.remove(connection, asked.install.id)
    with asked.database.read() as connection:
        assert connection.execute(store.review.select()).all() == []
        assert connection.execute(letters.letter.select()).all() == []
