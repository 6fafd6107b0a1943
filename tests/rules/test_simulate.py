"""Two rule sets over the same past leads: each lead once, at its own time, with both reasons."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rules.comparison import Comparison
from rules.model import Candidate, Match, User, Verdict
from rules.simulate import PastLead, Simulation, View
from rules.typed_leads import TableFault, canonical, decoded, fields_of, spread, table
from tests.rules.make import ANA, BOB, CARLA, USERS, account, lead, scene

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TWO = """
- pool: Team
  members: [{user: ana@example.com}, {user: bob@example.com}]
- rule: Everyone
  assign: pool "Team"
"""
ANA_FIRST = """
- rule: France
  when: [lead.country is France]
  assign: user "carla@example.com"
- pool: Team
  members: [{user: ana@example.com, weight: 3}, {user: bob@example.com}]
- rule: Everyone
  assign: pool "Team"
"""
NAMES = {"email": "Email", "country": "Country", "employees": "NumberOfEmployees"}


def past(number: int, at: datetime, view: View | None = None, **fields: Any) -> PastLead:
    own = lead(f"L{number:03}", owner=None, last_name=f"Lead {number}", **fields)
    seen = view or View(Match("none"))
    return PastLead(own, at, Verdict("different"), seen, seen)


def stream(count: int, step: timedelta = timedelta(minutes=10), **fields: Any) -> list[PastLead]:
    return [past(number, MONDAY + number * step, **fields) for number in range(count)]


def compared(
    before: str, after: str, leads: list[PastLead], users: Mapping[str, User] = USERS, **more: Any
) -> Comparison:
    simulation = Simulation(scene(before, users=users), scene(after, users=users), **more)
    simulation.take(leads)
    return simulation.finish()


def test_the_same_rules_move_no_lead() -> None:
    found = compared(TWO, TWO, stream(10))
    assert (found.leads, found.moves, found.moved) == (10, 0, ())
    assert found.before.owners == found.after.owners == {ANA.id: 5, BOB.id: 5}


def test_a_draft_is_compared_owner_by_owner_and_rule_by_rule() -> None:
    leads = [past(n, MONDAY + timedelta(hours=n), country="France" if n % 4 == 0 else "Spain") for n in range(16)]
    found = compared(TWO, ANA_FIRST, leads)
    assert found.before.owners == {ANA.id: 8, BOB.id: 8}
    assert found.after.owners == {CARLA.id: 4, ANA.id: 9, BOB.id: 3}
    assert (found.before.rules, found.after.rules) == ({"Everyone": 16}, {"Everyone": 12, "France": 4})
    assert found.owners()[0] == (BOB.id, 8, 3), "who changes most stands first"
    french = [each for each in found.moved if each.after.rule == "France"]
    assert len(french) == 4
    assert "Carla" in french[0].after.reason
    assert "Everyone" in french[0].before.reason
    assert found.moves == len(found.moved)


def test_each_rule_set_has_a_rotation_of_its_own() -> None:
    found = compared(TWO, ANA_FIRST, stream(8))
    assert (found.before.owners[ANA.id], found.after.owners[ANA.id]) == (4, 6)


def test_leads_are_handed_in_a_few_at_a_time_and_count_once() -> None:
    whole, parts = compared(TWO, ANA_FIRST, stream(30)), Simulation(scene(TWO), scene(ANA_FIRST))
    counts = [parts.take(stream(30)[start : start + 10]) for start in (0, 10, 10, 20)]
    assert counts == [10, 20, 20, 30]
    assert parts.finish().plain() == whole.plain()


NIGHT = """
- pool: Team
  hold: 16 hours
  hours: "Mon-Fri 09:00-17:00 UTC"
  members: [{user: ana@example.com}]
- rule: Everyone
  assign: pool "Team"
"""


def test_a_lead_of_the_night_is_held_and_given_when_somebody_is_at_work() -> None:
    evening = MONDAY.replace(hour=20)
    found = compared(TWO, NIGHT, [past(1, evening), past(2, evening + timedelta(days=1, hours=-8))])
    assert (found.after.held, found.after.waiting, found.after.owners) == (1, 0, {ANA.id: 2})
    assert found.before.held == 0
    (moved,) = found.moved
    assert moved.lead_id == "L002", "the first came to Ana before too"


def test_the_night_s_leads_are_given_before_those_of_the_next_day() -> None:
    capped = NIGHT.replace("- rule", '  cap: 1 per day\n  overflow: user "bob@example.com"\n- rule')
    leads = [past(1, MONDAY.replace(hour=20)), past(2, MONDAY + timedelta(days=1, hours=3))]
    found = compared(TWO, capped, leads)
    assert found.after.owners == {ANA.id: 1, BOB.id: 1}
    assert found.after.fallbacks == 1


WAITS = """
- rule: Big
  when: [lead.employees > 100]
  wait: {for: lead.employees, at most: 1 hour}
  assign: user "ana@example.com"
- rule: Rest
  assign: user "bob@example.com"
"""


def test_a_lead_that_waits_for_a_value_goes_on_when_its_time_is_over() -> None:
    found = compared(TWO, WAITS, [past(1, MONDAY), past(2, MONDAY, employees=500)])
    assert found.after.owners == {BOB.id: 1, ANA.id: 1}
    assert found.after.held == 1
    late = next(each for each in found.moved if each.lead_id == "L001")
    assert late.after.given_at == MONDAY + timedelta(hours=1)
    assert late.before.given_at == MONDAY


def test_what_nobody_takes_is_counted_and_so_is_what_stays() -> None:
    gone = '- rule: Gone\n  when: [lead.country is France]\n  assign: user "gustavo@example.com"\n'
    keeps = gone + "- rule: Keep\n  when: [lead.country is Spain]\n  assign: keep\n"
    leads = [past(1, MONDAY, country="France"), past(2, MONDAY, country="Spain"), past(3, MONDAY)]
    tally = compared(TWO, keeps, leads).after
    assert (tally.unassigned, tally.kept, tally.owners) == (2, 1, {})


def test_load_is_told_per_member_and_week() -> None:
    found = compared(TWO, TWO, stream(4, timedelta(days=4)))
    assert found.before.weeks == {ANA.id: {"2026-W10": 1, "2026-W11": 1}, BOB.id: {"2026-W10": 1, "2026-W11": 1}}


ESCALATES = TWO.replace(
    '- rule: Everyone\n  assign: pool "Team"',
    '- rule: Everyone\n  assign: pool "Team"\n  escalate:\n'
    "    - {after: 15 minutes, remind: true}\n    - {after: 2 hours, to: manager}",
)


def test_escalations_are_counted_and_those_that_a_known_first_action_came_before() -> None:
    first, second, third = stream(3)
    acted = MONDAY + timedelta(hours=1)
    leads = [PastLead(each.lead, MONDAY, each.duplicate, each.before, each.after, acted_at=acted) for each in (first,)]
    tally = compared(TWO, ESCALATES, [*leads, second, third]).after
    assert tally.escalations == {"remind": 3, "tell": 3}
    assert (tally.answered, tally.in_time) == (2, 1)


FEWEST = TWO.replace("- pool: Team", "- pool: Team\n  open leads: 2")


def test_leads_count_as_open_for_as_long_as_is_said() -> None:
    assert compared(TWO, FEWEST, stream(6)).after.fallbacks == 2
    slow = stream(6, timedelta(days=2))
    assert compared(TWO, FEWEST, slow).after.fallbacks == 0
    assert compared(TWO, FEWEST, slow, open_for=timedelta(days=30)).after.fallbacks == 2


def test_each_side_sees_the_account_that_its_policy_matched() -> None:
    own = account("A1", owner=CARLA.id, name="Globex")
    matched = View(Match("matched", Candidate("A1", "Globex", CARLA.id, 0.99)), own)
    owner = "- rule: Customer\n  when: [match.status is matched]\n  assign: account owner\n" + TWO
    one = PastLead(lead("L1", owner=None), MONDAY, Verdict("different"), View(Match("none")), matched)
    found = compared(owner, owner, [one])
    assert (found.before.owners, found.after.owners) == ({ANA.id: 1}, {CARLA.id: 1})


def test_what_came_of_it_is_json_and_csv_that_no_spreadsheet_runs() -> None:
    bad = past(1, MONDAY, country="France", company="=cmd|' /C calc'!A0")
    bad = PastLead(
        lead("=1+1", owner=None, company="=cmd", country="France"), MONDAY, bad.duplicate, bad.before, bad.after
    )
    found = compared(TWO, ANA_FIRST, [bad])
    assert json.loads(json.dumps(found.plain()))["moves"] == 1
    header, row = csv.reader(found.csv())
    told = dict(zip(header, row, strict=True))
    assert (told["lead"], told["name"]) == ("'=1+1", "'=cmd")
    assert (told["owner_before"], told["owner_after"], told["rule_after"]) == ("Ana", "Carla", "France")


def test_only_so_many_moved_leads_are_kept_and_all_are_counted() -> None:
    simulation = Simulation(scene(TWO), scene('- rule: All\n  assign: user "carla@example.com"\n'), most=3)
    simulation.take(stream(10))
    found = simulation.finish()
    assert (found.moves, len(found.moved)) == (10, 3)


def test_a_table_is_read_with_marks_semicolons_and_either_kind_of_names() -> None:
    text = (
        '\ufeffEmail;Country;NumberOfEmployees;Custom__c;received at\n"a@x.com";France;1.200;7;2026-03-02 10:00\n;;;;\n'
    )
    (one,) = table(text, NAMES)
    assert one.lead.id == "line 2"
    assert one.lead.fields == {"email": "a@x.com", "country": "France", "employees": 1200, "Custom__c": "7"}
    assert one.received_at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def test_cells_may_hold_commas_and_line_ends() -> None:
    (one,) = table('id,company,street\r\n7,"Globex, Inc.","Main St 1\r\nFloor 2"\r\n', NAMES)
    assert (one.lead.id, one.lead.fields["company"], one.lead.fields["street"]) == (
        "7", "Globex, Inc.", "Main St 1\nFloor 2",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("email,country\n", "no leads"),
        ("foo,bar\n1,2\n", "No column"),
        ("email,Email\na,b\n", "Two columns are called email"),
        ("email\na,b\n", "Line 2 has 2 cells"),
        ("id,email\n1,a\n1,b\n", "stands there twice"),
        ("email,received_at\na,yesterday\n", "no moment"),
    ],
)
def test_a_faulty_table_is_a_sentence(text: str, words: str) -> None:
    with pytest.raises(TableFault, match=words):
        table(text, NAMES)


def test_leads_without_a_time_are_spread_evenly() -> None:
    until = MONDAY + timedelta(days=4)
    found = spread(table("email\na@x.com\nb@x.com\n", NAMES), until, timedelta(days=4))
    assert [each.received_at for each in found] == [MONDAY, MONDAY + timedelta(days=2)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_are_read_as_spreadsheets_write_them(encoding: str) -> None:
    assert decoded("company\nMüller".encode(encoding)) == "company\nMüller"


def test_fields_are_known_by_any_usual_name() -> None:
    names = ("Email", "lead.country", "zip", "My_Field__c", "Owner", "First Name")
    ours = ["email", "country", "postal_code", "My_Field__c", "owner_id", "first_name"]
    assert [canonical(each, NAMES) for each in names] == ours
    told = fields_of(
        {"first_name": "Kim", "last_name": "Lee", "employees": "51-200", "tags": ["a", "b"], "x": ""}, NAMES
    )
    assert told == {"first_name": "Kim", "last_name": "Lee", "name": "Kim Lee", "employees": "51-200", "tags": "a;b"}
