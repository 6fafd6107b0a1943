"""What holds for every group, whatever is in it: the order of the input changes nothing, and no opt-out is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.clauses import compare
from rules.merging.abilities import HUBSPOT, SALESFORCE
from rules.merging.blockers import Ground
from rules.merging.facts import RecordFacts
from rules.merging.groups import Group, Judged, Judgement, groups, judged
from rules.merging.plan import plan
from rules.merging.policy import MergePolicy, Merit, Step
from rules.merging.preview import preview
from rules.merging.survivor import survivor
from rules.model import Record
from tests.rules.make import NOW, USERS
from tests.rules.merging.make import policy

MERITS: tuple[Any, ...] = (
    "contact before lead", "converted", "has open opportunity", "most complete", "most activity", "latest activity",
    "owner active", "oldest", "newest", "latest change",
)  # fmt: skip
STEPS: tuple[Any, ...] = ("survivor", "newest", "oldest", "non-empty", "longest", "union", "sum", "highest", "lowest")
TEXTS = st.sampled_from([None, "", " ", "a", "A", "b;a", "12", "7", "2026-01-01"])
DAYS = st.none() | st.integers(0, 3).map(lambda days: NOW - timedelta(days=days))
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "phone": TEXTS, "title": TEXTS, "Score__c": st.none() | st.integers(0, 9) | TEXTS,
        "city": TEXTS, "street": TEXTS, "DoNotCall": st.sampled_from([None, True, False, "true", "no"]),
        "OK__c": st.sampled_from([None, True, False]),
        "source": st.sampled_from(["Website", "Import", None]),
    },
)  # fmt: skip
POLICIES = st.builds(
    MergePolicy,
    survivor=st.lists(st.sampled_from(MERITS).map(Merit), max_size=4, unique=True).map(tuple),
    others=st.lists(st.sampled_from(STEPS[:5]).map(Step), min_size=1, max_size=3).map(tuple),
    consents=st.just(("OK__c",)),
    convert=st.sampled_from(["never", "onto matched account", "onto contact's account"]),
    owner=st.lists(st.sampled_from(["survivor's", "newest", "oldest", "latest activity"]), min_size=1).map(tuple),
)


@st.composite
def people(draw: st.DrawFn) -> tuple[list[Record], dict[str, RecordFacts]]:
    ids = draw(st.lists(st.sampled_from(["L1", "L2", "L3", "C1", "C2"]), min_size=2, max_size=5, unique=True))
    records = [
        Record("lead" if id_[0] == "L" else "contact", id_, draw(FIELDS), "U1", draw(DAYS), draw(DAYS)) for id_ in ids
    ]
    known = st.builds(
        RecordFacts, open_opportunities=st.integers(0, 1), activities=st.integers(0, 2), last_activity_at=DAYS,
        owner_active=st.sampled_from([None, True, False]),
    )  # fmt: skip
    return records, {record.id: draw(known) for record in records}


def all_same(records: Sequence[Record]) -> Judged:
    return {frozenset({one.id, other.id}): Judgement("same", 1) for one, other in combinations(records, 2)}


@settings(max_examples=40, deadline=None)
@given(people(), POLICIES, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(
    told: tuple[list[Record], Mapping[str, RecordFacts]], by: MergePolicy, chance: Any
) -> None:
    records, facts = told
    other = list(records)
    chance.shuffle(other)
    assert survivor(records, facts, by, NOW) == survivor(other, facts, by, NOW)
    for abilities in (SALESFORCE, HUBSPOT):
        ground = Ground(by, abilities, facts, NOW)
        one = plan(Group(tuple(records), all_same(records)), ground)
        assert one == plan(Group(tuple(other), all_same(records)), ground)
        assert preview(one, USERS) == preview(plan(Group(tuple(other), all_same(records)), ground), USERS)


@settings(max_examples=40, deadline=None)
@given(people(), POLICIES, st.dictionaries(st.sampled_from(["donotcall", "phone"]), st.sampled_from(["L1", "C1"])))
def test_nothing_that_counts_is_lost(
    told: tuple[list[Record], Mapping[str, RecordFacts]], by: MergePolicy, wanted: Mapping[str, str]
) -> None:
    records, facts = told
    found = plan(Group(tuple(records), all_same(records)), Ground(by, HUBSPOT, facts, NOW))
    assert {one.id for one in found.records} == {record.id for record in records}
    assert len(found.losers) == len(records) - 1
    outs = [compare.flag(record.fields.get("DoNotCall")) for record in records]
    if True in outs:
        assert compare.flag(found.values["DoNotCall"].value) is True
    answers = {record.fields.get("OK__c") for record in records}
    if answers >= {True, False}:
        assert found.values["OK__c"].value is False
        assert found.blocked
    for name in ("phone", "title", "source"):
        if any(not compare.is_empty(record.fields.get(name)) for record in records):
            assert not compare.is_empty(found.values[name].value)
    for chosen in found.values.values():
        assert chosen.from_id in {"", *(record.id for record in records)}


@settings(max_examples=30, deadline=None)
@given(people(), st.sampled_from(STEPS), st.sampled_from(STEPS))
def test_every_way_to_choose_ends_with_a_value(
    told: tuple[list[Record], Mapping[str, RecordFacts]], first: str, then: str
) -> None:
    records, facts = told
    by = policy({"survivor": ["oldest"], "fields": {"Score__c": f"{first}, else {then}" if first != then else first}})
    found = plan(Group(tuple(records), all_same(records)), Ground(by, HUBSPOT, facts, NOW))
    if any(not compare.is_empty(record.fields.get("Score__c")) for record in records):
        assert not compare.is_empty(found.values["Score__c"].value)


IDS = tuple(f"L{number}" for number in range(6))
PAIRS = st.dictionaries(
    st.sampled_from([frozenset(pair) for pair in combinations(IDS, 2)]), st.sampled_from([0.2, 0.8, 0.9999])
)


@settings(max_examples=30, deadline=None)
@given(PAIRS, st.randoms(use_true_random=False))
def test_groups_are_apart_and_hang_together_and_only_whole_ones_are_free(
    confidences: Mapping[frozenset[str], float], chance: Any
) -> None:
    by = MergePolicy(most=6)
    records = [Record("lead", id_, {}) for id_ in IDS]
    pairs = judged(confidences, by, {})
    found = groups(records, pairs, by)
    chance.shuffle(records)
    assert found == groups(records, pairs, by)
    ids = [record.id for group in found for record in group.records]
    assert len(ids) == len(set(ids))
    for pair, judgement in pairs.items():
        together = any(pair <= {record.id for record in group.records} for group in found)
        assert together or judgement.status != "same"
    for group in found:
        whole = all(group.about(one, other).status == "same" for one, other in group.pairs)
        assert (plan(group, Ground(by, SALESFORCE, {}, NOW)).blocked == ()) is whole


def test_what_people_said_wins_over_the_thresholds() -> None:
    by = MergePolicy()
    pair = frozenset({"L1", "L2"})
    assert judged({pair: 0.9999}, by, {pair: Judgement("different", by="Ana")})[pair].status == "different"
    assert judged({pair: 0.71}, by, {}) == {pair: Judgement("unsure", 0.71)}
    assert judged({}, by, {pair: Judgement("same", by="Ana")})[pair].by == "Ana"
    leads = [Record("lead", "L1", {}), Record("contact", "L2", {})]
    only = replace(by, objects=("lead with lead",))
    assert groups(leads, {pair: Judgement("same")}, only) == ()
    assert len(groups(leads, {pair: Judgement("same")}, only, alike=True)) == 1
