"""The JSON Schema for editors is current, takes every rule set of these tests, and refuses what it can express."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
import yaml

from rules.starter import starter
from tests import schema
from tests.rules.make import cases
from tests.rules.test_decide import RULES
from tests.rules.test_ruleset import WHOLE

VALIDATOR = jsonschema_rs.Draft202012Validator(json.loads(schema.FILE.read_text(encoding="utf-8")))

BEYOND = {
    # Only the loader knows which names there are, and what they lead to.
    "a misspelt field is found with its place and the name that was meant",
    "a pool that is not there", "an overflow that is not there", "pools that overflow in a circle",
    "a list that is not there", "a list whose values do not fit the field", "two rules of one name",
    "two match policies", "a match policy whose limits are the wrong way round", "a calendar that is not there",
    "a territory that is not there", "a pool in a row that is not there", "hours in two zones",
    "territories and pools that lead back to each other", "a list of a member whose values do not fit the field",
    "a user who is declared in two records", "two tests of one name", "a member who is there twice",
    # What stands within a text.
    "a header that is no field is found in its line of the block",
    "a cell that says nothing is found in its line of the block",
    "hours, zones, holidays and days that cannot be read", "a place for a value that does not exist",
    "a user who is no address",
    # What YAML itself refuses, or makes one of.
    "a key that stands twice is found", "an empty list", "two items in one record", "an alias", "text that is no YAML",
    "nesting without end", "a row that is not there twice in a column of no header",
}  # fmt: skip
"""Faults that no schema can express."""


class Core(yaml.SafeLoader):
    """Reads YAML as editors do: days are texts."""


Core.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:timestamp"]
    for sign, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def document(text: str) -> Any:
    return yaml.load(text, Loader=Core)  # noqa: S506 - a SafeLoader


def faults(text: str) -> list[str]:
    return [fault.message for fault in VALIDATOR.iter_errors(document(text))]


def test_the_schema_is_current() -> None:
    assert schema.FILE.read_text(encoding="utf-8") == schema.text(), "run `make schema`"


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(schema.schema())


def valid() -> dict[str, str]:
    """Return every rule set of these tests that the loader takes."""
    found = {"whole": WHOLE, "decide": RULES, "starter": starter("ana@example.com")}
    for name in ("routes", "policies", "matches"):
        for number, case in enumerate(cases(name)):
            text = case.get("rules") if isinstance(case, dict) else None
            if isinstance(text, str):
                found[f"{name} {number}"] = text
    return found


@pytest.mark.parametrize("text", valid().values(), ids=valid().keys())
def test_every_rule_set_of_these_tests_is_taken(text: str) -> None:
    assert faults(text) == []


EVERYTHING = """\
- rule: A
  when: [lead.country in list "EMEA", any: [lead.City__c is empty, not: lead.score >= 5]]
  assign: [account owner, territory "T"]
  otherwise: pool "P"
  task: {subject: "Call {lead.name}", due: 1 hour 30 minutes}
  notify: yes
  wait: {for: [lead.industry, account.employees], at most: 10 minutes}
  escalate:
    - {after: 15 minutes, remind: true}
    - {after: 2 working hours, to: manager}
    - {after: 1 day, reassign: true, clock: working}
    - {after: 1 week, return: true}
  respect owner: false
  reroute: {idle: 3 days}
- pool: P
  by: best fit
  fit: lead.language
  members:
    - {user: ana@example.com, weight: 2, cap: [3/hour, 10 per day], open leads: 20, hours: 9-18, calendar: C,
       skills: [fr], absent: [2026-12-24, 2026-12-27 to 2027-01-02], when: lead.country is FR, paused: false}
    - bob@example.com
  cap: 5 a week
  sticky: account
  never back: true
  hold: 12 hours
  overflow: [queue "In", user "cem@example.com"]
- calendar: C
  hours: [Mon-Thu 9-18, Fri 9-16]
  zone: Europe/Paris
  holidays: FR-57
  closed: 2026-12-24
- territory: T
  columns: {size: account.employees}
  rows: |
    country,size,assign
    FR,>=5,ana@example.com
  otherwise: pool "P"
- list: EMEA
  values: [FR, no, 5]
- users: [ana@example.com, {user: In, queue: true}]
- test: a Paris bank
  at: 2026-11-23T10:00:00+01:00
  lead: {email: j@bnp.example, country: France, employees: 9000}
  account: {name: BNP, owner: ana@example.com}
  expect: {rule: A, assignee: ana@example.com}
"""


def test_every_part_of_the_language_is_taken() -> None:
    assert faults(EVERYTHING) == []


SPELLED = """\
- rule: A
  assign: {pool: P}
  otherwise: [parent account owner, Pool "P", ana@example.com]
  respect_owner: false
  escalate:
    - {after: 30m, notify: manager}
    - {after: 2 business hours, remind: assignee}
- pool: P
  by: round-robin
  never_back: true
  members: [{user: ana@example.com, open_leads: 3, absent: [{from: 2026-12-24, to: 2027-01-02}]}]
- match: default
  domain_only: never
"""


def test_what_may_be_spelled_in_other_ways_is_taken() -> None:
    assert faults(SPELLED) == []


PLANTED = [case for case in cases("faults") if case["name"] not in BEYOND]


@pytest.mark.parametrize("case", PLANTED, ids=lambda case: case["name"])
def test_a_planted_fault_is_refused(case: dict[str, Any]) -> None:
    assert [text for text in case["records"].values() if faults(text)]


def test_what_is_beyond_the_schema_is_a_fault_of_these_tests() -> None:
    assert {case["name"] for case in cases("faults")} >= BEYOND
