"""A preview says what a drain would do, by any rules and at any time, and leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, select

from connector.store import installs, pauses
from connector.store.memos import StoredMemo
from connector.store.schema import metadata
from jobs import preview as previews
from jobs.preview import Looking, PassingMemo, Preview, preview
from rules.model import Record
from rules.ruleset import Source, load, split
from tests.jobs.conftest import House, Prologue

DRAFT = """
- rule: Gold
  when: [account.tier__c is gold]
  assign: user "ana@example.com"
- rule: France
  when: [lead.country is France]
  assign: user "bob@example.com"
- rule: Big
  when: [lead.employees > 100]
  assign: user "ana@example.com"
- pool: Team
  hours: "Mon-Fri 09:00-17:00 UTC"
  members: [{user: ana@example.com}, {user: bob@example.com}]
  overflow: user "integration@example.com"
- rule: Rest
  assign: [user "gone@example.com", pool "Team"]
  escalate: [{after: 30 minutes, remind: true}]
"""


def rules(text: str) -> Any:
    return load([Source(item.name, item.text) for item in split(text)])


def looking(house: House) -> Looking:
    with house.database.read() as connection:
        install = installs.by_id(connection, house.install.id)
    assert install
    return Looking(house.tools, install, house.crm, house.tools.seal(install))


def everything(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    with house.database.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def shown(house: House, lead: Record, **more: Any) -> Preview:
    return preview(looking(house), lead, **more)


def knows_globex(house: House) -> None:
    """It knows Globex, whose leads are Bob's."""
    house.account("a1", name="Globex Corporation", website="globex.com", owner="u2")
    house.post(house.event("a1", kind="account"))
    house.drain()


@pytest.fixture
def globex(begin: Callable[[Prologue], House]) -> House:
    return begin(knows_globex)


def test_a_preview_says_what_the_drain_then_does(globex: House) -> None:
    leads = [globex.lead("l1", email="kim@globex.com", company="Globex Corporation"), globex.lead("l2")]
    told = [shown(globex, each).decision for each in leads]
    globex.post(globex.event("l1"), globex.event("l2"))
    globex.drain()
    assert [each.route.rule for each in told] == ["Account owner", "Everyone else"]
    assert [each.route.assignee.id for each in told if each.route.assignee] == [globex.owner("l1"), globex.owner("l2")]
    assert {each.key for each in told} == set(globex.crm.entries)


def test_a_preview_writes_nothing_anywhere(globex: House) -> None:
    globex.later(days=30)  # the memo of users is over, and the rules are to be read again
    lead = globex.lead("l1", email="kim@globex.com", company="Globex Corporation")
    before, records = everything(globex), dict(globex.crm.records)
    asked: list[str] = []
    globex.crm.before = asked.append
    statements: list[str] = []
    event.listen(
        globex.database.engine, "before_cursor_execute", lambda _c, _cur, sql, *_more: statements.append(sql.split()[0])
    )
    for ruleset in (None, rules(DRAFT)):
        shown(globex, lead, ruleset=ruleset)
        shown(globex, lead, ruleset=ruleset, again=True)
    assert everything(globex) == before
    assert globex.crm.records == records
    assert not globex.crm.entries
    assert set(asked) <= {"users", "read", "account_history", "open_leads"}
    assert {each.upper() for each in statements} <= {"SELECT", "BEGIN", "WITH"}
    assert globex.rung == []


def test_a_draft_is_asked_instead_of_the_live_rules(globex: House) -> None:
    found = shown(globex, globex.lead("l1", country="France"), ruleset=rules(DRAFT))
    assert found.decision.route.rule == "France"
    assert found.decision.ruleset_version == rules(DRAFT).version


def test_account_fields_that_only_the_draft_reads_are_asked_of_the_crm(globex: House) -> None:
    globex.account("a1", name="Globex Corporation", website="globex.com", owner="u2", tier__c="gold")
    lead = globex.lead("l1", email="kim@globex.com", company="Globex Corporation")
    assert shown(globex, lead, ruleset=rules(DRAFT)).decision.route.rule == "Gold"


def test_the_rules_passed_over_last_say_what_they_needed_and_what_was_found(globex: House) -> None:
    found = shown(globex, globex.lead("l1", country="Spain", employees=12), ruleset=rules(DRAFT))
    assert [(each.rule, each.condition, each.found) for each in found.needed] == [
        ("Big", "lead.employees > 100", "12"),
        ("France", "lead.country is France", "Spain"),
        ("Gold", "account.tier__c is gold", "empty"),
    ]
    assert ("gone@example.com" in found.story(), "Gone" in found.story()) == (True, True), "refused targets are told"
    assert [timer.kind for timer in found.decision.timers] == ["remind"]


def test_another_time_finds_other_people_at_work(globex: House) -> None:
    lead = globex.lead("l1")
    night = datetime(2026, 11, 22, 3, tzinfo=UTC)
    day = shown(globex, lead, ruleset=rules(DRAFT)).decision
    dark = shown(globex, lead, ruleset=rules(DRAFT), at=night).decision
    assert (day.route.target, dark.route.target) == ('pool "Team"', 'user "integration@example.com"')
    assert dark.decided_at == night


def test_the_older_record_of_the_same_person_is_told(globex: House) -> None:
    globex.lead("old", email="kim@globex.com")
    globex.post(globex.event("old"))
    globex.drain()
    globex.later(minutes=5)
    found = shown(globex, globex.lead("new", email="kim@globex.com"))
    assert (found.decision.duplicate.status, found.decision.duplicate.of_id) == ("same", "old")
    assert found.decision.duplicate.evidence


def test_candidates_and_losers_are_told_with_evidence(globex: House) -> None:
    globex.account("a2", name="Globex Corp.", website="globex.com", owner="u1")
    globex.post(globex.event("a2", kind="account"))
    globex.drain()
    match = shown(globex, globex.lead("l1", email="kim@globex.com", company="Globex Corporation")).decision.match
    assert match.account
    assert {match.account.account_id, *(each.account_id for each in match.runners_up)} == {"a1", "a2"}
    assert all(each.evidence for each in match.runners_up)


def test_whoever_is_paused_is_passed_over(globex: House) -> None:
    lead = globex.lead("l1")
    first = shown(globex, lead).decision.route.assignee
    assert first
    with globex.database.write() as connection:
        pauses.put(connection, globex.install.id, first.id, until=None, by="u0", now=globex.now)
    other = shown(globex, lead).decision.route.assignee
    assert other
    assert other.id != first.id


def test_again_goes_on_from_what_was_decided_and_new_forgets_it(globex: House) -> None:
    globex.lead("l1")
    globex.post(globex.event("l1"))
    globex.drain()
    lead = globex.crm.records[("lead", "l1")]
    globex.later(hours=1)
    assert shown(globex, lead, again=True).decision.outcome == "kept", "who has it keeps it"
    theirs = replace(lead, owner_id="u0")
    assert shown(globex, theirs, again=True).decision.route.target == "keep", "a person chose"
    assert shown(globex, theirs).decision.route.target == 'pool "Everyone"'


def test_a_preview_is_json_for_a_console(globex: House) -> None:
    told = previews.plain(shown(globex, globex.lead("l1")))
    assert (told["rule"], told["assignee"]["email"]) == ("Everyone else", "ana@example.com")
    assert told["needed"][0]["rule"] == "Account owner"
    assert told["story"]
    assert told["detail"]


def test_a_passing_memo_keeps_nothing_for_others(house: House) -> None:
    kept = StoredMemo(house.database, house.install.id, house.tools.seal(house.install), house.tools.clock)
    kept.put("shape", [1], seconds=60)
    passing = PassingMemo(kept)
    passing.put("other", 2, seconds=60)
    passing.forget("shape")
    assert (passing.get("shape"), passing.get("other")) == (None, 2)
    assert (kept.get("shape"), kept.get("other")) == ([1], None)
