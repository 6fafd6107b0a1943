"""What the matcher answers: tables of readable cases are its specification, single tests say how it behaves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest

from rules import evidence
from rules.match import MatchPolicy, match
from rules.matching import calibrate, clues, forest, likeness, more_clues, ranking
from rules.matching.keys import asked, posted
from rules.matching.profile import profile
from rules.matching.ranking import Shortlist, of_records, rank
from rules.model import Candidate, Match, Record
from tests.rules.make import account, cases, lead

POLICY = MatchPolicy()
TABLES = (
    "matches",
    "matches_affiliations",
    "matches_domains",
    "matches_hierarchies",
    "matches_languages",
    "matches_names",
    "matches_unsure",
    "twins",
)
CASES = [pytest.param(case, id=f"{table}-{at}") for table in TABLES for at, case in enumerate(cases(table), 1)]
WEAK = cases("weak")
ENOUGH = 300
FEW = 40
MISTAKES = 8
CLEAR = 0.03
"""How far a case stays away from the limits, so that a new training does not turn it."""
WITH_A_TEST_BELOW = {
    *("no_rival", "caution", "near_rival", "likelier_rival"),
    *("colleagues_domain", "parent_of_rival", "child_of_rival"),
}
NOT_WEIGHED = {"same_phone_area", "other_phone"}
"""Kinds that the model gives too little to be told: numbers that differ are no evidence that companies do."""


def given(case: Mapping[str, Any]) -> list[Record]:
    """Return the accounts of a case, each of an owner of its own; `parent` names another of them."""
    told = case.get("accounts") or [case["account"]]
    ids = {each["name"]: f"A{at}" for at, each in enumerate(told, 1)}
    return [
        account(
            f"A{at}",
            owner=f"U{at + 10}",
            parent_id=ids.get(each.get("parent", "")),
            **{name: value for name, value in each.items() if name != "parent"},
        )
        for at, each in enumerate(told, 1)
    ]


def found(who: Record, what: Record) -> bool:
    """Tell whether the index would find this account for this lead."""
    return bool(set(asked(profile(who))) & set(posted(profile(what)))) or who.text("account_id") == what.id


def judged(case: Mapping[str, Any]) -> Match:
    """Match the lead of a case with those of its accounts that the index would find."""
    who = lead(**case["lead"])
    return match(who, [each for each in given(case) if found(who, each)], policy=POLICY)


def likeliest(told: Match) -> Candidate | None:
    return told.account or next(iter(told.runners_up), None)


def is_right(case: Mapping[str, Any], told: Match) -> bool:
    """Tell whether this is the verdict that a case wants."""
    return told.status == case["is"] and (told.account is None or told.account.name == wanted(case))


def wanted(case: Mapping[str, Any]) -> str:
    best = likeliest(judged(case))
    return str(case.get("gets") or (best.name if best else ""))


@pytest.mark.parametrize("case", CASES)
def test_a_lead_and_an_account_are_judged_as_people_would(case: Mapping[str, Any]) -> None:
    told = judged(case)
    best = likeliest(told)
    kinds = {clue.kind for clue in best.evidence} if best else set()
    assert told.status == case["is"], (case, best)
    assert told.account is None or told.account.name == wanted(case), case
    assert set(case.get("because", ())) <= kinds, (case, kinds)
    assert not set(case.get("not_because", ())) & kinds, (case, kinds)


@pytest.mark.parametrize("case", [pytest.param(case, id=f"costly-{at}") for at, case in enumerate(cases("costly"), 1)])
def test_a_known_mistake_is_still_one(case: Mapping[str, Any]) -> None:
    assert judged(case).status == "matched", f"no mistake by now, move it to the table of its theme: {case}"


def test_known_mistakes_are_few() -> None:
    assert len(cases("costly")) <= MISTAKES


def test_no_verdict_hangs_on_a_hair() -> None:
    close = []
    for param in CASES:
        best = likeliest(judged(param.values[0]))  # type: ignore[arg-type]
        sure = best.confidence if best else 0.0
        if min(abs(sure - POLICY.accept), abs(sure - POLICY.review)) < CLEAR:
            close.append((param.id, sure))
    assert not close


def test_there_are_enough_cases_and_none_stands_in_two_tables() -> None:
    told = [case for table in (*TABLES, "weak") for case in cases(table)]
    pairs = [repr((case["lead"], case.get("accounts") or case["account"])) for case in told]
    assert len(set(pairs)) == len(pairs)
    assert len(CASES) >= ENOUGH
    assert len(WEAK) <= FEW


@pytest.mark.parametrize("case", [pytest.param(case, id=f"weak-{at}") for at, case in enumerate(WEAK, 1)])
def test_a_known_weakness_is_not_costly_and_is_still_one(case: Mapping[str, Any]) -> None:
    told = judged(case)
    assert told.status != "matched", f"a lead goes to a wrong account: {case}"
    assert not is_right(case, told), f"right by now, move it to the table of its theme: {case}"
    assert told.status == case["today"], f"another verdict than the one noted: {case}"


@pytest.mark.parametrize(
    "case",
    [each for each in CASES if each.values[0]["is"] != "none" and "account_id" not in each.values[0]["lead"]],  # type: ignore[index]
)
def test_whoever_matches_shares_a_blocking_key(case: Mapping[str, Any]) -> None:
    best = judged(case).account
    assert best is not None
    side = next(profile(each) for each in given(case) if each.id == best.account_id)
    assert set(asked(profile(lead(**case["lead"])))) & set(posted(side))


def test_every_kind_of_evidence_has_a_sentence_and_a_case() -> None:
    possible = [clue for kinds in (*evidence.CLUES.values(), evidence.BESIDE) for clue in kinds]
    shown = {kind for param in CASES for kind in param.values[0].get("because", ())}  # type: ignore[union-attr]
    for clue in possible:
        assert clue.__doc__, clue.__name__
        assert clue.__doc__.splitlines()[0].endswith("."), clue.__name__
    assert {clue.__name__ for clue in possible} == ((shown - {"already_linked"}) | WITH_A_TEST_BELOW | NOT_WEIGHED), (
        "a kind without a case"
    )


def test_every_feature_belongs_to_a_kind_of_evidence() -> None:
    told = [name for _, features in forest.KINDS for name in features]
    assert sorted(told) == sorted(likeness.FEATURES)
    assert tuple(forest.load().alone.features) == likeness.FEATURES
    assert tuple(forest.load().beside.features) == (*likeness.FEATURES, *ranking.RELATIVE)
    assert tuple(forest.load().glance.features) == likeness.GLANCE


def test_no_question_of_the_model_takes_what_is_unknown_for_what_is_different() -> None:
    def limits(node: Any) -> list[float]:
        return [node[1], *limits(node[3]), *limits(node[4])] if isinstance(node, list) else []

    for model in forest.load():
        for limit in (limit for tree in model._trees for limit in limits(tree)):
            assert limit != 0 or math.copysign(1, limit) > 0, "a limit just below nought was rounded to it"


def test_the_explanation_adds_up_to_the_confidence() -> None:
    told = match(
        lead(email="a@acme.com", company="Acme", country="FR"),
        [account(name="Acme SA", website="acme.com", country="France")],
        policy=POLICY,
    ).account
    assert told is not None
    assert told.confidence == pytest.approx(calibrate.logistic(sum(clue.weight for clue in told.evidence)), abs=1e-4)
    texts = [clue.text for clue in told.evidence]
    assert {"Both are at acme.com.", "Both are called “Acme SA”."} <= set(texts)


def test_a_name_with_braces_is_text_and_nothing_else() -> None:
    told = match(lead(company="{lead.__class__} {0}"), [account(name="{lead.__class__} {0}")], policy=POLICY)
    best = likeliest(told)
    assert best is not None
    assert "Both are called “{lead.__class__} {0}”." in {clue.text for clue in best.evidence}


def test_a_domain_that_many_accounts_use_says_less() -> None:
    holding = [
        account(f"A{number}", name=name, website="group.com") for number, name in enumerate(("Alpha", "Beta", "Gamma"))
    ]
    alone = match(lead(email="x@group.com"), [account(name="Group", website="group.com")], policy=POLICY)
    shared = match(lead(email="x@group.com"), holding, policy=POLICY)
    assert alone.status == "matched"
    assert shared.status != "matched"
    best = likeliest(shared)
    assert best is not None
    clue = next(clue for clue in best.evidence if clue.kind == "shared_domain")
    assert clue.text == "3 accounts use the domain group.com, so it says less."
    assert clue.weight < 0


def test_the_name_decides_between_accounts_of_one_domain() -> None:
    both = [account("A1", name="Alpha", website="group.com"), account("A2", name="Beta", website="group.com")]
    told = match(lead(email="x@group.com", company="Beta"), both, policy=POLICY)
    assert told.status == "matched"
    assert told.account is not None
    assert told.account.account_id == "A2"
    assert [other.account_id for other in told.runners_up] == ["A1"]


def test_what_colleagues_write_from_is_the_domain_of_their_account() -> None:
    side = profile(account(name="Mercadona S.A.", website="mercadona.es"))
    who = lead(email="ana@irmasroig.es", company="Mercadona España")
    without, with_them = (
        rank(who, Shortlist((side,), of_records(who, []).rarity, contacts))[0] for contacts in ({}, {"A1": 7})
    )
    assert with_them.score > without.score
    told = next(clue for clue in with_them.evidence if clue.kind == "colleagues_domain")
    assert told.text == "7 of this account's contacts use the domain irmasroig.es."


@pytest.mark.parametrize(
    ("kind", "rivals", "ahead", "gained"),
    [
        ("no_rival", 0, 0.0, 1.0),
        ("no_rival", 1, 9.0, 1.0),
        ("caution", 0, 0.0, -1.0),
        ("near_rival", 1, 0.5, -1.0),
        ("likelier_rival", 1, -0.5, -1.0),
    ],
)
def test_how_an_account_stands_beside_the_others_is_told(kind: str, rivals: int, ahead: float, gained: float) -> None:
    one, other = profile(account("A1", name="Siemens AG")), profile(account("A2", name="Siemens Energy AG"))
    pair = clues.Pair(one, one, {}, 0, other if rivals else None, ahead, gained)
    told = clues.told(evidence.BESIDE, pair)
    assert told is not None
    assert told[0].__name__ == kind


def test_an_account_knows_which_of_its_rivals_belong_to_it() -> None:
    parent, child = account("A1", name="Siemens AG"), account("A2", name="Siemens Energy AG", parent_id="A1")
    who = lead(company="Siemens Energy Service")
    for ids, told in (("A1", more_clues.parent_of_rival), ("A2", more_clues.child_of_rival)):
        ranked = {each.profile.id: each for each in rank(who, of_records(who, [parent, child]))}
        kin = ranked[ids].beside[forest.load().beside.features.index("kin")]
        (rival,) = ranked[ids].others
        pair = clues.Pair(ranked[ids].profile, ranked[ids].profile, {"kin": kin}, 0, rival.profile, 0.0, 0.0)
        assert told(pair) == {"name": rival.profile.name}


def test_two_accounts_that_are_as_likely_are_for_review() -> None:
    both = [account("A1", name="Delta", owner="U1"), account("A2", name="Delta Inc", owner="U2")]
    told = match(lead(company="Delta"), both, policy=POLICY)
    assert told.status == "review"
    assert "equally likely" in told.reason


def test_two_accounts_of_one_owner_need_no_review() -> None:
    both = [account("A1", name="Delta", owner="U1"), account("A2", name="Delta Inc", owner="U1")]
    assert match(lead(company="Delta"), both, policy=POLICY).status == "matched"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"type": "Customer - Direct"}, {"type": "Prospect", "employees": 9000}),
        ({"employees": 900}, {"employees": 30}),
        ({"employees": 1}, {}),
        ({"age": 500}, {"age": 400}),
    ],
)
def test_ties_go_to_the_customer_the_larger_the_older(one: dict[str, Any], other: dict[str, Any]) -> None:
    better, worse = account("A9", name="Delta", owner="U1", **one), account("A1", name="Delta", owner="U1", **other)
    for order in ([better, worse], [worse, better]):
        told = match(lead(company="Delta"), order, policy=POLICY)
        assert told.account is not None
        assert told.account.account_id == "A9"


def test_the_last_tie_goes_to_the_smaller_id() -> None:
    told = match(lead(company="Delta"), [account("A2", name="Delta"), account("A1", name="Delta")], policy=POLICY)
    assert told.account is not None
    assert told.account.account_id == "A1"


def test_a_link_made_by_hand_is_kept_against_all_evidence() -> None:
    linked, better = account("A1", name="Other Ltd"), account("A2", name="Acme", website="acme.com")
    told = match(lead(email="x@acme.com", company="Acme", account_id="A1"), [linked, better], policy=POLICY)
    assert told.status == "matched"
    assert told.account is not None
    assert told.account.account_id == "A1"
    assert told.runners_up[0].account_id == "A2"


def test_a_link_to_an_account_that_is_not_there_does_not_stop_matching() -> None:
    told = match(
        lead(email="x@acme.com", account_id="A7"), [account("A2", name="Acme", website="acme.com")], policy=POLICY
    )
    assert told.account is not None
    assert told.account.account_id == "A2"


def test_the_policy_decides_what_is_enough() -> None:
    who, what = lead(email="x@acme.com"), [account(name="Acme", website="acme.com")]
    assert match(who, what, policy=MatchPolicy(accept=0.9)).status == "matched"
    assert match(who, what, policy=MatchPolicy(accept=0.9999)).status == "review"
    assert match(who, what, policy=MatchPolicy(accept=0.9999, review=0.9998)).status == "none"
    assert match(who, what, policy=MatchPolicy(accept=0.9999, review=0.9998)).runners_up[0].account_id == "A1"


def test_without_candidates_there_is_no_match() -> None:
    told = match(lead(company="Acme"), [], policy=POLICY)
    assert (told.status, told.account, told.confidence) == ("none", None, 0.0)
    assert told.reason


@pytest.mark.parametrize(
    ("site", "is_section"),
    [
        ("example.com", False),
        ("https://example.com/", False),
        ("https://example.com/index.html", False),
        ("example.com/en", False),
        ("example.com/?lang=de", False),
        ("example.com/entertainment", True),
        ("example.com/departments/physics", True),
        ("example.com/design", True),
    ],
)
def test_a_page_below_the_front_page_is_somebodys_section_of_a_site(site: str, *, is_section: bool) -> None:
    assert profile(account(website=site)).is_section is is_section


def test_a_site_under_a_mail_domain_of_the_customers_own_says_nothing() -> None:
    who = lead(email="ana@corp-webmail.example", website="corp-webmail.example")
    assert profile(who).domains == ("corp-webmail.example",)
    assert profile(who, frozenset({"corp-webmail.example"})).domains == ()
