"""What members received and were entitled to, on the records of their pools: when it is written, and when it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from connector.errors import Later, Refused
from connector.rows import RuleRow
from connector.store import progress
from connector.store.progress import Progress
from jobs import clock, standings
from rules.model import Mode
from rules.parts import Member, Pool
from rules.routing.rotation import UNIT
from tests.jobs import routes
from tests.jobs.conftest import House, Prologue
from tests.jobs.routes import come, rules

TWO_TO_ONE = """
- rule: Leads
  assign: pool "Desk"
- pool: Desk
  members: [{user: ana@example.com, weight: 2}, {user: bob@example.com}]
- pool: Spare
  members: [ana@example.com]
"""


def row(house: House, kind: str = "pool", name: str = "Desk") -> RuleRow:
    return next(each for each in house.crm.rule_rows if (each.kind, each.name) == (kind, name))


def work(house: House) -> Progress | None:
    with house.database.read() as connection:
        return next((each for each in progress.of(connection, house.install.id) if each.name == standings.NAME), None)


def calls(house: House) -> list[str]:
    """Return the names of the calls from now on."""
    heard: list[str] = []
    house.crm.before = heard.append
    return heard


def refuse(house: House) -> list[str]:
    """Have the package lack the fields."""
    heard: list[str] = []

    def say_no(call: str) -> None:
        heard.append(call)
        if call == "mark_standings":
            raise Refused("Routing_Rule__c has no such fields.")

    house.crm.before = say_no
    return heard


def hour(house: House) -> None:
    """Let the clock look again after an hour, and a worker answer it."""
    house.later(seconds=house.settings.standings_seconds)
    if standings.ask(house.tools):
        house.drain()


def has_routed_four(house: House) -> None:
    rules(house, TWO_TO_ONE)
    for number in range(4):
        come(house, f"l{number}")


@pytest.fixture
def desk(begin: Callable[[Prologue], House]) -> House:
    return begin(has_routed_four)


def test_the_record_of_a_pool_says_what_each_member_received_and_was_entitled_to(desk: House) -> None:
    heard = calls(desk)
    assert standings.ask(desk.tools) == 1
    desk.drain()
    pool = row(desk)
    got = routes.got(desk)
    assert pool.standing.splitlines() == [
        f"Ana: received {got['u1']}, entitled to 2.67 ({'0.33 ahead' if got['u1'] == 3 else '0.67 behind'})",
        f"Bob: received {got['u2']}, entitled to 1.33 ({'0.33 behind' if got['u1'] == 3 else '0.67 ahead'})",
    ]
    assert (pool.received, pool.difference) == (4, 0.33 if got["u1"] == 3 else 0.66)
    assert heard.count("mark_standings") == 1, "one call for all records"
    assert {row(desk, name="Spare").standing, row(desk, "rule", "Leads").standing} == {""}


def test_it_is_written_once_an_hour_at_most_and_only_after_turns_were_taken(desk: House) -> None:
    heard = calls(desk)
    hour(desk)
    come(desk, "l5")
    assert standings.ask(desk.tools) == 0, "the hour is not over"
    hour(desk)
    hour(desk)
    assert heard.count("mark_standings") == 2, "in the last hour no turn was taken"
    assert row(desk).received == 5


def test_no_turn_means_no_work(house: House) -> None:
    assert standings.ask(house.tools) == 0
    assert work(house) is None


def test_the_clock_asks_for_it(desk: House) -> None:
    standings.ask(desk.tools)
    desk.rung.clear()
    assert clock.sweep(desk.tools) == 1
    assert desk.rung == [desk.install.id]


def test_writing_leaves_the_rules_in_force_and_what_people_edited(desk: House) -> None:
    before = [(each.definition, each.version, each.error) for each in desk.crm.rule_rows]
    heard = calls(desk)
    hour(desk)
    desk.post(desk.event("rules", kind="rule", change="updated"))
    desk.drain()
    assert [(each.definition, each.version, each.error) for each in desk.crm.rule_rows] == before
    assert "mark_rules" not in heard, "an event about our own writing changes nothing"
    assert row(desk).received == 4


def test_an_older_package_is_asked_to_be_completed_and_its_refusal_is_noted_once(desk: House) -> None:
    heard = refuse(desk)
    hour(desk)
    noted = work(desk)
    assert noted is not None
    assert (noted.state, noted.reason) == ("failed", "Routing_Rule__c has no such fields.")
    assert [each for each in heard if each in {"mark_standings", "prepare"}] == [
        "mark_standings", "prepare", "mark_standings",
    ]  # fmt: skip
    heard.clear()
    come(desk, "l9")
    hour(desk)
    hour(desk)
    assert "mark_standings" not in heard
    assert desk.owner("l9") in {"u1", "u2"}, "leads are routed all the same"
    desk.later(seconds=standings.RETRY_AFTER.total_seconds())
    calls(desk)
    hour(desk)
    assert row(desk).received == 5, "after a week it is tried again: somebody may have updated the package"


def test_fields_that_can_be_made_are_made_and_then_written(desk: House) -> None:
    made: list[str] = []

    def portal_of_an_earlier_version(call: str) -> None:
        made.append(call)
        if call == "mark_standings" and "prepare" not in made:
            raise Refused("Property standing does not exist.")

    desk.crm.before = portal_of_an_earlier_version
    hour(desk)
    assert row(desk).received == 4


def test_a_crm_that_is_away_gets_it_later(desk: House) -> None:
    def away(call: str) -> None:
        if call == "mark_standings":
            raise Later("Busy.", seconds=30)

    desk.crm.before = away
    hour(desk)
    noted = work(desk)
    assert noted is not None
    assert noted.state == "waiting"
    calls(desk)
    desk.later(minutes=1)
    desk.drain()
    assert row(desk).received == 4


def test_a_record_that_is_no_pool_in_force_any_more_is_emptied(desk: House) -> None:
    hour(desk)
    desk.crm.rule_rows = [
        replace(each, state="draft", definition="- pool: [broken") if each.name == "Desk" else
        replace(each, definition=each.definition.replace("Desk", "Spare")) for each in desk.crm.rule_rows
    ]  # fmt: skip
    desk.post(desk.event("rules", kind="rule", change="updated"))
    desk.drain()
    come(desk, "l7")
    hour(desk)
    assert (row(desk).standing, row(desk).received, row(desk).difference) == ("", None, None)
    assert row(desk, name="Spare").received == 1


@pytest.mark.parametrize("mode", ["observe", "suggest"])
def test_what_was_only_watched_says_so(house: House, mode: Mode) -> None:
    rules(house, TWO_TO_ONE)
    house.mode(mode)
    come(house, "l1")
    hour(house)
    first, *members = row(house).standing.splitlines()
    assert mode in first
    assert len(members) == 2


def test_the_largest_difference_is_never_rounded_up_to_a_whole_lead(house: House) -> None:
    ana = house.crm.people[1]
    pool = Pool("Desk", (Member("ana@example.com"), Member("nobody@example.com")))
    for due, told in ((0.0, 0.0), (0.999, 0.99), (-0.5, 0.5), (1.25, 1.25)):
        found = standings.lines(pool, {"u1": {"got": 7, "entitled": int((7 + due) * UNIT)}}, {"ana@example.com": ana})
        assert [each.user for each in found] == [ana]
        assert standings.difference(found) == told
    assert standings.difference(()) == 0
