"""What the tests of pages about rules are made of: an org with rules in its records, in force as a drain makes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import pytest
from bs4 import BeautifulSoup, Tag

from connector.rows import RuleRow
from connector.store import rulesets
from connector.store.installs import Install
from jobs import rulebook
from jobs.shift import Shift, drain_lease, holding
from rules.model import Record, User
from rules.ruleset import RuleSet, load, split
from tests.connector.web.kit import CheckedCrm, House
from tests.fakes import FakeCrm

RULES = """
- rule: Großkunden 株式会社
  when:
    - lead.country in list "DACH"
    - lead.employees >= 5000
  assign: pool "Desk"
  notify: true

- rule: Partners
  when: [lead.source is Partner]
  assign: user "bob@example.com"

- rule: Everyone else
  assign: pool "Desk"

- pool: Desk
  members: [ana@example.com, bob@example.com]

- list: DACH
  values: [Germany, Austria, Switzerland]

- test: a partner's lead goes to Bob
  lead: {source: Partner}
  expect: {rule: Partners, assignee: bob@example.com}
"""
PEOPLE = [
    User("u1", "Ana Diaz", "ana@example.com"),
    User("u2", "Bob Burns", "bob@example.com"),
    User("u9", "Inbound", "", queue=True),
]


@dataclass
class Book:
    """An install's rule records in its CRM, and what is in force."""

    house: House
    install: Install
    crm: FakeCrm

    def take_in(self) -> str:
        """Let a drain read the records; return why they are not in force, "" when they are."""
        tools = self.house.tools
        self.house.now += timedelta(seconds=5)
        with holding(tools, drain_lease(self.install.id)) as holder:
            assert holder
            seal = self.house.seal(self.install)
            crm = self.house.crm(self.install)
            return rulebook.refresh(Shift(tools, self.install, crm, seal, drain_lease(self.install.id), holder))

    def in_force(self) -> RuleSet:
        with self.house.database.read() as connection:
            live = rulesets.get(connection, self.install.id, self.house.seal(self.install))
        return load(live.sources if live else ())

    def row(self, name: str, state: str = "live") -> RuleRow:
        return next(row for row in self.crm.rules() if (row.name, row.state) == (name, state))

    def live(self) -> list[str]:
        """The names of the live rules, in order."""
        return [row.name for row in self.crm.rules() if row.state == "live" and row.kind == "rule"]

    def path(self, end: str = "") -> str:
        return f"/installs/{self.install.id}/rules{end}"

    def lead(self, **fields: str | int) -> Record:
        now = self.house.now
        found = Record("lead", "00Q000000000001AAA", fields, owner_id="u1", created_at=now, modified_at=now)
        self.crm.add(found)
        return found


def write_down(crm: FakeCrm, text: str) -> None:
    """Put the items of a text into the CRM as live records."""
    crm.rule_rows = [
        RuleRow(item.name or item.kind, item.kind, place * 10, item.text, id=f"r{place}")
        for place, item in enumerate(split(text), start=1)
    ]


@pytest.fixture
def book(house: House, acme: Install) -> Book:
    crm = FakeCrm(people=list(PEOPLE))
    write_down(crm, RULES)
    house.crms[acme.id] = cast("CheckedCrm", crm)
    made = Book(house, acme, crm)
    assert made.take_in() == ""
    return made


def words(found: BeautifulSoup | Tag) -> str:
    """The text of a page, with single spaces."""
    return " ".join(found.get_text(" ").split())


def only(page: BeautifulSoup | Tag, selector: str) -> Tag:
    (found,) = page.select(selector)
    return found


def fields(page: BeautifulSoup, form: str) -> dict[str, str]:
    """What a browser sends of a form as it stands: its boxes, not its buttons."""
    told: dict[str, str] = {}
    for each in only(page, form).select("input, select, textarea"):
        name, kind = str(each.get("name", "")), str(each.get("type", ""))
        if not name or (kind in {"checkbox", "radio"} and not each.has_attr("checked")):
            continue
        if each.name == "select":
            chosen = each.select_one("option[selected]") or each.select_one("option")
            told[name] = str(chosen.get("value", chosen.get_text())) if chosen else ""
        elif each.name == "textarea":
            told[name] = each.get_text().removeprefix("\n")
        else:
            told[name] = str(each.get("value", ""))
    return told
