"""Where snapshots are kept: in each kind of storage, in as many parts as need be, and no longer than the people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connector.erased import Left
from connector.hubspot import snapshot_parts
from connector.hubspot.snapshots import Kept, Picture
from tests.connector.hubspot.app_objects import deploy
from tests.connector.hubspot.conftest import settings
from tests.connector.hubspot.merges import apply, merged, photograph, survivor_now, taken, to_merge, undone

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.hubspot.gateway import HubSpotCrm
    from tests.connector.hubspot.conftest import Portal

CANARY = "Birdwhistle"


def settled(portal: Portal) -> Portal:
    portal.order("limits", general=None, search=None, associations=None)
    portal.crm().prepare()
    return portal


@pytest.fixture
def notes(shelved: Callable[..., Portal]) -> Portal:
    """A portal of a small subscription."""
    return settled(shelved(tier="starter"))


def two(portal: Portal) -> tuple[str, str]:
    rows = [{"email": "ana@x.example", "firstname": CANARY}, {"email": "a@x.example", "firstname": "A", "phone": "+1"}]
    one, other = portal.load("contacts", rows)
    return one, other


def there_and_back(portal: Portal, crm: HubSpotCrm) -> str:
    """Merge and undo; return the id of the record that was kept."""
    one, other = two(portal)
    before, item = photograph(portal), to_merge(one, other, values={"city": "Rome"})
    became = merged(crm, [item])
    back = undone(crm, [item], became)[0]
    now = survivor_now(item, became[0])
    assert back.left == ()
    assert photograph(portal, {back.now[other]: other, now: one}) == before
    assert crm.audits(now) == ()
    return now


def test_in_notes_a_snapshot_is_on_the_record_that_is_kept_and_is_no_audit(notes: Portal) -> None:
    now = there_and_back(notes, notes.crm())
    (note,) = notes.rows("notes")
    assert [end["toObjectId"] for end in note["associations"]] == [now]
    assert "Snapshot before a merge, part 1 of 1" in note["properties"]["hs_note_body"]


def test_in_app_objects_a_snapshot_stands_beside_the_audits(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="starter")
    deploy(portal)
    crm = portal.crm(settings=settings(hubspot_app_id=str(portal.sandbox.app_id)))
    crm.prepare()
    there_and_back(portal, crm)
    assert "app_objects" in crm.can
    prefix = f"a{portal.sandbox.app_id}_"
    (part,) = portal.rows(f"{prefix}routing_audit")
    assert part["properties"][f"{prefix}detail"].startswith("1/1:")
    assert part["associations"] == []


def test_a_snapshot_that_was_begun_is_written_anew_and_not_twice(notes: Portal) -> None:
    one, other = two(notes)
    crm, item = notes.crm(), to_merge(one, other)
    apply(crm, "snapshot", [item])
    notes.order("update", object="contacts", id=other, properties={"phone": "+2"})
    (again,) = crm.apply("snapshot", [replace(item, uncertain=frozenset({"snapshot"}))])
    assert (again.status, again.ref) == ("done", "1")
    assert len(notes.rows("notes")) == 1
    became = taken(crm.apply("merge", [item]))
    back = undone(crm, [item], became)[0]
    assert notes.properties("contacts", back.now[other])["phone"] == "+2"


@pytest.mark.parametrize("in_notes", [True, False])
def test_a_snapshot_goes_when_its_people_are_erased(shelved: Callable[..., Portal], *, in_notes: bool) -> None:
    portal = settled(shelved(tier="starter" if in_notes else "enterprise"))
    one, other = two(portal)
    crm, item = portal.crm(), to_merge(one, other)
    now = survivor_now(item, merged(crm, [item])[0])
    kind = "notes" if in_notes else f"p{portal.id}_routing_audit"
    assert len(portal.rows(kind)) == 1
    portal.order("gdpr-delete", object="contacts", id=now)
    crm.forget(Left(leads=frozenset({now}), keys=frozenset({item.decision.key})))
    assert portal.rows(kind) == []
    (gone,) = portal.sandbox.rows(portal.id, kind, archived=True)
    assert "1/1:" not in str(gone["properties"])
    assert "Switchyard record" not in str(gone["properties"])


def test_a_large_snapshot_is_cut_into_parts_and_read_back_whole() -> None:
    values = {f"p{number}": f"{number * 7919 % 104729:x}" * 9 for number in range(9_000)}
    picture = Picture((Kept("0-1", "1", values, ()),), ("0-47",))
    texts = snapshot_parts.pack(picture.told())
    assert len(texts) > 1
    assert max(map(len, texts)) < snapshot_parts.PART_SIZE + 20
    read = snapshot_parts.unpack(reversed(texts))
    assert read is not None
    assert Picture.read(read) == picture
    assert snapshot_parts.unpack(texts[:-1]) is None
    assert snapshot_parts.unpack(["1/1:not base64"]) is None
