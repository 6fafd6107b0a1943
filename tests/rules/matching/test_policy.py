"""What the match policy makes of ranked accounts, as a table."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from connector.store import codec
from rules import audit, explain
from rules.match import RUNNERS_UP, choose
from rules.matching import ranking
from rules.matching.calibrate import Calibration
from rules.matching.pairs import Pair, Pairs
from rules.matching.policy import MatchPolicy
from rules.matching.profile import profile
from rules.matching.ranking import Ranked
from rules.model import Candidate, Decision, Evidence, Match, Record, Route, Verdict
from tests.rules.make import BOB, NOW, USERS, account, cases, lead, ruleset

CASES = cases("policies")


def odds_against_all(ranked: Sequence[Ranked]) -> tuple[float, ...]:
    """Return probabilities that sum to less than one, as those of the product do: the rest is "none of them"."""
    whole = 1 + sum(math.exp(each.score) for each in ranked)
    return tuple(math.exp(each.score) / whole for each in ranked)


@pytest.fixture(autouse=True)
def plain_probabilities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "probabilities", odds_against_all)


def policy_of(told: Mapping[str, Any], items: str = "") -> MatchPolicy:
    return ruleset(yaml.safe_dump([{"match": "default", **told}], sort_keys=False) + items).match


def account_of(told: Mapping[str, Any]) -> Record:
    fields = {name: value for name, value in told.items() if name not in {"id", "score", "clues", "ranked"}}
    return account(told["id"], **{"name": "Acme", "owner": BOB.id, **fields})


def ranked_of(told: Mapping[str, Any]) -> Ranked:
    clues = tuple(Evidence(kind, f"{kind}.", weight) for kind, weight in told.get("clues", {}).items())
    ranked = Ranked(profile(account_of(told)), told["score"])
    ranked.__dict__["_told"] = {"en": clues}  # what it would work out when asked
    return ranked


def chosen(case: Mapping[str, Any], policy: MatchPolicy | None = None, **more: Any) -> Match:
    accounts = [account_of(each) for each in case["accounts"]]
    return choose(
        lead(**case.get("lead", {})),
        [ranked_of(each) for each in case["accounts"] if each.get("ranked", True)],
        {each.id: each for each in accounts},
        policy=policy or policy_of(case.get("policy", {}), case.get("items", "")),
        users=USERS,
        pairs=Pairs(tuple(Pair(**each) for each in case.get("reviewed", ()))),
        **more,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_policy_chooses_as_the_customer_said(case: dict[str, Any]) -> None:
    found = chosen(case)
    assert found.status == case["is"], found
    if "account" in case:
        assert found.account is not None
        assert found.account.account_id == case["account"], found
    if "confidence" in case:
        assert found.confidence == pytest.approx(case["confidence"], abs=1e-3)
    if "runners_up" in case:
        assert [each.account_id for each in found.runners_up] == case["runners_up"]
    assert {each.account_id for each in found.filtered} == set(case.get("filtered", [])) or "filtered" not in case
    clues = found.account.evidence if found.account else ()
    assert set(case.get("because", ())) <= {clue.kind for clue in clues}
    told = " | ".join([found.reason, found.tie, found.needed, *(each.why for each in found.filtered)])
    assert not (case.get("silent") and told.strip(" |")), told
    for piece in case.get("says", ()):
        assert piece in told, told


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_order_of_the_ranking_changes_nothing(case: dict[str, Any]) -> None:
    turned = {**case, "accounts": list(reversed(case["accounts"]))}
    one, other = chosen(case), chosen(turned)
    assert (one.status, one.account, one.runners_up) == (other.status, other.account, other.runners_up)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_choice_can_be_told_as_a_story_and_as_a_detail(case: dict[str, Any]) -> None:
    found = chosen(case)
    story = explain.story(decision(found), USERS)
    detail = json.loads(audit.detail(decision(found)))["match"]
    for each in found.filtered:
        assert f"  Left out {each.name}: {each.why}" in story
        assert [each.account_id, each.name, each.why] in detail["filtered"]
    assert ("  Tie: " in story) == bool(found.tie)
    assert ("  For another outcome: " in story) == bool(found.needed)
    assert (detail["tie"], detail["needed"], detail["reason"]) == (found.tie, found.needed, found.reason)
    assert not [line for line in story.splitlines() if "{" in line or ".." in line]


def decision(found: Match) -> Decision:
    route = Route("", "keep", None, "")
    return Decision("k", lead(), "act", "kept", Verdict("different"), found, route, (), "", NOW, NOW)


def test_a_review_or_no_match_always_says_what_would_have_had_to_differ() -> None:
    for case in CASES:
        found = chosen(case)
        if found.status == "review" or (found.status == "none" and not found.filtered):
            assert found.needed, case["name"]


def test_an_account_without_its_record_is_judged_by_its_profile() -> None:
    ranked = ranked_of({"id": "A1", "name": "Acme", "score": 5, "country": "France", "owner": "U1"})
    policy = policy_of({"only": ["account.country is FR", "account.name is Acme", "account.owner_id is U1"]})
    found = choose(lead(), [ranked], {}, policy=policy)
    assert found.account == Candidate("A1", "Acme", "U1", 0.9933)


def test_no_more_runners_up_are_kept_than_people_read() -> None:
    accounts = [{"id": f"A{number}", "score": number} for number in range(12)]
    found = chosen({"accounts": accounts, "policy": {"only": ["account.id not in [A8, A7, A6, A5, A4, A3, A2]"]}})
    assert [each.account_id for each in found.filtered] == ["A8", "A7", "A6", "A5", "A4"]
    assert [each.account_id for each in found.runners_up] == ["A10", "A9", "A1", "A0"]
    assert len(found.filtered) == RUNNERS_UP


def test_calibration_changes_how_sure_a_match_is() -> None:
    case = {"accounts": [{"id": "A1", "score": 2.0}]}
    assert chosen(case).status == "review"
    surer = chosen(case, calibration=Calibration(2.0, 0.5))
    assert surer.status == "matched"
    assert surer.confidence == pytest.approx(1 / (1 + math.exp(-4.5)), abs=1e-4)
    assert surer.log_odds == chosen(case).log_odds == pytest.approx(2.0, abs=1e-4)


def test_what_people_settled_teaches_no_calibration() -> None:
    linked = chosen({"lead": {"account_id": "A1"}, "accounts": [{"id": "A1", "score": 2.0}]})
    assert linked.log_odds is None


def test_a_name_with_braces_is_text_and_nothing_else() -> None:
    case = {"accounts": [{"id": each, "name": "{0} {name}", "score": 4, "owner": f"U{each}"} for each in ("A1", "A2")]}
    assert "{0} {name} (A1) and {0} {name} (A2) are equally likely" in chosen(case).reason


def test_a_match_stored_before_there_was_a_policy_can_still_be_read() -> None:
    case = next(case for case in CASES if "filtered" in case)
    found = decision(chosen(case))
    assert codec.load(codec.dump(found)) == found
    stored = json.loads(codec.dump(found))
    for name in ("tie", "filtered", "needed", "log_odds"):
        del stored["match"][name]
    before = codec.load(json.dumps(stored).encode())
    assert before == replace(found, match=replace(found.match, tie="", filtered=(), needed="", log_odds=None))


OWNERS = st.sampled_from(["U1", "U2", "U4", "Q1", None])
POLICIES = st.sampled_from(
    [
        {},
        {"prefer": ["most contacts", "oldest"]},
        {"prefer": [], "tie": "500%"},
        {"only": ["account.contacts >= 2"]},
        {"domain only": "never"},
        {"always": [{"company": "Acme", "account": "A1"}], "never": [{"company": "Acme", "account": "A2"}]},
    ]
)


@st.composite
def fields_of_accounts(draw: st.DrawFn) -> list[dict[str, Any]]:
    count = draw(st.integers(0, 6))
    return [
        {
            "id": f"A{number}",
            "score": draw(st.sampled_from([-2, 0, 1, 3, 3.2, 5])),
            "owner": draw(OWNERS),
            "contacts": draw(st.sampled_from([None, 0, 2, 5])),
            "clues": draw(st.sampled_from([{}, {"same_domain": 3}, {"same_domain": 3, "same_name": 3}])),
            "age": draw(st.integers(0, 3)),
        }
        for number in range(count)
    ]


@given(fields_of_accounts(), POLICIES, st.randoms(use_true_random=False))
def test_a_choice_is_sound_whatever_is_ranked(
    accounts: list[dict[str, Any]], told: dict[str, Any], random: Any
) -> None:
    case = {"lead": {"company": "Acme"}, "accounts": accounts, "policy": told}
    found = chosen(case)
    shuffled = list(accounts)
    random.shuffle(shuffled)
    assert chosen({**case, "accounts": shuffled}) == found
    named = [each.account_id for each in (found.account, *found.runners_up) if each]
    left_out = {each.account_id for each in found.filtered}
    assert len(named) == len(set(named))
    assert not left_out & set(named)
    assert (found.account is None) == (found.status == "none")
    if found.status == "matched" and found.log_odds is not None:
        assert found.confidence >= 0.9
