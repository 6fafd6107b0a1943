"""Parts of snapshots go by age, wherever the audits stand, but those that somebody still needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from connector.hubspot import expiring, snapshot_keeping
from connector.hubspot.snapshot_parts import Part
from connector.hubspot.storage import current
from tests.connector.hubspot.app_objects import deploy, upgrade
from tests.connector.hubspot.conftest import settings, work
from tests.connector.hubspot.merges import apply, merged, survivor_now, to_merge, to_undo
from tests.connector.hubspot.test_merging_storage import settled, two
from tests.connector.hubspot.test_storage_moving import moved

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.hubspot.gateway import HubSpotCrm
    from tests.connector.hubspot.conftest import Portal

TIERS = ("starter", "enterprise")
"""Without custom objects parts are notes, with them records."""
NOW = datetime.now(UTC)


@pytest.fixture(params=TIERS)
def portal(shelved: Callable[..., Portal], request: pytest.FixtureRequest) -> Portal:
    return settled(shelved(tier=request.param))


def place(portal: Portal) -> str:
    return "notes" if "properties" in portal.crm().can else f"p{portal.id}_routing_audit"


def kept(portal: Portal, crm: HubSpotCrm, *keys: str, days: int) -> None:
    """Have the portal hold a snapshot of each of these decisions, that many days old."""
    (person,) = portal.people(1)
    parts = [Part(each, 1, "1/1:Birdwhistle", ("0-1", person), NOW - timedelta(days=days)) for each in keys]
    for start in range(0, len(parts), 100):
        current(crm._portal).keep_parts(parts[start : start + 100], ())


def there(portal: Portal) -> int:
    return len(portal.rows(place(portal)))


def expired(crm: HubSpotCrm, before: datetime, *but: str) -> int:
    """Go through all pages; return how many records went."""
    count, after = 0, None
    while True:
        found = crm.expire(before=before, but=frozenset(but), after=after)
        count, after = count + found.count, found.after
        if after is None:
            return count


def test_what_is_old_goes_and_nothing_of_it_can_be_restored(portal: Portal) -> None:
    crm = portal.crm()
    kept(portal, crm, "old", "held", days=40)
    kept(portal, crm, "young", days=20)
    assert expired(crm, NOW - timedelta(days=30), "held") == 1
    assert there(portal) == 2
    (gone,) = portal.sandbox.rows(portal.id, place(portal), archived=True)
    assert "Birdwhistle" not in str(gone["properties"])
    assert "Switchyard record" not in str(gone["properties"])
    assert expired(crm, NOW - timedelta(days=30), "held") == 0


def test_audits_and_other_peoples_notes_stay_however_old_they_are(portal: Portal) -> None:
    one, other = two(portal)
    (third,) = portal.people(1)
    crm, item = portal.crm(), work(third, portal.owner(), actions=())
    merged(crm, [to_merge(one, other)])
    portal.load("notes", [{"hs_note_body": "Our snapshot of Switchyard", "hs_timestamp": "2001-01-01T00:00:00Z"}])
    assert {each.status for each in crm.apply("audit", [item])} == {"done"}
    before = there(portal)
    assert expired(crm, NOW + timedelta(days=1)) == 1
    assert there(portal) == before - 1
    assert [row["key"] for row in crm.audits(third)] == [item.decision.key]
    assert "Our snapshot of Switchyard" in [row["properties"].get("hs_note_body") for row in portal.rows("notes")]


def test_a_merge_whose_snapshot_went_cannot_be_undone_and_nothing_is_touched(portal: Portal) -> None:
    one, other = two(portal)
    crm, item = portal.crm(), to_merge(one, other)
    now = survivor_now(item, merged(crm, [item])[0])
    expired(crm, NOW + timedelta(days=1))
    (effect,) = apply(crm, "unmerge", [to_undo(item, now)])
    assert (effect.status, effect.ref) == ("refused", "")
    assert "it has expired or was deleted" in effect.detail
    assert len(portal.rows("contacts")) == 1


def test_two_hundred_go_in_five_calls(portal: Portal) -> None:
    crm = portal.crm()
    kept(portal, crm, *(f"many-{number}" for number in range(450)), days=40)
    before = crm.calls
    assert expired(crm, NOW - timedelta(days=30), "many-7") == 449
    assert crm.calls - before <= 3 * 5 + 2
    assert there(portal) == 1
    assert expiring.PAGE == 200


def test_a_part_of_an_older_version_goes_by_when_it_was_made(
    shelved: Callable[..., Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not say when its merge was decided."""
    portal = settled(shelved(tier="enterprise"))
    crm = portal.crm()
    plain = Part.properties.fget  # type: ignore[attr-defined]
    undated = property(lambda part: {name: value for name, value in plain(part).items() if name != "decided_at"})
    monkeypatch.setattr(Part, "properties", undated)
    kept(portal, crm, "old", days=400)
    assert expired(crm, NOW - timedelta(days=30)) == 0, "it was made just now"
    assert expired(crm, NOW + timedelta(days=1)) == 1


def test_what_was_moved_to_a_better_place_has_the_age_that_it_had(shelved: Callable[..., Portal]) -> None:
    portal = settled(shelved(tier="professional"))
    crm = portal.crm()
    kept(portal, crm, "old", days=40)
    kept(portal, crm, "young", days=20)
    upgrade(portal)
    crm = portal.crm()
    crm.prepare()
    assert expired(crm, NOW - timedelta(days=35), "old") == 0, "while it is moved as well"
    moved(crm)
    assert (there(portal), expired(crm, NOW - timedelta(days=30))) == (2, 1)
    assert set(snapshot_keeping.record_parts(crm._client, current(crm._portal).places, ["old", "young"])) == {"young"}  # type: ignore[attr-defined]


def test_in_app_objects_which_no_app_may_delete_they_are_emptied_once(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="starter")
    portal.order("limits", general=None, search=None, associations=None)
    deploy(portal)
    crm = portal.crm(settings=settings(hubspot_app_id=str(portal.sandbox.app_id)))
    crm.prepare()
    kept(portal, crm, "old", days=40)
    portal.fault(
        f"POST .*a{portal.sandbox.app_id}_routing_audit/batch/archive|POST .*/batch/archive",
        status=403,
        body={"category": "MISSING_SCOPES", "message": "no"},
        times=1,
    )
    assert expired(crm, NOW - timedelta(days=30)) == 1
    (part,) = portal.rows(f"a{portal.sandbox.app_id}_routing_audit")
    assert "Birdwhistle" not in str(part["properties"])
    assert "Expired" in part["properties"].values()
    assert expired(crm, NOW - timedelta(days=30)) == 0
