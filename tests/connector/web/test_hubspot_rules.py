"""The rules on HubSpot's settings page: who may publish what, and what happens when two do, or when a text is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from connector.desk import rulebook
from connector.errors import Later
from connector.hubspot import objects
from connector.rows import RuleRow
from connector.store import installs, leases, rulesets, shelves
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.shelves import Standing, StoredShelf
from connector.web import hubspot_rulebook, hubspot_rules
from jobs.rulebook import PUBLISHING
from rules.parsing.pieces import LONGEST_PIECE
from rules.ruleset import Source, split
from tests.connector.web.hubspot_pages import ANA, BOSS, PORTAL, Page, acme_portal, ana, boss
from tests.connector.web.kit import CheckedCrm, House
from tests.fakes import FakeCrm

__all__ = ["acme_portal", "ana", "boss"]

RULES = """
- rule: Big ones
  when: [lead.employees >= 5000]
  assign: pool "Desk"
- pool: Desk
  members: [ana@example.com]
- rule: All others
  assign: pool "Desk"
"""
PATH = "/hubspot/settings/rules"


class ShelfCrm(FakeCrm):
    """A portal without objects for rules: they stand in our database."""

    shelf: StoredShelf

    def rules(self) -> tuple[RuleRow, ...]:
        return self.shelf.rules()

    def put_rules(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        return self.shelf.put(rows)


@pytest.fixture
def shelf(house: House, acme_portal: Install) -> StoredShelf:
    made = StoredShelf(house.database, acme_portal.id, house.seal(acme_portal), house.clock)
    made.choose("properties", why="Starter.")
    made.put([RuleRow(each.name, each.kind, place * 10, each.text) for place, each in enumerate(split(RULES), 1)])
    crm = ShelfCrm(name="hubspot", people=[ANA, BOSS])
    crm.shelf = made
    house.crms[acme_portal.id] = cast("CheckedCrm", crm)
    return made


def book(page: Page) -> dict[str, Any]:
    answer = page.get(PATH)
    assert answer.status_code == 200, answer.text
    return cast("dict[str, Any]", answer.get_json())


def listed(shown: dict[str, Any], **texts: str | None) -> list[dict[str, Any]]:
    """The items of a page as it sends them: `texts` by name are edited, None is removed."""
    kept = [each for each in shown["items"] if texts.get(each["name"], "") is not None]
    return [
        {"id": each["id"], **({"definition": texts[each["name"]]} if each["name"] in texts else {})} for each in kept
    ]


def put(page: Page, version: str, items: list[dict[str, Any]], language: str = "en") -> TestResponse:
    return page.post(f"{PATH}?language={language}", {"version": version, "items": items}, method="PUT")


def live(shelf: StoredShelf) -> list[tuple[str, str]]:
    return [(row.kind, row.name) for row in shelf.rules() if row.state == "live"]


def test_everybody_reads_the_rules_with_texts_and_errors(boss: Page, ana: Page, shelf: StoredShelf) -> None:
    first = shelf.rules()[0]
    shelf.mark([replace(first, error="Line 1: what?", version="v-1")], ["error", "version"])
    shown = book(ana)
    assert shown["items"][0] == {
        "id": first.id,
        "name": "Big ones",
        "kind": "rule",
        "position": 10,
        "definition": first.definition,
        "state": "live",
        "error": "Line 1: what?",
        "version": "v-1",
        "url": "",
    }
    assert (shown["editable"], shown["may_change"], shown["records_url"]) == (False, False, "")
    assert book(boss)["editable"] is True


def test_a_change_is_published_as_an_edit_in_a_crm_would_be(
    boss: Page, house: House, acme_portal: Install, shelf: StoredShelf
) -> None:
    shown = book(boss)
    before = shelf.rules()
    with house.database.write() as connection:
        sources = [Source(row.name, row.definition) for row in before]
        seal = house.seal(acme_portal)
        rulesets.put(connection, acme_portal.id, seal, sources=sources, version="v-old", now=house.now)
    text = '- rule: Big ones\r\n  when: [lead.employees >= 900]\r\n  assign: pool "Desk"'
    with capture_logs() as logs:
        answer = put(boss, shown["version"], listed(shown, **{"Big ones": text}))
    assert answer.status_code == 200, answer.text
    after = shelf.rules()
    assert [row.id for row in after] == [row.id for row in before]
    assert after[0].definition == text.replace("\r\n", "\n") + "\n"
    assert after[1:] == before[1:], "what nobody touched is not written"
    assert answer.get_json()["version"] == book(boss)["version"] != shown["version"]
    assert house.rung == [acme_portal.id]
    with house.database.read() as connection:
        found = rulesets.get(connection, acme_portal.id, house.seal(acme_portal))
    assert found is not None
    assert found.read_at < house.now, "a worker reads the rules again"
    memo = StoredMemo(house.database, acme_portal.id, house.seal(acme_portal), house.clock).get(PUBLISHING)
    assert memo is not None
    assert memo["by"] == BOSS.name
    assert [each["did"] for each in logs if each["event"] == "changed"] == ["rules published"]


def test_a_new_name_and_all_that_name_it_go_live_together_and_rules_are_added_moved_and_removed(
    boss: Page, shelf: StoredShelf
) -> None:
    shown = book(boss)
    by_name = {each["name"]: each["id"] for each in shown["items"]}
    items = [
        {"id": by_name["Desk"], "definition": "- pool: Front desk\n  members: [ana@example.com]"},
        {"id": "", "definition": '- rule: Partners\n  when: [lead.source is Partner]\n  assign: pool "Front desk"'},
        {"id": by_name["All others"], "definition": '- rule: Everybody\n  assign: pool "Front desk"'},
    ]
    assert put(boss, shown["version"], items).status_code == 200
    assert live(shelf) == [("pool", "Front desk"), ("rule", "Partners"), ("rule", "Everybody")]
    assert [row.name for row in shelf.rules() if row.state == "draft"] == ["Big ones"], "nothing is deleted"
    assert [each["name"] for each in book(boss)["items"]] == ["Front desk", "Partners", "Everybody"]
    positions = [row.position for row in shelf.rules() if row.state == "live"]
    assert positions == sorted(set(positions))


def test_a_rule_that_comes_back_takes_its_retired_place(boss: Page, shelf: StoredShelf) -> None:
    shown = book(boss)
    text = shown["items"][0]["definition"]
    assert put(boss, shown["version"], listed(shown, **{"Big ones": None})).status_code == 200
    again = book(boss)
    items = [{"id": "", "definition": text}, *listed(again)]
    assert put(boss, again["version"], items).status_code == 200
    assert len(shelf.rules()) == 3
    assert live(shelf)[0] == ("rule", "Big ones")


def test_of_two_people_the_second_is_told_and_nothing_of_the_first_is_lost(boss: Page, shelf: StoredShelf) -> None:
    shown = book(boss)
    mine = "- rule: All others\n  assign: user ana@example.com\n"
    assert put(boss, shown["version"], listed(shown, **{"All others": mine})).status_code == 200
    before = shelf.rules()
    late = put(boss, shown["version"], listed(shown, **{"Big ones": "- rule: Big ones\n  assign: keep"}))
    assert (late.status_code, late.get_json()["title"]) == (409, "Not possible now")
    assert shelf.rules() == before
    gone = put(boss, book(boss)["version"], [{"id": "99"}])
    assert gone.status_code == 409, "an item that is not there any more"
    assert shelf.rules() == before


def test_the_same_list_once_more_is_answered_alike_and_changes_nothing(
    boss: Page, house: House, shelf: StoredShelf
) -> None:
    """HubSpot's proxy sends a call again that got a 5xx on its way, though it was done."""
    shown = book(boss)
    items = [*listed(shown), {"id": "", "definition": "- list: EMEA\n  values: [FR, DE]"}]
    first = put(boss, shown["version"], items)
    before = shelf.rules()
    assert put(boss, shown["version"], items).get_json() == first.get_json()
    assert shelf.rules() == before
    assert len(before) == 4


def test_while_somebody_publishes_another_waits(
    boss: Page, house: House, acme_portal: Install, shelf: StoredShelf
) -> None:
    with house.database.write() as connection:
        name = f"publish:{acme_portal.id}"
        assert leases.take(connection, name, "another", now=house.now, seconds=rulebook.WRITING_SECONDS)
    shown = book(boss)
    answer = put(boss, shown["version"], listed(shown, **{"All others": None}))
    assert (answer.status_code, "at this moment" in answer.get_json()["detail"]) == (409, True)
    assert len(live(shelf)) == 3


def test_a_wrong_text_is_refused_with_every_fault_at_its_item_and_nothing_is_written(
    boss: Page, house: House, shelf: StoredShelf
) -> None:
    shown, before = book(boss), shelf.rules()
    items = [
        *listed(shown, **{"Big ones": '- rule: Big ones\n  when: [lead.employees >= many]\n  assign: pool "Dsk"'}),
        {"id": "", "definition": "- rule: Two\n  assign: keep\n- rule: Three\n  assign: keep"},
    ]
    answer = put(boss, shown["version"], items)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    faults = answer.get_json()["faults"]
    assert {(each["item"], each["line"]) for each in faults} >= {(0, 2), (0, 3), (3, 3)}
    assert all(each["message"] for each in faults)
    assert any("“Desk”" in each["remedy"] for each in faults if each["item"] == 0)
    french = put(boss, shown["version"], items, "fr").get_json()["faults"]
    assert [each["line"] for each in french] == [each["line"] for each in faults]
    assert not {each["message"] for each in french} & {each["message"] for each in faults}
    assert shelf.rules() == before
    assert house.rung == []


@pytest.mark.parametrize(
    "text", ["", "# nothing", "just words", "- rule: [", "- frule: A", "- rule: \ud800", "\x00", "x" * 60_001]
)
def test_what_is_no_item_at_all_is_told_at_its_place(boss: Page, shelf: StoredShelf, text: str) -> None:
    shown, before = book(boss), shelf.rules()
    answer = put(boss, shown["version"], [*listed(shown), {"id": "", "definition": text}])
    assert answer.status_code == 422, answer.text
    (fault,) = answer.get_json()["faults"]
    assert (fault["item"], fault["line"] >= 1, bool(fault["message"]), bool(fault["remedy"])) == (3, True, True, True)
    assert shelf.rules() == before


def test_a_red_test_among_the_rules_keeps_them_from_going_live(boss: Page, shelf: StoredShelf) -> None:
    shown = book(boss)
    test = "- test: Everybody goes to Ana\n  lead: {employees: 10}\n  expect: {rule: Big ones}"
    answer = put(boss, shown["version"], [*listed(shown), {"id": "", "definition": test}])
    assert answer.status_code == 422
    (fault,) = answer.get_json()["faults"]
    assert (fault["item"], fault["message"].startswith("The test “Everybody goes to Ana” fails")) == (3, True)
    assert len(live(shelf)) == 3


def test_a_list_without_any_item_is_refused(boss: Page, shelf: StoredShelf) -> None:
    assert put(boss, book(boss)["version"], []).status_code == 422
    assert len(live(shelf)) == 3


@pytest.mark.parametrize(
    "body",
    [
        {"items": []},
        {"version": 1, "items": []},
        {"version": "", "items": {}},
        {"version": "", "items": ["a"]},
        {"version": "", "items": [{"id": 7}]},
        {"version": "", "items": [{"id": ""}]},
        {"version": "", "items": [{"id": "1; drop"}]},
        {"version": "", "items": [{"id": "1", "definition": 5}]},
        {"version": "", "items": [{"id": "1"}, {"id": "1"}]},
        {"version": "", "items": [{"id": "1"}] * (hubspot_rulebook.MOST_ITEMS + 1)},
    ],
)
def test_a_list_that_makes_no_sense_is_not_understood(boss: Page, shelf: StoredShelf, body: dict[str, Any]) -> None:
    assert boss.post(PATH, body, method="PUT").status_code == 400
    assert len(live(shelf)) == 3


def test_administrators_alone_publish(ana: Page, shelf: StoredShelf) -> None:
    shown = book(ana)
    answer = put(ana, shown["version"], listed(shown, **{"All others": None}))
    assert (answer.status_code, answer.get_json()["title"]) == (403, "Not allowed")
    assert len(live(shelf)) == 3


def test_a_long_text_arrives_whole_and_a_longer_body_than_hubspots_does_not(boss: Page, shelf: StoredShelf) -> None:
    shown = book(boss)
    values = ", ".join(f"domain{number}.example" for number in range(1_000))
    wide = [{"id": "", "definition": f"- list: List {each}\n  values: [{values}]"} for each in range(8)]
    assert put(boss, shown["version"], [*listed(shown), *wide]).status_code == 200
    assert len(live(shelf)) == 11
    monstrous = [{"id": "", "definition": "x" * hubspot_rules.LONGEST_BODY}]
    assert put(boss, shown["version"], monstrous).status_code == 413


def test_texts_that_have_no_room_in_an_answer_are_left_out_and_kept_when_others_are_published(
    boss: Page, shelf: StoredShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = shelf.rules()[0].definition
    monkeypatch.setattr(hubspot_rules, "LONGEST_TEXTS", 150)
    shown = book(boss)
    assert [each["name"] for each in shown["items"] if each["definition"] is None] == ["Big ones"]
    changed = "- pool: Desk\n  members: [bob@example.com]"
    assert put(boss, shown["version"], listed(shown, Desk=changed)).status_code == 200
    assert shelf.rules()[0].definition == long


def test_while_rules_are_being_moved_or_stand_in_hubspot_nobody_edits_them_here(
    boss: Page, house: House, acme_portal: Install, shelf: StoredShelf
) -> None:
    shelf.choose("properties", target="custom_objects")
    shown = book(boss)
    assert shown["editable"] is False
    moving = put(boss, shown["version"], listed(shown))
    assert (moving.status_code, "moved" in moving.get_json()["detail"]) == (409, True)
    shelf.choose("custom_objects")
    assert put(boss, shown["version"], listed(shown)).status_code == 409


def test_records_in_hubspot_are_shown_with_their_addresses_and_not_read_for_each_look(
    boss: Page, house: House, acme_portal: Install
) -> None:
    asked: list[str] = []
    crm = FakeCrm(name="hubspot", people=[ANA], before=asked.append)
    crm.rule_rows = [RuleRow("EMEA", "rule", 1, "- rule: EMEA\n  assign: keep", error="Line 1: what?", id="77")]
    house.crms[acme_portal.id] = cast("CheckedCrm", crm)
    with house.database.write() as connection:
        shelves.choose(connection, acme_portal.id, Standing("custom_objects"), now=house.now)
    memo = StoredMemo(house.database, acme_portal.id, house.seal(acme_portal), house.clock)
    memo.put(objects.MEMO, {"0-1": {"rule_type": "2-345"}}, seconds=60)
    shown = book(boss)
    portal = f"https://app-eu1.hubspot.com/contacts/{PORTAL}"
    assert shown["records_url"] == f"{portal}/objects/2-345/views/all/list"
    (item,) = shown["items"]
    assert (item["url"], item["error"]) == (f"{portal}/record/2-345/77", "Line 1: what?")
    assert (shown["editable"], shown["may_change"]) == (False, True)
    assert book(boss) == shown
    assert asked == ["rules"]


def test_rules_that_hubspot_does_not_tell_now_are_an_error_in_words(
    boss: Page, house: House, acme_portal: Install
) -> None:
    with house.database.write() as connection:
        shelves.choose(connection, acme_portal.id, Standing("custom_objects"), now=house.now)

    def silent(_call: str) -> None:
        raise Later("Too many calls.", seconds=9)

    house.crms[acme_portal.id] = cast("CheckedCrm", FakeCrm(name="hubspot", before=silent))
    shown = book(boss)
    assert (shown["items"], shown["error"]) == ([], "HubSpot does not answer as it should: Too many calls.")


def test_what_is_wrong_with_the_newest_rules_as_a_whole_is_told(
    boss: Page, house: House, acme_portal: Install, shelf: StoredShelf
) -> None:
    with house.database.write() as connection:
        seal = house.seal(acme_portal)
        rulesets.set_fault(connection, acme_portal.id, seal, "There is no pool “X”.", now=house.now)
    assert book(boss)["error"] == "There is no pool “X”."


def test_nobody_publishes_in_a_portal_that_withdrew_our_right(
    boss: Page, house: House, acme_portal: Install, shelf: StoredShelf
) -> None:
    shown = book(boss)
    with house.database.write() as connection:
        installs.set_status(connection, acme_portal.id, "revoked", "Removed.")
    assert put(boss, shown["version"], listed(shown)).status_code == 404
    assert book(boss)["items"] == []


def test_the_page_takes_as_long_a_text_as_the_connector() -> None:
    panel = (Path(__file__).parents[3] / "manifests/hubspot/src/app/settings/parts/RulePanel.tsx").read_text(
        encoding="utf-8"
    )
    assert f"TEXT_LENGTH = {LONGEST_PIECE:_};" in panel
