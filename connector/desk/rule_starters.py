"""What a new item begins with: one of each kind that can be published as it is, once its names are there."""

from __future__ import annotations

from collections.abc import Mapping

STARTERS: Mapping[str, str] = {
    "rule": """\
- rule: New rule
  when:
    - lead.country in [France, Germany]
  assign: account owner
  otherwise: keep
  task: {subject: "Call {lead.name} at {lead.company}", due: 1 hour}
""",
    "pool": """\
# People take leads in turn. A weight of 2 takes twice as many. Members can have more, for example
#   - {user: bob@example.com, cap: 10 per day, hours: "Mon-Fri 09:00-18:00 Europe/Paris", absent: 2026-12-24}
- pool: New pool
  members:
    - {user: ana@example.com, weight: 1}
""",
    "list": """\
# A condition asks for it like this: lead.country in list "New list"
- list: New list
  values: [France, Germany]
""",
    "territory": """\
# A rule sends leads here with: assign: territory "New territory"
- territory: New territory
  rows: |
    country,employees,assign
    France,>=1000,account owner
    France|Germany,,keep
""",
    "calendar": """\
# A pool names it with: calendar: New calendar
- calendar: New calendar
  hours: "Mon-Fri 09:00-18:00 Europe/Paris"
  holidays: FR
""",
    "match": """\
# How sure a match must be. From "accept" on, the account counts as matched; from "review" on, a person is asked.
- match: default
  accept: 0.9
  review: 0.6
""",
    "duplicates": """\
# What becomes of several records of one person. Nothing is merged in mode observe.
- duplicates: default
  mode: observe
""",
    "users": """\
# Users for the tests of these rules alone; live, those of the CRM count.
- users:
    - {user: ana@example.com}
""",
    "test": """\
# A lead, and what must become of it. Rules whose tests fail are not published.
- test: New test
  lead: {country: France, company: Globex}
  expect:
    outcome: assigned
""",
    "fields": """\
# Another field of the CRM behind a name of the rule language.
- fields:
    lead.product: Product_Interest__c
""",
}
"""Kind -> the text that a new one begins with."""
