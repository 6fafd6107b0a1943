"""From a readable case to a plan: records, pairs, what the CRM knows, and the policy as its YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from rules.merging.abilities import HUBSPOT, SALESFORCE, Abilities
from rules.merging.blockers import Ground
from rules.merging.facts import RecordFacts
from rules.merging.groups import Group, Judgement, judged
from rules.merging.plan import Edit
from rules.merging.policy import MergePolicy
from rules.model import Kind, Record
from tests.rules.make import NOW, ruleset

CASES = Path(__file__).parent / "cases"
KINDS: Mapping[str, Kind] = {"L": "lead", "C": "contact", "A": "account"}
CRMS: Mapping[str, Abilities] = {"salesforce": SALESFORCE, "hubspot": HUBSPOT}
SURE = 0.9995


def cases(name: str) -> Any:
    """Return a table of readable cases."""
    return yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))


def policy(told: Mapping[str, Any] | None = None, lists: Sequence[Mapping[str, Any]] = ()) -> MergePolicy:
    """Load a policy from its parts."""
    text = yaml.safe_dump([{"duplicates": "P", **(told or {})}, *lists], sort_keys=False, allow_unicode=True)
    found = ruleset(text).duplicates
    assert found is not None
    return found


def record(id_: str, told: Mapping[str, Any]) -> Record:
    """Make a record: ``owner``, ``age`` and ``changed`` (days before NOW) beside its fields."""
    fields = {name: value for name, value in told.items() if name not in {"owner", "age", "changed", "known"}}
    created = NOW - timedelta(days=told["age"]) if "age" in told else None
    modified = NOW - timedelta(days=told["changed"]) if "changed" in told else None
    return Record(KINDS[id_[0]], id_, fields, told.get("owner", "U1"), created, modified)


def known(told: Mapping[str, Any]) -> RecordFacts:
    """Make what the CRM knows beside a record."""
    asked = dict(told.get("known", {}))
    active = asked.pop("active days ago", None)
    changed = {name: NOW - timedelta(days=days) for name, days in asked.pop("changed", {}).items()}
    return RecordFacts(
        last_activity_at=None if active is None else NOW - timedelta(days=active),
        changed=changed,
        **{name.replace(" ", "_"): value for name, value in asked.items()},
    )


def judgements(ids: Sequence[str], told: Mapping[str, Any], by: MergePolicy) -> dict[frozenset[str], Judgement]:
    """Return what was found about all pairs: surely the same unless the case says otherwise."""
    confidences = {frozenset(pair): SURE for pair in combinations(ids, 2)}
    people: dict[frozenset[str], Judgement] = {}
    for pair, found in told.items():
        both = frozenset(pair.split("-"))
        if isinstance(found, str):
            status, _, name = found.partition(" by ")
            people[both] = Judgement("same" if status == "same" else "different", by=name)
        else:
            confidences[both] = found
    return judged(confidences, by, people)


def group_of(case: Mapping[str, Any]) -> tuple[Group, Ground, Edit]:
    """Return the group of a case, what it is judged on, and what a person wants otherwise."""
    by = policy(case.get("policy"), case.get("lists", ()))
    records = tuple(record(id_, told or {}) for id_, told in case["records"].items())
    group = Group(records, judgements(list(case["records"]), case.get("pairs", {}), by))
    ground = Ground(
        by,
        CRMS[case.get("crm", "salesforce")],
        {id_: known(told or {}) for id_, told in case["records"].items()},
        NOW,
        case.get("matched", {}),
        {kind: frozenset(names) for kind, names in case.get("writable", {}).items()},
    )
    wanted = case.get("edit", {})
    return group, ground, Edit(wanted.get("by", ""), wanted.get("survivor", ""), wanted.get("values", {}))
