"""An install in which there is one of everything that an address of the API can name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import cast

from connector.desk import duplicates, keys, people, runs, settings, simulations, support, whole_text
from connector.rows import RuleRow
from connector.store import assignments, editions, installs, pairs, progress, rulesets
from connector.store import reviews as asked
from connector.store.assignments import Assignment
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.pairs import Suggestion
from rules.actions import Member
from rules.comparison import COLUMNS, Comparison, Tally
from rules.model import Evidence, Match, Record, User
from rules.ruleset import Source, load, split
from tests.connector.web.kit import DONE, CheckedCrm, House, decision
from tests.jobs.joining import JoiningCrm

RULES = """\
- rule: France
  when: [lead.country is France]
  assign: pool "Sales"
- rule: All
  assign: pool "Sales"
- pool: Sales
  members: [ana@example.com, bob@example.com]
- duplicates: One person, one record
  mode: act
- test: France is of Sales
  lead: {country: France}
  expect: {rule: France}
"""
TIMES = ("received_at", "given_at_before", "given_at_after")
CSV = [
    dict.fromkeys(COLUMNS, "x") | dict.fromkeys(TIMES, "2026-11-20T09:00:00+00:00") | {"lead": f"L{number}"}
    for number in range(3)
]
BY = "005000000000001AAA"

Ids = dict[str, str]


def furnished(house: House, install: Install, mark: str) -> Ids:
    """Furnish an install; return one id for each name that stands in addresses. `mark` tells two installs apart."""
    install = _acting(house, install)
    crm = _crm(house, install, mark)
    ana = crm.people[0]
    _decided(house, install, mark, ana)
    _asked(house, install, mark)
    whole_text.publish(house, install, RULES, seen="", by=BY, name="Alice Adams", why="first")
    whole_text.publish(house, install, RULES + "# again\n", seen="", by=BY, name="Alice Adams", why="again")
    _in_force(house, install)
    people.plan(house, install, ana, first=date(2026, 12, 21), last=date(2026, 12, 31), by=BY)
    simulation = simulations.start(house, install, simulations.Wish(after="live"), by=BY, name="Alice")
    _simulated(house, install, simulation)
    run = runs.start_cleanup(house, install, applies=False, by=BY, name="Alice")
    return {
        "decision": f"d1{mark}",
        "key": keys.issue(house, install, name="Spare", scopes=["read"], by=BY, expires=None).key.id,
        "leave": support.make(house, install, hours=1, by=BY).leave_id,
        "person": ana.id,
        "rule": next(str(row.id) for row in crm.rules() if row.kind == "rule"),
        "edition": "1",
        "lead": lead_id(mark),
        "record": lead_id(mark),
        "simulation": simulation.removeprefix("simulation:"),
        "day": "2026-12-21",
        "pair": duplicates.listing(house, install).found[0].key,
        "run": run,
        "sheet": "outcomes",
    }


def lead_id(mark: str) -> str:
    """The id of the lead that was decided, as Salesforce makes them, whatever the install's CRM."""
    return f"00Q0000000000lead{mark}"


def _in_force(house: House, install: Install) -> None:
    """What a worker does when rules were published: they come into force, as an edition."""
    sources = [Source(item.name, item.text) for item in split(RULES)]
    seal, version = house.seal(install), load(sources).version
    with house.database.write() as connection:
        rulesets.put(connection, install.id, seal, sources=sources, version=version, now=house.now)
        editions.add(connection, install.id, seal, sources=sources, version=version, now=house.now)


def _acting(house: House, install: Install) -> Install:
    with house.database.write() as connection:
        for kind in ("account", "contact", "lead"):
            progress.start(connection, install.id, f"backfill:{kind}", now=house.now)
            progress.move(connection, install.id, f"backfill:{kind}", now=house.now, state="done")
    settings.set_mode(house, install, "act", understood=True, by=BY)
    with house.database.read() as connection:
        found = installs.by_id(connection, install.id)
    assert found is not None
    return found


class MarkedCrm(JoiningCrm):
    """Names its rule records with a mark, so that those of two installs differ."""

    mark = ""

    def put_rules(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        count = len(self.rule_rows)
        named = [replace(row, id=row.id or f"r{count + place}{self.mark}") for place, row in enumerate(rows, start=1)]
        return super().put_rules(named)


def _crm(house: House, install: Install, mark: str) -> JoiningCrm:
    """A CRM with people, twice Kim, a lead that was decided, and records that rules can be written to."""
    ana = User(f"ana{mark}", "Ana Diaz", "ana@example.com", zone="Europe/Madrid", login_id=f"login{mark}")
    bob = User(f"bob{mark}", "Bob Lee", "bob@example.com")
    made = MarkedCrm(name=install.crm, people=[ana, bob])
    old = house.now - timedelta(days=9)
    told = {"last_name": "Lee", "name": "Kim Lee", "phone": "+1 650 555 0100"}
    made.add(
        Record("lead", f"k1{mark}", {**told, "email": "kim@globex.com", "company": "Globex"}, ana.id, old, old),
        Record("lead", f"k2{mark}", {**told, "email": "kim@gmail.com"}, ana.id, old, old),
        Record("lead", lead_id(mark), {"name": "Marie Curie", "country": "FR"}, ana.id, old, old),
    )
    made.rule_rows = [RuleRow("All", "rule", 10, '- rule: All\n  assign: user "ana@example.com"\n', id=f"r0{mark}")]
    made.mark = mark
    house.crms[install.id] = cast("CheckedCrm", made)
    return made


def _decided(house: House, install: Install, mark: str, ana: User) -> None:
    made = decision(f"d1{mark}")
    lead = replace(made.lead, id=lead_id(mark))
    house.decide(
        install,
        replace(made, lead=lead, route=replace(made.route, assignee=ana)),
        ledger={each: DONE[each] for each in ("assign", "link", "stamp", "audit")},
    )
    parked = replace(made, key=f"d2{mark}", lead=replace(lead, id=f"other{mark}"))
    house.decide(install, parked, parked="The CRM refused it")
    with house.database.write() as connection:
        row = Assignment(f"d1{mark}", lead_id(mark), ana.id, None, "Sales", "act", house.now)
        assignments.add(connection, install.id, [row])


def _asked(house: House, install: Install, mark: str) -> None:
    made = decision(f"d3{mark}")
    match = replace(made.match, status="review")
    assert isinstance(match, Match)
    review = replace(made, lead=replace(made.lead, id=lead_id(mark)), match=match)
    members = Member("lead", f"k1{mark}"), Member("lead", f"k2{mark}")
    phone = Evidence("same_phone_number", "Both have the phone number +16505550100", 2.0)
    kim = Suggestion(members, 0.97, (phone,), names=("Kim Lee", "Kim Lee"), lead_id=f"k2{mark}", log_odds=3.5)
    with house.database.write() as connection:
        seal = house.seal(install)
        asked.follow(connection, install.id, seal, [review], now=house.now)
        pairs.suggest(connection, install.id, seal, [kim], now=house.now, run="cleanup:1")


def _simulated(house: House, install: Install, name: str) -> None:
    told = {**Comparison(3, Tally("v1"), Tally("v1"), 3, (), {}).plain(), "moved": CSV}
    memo = StoredMemo(house.database, install.id, house.seal(install), house.clock)
    memo.put(name, told, seconds=3600)
