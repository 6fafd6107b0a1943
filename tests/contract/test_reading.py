"""Reading, scanning, people, rules, audits and the check: the same sentences for the fake and both real adapters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

from connector.crm import Crm
from connector.rows import RuleRow
from rules.actions import Answer
from rules.model import AUDIT, Action, Kind, Record
from tests.contract.decisions import NOW, decision, perform, work
from tests.contract.place import Place

LONG = "\n".join(f'- rule: Größe {number} «日本語» 🚀\n  when: [lead.company is "Ünïcode"]' for number in range(400))


def scanned(crm: Crm, kind: Kind, since: datetime | None = None, most: int = 200) -> list[Record]:
    """Walk all records of a kind, page by page."""
    found: list[Record] = []
    after = None
    for _ in range(most):
        page = crm.scan(kind, after=after, since=since)
        found.extend(page.records)
        if page.after is None:
            return found
        after = page.after
    raise AssertionError("the scan does not end")


def test_read_returns_what_is_there_and_leaves_out_what_is_gone(place: Place, crm: Crm) -> None:
    here = place.lead(last_name="Ñandú", email="nandu@zoo.example", company="Zoo & Söhne")
    gone = place.lead(last_name="Gone")
    place.delete(gone)
    found = crm.read("lead", [here, gone, "nonsense", here])
    assert set(found) == {here}
    lead = found[here]
    assert (lead.kind, lead.id) == ("lead", here)
    assert (lead.text("last_name"), lead.text("company")) == ("Ñandú", "Zoo & Söhne")
    assert lead.fields["email"] == "nandu@zoo.example"
    assert lead.created_at is not None
    assert lead.modified_at is not None
    assert lead.modified_at.utcoffset() == timedelta(0)
    assert "title" not in lead.fields, "an empty field is no field"


def test_read_of_nothing_returns_nothing(crm: Crm) -> None:
    assert crm.read("lead", []) == {}
    assert crm.read("account", ["nonsense"]) == {}


def test_extra_fields_that_do_not_exist_are_left_out(place: Place, crm: Crm) -> None:
    here = place.lead(last_name="Extra")
    found = crm.read("lead", [here], extra=["No_Such_Field__c", "no_such_property"])
    assert found[here].text("last_name") == "Extra"
    assert not {"No_Such_Field__c", "no_such_property"} & found[here].fields.keys()
    page = crm.scan("account", extra=["No_Such_Field__c"])
    assert not any("No_Such_Field__c" in each.fields for each in page.records)


def test_scan_walks_all_records_once_and_ends(place: Place, crm: Crm) -> None:
    ids = place.accounts(place.page + 1)
    found = [each.id for each in scanned(crm, "account")]
    assert len(found) == len(set(found))
    assert set(ids) <= set(found)


def test_the_first_page_of_a_scan_tells_the_total(place: Place, crm: Crm) -> None:
    place.accounts(place.page + 1)
    first = crm.scan("account")
    assert first.total == len(scanned(crm, "account"))
    assert first.after is not None
    assert crm.scan("account", after=first.after).total is None


def test_scan_since_leaves_out_what_has_not_changed(place: Place, crm: Crm) -> None:
    old = place.lead(last_name="Old")
    new = place.lead(last_name="New")
    since = crm.read("lead", [new])[new].modified_at
    assert since is not None
    assert {each.id for each in scanned(crm, "lead", since)} & {old, new} == {new}
    assert {old, new} <= {each.id for each in scanned(crm, "lead", since - timedelta(minutes=1))}
    ahead = crm.scan("lead", since=since + timedelta(hours=1))
    assert (ahead.records, ahead.after, ahead.total) == ((), None, 0)


def test_users_include_who_has_left_and_queues(place: Place, crm: Crm) -> None:
    users = {user.id: user for user in crm.users()}
    assert users[place.ana.id].name == "Ana Muster"
    assert users[place.ana.id].email == place.ana.email
    flags = {each.id: (users[each.id].active, users[each.id].queue) for each in (place.ana, place.gone, place.queue)}
    assert flags == {place.ana.id: (True, False), place.gone.id: (False, False), place.queue.id: (True, True)}


def test_rules_come_back_as_they_were_put_by_position(crm: Crm) -> None:
    put = [
        RuleRow("Third 第三", "rule", 30, LONG),
        RuleRow("First", "pool", 10, "- pool: Ämter\n  members: [{user: ana@acme.example}]"),
        RuleRow("Second", "list", 20, "- list: EMEA\n  values: [DE]", state="draft", error="line 1: é", version="v9"),
    ]
    ids = crm.put_rules(put)
    assert len(set(ids)) == 3
    found = [row for row in crm.rules() if row.id in ids]
    assert [row.id for row in found] == [ids[1], ids[2], ids[0]]
    assert found == [replace(put[1], id=ids[1]), replace(put[2], id=ids[2]), replace(put[0], id=ids[0])]


def test_put_rules_changes_some_and_creates_others_at_once(crm: Crm) -> None:
    (old,) = crm.put_rules([RuleRow("Before", "rule", 7, "- rule: Before", error="bad")])
    changed = RuleRow("After", "rule", 6, LONG, state="draft", version="v2", id=old)
    ids = crm.put_rules([RuleRow("New", "rule", 5, "- rule: New"), changed])
    assert ids[1] == old
    found = {row.id: row for row in crm.rules()}
    assert found[old] == changed, "an error that is put empty is gone"
    assert found[ids[0]].name == "New"
    assert crm.put_rules([]) == ()


def test_the_standing_of_a_pool_is_written_beside_what_people_edit(crm: Crm) -> None:
    pool, other = crm.put_rules(
        [RuleRow("Desk", "pool", 1, "- pool: Desk"), RuleRow("Rest", "pool", 2, "- pool: Rest")]
    )
    told = "Ana Muster: received 12, entitled to 11.67 (0.33 ahead)\nBöb: received 11, entitled to 11.33 (0.33 behind)"
    stale = RuleRow("Old", "rule", 9, "old", standing=told, received=23, difference=0.33, id=pool)
    crm.mark_standings([stale, replace(stale, id=other)])
    found = {row.id: row for row in crm.rules()}
    assert found[pool] == RuleRow(
        "Desk", "pool", 1, "- pool: Desk", id=pool, standing=told, received=23, difference=0.33
    )
    crm.put_rules([replace(found[pool], name="Desk 2", standing="", received=None, difference=None)])
    crm.mark_rules([replace(found[pool], error="bad", standing="", received=None)])
    crm.mark_standings([replace(stale, id=other, standing="", received=None, difference=None)])
    found = {row.id: row for row in crm.rules()}
    assert (found[pool].name, found[pool].error, found[pool].standing, found[pool].received) == (
        "Desk 2",
        "bad",
        told,
        23,
    )
    assert (found[other].standing, found[other].received, found[other].difference) == ("", None, None)


def test_audits_of_a_lead_come_newest_first_with_key_and_story(place: Place, crm: Crm) -> None:
    lead = place.lead(last_name="Twice")
    late = decision(lead, place.ana, at=NOW + timedelta(hours=1))
    early = decision(lead, place.bob)
    perform(crm, work(early, {AUDIT}))
    perform(crm, work(late, {AUDIT}))
    rows = crm.audits(lead)
    assert [row["key"] for row in rows] == [late.key, early.key]
    assert [row["story"] for row in rows] == [work(each).entry.story for each in (late, early)]
    assert crm.audits(place.lead(last_name="Quiet")) == ()


def test_everything_is_well_on_a_healthy_install(crm: Crm) -> None:
    crm.prepare()
    checks = crm.check()
    assert checks
    assert [each for each in checks if not each.ok] == []
    assert all(each.name and each.detail for each in checks)


def test_every_call_is_counted(place: Place, crm: Crm) -> None:
    here = place.lead(last_name="Counted")
    before, heard = crm.calls, place.heard()
    crm.read("lead", [here])
    crm.users()
    crm.rules()
    assert crm.calls - before == place.heard() - heard >= 3


def test_steps_cover_every_action_once(crm: Crm) -> None:
    actions = [action for step in crm.steps for action in step.actions]
    asked_for = {each.key for each in get_args(Action)} - (set() if "requests" in crm.can else {Answer.key})
    assert sorted(actions) == sorted([AUDIT, *asked_for])
    assert all(step.batch >= 1 for step in crm.steps)
    assert crm.name in {"salesforce", "hubspot"}
    assert "notify" in crm.can


def test_a_crm_can_be_closed_twice(place: Place) -> None:
    opened = place.open()
    opened.users()
    opened.close()
    opened.close()
