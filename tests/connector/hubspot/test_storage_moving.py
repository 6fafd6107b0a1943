"""A portal that gets a better place for its rules and audits is moved there without loss; one that loses it goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from connector.acts import ResponseRow
from connector.erased import Left
from connector.errors import Later
from connector.hubspot.notetext import NOTE
from connector.rows import RuleRow
from connector.store.shelves import StoredShelf
from tests.connector.hubspot.app_objects import app_scopes, deploy, downgrade, grant, upgrade
from tests.connector.hubspot.conftest import settings, work

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connector.hubspot.gateway import HubSpotCrm
    from connector.work import Work
    from tests.connector.hubspot.conftest import Portal

DESK = RuleRow("Desk", "pool", 10, "- pool: Desk")
REST = RuleRow("Rest", "rule", 20, "- rule: Rest")
DRAFT = RuleRow("Rest", "rule", 30, "- rule: Rest 2", state="draft")


def opened(portal: Portal) -> HubSpotCrm:
    return portal.crm(settings=settings(hubspot_app_id=str(portal.sandbox.app_id)))


def decided(portal: Portal, count: int) -> list[Work]:
    """Have that many decisions made and audited, each about a contact at a company."""
    crm, owner = opened(portal), portal.owner()
    (company,) = portal.load("companies", [{"name": "Acme"}])
    items = [work(person, owner, company=company, actions=()) for person in portal.people(count)]
    for start in range(0, count, 100):
        assert {each.status for each in crm.apply("audit", items[start : start + 100])} == {"done"}
    return items


def moved(crm: HubSpotCrm, after: str | None = None, *, twice: bool = False) -> int:
    """Move everything; `twice`: a worker dies after each page, before it has noted it."""
    count = 0
    while True:
        found = crm.move(after)
        count += found.count
        after = (crm.move(after) if twice else found).after
        if after is None:
            return count


def as_numbers(audits: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return audits with the confidence as HubSpot writes numbers."""
    return [{**row, "confidence": f"{float(row['confidence']):g}"} for row in audits]


def keys(portal: Portal) -> list[str]:
    return sorted(row["properties"]["decision_key"] for row in records(portal))


def told(rows: Sequence[RuleRow]) -> list[RuleRow]:
    return [replace(row, id=None) for row in rows]


def records(portal: Portal, name: str = "") -> list[dict[str, Any]]:
    return portal.rows(name or f"p{portal.id}_routing_audit")


@pytest.fixture
def plain(shelved: Callable[..., Portal]) -> Portal:
    """A portal without custom objects, with rules of its own."""
    portal = shelved(tier="professional")
    crm = opened(portal)
    crm.prepare()
    ids = crm.put_rules([DESK, REST, DRAFT])
    crm.mark_standings([replace(DESK, id=ids[0], standing="Ana: 3", received=3, difference=0.5)])
    return portal


def test_an_upgrade_moves_audits_and_rules_without_loss(plain: Portal) -> None:
    items = decided(plain, 101)
    lead = items[0].decision.lead.id
    rules, before = opened(plain).rules(), as_numbers(opened(plain).audits(lead))
    upgrade(plain)
    crm = opened(plain)
    crm.prepare()
    assert crm.can >= {"properties", "move"}, "until the end it stays where it is"
    first = crm.move(None)
    assert first.count == 100
    items += decided(plain, 1)  # between two pages
    assert as_numbers(crm.audits(lead)) == before
    moved(crm, first.after, twice=True)
    assert crm.can >= {"custom_objects"}
    assert "move" not in crm.can
    assert told(crm.rules()) == told(rules)
    assert as_numbers(crm.audits(lead)) == before
    assert keys(plain) == sorted(item.decision.key for item in items)
    assert all({"0-1", "0-2"} <= {each["toObjectType"] for each in row["associations"]} for row in records(plain))
    assert records(plain, NOTE) == [], "one audit stands in one place"
    assert plain.shelf is not None
    assert plain.shelf.rules() == ()


def test_an_answer_that_is_lost_on_the_way_doubles_nothing(plain: Portal) -> None:
    decided(plain, 3)
    upgrade(plain)
    crm = opened(plain)
    crm.prepare()
    plain.fault(r"POST /crm/objects/2026-09/2-\d+/batch/create", drop="after")
    with pytest.raises(Later):
        moved(crm)
    assert "properties" in crm.can
    moved(opened(plain))
    assert len(records(plain)) == 3


def test_other_peoples_notes_stay(plain: Portal) -> None:
    decided(plain, 1)
    plain.order("create", object="notes", properties={"hs_timestamp": "1", "hs_note_body": "Called her"})
    upgrade(plain)
    crm = opened(plain)
    crm.prepare()
    assert moved(crm) == 1
    assert [row["properties"]["hs_note_body"] for row in records(plain, NOTE)] == ["Called her"]


class Busy(StoredShelf):
    """A shelf on which somebody publishes a rule at the very moment when the choice changes."""

    def choose(self, kind: str, *, why: str = "", target: str = "") -> None:
        if kind == "custom_objects":
            self.put([RuleRow("Late", "rule", 40, "- rule: Late")])
        super().choose(kind, why=why, target=target)


def test_rules_that_are_published_while_they_are_copied_are_copied_again(plain: Portal) -> None:
    upgrade(plain)
    opened(plain).prepare()
    assert plain.shelf is not None
    plain.shelf = Busy(**{name.removeprefix("_"): each for name, each in vars(plain.shelf).items()})
    crm = opened(plain)
    moved(crm)
    assert [row.name for row in crm.rules()] == ["Desk", "Rest", "Rest", "Late"]


def test_a_portal_that_loses_custom_objects_goes_on_with_notes(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="enterprise")
    opened(portal).prepare()
    opened(portal).put_rules([DESK])
    (old,) = decided(portal, 1)
    downgrade(portal)
    crm = opened(portal)
    crm.prepare()
    assert crm.can >= {"properties"}
    assert crm.rules() == ()
    assert [each.status for each in crm.apply("audit", [replace(old)])] == ["done"]
    (new,) = decided(portal, 1)
    assert [row["key"] for row in crm.audits(new.decision.lead.id)] == [new.decision.key]


def test_who_comes_back_has_every_audit_once_and_the_rules_of_now(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="enterprise")
    opened(portal).prepare()
    opened(portal).put_rules([DESK, replace(REST, definition="- rule: Of old")])
    first = decided(portal, 2)
    downgrade(portal)
    opened(portal).prepare()
    opened(portal).put_rules([replace(DESK, definition="- pool: Now")])
    second = decided(portal, 2)
    upgrade(portal)
    crm = opened(portal)
    crm.prepare()
    moved(crm)
    wanted = sorted(item.decision.key for item in (*first, *second))
    assert keys(portal) == wanted
    found = {row.name: row for row in crm.rules()}
    assert (found["Desk"].state, found["Desk"].definition) == ("live", "- pool: Now")
    assert (found["Rest"].state, found["Rest"].version[:7]) == ("draft", "retired")


def test_app_objects_are_the_best_place(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="professional")
    deploy(portal)
    crm = opened(portal)
    crm.prepare()
    assert "app_objects" in crm.can
    crm.put_rules([DESK])
    assert told(crm.rules()) == [DESK]
    (item,) = decided(portal, 1)
    (row,) = crm.audits(item.decision.lead.id)
    assert (row["key"], row["rule"]) == (item.decision.key, "EMEA")
    prefix = f"a{portal.sandbox.app_id}_"
    (record,) = records(portal, f"{prefix}routing_audit")
    assert record["properties"][f"{prefix}decision_key"] == item.decision.key
    assert [each.status for each in crm.apply("audit", [replace(item, uncertain=item.pending)])] == ["already"]
    assert crm.mark_responses([ResponseRow(item.decision.key, "of another time", "late")]) == {}
    assert crm.audits(item.decision.lead.id)[0]["response_status"] == "late"
    portal.owner()
    (line,) = [each for each in crm.check() if each.name == "Rules and audit"]
    assert line.ok
    assert line.detail.startswith("App objects: Routing rule is object 2-")


def test_app_objects_that_are_granted_later_take_over_from_custom_objects(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="enterprise")
    opened(portal).prepare()
    opened(portal).put_rules([DESK, DRAFT])
    items = decided(portal, 3)
    deploy(portal)
    crm = opened(portal)
    crm.prepare()
    assert crm.can >= {"custom_objects", "move"}
    before: Mapping[str, str] = crm.audits(items[0].decision.lead.id)[0]
    assert moved(crm, twice=True) == 3
    assert "app_objects" in crm.can
    assert told(crm.rules()) == [DESK, DRAFT]
    assert crm.audits(items[0].decision.lead.id) == (before,)
    old = {row["properties"]["rule_name"]: row["properties"] for row in records(portal, f"p{portal.id}_routing_rule")}
    assert old["Desk"]["error"] == "The rules were moved: this record is not read any more."


def test_the_objects_of_another_app_are_not_ours(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="enterprise")
    deploy(portal)
    crm = portal.crm(settings=settings(hubspot_app_id="1"))
    crm.prepare()
    assert "custom_objects" in crm.can


def test_a_portal_that_refuses_custom_objects_in_spite_of_its_scopes_keeps_notes(
    shelved: Callable[..., Portal],
) -> None:
    portal = shelved(tier="enterprise")
    portal.fault("POST /crm-object-schemas", status=403, body={"category": "MISSING_SCOPES"}, times=2)
    crm = opened(portal)
    crm.prepare()
    assert "properties" in crm.can
    assert portal.shelf is not None
    assert portal.shelf.standing().why.startswith("Your subscription has no custom objects")


def test_a_passing_fault_changes_no_place(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="enterprise")
    opened(portal).prepare()
    portal.memo.values.clear()
    portal.fault("GET /crm-object-schemas", status=503, body={})
    with pytest.raises(Later):
        opened(portal).prepare()
    assert "custom_objects" in opened(portal).can


def test_another_better_place_under_way_loses_no_audit(plain: Portal) -> None:
    """What was copied to the first place stands nowhere else, once the notes are deleted."""
    items = decided(plain, 101)
    upgrade(plain)
    crm = opened(plain)
    crm.prepare()
    first = crm.move(None)
    deploy(plain)
    crm = opened(plain)
    crm.prepare()
    moved(crm, first.after)
    assert "app_objects" in crm.can
    prefix = f"a{plain.sandbox.app_id}_"
    there = {row["properties"][f"{prefix}decision_key"] for row in records(plain, f"{prefix}routing_audit")}
    assert there == {item.decision.key for item in items}


def test_rules_of_another_time_are_not_live_in_the_place_that_is_left(shelved: Callable[..., Portal]) -> None:
    """Custom objects still have the rules from before the move to app objects: leads must not go by them again."""
    portal = shelved(tier="enterprise")
    opened(portal).prepare()
    opened(portal).put_rules([DESK, replace(REST, definition="- rule: Of old")])
    deploy(portal)
    opened(portal).prepare()
    moved(opened(portal))
    grant(portal, portal.scopes - app_scopes(str(portal.sandbox.app_id)))
    crm = opened(portal)
    crm.prepare()
    assert "custom_objects" in crm.can
    assert [row for row in crm.rules() if row.state == "live"] == []


def test_who_is_forgotten_while_audits_are_moved_is_in_neither_place(plain: Portal) -> None:
    items = decided(plain, 101)
    upgrade(plain)
    crm = opened(plain)
    crm.prepare()
    first = crm.move(None)
    gone = next(item for item in items if item.decision.key in keys(plain))
    crm.forget(Left(leads=frozenset({gone.decision.lead.id}), keys=frozenset({gone.decision.key})))
    moved(crm, first.after)
    assert gone.decision.key not in keys(plain)


def test_an_id_of_another_time_deletes_nobody_elses_audit(shelved: Callable[..., Portal]) -> None:
    """The ids of notes may be those of records, once the audits stand there."""
    portal = shelved(tier="enterprise")
    crm = opened(portal)
    crm.prepare()
    mine, other = decided(portal, 2)
    (record,) = [row for row in records(portal) if row["properties"]["decision_key"] == other.decision.key]
    crm.forget(Left(frozenset({mine.decision.lead.id}), frozenset({mine.decision.key}), frozenset({record["id"]})))
    assert keys(portal) == [other.decision.key]
