from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import dedupe
from rules.dedupe import keys, verdict
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


def test_every_clue_about_people_has_a_sentence_a_weight_and_a_case() -> None:
    shown = {kind for case in CASES for kind in case.get("because", ())}
    for clue in dedupe.CLUES:
        assert clue.__doc__
        assert clue.__doc__.splitlines()[0].endswith(".")
        assert clue.__name__ in dedupe.WEIGHTS
        assert clue.__name__ in shown
    assert set(dedupe.WEIGHTS) == {clue.__name__ for clue in dedupe.CLUES}


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
        record("contact", "C1", age=90, phone="+5511987654321", name="Ana Lima"),
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


def test_blocking_keys_name_the_mailbox_and_each_phone() -> None:
    who = lead(email="Ana+x@Gmail.com", phone="(11) 98765-4321", mobile="11 3927-1000", country="BR", name="Ana Lima")
    assert keys(who) == ("email:ana@gmail.com", "phone:+5511987654321/lima", "phone:+551139271000/lima")
    assert keys(lead(name="Ana Lima")) == ()
