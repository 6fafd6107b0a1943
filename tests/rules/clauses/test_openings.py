from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.fields import facts
from rules.model import Match, Record, RuleTrace, Value, Verdict
from tests.rules.make import ANA, NOW, decided, lead, scene

RULES = """
- rule: One
  when: [lead.country is France, lead.employees > 10]
  assign: user ana@example.com
- rule: Numbers
  when: [lead.employees is 1]
  assign: user ana@example.com
- rule: Flags
  when: [lead.Hot__c is true]
  assign: user ana@example.com
- rule: States
  when: [lead.state is California]
  assign: user ana@example.com
- rule: Blocks
  when:
    - any: [lead.country is Spain, lead.source is Web]
    - lead.country is not empty
  assign: user ana@example.com
- rule: Recent
  when: [lead.created_at within last 3 days, lead.source is Web]
  assign: user ana@example.com
- rule: Negative
  when:
    - lead.country not in [France, Spain]
    - lead.source is Web
  assign: user ana@example.com
"""
VALUES: dict[str, st.SearchStrategy[Value]] = {
    "country": st.sampled_from(["France", "fr", "Spain", "Brazil", "nowhere", None, ""]),
    "employees": st.sampled_from([None, 1, 1.0, 11, True]),
    "Hot__c": st.sampled_from([None, True, False, 1, "true"]),
    "state": st.sampled_from([None, "CA", "California"]),
    "source": st.sampled_from([None, "web", "Fair"]),
}


@given(st.lists(st.fixed_dictionaries(VALUES), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_asking_a_value_once_tells_what_asking_each_rule_tells(batch: list[dict[str, Any]]) -> None:
    """One scene for the whole batch, as in a round: what it remembers of one lead must be true of the next."""
    where = scene(RULES, users={ANA.id: ANA})
    for number, values in enumerate(batch):
        who = lead(f"L{number}", **values)
        assert decided(who, where).route.path == tuple(_path(who, RULES))


def _path(who: Record, text: str) -> list[RuleTrace]:
    """Ask every rule in order, and every condition of it, with nothing remembered."""
    event: dict[str, Value] = {
        "now": NOW, "received_at": datetime(2026, 3, 2, 8, 59, 58, tzinfo=UTC), "first": True, "kind": "created",
        "changed": "",
    }  # fmt: skip
    path: list[RuleTrace] = []
    for rule in scene(text).ruleset.rules:
        known = facts(who, account=None, match=Match("none"), duplicate=Verdict("different"), event=event)
        failed = next((part for part in rule.when if not part.holds(known)[0]), None)
        if failed is None:
            return [*path, RuleTrace(rule.name, held=True)]
        path.append(RuleTrace(rule.name, held=False, failed=str(failed), found=failed.holds(known)[1]))
    return path
