"""The database is deleted and the CRM connected again: all that was known stands there as it stood before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from sqlalchemy import Table, select

from connector.errors import Later
from connector.store import installs, notes, progress
from connector.store.aliases import alias
from connector.store.assignments import assignment
from connector.store.base import metadata
from connector.store.progress import Progress
from connector.store.responses import response
from connector.store.rotation import rotation
from connector.store.timers import timer
from jobs import recall, setup
from jobs.undo import Wish, ask
from rules.clauses import compare
from rules.model import Mode
from tests.fakes import PAGE
from tests.jobs.conftest import House, Prologue
from tests.jobs.joining import joining
from tests.jobs.routes import change, come, got, held, made, outcomes, rules, states, tick

RULES = """
- pool: Desk
  members: [{user: ana@example.com, weight: 2}, {user: bob@example.com}]
- pool: Capped
  members: [{user: ana@example.com, cap: 2 per day}, {user: bob@example.com}]
- rule: Banks
  when: [lead.industry is Bank]
  assign: pool "Capped"
- rule: Clock
  when: [lead.industry is Clock]
  assign: pool "Desk"
  task: {subject: "Call {lead.name}", due: 30 minutes}
  escalate: [{after: 10 minutes, remind: true}, {after: 20 minutes, reassign: true}]
- rule: Rest
  assign: pool "Desk"
  task: {subject: "Call {lead.name}", due: 1 day}
"""
LEFT_OUT = {"id", "install_id", "changed_at", "account"}
"""What is another one in a new database: its own numbers and keys."""


def has_been_busy(house: House) -> None:
    """Some have come, changed, were let lapse and given away by a person; somebody waits."""
    rules(house, RULES)
    for number in range(4):
        come(house, f"l{number}")
    come(house, "bank", industry="Bank")
    come(house, "lapsing", industry="Clock")
    tick(house, minutes=11)
    tick(house, minutes=10)
    lead = house.crm.records[("lead", "l1")]
    house.crm.add(replace(lead, fields={**lead.fields, "industry": "Bank"}, modified_at=house.now))
    change(house, "l1")
    lead = house.crm.records[("lead", "l2")]
    house.crm.add(replace(lead, owner_id="u9", fields={**lead.fields, "country": "France"}, modified_at=house.now))
    change(house, "l2")
    come(house, "late", industry="Clock")


@pytest.fixture
def busy(begin: Callable[[Prologue], House]) -> House:
    return begin(has_been_busy)


def lose(house: House, mode: Mode = "act") -> House:
    """Delete the database, connect again, and drain until all is read."""
    with house.database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        found = House(house.settings, house.database, house.keyring, house.crm, now=house.now)
        found.install, _ = installs.connect(
            connection, crm="salesforce", tenant_id=house.install.tenant_id, name="Acme", now=house.now,
            base_url=house.install.base_url, scopes=house.install.scopes, new_key=house.keyring.new_key(),
        )  # fmt: skip
        installs.add_admin(connection, found.install.id, "u0", house.now)
        installs.set_mode(connection, found.install.id, mode)
        progress.start(connection, found.install.id, setup.NAME, now=house.now)
    found.drain()
    return found


def known(house: House) -> dict[str, list[dict[str, Any]]]:
    """Return what is remembered: who has which lead, whose turn it is, what waits."""
    with house.database.read() as connection:
        return {
            table.name: sorted(
                ({name: value for name, value in row.items() if name not in LEFT_OUT}
                 for row in connection.execute(select(table)).mappings()),
                key=repr,
            )
            for table in (assignment, rotation, timer, response)
        }  # fmt: skip


def test_whose_turn_it_is_who_has_what_and_what_waits_stand_as_they_stood(busy: House) -> None:
    before, decided = known(busy), {each: len(made(busy, each)) for each in ("l0", "l1", "l2", "lapsing", "late")}
    assert len(busy.crm.entries) > 2 * PAGE, "more than fits on two pages"
    found = lose(busy)
    assert known(found) == before
    assert {each: len(made(found, each)) for each in decided} == decided


def test_who_has_what_and_where_merged_records_live_is_known_for_longer_than_decisions(busy: House) -> None:
    crm = joining(busy)
    rules(busy, f"- duplicates: One person\n  mode: act\n  survivor: oldest\n{RULES}")
    for lead_id in ("twin", "again"):
        busy.later(seconds=1)
        come(busy, lead_id, email="kim@globex.example", last_name="Lee", name="Kim Lee")
    busy.drain()
    assert crm.merged == ["again"]
    before, alike = known(busy)["assignment"], of(busy, alias)
    assert (len(before), len(alike)) == (9, 1)
    busy.later(days=busy.settings.decision_days + 10)
    found = lose(busy)
    assert made(found, "l0") == made(found, "twin") == []
    assert known(found)["assignment"] == before
    assert of(found, alias) == alike
    with found.database.write() as connection:
        progress.start(connection, found.install.id, recall.NAME, now=found.now)
    found.drain()
    assert (known(found)["assignment"], of(found, alias)) == (before, alike), "again changes nothing"
    change(found, "again", "updated")
    assert outcomes(found, "again") == [], "an echo of the merge"


def test_a_merge_can_be_taken_back_after_the_database_was_lost(busy: House) -> None:
    crm = joining(busy)
    rules(busy, f"- duplicates: One person\n  mode: act\n  survivor: oldest\n{RULES}")
    for lead_id in ("twin", "again"):
        busy.later(seconds=1)
        come(busy, lead_id, email="kim@globex.example", last_name="Lee", name="Kim Lee")
    busy.drain()
    busy.later(days=busy.settings.merge_undo_days - 1)
    found = lose(busy)
    (merge,) = [each for each in made(found, "twin") if each.decision.outcome == "merged"]
    wish = Wish("Kim", found.now, keys=(merge.decision.key,))
    ask(found.database, found.install.id, found.tools.seal(found.install), wish, clock=lambda: found.now)
    found.drain()
    assert ("lead", "again") in crm.records
    assert [each.why for each in of(found, alias)] == ["restored"]


def of(house: House, table: Table) -> list[Any]:
    """Return the rows of a table, but whose they are."""
    columns = [column for column in table.c if column.name != "install_id"]
    with house.database.read() as connection:
        return sorted(connection.execute(select(*columns)), key=repr)


def test_nobody_is_routed_twice_whatever_is_told_of_them_again(busy: House) -> None:
    audits, tasks, owners = (
        dict(busy.crm.entries),
        len(busy.crm.tasks),
        {key: each.owner_id for key, each in busy.crm.records.items()},
    )
    found = lose(busy)
    for kind, lead_id in list(found.crm.records):
        if kind == "lead":
            found.post(found.event(lead_id), found.event(lead_id, change="updated"))
    found.drain()
    assert found.crm.entries.keys() == audits.keys()
    assert len(found.crm.tasks) == tasks
    assert {key: each.owner_id for key, each in found.crm.records.items()} == owners


def test_the_next_lead_goes_to_whom_it_would_have_gone_to(busy: House) -> None:
    before, found = got(busy), lose(busy)
    for number in range(6):
        come(found, f"n{number}")
    received = got(found)
    assert sum(received.values()) == sum(before.values()) + 6
    assert abs(received["u1"] - 2 * received["u2"]) <= 1


def test_a_timer_goes_on_and_fires_once(busy: House) -> None:
    found = lose(busy)
    first = found.owner("late")
    tick(found, minutes=11)
    tick(found, minutes=10)
    assert outcomes(found, "late") == ["assigned", "reminded", "assigned"]
    assert held(found, "late")[0] == (first, "timed out")
    assert found.owner("late") != first


def test_whoever_let_a_lead_lapse_does_not_get_it_again(busy: House) -> None:
    assert [ending for _, ending in held(busy, "lapsing")] == ["timed out", ""]
    found = lose(busy)
    assert [ending for _, ending in held(found, "lapsing")] == ["timed out", ""]


def test_a_timer_that_comes_due_before_the_mode_is_chosen_waits_for_that(busy: House) -> None:
    found = lose(busy, "observe")
    tick(found, minutes=11)
    tick(found, minutes=16)
    assert outcomes(found, "late") == ["assigned"]
    assert {state for _, state, _ in states(found, "late")} == {"waiting"}
    found.mode("act")
    found = replace_install(found)
    tick(found, minutes=16)
    assert "reminded" in outcomes(found, "late"), states(found, "late")


def replace_install(house: House) -> House:
    with house.database.read() as connection:
        house.install = next(iter(installs.every(connection)))
    return house


def test_no_letter_is_answered_before_all_is_known(busy: House) -> None:
    asked = [0]

    def falter(call: str) -> None:
        asked[0] += call == "audit_page"
        if call == "audit_page" and asked[0] == 3:
            raise Later("busy", seconds=1)

    busy.crm.before = falter
    before, found = got(busy), lose(busy)
    come(found, "new")
    assert outcomes(found, "new") == []
    tick(found, seconds=2)
    tick(found, seconds=2)
    assert outcomes(found, "new") == ["assigned"]
    assert sum(got(found).values()) == sum(before.values()) + 1


def test_a_page_that_is_brought_back_twice_changes_nothing(busy: House) -> None:
    found = lose(busy)
    before = known(found)
    with found.database.write() as connection:
        progress.start(connection, found.install.id, recall.NAME, now=found.now)
    found.drain()
    assert known(found) == before


def test_an_audit_that_was_cut_or_changed_by_somebody_is_passed_over(busy: House) -> None:
    for key, entry in list(busy.crm.entries.items()):
        if entry.lead_id == "l0":
            busy.crm.entries[key] = replace(entry, detail='{"v": 2, "cut": true}')
        if entry.lead_id == "l3":
            busy.crm.entries[key] = replace(entry, detail="changed by hand")
        if entry.lead_id == "l2":
            told = json.loads(entry.detail)
            told["decided"] = told["decided"].removesuffix("+00:00")
            busy.crm.entries[key] = replace(entry, detail=json.dumps(told))
    found = lose(busy)
    assert made(found, "l0") == made(found, "l3") == made(found, "l2") == []
    assert made(found, "l1") != []
    change(found, "l0")
    assert outcomes(found, "l0") == ["assigned"], "its stamp says that it was routed"


@pytest.mark.parametrize(
    "changed",
    [
        {"results": 5}, {"results": None}, {"results": [5]}, {"results": [["assign", "done", "x"]]},
        {"results": [[["assign"], "done", "", ""]]}, {"results": [["assign", "done", {}, ""]]},
        {"results": [["merge", "done", "[]", ""]]}, {"results": [["merge", "done", '{"now": {"a": 1}}', ""]]},
        {"results": [["assign", "done", "a\0b", ""]]}, {"results": [["assign", "done", "\ud800", ""]]},
    ],
)  # fmt: skip
def test_an_audit_whose_results_somebody_changed_holds_up_no_other(busy: House, changed: dict[str, Any]) -> None:
    for key, entry in list(busy.crm.entries.items()):
        if entry.lead_id == "l0":
            busy.crm.entries[key] = replace(entry, detail=json.dumps(json.loads(entry.detail) | changed))
    found = lose(busy)
    assert (made(found, "l0"), made(found, "l1") != []) == ([], True)


NASTY: tuple[Any, ...] = (
    None, True, -1, 10**40, 1.5e308, "", "\0", "\ud800", "9" * 500, [], {}, [[]], {"a": {}}, ["x"], [1, 2, 3, 4],
    "2026-11-20T09:00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-14:00",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_whatever_somebody_makes_of_audits_they_hold_up_no_other(busy: House, seed: int) -> None:
    dice = Random(seed)
    for key, entry in list(busy.crm.entries.items()):
        if entry.lead_id != "l1" and entry.detail:
            told = json.loads(entry.detail)
            holder, place = dice.choice(list(places(told)))
            holder[place] = dice.choice(NASTY)
            busy.crm.entries[key] = replace(entry, detail=json.dumps(told))
    found = lose(busy)
    assert made(found, "l1") != []
    for lead_id in ("l0", "l2", "l3"):
        made(found, lead_id)  # whatever was kept can be read again


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value, as its holder and the key there."""
    for key, value in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
        yield tree, key
        if isinstance(value, dict | list):
            yield from places(value)


def test_leads_that_came_while_nothing_was_connected_are_left_alone_and_the_admin_is_told_how_many(busy: House) -> None:
    began = busy.now
    for number in range(PAGE + 2):
        busy.later(hours=1)
        busy.lead(f"missed{number}")
    busy.lead("gone elsewhere", converted=True)
    busy.later(hours=1)
    found = lose(busy)
    (told,) = [each for each in works(found) if each.name == recall.NAME]
    assert told.reason.endswith(
        f"{PAGE + 2} leads came after the last of them and before this connection, from {compare.shown(began)} to "
        f"{compare.shown(found.now)}: they are left alone, as somebody may have shared them out by hand."
    )
    assert told.state == "done"
    found.later(minutes=1)
    change(found, "missed1", "updated")
    assert outcomes(found, "missed1") == [], "also when somebody changes one"
    with found.database.read() as connection:
        noted = notes.of(connection, found.install.id)
    assert not {notes.LAST_DECISION, notes.MISSED_LEADS} & noted.keys()
    assert noted[notes.MISSED_TOLD] == told.reason


def test_where_no_lead_was_missed_only_the_decisions_are_told(busy: House) -> None:
    (told,) = [each for each in works(lose(busy)) if each.name == recall.NAME]
    assert told.reason.endswith("decisions were found in the CRM.")


def works(house: House) -> list[Progress]:
    with house.database.read() as connection:
        return progress.of(connection, house.install.id)


def test_where_nothing_was_ever_decided_nothing_is_looked_for(house: House) -> None:
    found = lose(house)
    with found.database.read() as connection:
        assert recall.NAME not in {each.name for each in progress.of(connection, found.install.id)}
