"""Where a portal's rules and audits stand: one choice of three, found from what was granted, remembered on our shelf.

The best that can be had: the app's own objects, custom objects, or notes and properties with the rules in our database.
A portal that comes to have a better place is moved there page by page, and the choice changes at the end; one that lost
its place goes on with the next best at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from connector.errors import Ignored, Refused
from connector.hubspot import definitions, objects, records, reports, snapshot_parts
from connector.hubspot.fields import CONTACT
from connector.hubspot.notes import NoteStorage
from connector.hubspot.properties import audit_texts
from connector.hubspot.schemas import SCHEMAS
from connector.hubspot.shelf import KINDS
from connector.retiring import retired
from connector.rows import AuditPage, Expired, Moved

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from connector.acts import ResponseRow
    from connector.crm import Memo
    from connector.erased import Left
    from connector.hubspot.batches import Verdict
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.expiring import Old
    from connector.hubspot.moving import KeptPage
    from connector.hubspot.records import RecordStorage
    from connector.hubspot.shelf import Kind, Shelf
    from connector.hubspot.snapshot_parts import Part
    from connector.rows import RuleRow
    from connector.work import Effect, Work

NOTES = "The audit stands in notes and properties, and the rules in Switchyard"
NO_CUSTOM_OBJECTS = (
    "Your subscription has no custom objects (they need Enterprise), or they were not granted: the audit stands in "
    "notes and properties, and the rules in Switchyard. With Enterprise, connect Switchyard again as a super admin"
)
_COPY, _CLEAR = "copy:", "clear:"
MOVED_AWAY = "The rules were moved: this record is not read any more."


class Storage(Protocol):
    """Keeps a portal's rules and audits; see :class:`connector.crm.Crm` for what each verb does."""

    @property
    def kind(self) -> Kind:
        """Which of the three it is."""
        ...

    def rules(self) -> tuple[RuleRow, ...]:
        """Return all rows by position."""
        ...

    def put_rules(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        """Create or update rows; return their ids in order."""
        ...

    def mark_rules(self, rows: Sequence[RuleRow]) -> None:
        """Write only error and version."""
        ...

    def mark_standings(self, rows: Sequence[RuleRow]) -> None:
        """Write only what members of pools have received."""
        ...

    def audit(self, work: Sequence[Work]) -> list[Effect]:
        """Write one audit a decision; one that is there is not written again."""
        ...

    def mark_responses(self, rows: Sequence[ResponseRow]) -> dict[str, str]:
        """Write what came of waiting for an answer."""
        ...

    def audits(self, lead_id: str) -> tuple[Mapping[str, str], ...]:
        """Return the audits of a lead, newest first."""
        ...

    def keep_parts(self, parts: Sequence[Part], uncertain: Collection[str]) -> dict[str, Verdict]:
        """Write parts of snapshots, verdicts by their keys; those of `uncertain` decisions may be there."""
        ...

    def parts(self, about: Mapping[str, tuple[str, str]]) -> dict[str, list[str]]:
        """Return the texts of the parts of snapshots, by decision; `about`: the survivor's object and id now."""
        ...

    def forget(self, left: Left) -> None:
        """Delete, or empty, the audits about people who must be forgotten."""
        ...

    def expire(self, wanted: Old) -> Expired:
        """Empty and delete the next parts of snapshots that are too old."""
        ...

    def audit_page(self, after: str | None) -> KeptPage:
        """List part of all audits."""
        ...


@dataclass(frozen=True, slots=True)
class Portal:
    """What a portal's storage is found with. `lead_type` is the object that is routed."""

    client: HubSpotClient
    memo: Memo
    shelf: Shelf
    scopes: frozenset[str]
    app_id: str = ""
    lead_type: str = CONTACT

    @property
    def kind(self) -> Kind:
        """Return where rules and audits stand: as chosen by the set-up, before it by the granted scopes."""
        return self.kind_as(self.shelf.standing().kind)

    def kind_as(self, chosen: str) -> Kind:
        """Return where they stand when the shelf says `chosen`."""
        known = next((kind for kind in KINDS if kind == chosen), None)
        return known or ("custom_objects" if self.scopes >= objects.CUSTOM_SCOPES else "properties")


@dataclass(frozen=True, slots=True)
class Choice:
    """The best place that a portal can have, and why not a better one."""

    kind: Kind
    why: str = field(default="", compare=False)


def current(portal: Portal) -> Storage:
    """Return the storage in use. Raises Refused when its objects are missing."""
    kind = portal.kind
    return NoteStorage(portal.client, portal.shelf, portal.lead_type) if kind == "properties" else _of(portal, kind)


def _of(portal: Portal, kind: Kind) -> RecordStorage:
    prefix = objects.app_prefix(portal.app_id) if kind == "app_objects" else ""
    places = objects.find(portal.client, portal.memo, prefix=prefix, lead_type=portal.lead_type)
    return records.opened(portal.client, places, kind)


def forget(memo: Memo) -> None:
    """Look anew where the objects are: HubSpot has just contradicted what was remembered."""
    memo.forget(objects.MEMO)


def best(portal: Portal) -> Choice:
    """Find the best place by the granted scopes, the portal's objects and its limits (1 to 3 calls)."""
    if portal.app_id and objects.are_deployed(portal.client, objects.app_prefix(portal.app_id), portal.lead_type):
        return Choice("app_objects")
    if not portal.scopes >= objects.CUSTOM_SCOPES:
        return Choice("properties", NO_CUSTOM_OBJECTS)
    try:
        full = objects.room(portal.client)
    except (Refused, Ignored) as error:
        return Choice("properties", f"{NO_CUSTOM_OBJECTS}. {error}")
    return Choice("properties", full) if full else Choice("custom_objects")


def prepare(portal: Portal) -> None:
    """Make what is missing of our properties and objects, and choose where to keep things; safe to repeat.

    A portal that lost its place changes at once, one that could have a better place is to be moved: see :func:`move`.
    Raises Refused with what to do.
    """
    forget(portal.memo)
    definitions.prepare(portal.client, portal.memo, portal.scopes, portal.lead_type)
    found, known = best(portal), portal.shelf.standing().kind
    if found.kind == "custom_objects":
        try:
            objects.prepare(portal.client)
        except objects.NotAllowed as error:
            found = Choice("properties", f"{NO_CUSTOM_OBJECTS}. {error}")
    if known and known != found.kind and is_better(found.kind, known) and _is_usable(portal):
        portal.shelf.choose(known, why=found.why, target=found.kind)
    else:
        if known and known != found.kind:
            _retire(portal, found.kind)
        portal.shelf.choose(found.kind, why=found.why)
    current(portal)


def _retire(portal: Portal, kind: Kind) -> None:
    """Rules that still stand in a place that was left once are of another time: no lead may go by them again."""
    place = NoteStorage(portal.client, portal.shelf, portal.lead_type) if kind == "properties" else _of(portal, kind)
    if old := [retired(row) for row in place.rules() if row.state == "live"]:
        place.put_rules(old)


def is_better(kind: Kind, known: str) -> bool:
    """Whether a place is better than another."""
    return KINDS.index(kind) < next((place for place, each in enumerate(KINDS) if each == known), len(KINDS))


def _is_usable(portal: Portal) -> bool:
    """Whether what stands in the place in use can still be read."""
    try:
        current(portal).rules()
    except (Refused, Ignored):
        return False
    finally:
        forget(portal.memo)
    return True


def audit(portal: Portal, storage: Storage, work: Sequence[Work]) -> list[Effect]:
    """Write the audits, and before them what is reported on companies and, without objects, on contacts."""
    lacking = definitions.lacking(portal.client, portal.memo, portal.scopes, portal.lead_type)
    reports.companies(portal.client, work, portal.scopes, lacking)
    if storage.kind == "properties":
        reports.leads(portal.client, portal.lead_type, work, lacking)
    return storage.audit(work)


def mark_responses(portal: Portal, storage: Storage, rows: Sequence[ResponseRow]) -> dict[str, str]:
    """Write what came of waiting for an answer into the audits, then on contacts; return what was refused, by key."""
    refused = storage.mark_responses(rows)
    if told := {row.lead_id: row for row in rows if row.lead_id}:
        lacking = definitions.lacking(portal.client, portal.memo, portal.scopes, portal.lead_type)
        reports.answers(portal.client, portal.lead_type, told, lacking)
    return refused


def move(portal: Portal, after: str | None) -> Moved:
    """Copy the next page of audits to the better place; after the last one the rules, and then the choice changes.

    Notes that were copied are deleted at last: one audit stands in one place. All of it may be repeated: a worker that
    dies goes on where it stood, and what is there is not written again. `after` says where: ``copy:``, the better place
    and ``:``, or ``clear:``, with a place in HubSpot's list. When another place is the better one by now, copying
    begins anew: what was copied stands where nobody reads it.
    """
    after, known = after or "", portal.shelf.standing()
    target = next((kind for kind in KINDS if kind == known.target), None)
    if target is None:
        return _clear(portal, after.removeprefix(_CLEAR) if after.startswith(_CLEAR) else "")
    here = f"{_COPY}{target}:"
    source, goal = current(portal), _of(portal, target)
    page = source.audit_page(after.removeprefix(here) if after.startswith(here) else None)
    goal.take(page.rows)
    if page.after is not None:
        return Moved(len(page.rows), f"{here}{page.after}")
    copied = _move_rules(source.rules(), goal)
    portal.shelf.choose(target, why=known.why)
    if (late := source.rules()) != copied:  # somebody published while they were copied
        _move_rules(late, goal)
    _close(portal, source)
    return Moved(len(page.rows), _CLEAR if source.kind == "properties" else None)


def _clear(portal: Portal, place: str) -> Moved:
    """Delete the next page of notes that stand as records by now; never where notes are in use (again)."""
    if portal.kind == "properties":
        return Moved(0, None)
    portal.shelf.clear()
    after = NoteStorage(portal.client, portal.shelf, portal.lead_type).clear_page(place or None)
    return Moved(0, f"{_CLEAR}{after}" if after is not None else None)


def audit_page(storage: Storage, after: str | None) -> AuditPage:
    """Return part of all audits, without the parts of snapshots."""
    page = storage.audit_page(after)
    rows = [each for each in page.rows if not snapshot_parts.is_part(each.key)]
    return AuditPage(tuple(audit_texts(each.properties) | {"id": each.id} for each in rows), page.after)


def forget_people(portal: Portal, storage: Storage, left: Left) -> None:
    """Forget people in the audits, in those too that were or are being copied from one place to another."""
    storage.forget(left)
    for kind in _copied(portal, storage):
        # The ids that we remember are those of the place in use.
        _of(portal, kind).forget(replace(left, audits=frozenset(), others=frozenset()))


def expire(portal: Portal, storage: Storage, wanted: Old) -> Expired:
    """Delete the next parts of old snapshots, in the place in use and then where they were or are being copied."""
    kinds = [storage.kind, *_copied(portal, storage)]
    kind, _, after = (wanted.after or "").rpartition(":")
    here = kinds.index(kind) if kind in kinds else 0
    place = storage if here == 0 else _of(portal, kinds[here])
    found = place.expire(replace(wanted, after=(after or None) if kind == kinds[here] else None))
    if found.after is not None:
        return Expired(found.count, f"{kinds[here]}:{found.after}")
    return Expired(found.count, f"{kinds[here + 1]}:" if here + 1 < len(kinds) else None)


def _copied(portal: Portal, storage: Storage) -> list[Kind]:
    """Return where audits stand as well: they are being copied there, or were copied from there."""
    copies: set[Kind] = {kind for kind in KINDS if kind == portal.shelf.standing().target}
    if storage.kind == "app_objects" and portal.scopes >= objects.CUSTOM_SCOPES and _has_custom(portal):
        copies.add("custom_objects")
    return sorted(copies)


def _has_custom(portal: Portal) -> bool:
    return len(objects.listed(portal.client)) == len(SCHEMAS)


def _move_rules(rows: tuple[RuleRow, ...], goal: RecordStorage) -> tuple[RuleRow, ...]:
    """Make the rules of `goal` those, by kind, name and state, as ids differ; what else is live there is retired."""
    there: dict[tuple[str, str, str], list[RuleRow]] = {}
    for row in goal.rules():
        there.setdefault(_mine(row), []).append(row)
    wanted = [replace(row, id=there[_mine(row)].pop(0).id if there.get(_mine(row)) else None) for row in rows]
    old = [retired(row) for left in there.values() for row in left if row.state == "live"]
    ids = goal.put_rules([*wanted, *old])
    goal.mark_standings([replace(row, id=new) for row, new in zip(rows, ids, strict=False) if row.standing])
    return rows


def _mine(row: RuleRow) -> tuple[str, str, str]:
    return row.kind, row.name, row.state


def _close(portal: Portal, source: Storage) -> None:
    """Say on the old records that they are not read any more; those on our shelf are deleted."""
    if source.kind == "properties":
        portal.shelf.clear()
        return
    try:
        source.mark_rules([replace(row, error=MOVED_AWAY) for row in source.rules() if row.state == "live"])
    except (Refused, Ignored):
        return  # they say nothing then, and are not read all the same
