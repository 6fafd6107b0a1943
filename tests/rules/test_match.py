from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import evidence
from rules.match import MatchPolicy, keys, match
from rules.model import Record
from tests.rules.make import account, cases, lead

POLICY = MatchPolicy()
CASES = cases("matches")


@pytest.mark.parametrize("case", CASES, ids=[f"{case['lead']} ~ {case['account']}" for case in CASES])
def test_a_lead_and_an_account_are_judged_as_people_would(case: dict[str, Any]) -> None:
    found = match(lead(**case["lead"]), [account(**case["account"])], policy=POLICY)
    considered = found.account or found.runners_up[0]
    assert set(case.get("because", ())) <= {clue.kind for clue in considered.evidence}
    assert found.status == case["is"], considered


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["is"] == "matched" and "account_id" not in case["lead"]], ids=str
)
def test_whoever_matches_shares_a_blocking_key(case: dict[str, Any]) -> None:
    assert set(keys(lead(**case["lead"]))) & set(keys(account(**case["account"])))


def test_every_kind_of_evidence_has_a_sentence_a_weight_and_a_case() -> None:
    shown = {kind for case in CASES for kind in case.get("because", ())} | {"shared_domain"}
    for clue in evidence.CLUES:
        assert clue.__doc__, clue.__name__
        assert clue.__doc__.splitlines()[0].endswith(".")
        assert any(name.partition("/")[0] == clue.__name__ for name in evidence.WEIGHTS)
        assert clue.__name__ in shown
    assert {name.partition("/")[0] for name in evidence.WEIGHTS} == {clue.__name__ for clue in evidence.CLUES}


def test_the_explanation_adds_up_to_the_confidence() -> None:
    found = match(
        lead(email="a@acme.com", company="Acme", country="FR"),
        [account(name="Acme SA", website="acme.com", country="France")],
        policy=POLICY,
    ).account
    assert found is not None
    total = evidence.PRIOR + sum(clue.weight for clue in found.evidence)
    assert found.confidence == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-4)
    assert [clue.text for clue in found.evidence] == [
        "Both use the domain acme.com.",
        "Both are called “Acme SA”.",
        "Both are in France.",
    ]


def test_a_name_with_braces_is_text_and_nothing_else() -> None:
    found = match(lead(company="{lead.__class__} {0}"), [account(name="{lead.__class__} {0}")], policy=POLICY)
    assert found.account is not None
    assert found.account.evidence[0].text == "Both are called “{lead.__class__} {0}”."


def test_a_domain_that_many_accounts_use_says_less() -> None:
    holding = [
        account(f"A{number}", name=name, website="group.com") for number, name in enumerate(("Alpha", "Beta", "Gamma"))
    ]
    alone = match(lead(email="x@group.com"), holding[:1], policy=POLICY)
    shared = match(lead(email="x@group.com"), holding, policy=POLICY)
    assert alone.status == "matched"
    assert shared.status != "matched"
    clue = next(clue for clue in (shared.account or shared.runners_up[0]).evidence if clue.kind == "shared_domain")
    assert clue.text == "3 accounts use the domain group.com, so it says less."


def test_the_name_decides_between_accounts_of_one_domain() -> None:
    both = [account("A1", name="Alpha", website="group.com"), account("A2", name="Beta", website="group.com")]
    found = match(lead(email="x@group.com", company="Beta"), both, policy=POLICY)
    assert found.status == "matched"
    assert found.account is not None
    assert found.account.account_id == "A2"
    assert [other.account_id for other in found.runners_up] == ["A1"]


def test_two_accounts_that_are_as_likely_are_for_review() -> None:
    both = [account("A1", name="Delta", owner="U1"), account("A2", name="Delta Inc", owner="U2")]
    found = match(lead(company="Delta"), both, policy=POLICY)
    assert found.status == "review"
    assert "equally likely" in found.reason


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
        found = match(lead(company="Delta"), order, policy=POLICY)
        assert found.account is not None
        assert found.account.account_id == "A9"


def test_the_last_tie_goes_to_the_smaller_id() -> None:
    found = match(lead(company="Delta"), [account("A2", name="Delta"), account("A1", name="Delta")], policy=POLICY)
    assert found.account is not None
    assert found.account.account_id == "A1"


def test_a_link_made_by_hand_is_kept_against_all_evidence() -> None:
    linked, better = account("A1", name="Other Ltd"), account("A2", name="Acme", website="acme.com")
    found = match(lead(email="x@acme.com", company="Acme", account_id="A1"), [linked, better], policy=POLICY)
    assert found.status == "matched"
    assert found.account is not None
    assert found.account.account_id == "A1"
    assert found.runners_up[0].account_id == "A2"


def test_a_link_to_an_account_that_is_not_there_does_not_stop_matching() -> None:
    found = match(
        lead(email="x@acme.com", account_id="A7"), [account("A2", name="Acme", website="acme.com")], policy=POLICY
    )
    assert found.account is not None
    assert found.account.account_id == "A2"


def test_the_policy_decides_what_is_enough() -> None:
    who, what = lead(email="x@acme.com"), [account(name="Acme", website="acme.com")]
    assert match(who, what, policy=MatchPolicy(accept=0.9)).status == "matched"
    assert match(who, what, policy=MatchPolicy(accept=0.99)).status == "review"
    assert match(who, what, policy=MatchPolicy(accept=0.99, review=0.98)).status == "none"
    assert match(who, what, policy=MatchPolicy(accept=0.99, review=0.98)).runners_up[0].account_id == "A1"


def test_without_candidates_there_is_no_match() -> None:
    found = match(lead(company="Acme"), [], policy=POLICY)
    assert (found.status, found.account, found.confidence) == ("none", None, 0.0)
    assert found.reason


NAMES = st.sampled_from(["Acme", "Acme Corp", "Akme", "Beta", "Gamma Ltd", "Delta Dental", "Delta", "トヨタ", ""])
SITES = st.sampled_from(["acme.com", "beta.de", "gmail.com", "", "group.com"])
COUNTRIES = st.sampled_from(["FR", "Germany", "", "Brasil"])


@st.composite
def accounts(draw: st.DrawFn) -> list[Record]:
    count = draw(st.integers(0, 5))
    return [account(f"A{n}", name=draw(NAMES), website=draw(SITES), country=draw(COUNTRIES)) for n in range(count)]


@given(accounts(), NAMES, SITES, COUNTRIES, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_changes_nothing(
    candidates: list[Record], name: str, site: str, country: str, random: Any
) -> None:
    who = lead(company=name, website=site, country=country)
    shuffled = list(candidates)
    random.shuffle(shuffled)
    assert match(who, candidates, policy=POLICY) == match(who, shuffled, policy=POLICY)


@given(NAMES, SITES, COUNTRIES)
def test_what_is_missing_on_the_lead_is_never_evidence_against(name: str, site: str, country: str) -> None:
    found = match(lead(), [account(name=name, website=site, country=country)], policy=POLICY)
    assert all(clue.weight >= 0 for clue in found.runners_up[0].evidence)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"email": "a@mail.acme.co.uk"}, {"domain:acme.co.uk", "label:acme"}),
        ({"email": "a@gmail.com"}, set()),
        ({"website": "facebook.com/acme"}, set()),
        (
            {"company": "Acme Rockets GmbH"},
            {"name:acme rockets", "label:acmerockets", "token:acme", "token:rockets", "prefix:acmero"},
        ),
        ({"company": "International Business Machines"}, {"token:machines", "initials:ibm"}),
        ({"company": "IBM"}, {"name:ibm", "initials:ibm"}),
        ({"company": "トヨタ"}, {"name:トヨタ", "name:toyota"}),
    ],
)
def test_blocking_keys_say_what_a_lead_can_be_found_by(fields: dict[str, Any], expected: set[str]) -> None:
    assert expected <= set(keys(lead(**fields)))
    assert len(keys(lead(**fields))) == len(set(keys(lead(**fields))))
    assert bool(expected) == bool(keys(lead(**fields)))


def test_common_words_are_no_blocking_keys_of_their_own() -> None:
    assert not {key for key in keys(account(name="Global Services Group")) if key.startswith("token:")}
