"""Additional e-mail addresses of contacts: they lead to the contact as its own does, and no other can have them.

Source: the pages "Delete a secondary email address" and its neighbours, of the first version of the contacts API, which
HubSpot still lists and supports until September 2027.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Response, jsonify

from tests.sandbox.hubspot.errors import ApiError, html_error, not_found
from tests.sandbox.hubspot.gate import api_blueprint, caller

if TYPE_CHECKING:
    import sqlite3

    from flask import Blueprint

    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.records import Record

CONTACT = "0-1"
ADDITIONAL = "hs_additional_emails"
BASE = "/contacts/v1/secondary-email/<int:contact>"


def additional(props: dict[str, str]) -> list[str]:
    """Return the additional addresses."""
    return [email for email in props.get(ADDITIONAL, "").split(";") if email]


def swapped(tx: sqlite3.Connection, record: Record, after: dict[str, str]) -> dict[str, str]:
    """Return what a contact says after a change: an additional address that becomes its own changes places with it.

    [U] That HubSpot keeps the old one: another address written over it replaces it.
    """
    new, old = after.get("email", ""), record.props.get("email", "")
    if record.type != CONTACT or new == old or new not in additional(record.props):
        return after
    rest = [email for email in additional(record.props) if email != new] + ([old] if old else [])
    if old:
        tx.execute(
            "INSERT OR IGNORE INTO uniques VALUES(?, ?, 'email', ?, ?)", (record.portal, CONTACT, old, record.id)
        )
    return after | {ADDITIONAL: ";".join(rest)} if rest else {k: v for k, v in after.items() if k != ADDITIONAL}


def addresses_blueprint(hub: Hub) -> Blueprint:
    """Return the routes of additional addresses."""
    api = api_blueprint(hub, "addresses")

    def found(contact: int) -> Record:
        caller().need("crm.objects.contacts.write")
        record = hub.records.find(caller().portal.id, CONTACT, [str(contact)]).get(str(contact))
        if record is None:
            raise not_found([str(contact)])
        return record

    def keep(record: Record, emails: list[str]) -> Response:
        props = {name: value for name, value in record.props.items() if name != ADDITIONAL}
        saved = props | ({ADDITIONAL: ";".join(emails)} if emails else {})
        with hub.store.write() as tx:
            tx.execute("UPDATE records SET props = ? WHERE id = ?", (json.dumps(saved), record.id))
        return jsonify({"portalId": record.portal, "vid": record.id, "secondaryEmails": emails})

    @api.delete(f"{BASE}/email/<email>")
    def drop(contact: int, email: str) -> Response:
        if not caller().portal.secondary_emails:
            return html_error()
        with hub.store.write() as tx:
            record, email = found(contact), email.strip().lower()
            if email not in additional(record.props):
                raise ApiError(404, "The contact has no such secondary email", category="OBJECT_NOT_FOUND")
            key = (record.portal, CONTACT, email, record.id)
            tx.execute(
                "DELETE FROM uniques WHERE portal = ? AND type = ? AND name = 'email' AND value = ? AND id = ?", key
            )
            return keep(record, [each for each in additional(record.props) if each != email])

    @api.put(f"{BASE}/email/<email>")
    def add(contact: int, email: str) -> Response:
        if not caller().portal.secondary_emails:
            return html_error()
        with hub.store.write() as tx:
            record, email = found(contact), email.strip().lower()
            key = (record.portal, CONTACT, email)
            taken = tx.execute(
                "SELECT id FROM uniques WHERE portal = ? AND type = ? AND name = 'email' AND value = ?", key
            ).fetchone()
            if taken and taken[0] != record.id:
                raise ApiError(409, f"Contact already exists. Existing ID: {taken[0]}", category="CONFLICT")
            tx.execute("INSERT OR IGNORE INTO uniques VALUES(?, ?, 'email', ?, ?)", (*key, record.id))
            return keep(record, list(dict.fromkeys([*additional(record.props), email])))

    return api
