"""Undoing a merge in HubSpot, which has no way to do it: the losers are made anew from the snapshot.

They get what they said and what they were tied to, and the survivor says again what it said before. Each record that is
made carries the name of the merge and of the record it stands for in a unique property, so that it is made once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connector.errors import Ignored, Refused
from connector.hubspot import reading, snapshots, unmerging_fields, unmerging_relations
from connector.hubspot.answers import Gone
from connector.hubspot.columns import columns, object_type
from connector.hubspot.effects import action
from connector.hubspot.fields import CONTACT, OWNER, chunks, text
from connector.hubspot.properties import RESTORED
from connector.hubspot.unmerging_fields import EMAIL, OTHER_EMAILS, addresses
from connector.hubspot.unmerging_relations import Parted
from connector.hubspot.unmerging_writing import create, update
from connector.merging import Taken
from connector.work import Effect
from rules.actions import Unmerge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.hubspot.answers import Fault
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.columns import Columns
    from connector.hubspot.snapshots import Kept, Picture
    from connector.hubspot.storage import Portal, Storage
    from connector.work import Work

    Json = Mapping[str, Any]

UNMERGE_ACTIONS = frozenset({Unmerge.key})
NO_SNAPSHOT = (
    "The snapshot of this merge is not in HubSpot any more: it has expired or was deleted, or somebody has changed it"
)
SURVIVOR_GONE = "The record that was kept is gone: there is nothing to take the others out of"


@dataclass(slots=True)
class Undo:
    """One undo on its way."""

    item: Work
    order: Unmerge
    object_type: str
    now: str
    row: Json = field(default_factory=dict)
    picture: Picture | None = None
    made: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    why: str = ""

    @property
    def losers(self) -> tuple[Kept, ...]:
        """The records that are to be made anew."""
        return self.picture.records[1:] if self.picture else ()

    def mark(self, loser: str) -> str:
        """Return what the record that stands for a loser carries."""
        return f"{self.order.of}:{loser}"

    def effect(self) -> Effect:
        """Say what became of it."""
        key, ref = self.item.decision.key, Taken(self.made, tuple(dict.fromkeys(self.left))).text()
        if self.why:
            return Effect(key, Unmerge.key, "refused", ref=ref if self.made else "", detail=self.why)
        return Effect(key, Unmerge.key, "done", ref=ref)


def unmerge(portal: Portal, storage: Storage, names: Mapping[str, str], work: Sequence[Work]) -> list[Effect]:
    """Undo merges: a few calls for all of them, and one for each e-mail address that a survivor must give back.

    All of it may be repeated: what stands as it should is left alone. Raises Later or Revoked.
    """
    undos = [_begin(item, portal.lead_type) for item in work]
    for undo in undos:
        undo.why = "" if undo.object_type else snapshots.NOT_MERGED
    for type_ in sorted({undo.object_type for undo in undos} - {""}):
        mine = [undo for undo in undos if undo.object_type == type_]
        known = columns(portal.client, type_, names)
        _read(portal.client, storage, known, mine)
        mine = [undo for undo in mine if not undo.why]
        _give_back(portal.client, known, mine)
        _make(portal.client, known, mine)
        _tie(portal, mine)
    return [undo.effect() for undo in undos]


def _begin(item: Work, lead_type: str) -> Undo:
    order = action(item, Unmerge)
    if order is None:
        raise ValueError("this work has no merge to undo")
    return Undo(item, order, object_type(order.merge.survivor.kind, lead_type), order.survivor_id)


def _read(client: HubSpotClient, storage: Storage, known: Columns, undos: Sequence[Undo]) -> None:
    """Read the survivors as they are, and the snapshots of the merges."""
    rows = reading.living(client, known.object_type, [undo.now for undo in undos], known.names)
    for undo in undos:
        try:
            undo.row = rows.get(undo.now) or client.find(known.object_type, undo.now, known.names)
            undo.now = text(undo.row.get("id")) or undo.now
        except Gone:
            undo.why = SURVIVOR_GONE
    pictures = snapshots.find(storage, {each.order.of: (each.object_type, each.now) for each in undos if not each.why})
    for undo in undos:
        undo.picture = pictures.get(undo.order.of)
        if undo.picture is None:
            undo.why = undo.why or NO_SNAPSHOT
        elif undo.picture.unread:
            told = ", ".join(undo.picture.unread)
            undo.left.append(
                f"Ties to objects that Switchyard may not read ({told}) stay with the record that was kept"
            )


def _give_back(client: HubSpotClient, known: Columns, undos: Sequence[Undo]) -> None:
    """Let the survivors say what they said before, and free the losers' e-mail addresses."""
    changes: dict[str, dict[str, str]] = {}
    cleared: dict[str, dict[str, str]] = {}
    for undo in undos:
        found = _changes(undo, known)
        undo.left += found.left
        changes |= {undo.now: found.changes} if found.changes else {}
        cleared |= {undo.now: found.cleared} if found.cleared else {}
    refused = update(client, known.object_type, cleared)
    for record, told in update(client, known.object_type, changes).items():
        refused.setdefault(record, []).extend(told)
    for undo in undos:
        if names := list(dict.fromkeys(refused.get(undo.now, ()))):
            label = unmerging_fields.label(names)
            undo.left.append(f"HubSpot refused to set {label} back on the record that was kept")
    if known.object_type == CONTACT:
        _free(client, undos)
    else:
        for undo in undos:
            undo.left += unmerging_fields.domains_left(undo.picture, undo.row) if undo.picture else ()


def _changes(undo: Undo, known: Columns) -> unmerging_fields.Back:
    if undo.picture is None:
        return unmerging_fields.Back()
    try:
        written = known.properties(undo.order.merge.values)
    except KeyError:  # a property is gone since: of the others HubSpot's names are enough
        written = {}
    if undo.order.merge.owner_id:
        written[OWNER] = undo.order.merge.owner_id
    return unmerging_fields.back(undo.picture, written, undo.row, known)


def _free(client: HubSpotClient, undos: Sequence[Undo]) -> None:
    """Take the losers' addresses off the survivors: no other contact can have them before."""
    mine = [undo for undo in undos if any(map(addresses, undo.losers))]
    rows = reading.living(client, CONTACT, [undo.now for undo in mine], [EMAIL, OTHER_EMAILS])
    for undo in mine:
        if undo.picture is None:
            continue
        for email in unmerging_fields.to_free(undo.picture, rows.get(undo.now, {})):
            try:
                client.drop_email(undo.now, email)
            except (Refused, Ignored):
                undo.held.add(email)


def _make(client: HubSpotClient, known: Columns, undos: Sequence[Undo]) -> None:
    """Make the losers anew, a hundred a call, unless an earlier attempt has."""
    owners = {undo.mark(loser.id): (undo, loser) for undo in undos for loser in undo.losers}
    maybe = [mark for mark, (undo, _) in owners.items() if UNMERGE_ACTIONS & undo.item.uncertain]
    there = _marked(client, known.object_type, maybe)
    wanted = {mark: _anew(undo, loser, known, mark) for mark, (undo, loser) in owners.items() if mark not in there}

    def conflict(key: str, fault: Fault) -> Sequence[str]:
        """A conflict that names no property is about the e-mail address (HubSpot, "Contacts")."""
        return [EMAIL] if fault.conflict and EMAIL in wanted[key] else []

    made, refused = create(client, known.object_type, wanted, conflict)
    late = [mark for mark, names in refused.items() if mark not in made and RESTORED in names]
    there |= _marked(client, known.object_type, late)
    for mark, (undo, loser) in owners.items():
        _note(undo, loser, there.get(mark) or made.get(mark, ""), refused.get(mark, []) if mark in made else [])
    _add_emails(client, undos)


def _anew(undo: Undo, loser: Kept, known: Columns, mark: str) -> dict[str, str]:
    told = unmerging_fields.anew(loser, known, mark)
    if told.get(EMAIL, "").lower() in undo.held:
        undo.left.append(_address_held(loser))
        told.pop(EMAIL)
    return told


def _address_held(loser: Kept) -> str:
    return f"An e-mail address of {loser.id} stays with the record that was kept: HubSpot did not set it free"


def _note(undo: Undo, loser: Kept, new: str, refused: Sequence[str]) -> None:
    """Note under which id a loser lives now, or that it could not be made."""
    if not new:
        undo.why = f"HubSpot refused to make {loser.id} anew; nothing was taken off the record that was kept for it"
        return
    undo.made[loser.id] = new
    names = [name for name in refused if name != EMAIL]
    if EMAIL in refused:
        undo.left.append(_address_held(loser))
    if names:
        undo.left.append(f"HubSpot refused to set {unmerging_fields.label(names)} on what was made of {loser.id}")


def _add_emails(client: HubSpotClient, undos: Sequence[Undo]) -> None:
    """Give the additional addresses of losers back to them, a call each; hardly any contact has one."""
    for undo in undos:
        for loser in undo.losers:
            own = loser.properties.get(EMAIL, "").lower()
            for email in (each for each in addresses(loser) if each != own and loser.id in undo.made):
                if email in undo.held or not _added(client, undo.made[loser.id], email):
                    undo.left.append(_address_held(loser))


def _added(client: HubSpotClient, contact: str, email: str) -> bool:
    try:
        client.add_email(contact, email)
    except (Refused, Ignored):
        return False
    return True


def _marked(client: HubSpotClient, type_: str, marks: Sequence[str]) -> dict[str, str]:
    """Return the records that carry these marks; a read by a unique property is not behind, as search is."""
    return {
        text((row.get("properties") or {}).get(RESTORED)): str(row["id"])
        for some in chunks(list(marks), reading.READ_SIZE)
        for row in reading.results(client, type_, some, [RESTORED], id_property=RESTORED)
    }


def _tie(portal: Portal, undos: Sequence[Undo]) -> None:
    """Give the losers back what they were tied to."""
    parted = [
        Parted(undo.order.of, undo.object_type, undo.picture, undo.now, undo.made)
        for undo in undos
        if undo.picture is not None and undo.made
    ]
    left = unmerging_relations.part(portal, parted) if parted else {}
    for undo in undos:
        undo.left += left.get(undo.order.of, [])
