"""Rules and audits that are moved to a better place in their CRM: a page at a time, whoever dies in between."""

from __future__ import annotations

import pytest

from connector.errors import Later, Refused
from connector.rows import Moved, RuleRow
from connector.store import decisions, ledger, progress, rulesets
from connector.store.progress import Progress
from jobs import move, setup
from tests.jobs.conftest import House

PAGES = {None: Moved(100, "copy:100"), "copy:100": Moved(7, "clear:"), "clear:": Moved(0, None)}


def begin(house: House, name: str) -> None:
    with house.database.write() as connection:
        progress.start(connection, house.install.id, name, now=house.now)


def standing(house: House) -> Progress | None:
    with house.database.read() as connection:
        return next((each for each in progress.of(connection, house.install.id) if each.name == move.NAME), None)


def can_move(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Let the CRM have found a better place; return where it was asked to go on."""
    asked: list[str | None] = []

    def page(after: str | None) -> Moved:
        asked.append(after)
        return PAGES[after]

    monkeypatch.setattr(house.crm, "move", page)
    monkeypatch.setattr(house.crm, "can", frozenset({*house.crm.can, "move"}))
    return asked


def test_set_up_begins_to_move_where_the_crm_has_a_better_place(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = can_move(house, monkeypatch)
    begin(house, setup.NAME)
    house.drain()
    assert asked == [None, "copy:100", "clear:"]
    done = standing(house)
    assert done is not None
    assert (done.state, done.done, done.total) == ("done", 107, 107)
    assert done.reason == "107 audits were moved, and the rules."


def test_set_up_moves_nothing_where_there_is_nothing_better(house: House) -> None:
    begin(house, setup.NAME)
    house.drain()
    assert standing(house) is None


def test_a_move_goes_on_where_it_stood(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = can_move(house, monkeypatch)
    begin(house, move.NAME)
    with house.database.write() as connection:
        progress.move(
            connection, house.install.id, move.NAME, now=house.now, state="running", after="copy:100", done=100
        )
    house.drain()
    assert asked == ["copy:100", "clear:"]
    done = standing(house)
    assert done is not None
    assert done.done == 107


def test_setting_up_again_lets_a_move_under_way_go_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = can_move(house, monkeypatch)
    begin(house, move.NAME)
    with house.database.write() as connection:
        progress.move(
            connection, house.install.id, move.NAME, now=house.now, state="running", after="copy:100", done=100
        )
    begin(house, setup.NAME)
    house.drain()
    assert asked == ["copy:100", "clear:"]


def test_a_busy_crm_is_asked_again_from_the_same_place(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    can_move(house, monkeypatch)
    begin(house, move.NAME)
    with monkeypatch.context() as patch:
        patch.setattr(house.crm, "move", busy)
        house.drain()
    found = standing(house)
    assert found is not None
    assert (found.state, found.after) == ("waiting", None)
    house.later(minutes=5)
    house.drain()
    found = standing(house)
    assert found is not None
    assert found.state == "done"


def busy(after: str | None) -> Moved:
    raise Later("busy", seconds=5)


def test_a_refused_move_says_why_and_set_up_begins_it_anew(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = can_move(house, monkeypatch)
    begin(house, move.NAME)
    with monkeypatch.context() as patch:
        patch.setattr(house.crm, "move", refuse)
        house.drain()
    found = standing(house)
    assert found is not None
    assert (found.state, found.reason) == ("failed", "An audit could not be moved.")
    begin(house, setup.NAME)
    house.drain()
    assert asked == [None, "copy:100", "clear:"]


def refuse(after: str | None) -> Moved:
    raise Refused("An audit could not be moved.")


def test_the_ids_of_moved_audits_are_forgotten_and_those_of_tasks_are_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    can_move(house, monkeypatch)
    begin(house, move.NAME)
    house.drain()
    with house.database.read() as connection:
        (made,) = decisions.latest(connection, house.install.id, house.tools.seal(house.install), ["l1"]).values()
        lines = ledger.of(connection, house.install.id, [made.key])[made.key]
    assert lines["audit"].ref == ""
    assert lines["task"].ref != ""


def test_the_rules_are_read_again_from_where_they_stand_now(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    can_move(house, monkeypatch)
    with house.database.read() as connection:
        before = rulesets.get(connection, house.install.id, house.tools.seal(house.install))
    assert before is not None
    house.later(seconds=1)
    begin(house, move.NAME)
    house.drain()
    house.drain()
    with house.database.read() as connection:
        after = rulesets.get(connection, house.install.id, house.tools.seal(house.install))
    assert after is not None
    assert after.read_at > before.read_at


def test_rules_that_went_with_their_objects_are_the_ones_in_force_and_not_the_starter(house: House) -> None:
    with house.database.read() as connection:
        live = rulesets.get(connection, house.install.id, house.tools.seal(house.install))
    assert live is not None
    house.crm.rule_rows.clear()
    begin(house, setup.NAME)
    house.drain()
    rows = house.crm.rules()
    assert [row.name for row in rows] == ["Account owner", "Everyone", "Everyone else"]
    assert rows[0] == RuleRow("Account owner", "rule", 10, rows[0].definition, version=rows[0].version, id=rows[0].id)
    with house.database.read() as connection:
        again = rulesets.get(connection, house.install.id, house.tools.seal(house.install))
    assert again is not None
    assert again.version == live.version
