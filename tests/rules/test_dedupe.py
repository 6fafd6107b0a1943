from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import dedupe
from rules.dedupe import judge, keys, verdict
from rules.merging.policy import MergePolicy
from rules.model import Record
from tests.rules.make import cases, lead, record

CASES = cases("duplicates")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['lead']} ~ {case['other']}")
def test_a_lead_and_an_older_record_are_judged_as_people_would(case: dict[str, Any]) -> None:
    found = verdict(lead("L2", **case["lead"]), [lead("L1", age=5, owner="U1", **case["other"])])
    assert found.status == case["is"]
    assert set(case.get("because", ())) <= {clue.kind for clue in found.evidence}
    if case["is"] != "different":
        assert (found.of_kind, found.of_id, found.owner_id) == ("lead", "L1", "U1")
        assert set(keys(lead(**case["lead"]))) & set(keys(lead(**case["other"])))


def test_every_clue_about_people_has_a_sentence_and_a_case() -> None:
    shown = {kind for case in CASES for kind in case.get("because", ())}
    assert all(sentence.endswith(".") for sentence in dedupe.SENTENCES.values())
    assert set(dedupe.SENTENCES) - shown == {"shared_phone_number"}, "that one takes three, see below"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['lead']} ~ {case['other']}")
def test_the_weights_of_the_evidence_add_up_to_the_log_odds_in_either_order(case: dict[str, Any]) -> None:
    one, other = lead("L2", **case["lead"]), lead("L1", **case["other"])
    found, turned = judge(one, other), judge(other, one)
    assert (found.probability, found.log_odds) == (turned.probability, turned.log_odds)
    if found.evidence:
        assert sum(clue.weight for clue in found.evidence) == pytest.approx(found.log_odds, abs=0.06)


def test_a_number_that_others_have_too_says_less() -> None:
    line = "+12025550143"
    who = lead("L9", name="Ana Souza", phone=line)
    known = [lead("L1", age=5, name="Ana Souza", phone=line), lead("L2", age=5, name="Carl Weissmann", phone=line)]
    alone, among = judge(who, known[0]), dedupe.judge_all(who, known)[0]
    assert among.probability < alone.probability
    assert "shared_phone_number" in {clue.kind for clue in among.evidence}


def test_the_thresholds_are_the_policys() -> None:
    who, older = lead("L2", name="João Silva", company="Acme"), lead("L1", age=5, name="João Silva", company="Acme")
    assert verdict(who, [older]).status == "unsure"
    assert verdict(who, [older], MergePolicy(merge=0.9)).status == "same"
    assert verdict(who, [older], MergePolicy(merge=0.999, review=0.995)).status == "different"
    assert verdict(who, [older]).confidence == judge(who, older).probability


def test_a_field_of_the_customers_own_can_say_who_somebody_is() -> None:
    who = lead("L2", name="João Silva", Member__c="A-17 b")
    older = lead("L1", age=5, name="J. Silva", Member__c="a17B")
    assert verdict(who, [older]).status == "different"
    assert verdict(who, [older], MergePolicy(ids=("Member__c",))).status == "same"
    assert set(keys(who, ["Member__c"])) & set(keys(older, ["Member__c"]))


def test_two_made_in_one_instant_are_found_whichever_batch_they_come_in() -> None:
    one, other = lead("L1", email="ana@acme.com"), lead("L2", email="ana@acme.com")
    for batch in ([one, other], [other, one]):
        assert [verdict(who, batch).of_id for who in (one, other)] == [None, "L1"]
    assert [(pair.one, pair.other) for pair in dedupe.pairs([one, other])] == [(0, 1)]


def test_many_at_once_are_judged_as_two_by_two() -> None:
    some = [lead(f"L{number}", **side) for number, case in enumerate(CASES) for side in (case["lead"], case["other"])]
    for pair in dedupe.pairs(some, least=0.5):
        alone = judge(some[pair.one], some[pair.other], crowd=dedupe.crowd_of([dedupe.person(each) for each in some]))
        assert pair.probability == alone.probability


def test_only_an_older_record_counts() -> None:
    one, other = lead("L1", age=5, email="ana@acme.com"), lead("L2", age=1, email="ana@acme.com")
    assert verdict(other, [one]).of_id == "L1"
    assert verdict(one, [other]).status == "different"


def test_of_two_made_in_the_same_moment_the_smaller_id_is_older() -> None:
    one, other = lead("L1", email="ana@acme.com"), lead("L2", email="ana@acme.com")
    assert verdict(other, [one]).of_id == "L1"
    assert verdict(one, [other]).status == "different"


def test_a_lead_is_no_duplicate_of_itself() -> None:
    who = lead("L1", email="ana@acme.com")
    assert verdict(who, [who, lead("L1", age=9, email="ana@acme.com")]).status == "different"


def test_a_contact_survives_before_a_lead_and_then_the_oldest() -> None:
    others = [
        lead("L1", age=90, email="ana@acme.com"),
        record("contact", "C2", age=10, email="ana@acme.com"),
        record("contact", "C1", age=20, email="ana@acme.com"),
    ]
    found = verdict(lead("L9", email="ana@acme.com"), others)
    assert (found.of_kind, found.of_id) == ("contact", "C1")


def test_certainty_stands_before_age_and_kind() -> None:
    others = [
        record("contact", "C1", age=90, phone="+5511987654321", name="Ana Lima", email="lima@beta.com"),
        lead("L1", age=10, email="ana@acme.com"),
    ]
    found = verdict(lead("L9", email="ana@acme.com", phone="+5511987654321", name="Ana Lima"), others)
    assert (found.status, found.of_id) == ("same", "L1")


def test_a_record_without_a_date_is_not_older_than_one_with() -> None:
    undated = replace(lead("L1", email="ana@acme.com"), created_at=None)
    dated = lead("L2", email="ana@acme.com")
    assert verdict(dated, [undated]).status == "different"
    assert verdict(undated, [dated]).of_id == "L2"


MAILS = st.sampled_from(["ana@acme.com", "Ana+x@acme.com", "bob@acme.com", "info@acme.com", ""])
PHONES = st.sampled_from(["+5511987654321", "+493012345678", ""])
PEOPLE = st.sampled_from(["Ana Lima", "Bob Stone", ""])


@st.composite
def batches(draw: st.DrawFn) -> list[Record]:
    ages = draw(st.lists(st.integers(0, 3), max_size=7))
    return [
        lead(f"L{number}", age=age, email=draw(MAILS), phone=draw(PHONES), name=draw(PEOPLE))
        for number, age in enumerate(ages)
    ]


@given(batches(), st.randoms(use_true_random=False))
def test_a_batch_gives_what_single_leads_give_in_any_order(batch: list[Record], random: Any) -> None:
    together = {who.id: verdict(who, batch) for who in batch}
    shuffled = list(batch)
    random.shuffle(shuffled)
    assert together == {who.id: verdict(who, shuffled) for who in shuffled}
    arrived: list[Record] = []
    for who in sorted(batch, key=lambda who: (who.created_at, who.id)):
        assert verdict(who, arrived) == together[who.id]
        arrived.append(who)


@given(batches())
def test_of_people_who_are_the_same_at_least_one_is_nobodys_duplicate(batch: list[Record]) -> None:
    if batch:
        assert any(verdict(who, batch).status == "different" for who in batch)


@given(batches())
def test_whoever_is_a_duplicate_shares_a_blocking_key_with_the_older_one(batch: list[Record]) -> None:
    by_id = {who.id: who for who in batch}
    for who in batch:
        found = verdict(who, batch)
        if found.of_id:
            assert set(keys(who)) & set(keys(by_id[found.of_id]))


def test_blocking_keys_say_what_kind_they_are() -> None:
    who = lead(email="Ana+x@Gmail.com", phone="(11) 98765-4321", country="BR", name="Ana Lima", company="Acme Ltda")
    assert keys(who) == (
        "email:ana@gmail.com", "box:ana@anybody", "phone:+5511987654321", "line:+5511987654321/lima", "who:ana lima",
        "at:acme lima", "at:acme ana",
    )  # fmt: skip
    assert {key.partition(":")[0] for key in keys(who)} <= set(dedupe.KINDS)
    assert keys(lead(company="Acme")) == ()
