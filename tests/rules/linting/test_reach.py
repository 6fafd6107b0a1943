"""Which pools leads can come to: by rules, by overflows, by rows of territories."""

from __future__ import annotations

from rules.linting.reach import used_pools
from tests.rules.make import ruleset


def test_a_pool_is_used_that_a_rule_an_overflow_or_a_row_leads_to() -> None:
    text = """
- rule: A
  assign: pool "First"
  otherwise: [territory "Map"]
- pool: First
  members: [ana@example.com]
  overflow: pool "Second"
- pool: Second
  members: [ana@example.com]
  overflow: pool "Third"
- pool: Third
  members: [ana@example.com]
- pool: Rows
  members: [ana@example.com]
- pool: Idle
  members: [ana@example.com]
  overflow: pool "Behind idle"
- pool: Behind idle
  members: [ana@example.com]
- territory: Map
  rows: |
    country,assign
    France,pool "Rows"
"""
    assert used_pools(ruleset(text)) == {"First", "Second", "Third", "Rows"}
