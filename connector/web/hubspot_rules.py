"""The rules on the settings page in HubSpot: shown in every portal, edited where they stand in our database alone.

Publishing them stands in :mod:`connector.web.hubspot_rulebook`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from connector.crm import Crm
from connector.desk import retelling
from connector.errors import Next
from connector.hubspot import objects
from connector.rows import RuleRow
from connector.store import rulesets, shelves
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.web import hurry, signed
from connector.web.access import services
from jobs.publish import is_draft
from rules.parsing.pieces import LONGEST_PIECE
from rules.wording.words import say

HERE = "properties"
"""Where rules stand when they stand in our database alone; see connector.hubspot.shelf.KINDS."""
MEMO = "hubspot.rules.1"
KEPT_SECONDS = 60.0
"""How long the records of a portal are not read again for this page."""
LONGEST_BODY = 1_000_000
"""HubSpot's limit of what a page fetches, in bytes, either way."""
LONGEST_TEXTS = 800_000
"""Bytes of all texts in one answer, as JSON; what has no room is told without its text, the longest first."""


def told(install: Install, *, may_change: bool) -> dict[str, Any]:
    """Return the rules as JSON. `editable`: here, by this reader; `version` goes back with what is published.

    An item's `definition` is None where it is too long for a page. `records_url` is where they stand as records of
    HubSpot, "" otherwise; `error`, why the newest text of all is not in force, or why they cannot be read now.
    """
    here = services()
    with here.database.read() as connection:
        live = None if install.status == "revoked" else rulesets.get(connection, install.id, here.seal(install))
        stands = shelves.standing(connection, install.id)
    kept_here = stands.kind == HERE
    rows: Sequence[RuleRow] = ()
    error = retelling.kept_fault(live.fault) if live else ""
    try:
        if install.status != "revoked":
            rows = _kept(install) if kept_here else _recorded(install)
    except Next as silent:
        error = say("page.silent", error=silent)
    shown = _shown(rows)
    list_url, record_url = _addresses(install, stands.kind)
    texts = _fitting(shown)
    return {
        "version": version_of(rows),
        "editable": kept_here and not stands.target and may_change and install.status != "revoked",
        "may_change": may_change,
        "records_url": list_url,
        "error": error,
        "items": [
            {
                "id": row.id,
                "name": row.name,
                "kind": row.kind,
                "position": row.position,
                "definition": texts.get(row.id),
                "state": row.state,
                "error": row.error,
                "version": row.version,
                "url": record_url.format(id=quote(row.id or "", safe="")),
            }
            for row in shown
        ],
    }


def version_of(rows: Sequence[RuleRow]) -> str:
    """Return the name of the live rules as they stand: the same for the same records, texts and order."""
    content = [[row.id, row.name, row.kind, row.position, row.definition] for row in rows if row.state == "live"]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def _kept(install: Install) -> Sequence[RuleRow]:
    here = services()
    with here.database.read() as connection:
        return shelves.rules(connection, install.id, here.seal(install))


def _recorded(install: Install) -> Sequence[RuleRow]:
    """Return the records in HubSpot, as they were at most a minute ago. Raises what the CRM raises."""
    here = services()
    memo = StoredMemo(here.database, install.id, here.seal(install), here.clock)
    known = memo.get(MEMO)
    if known is not None:
        return [RuleRow(**each) for each in known]

    def question(crm: Crm) -> Sequence[RuleRow]:
        rows = crm.rules()
        memo.put(MEMO, [_plain(row) for row in rows], seconds=KEPT_SECONDS)
        return rows

    return hurry.ask(here, install, question)


def _plain(row: RuleRow) -> dict[str, Any]:
    names = ("id", "name", "kind", "position", "definition", "state", "error", "version")
    return {name: getattr(row, name) for name in names}


def _shown(rows: Sequence[RuleRow]) -> list[RuleRow]:
    """Return what is live and what somebody drafts; what was retired is nobody's."""
    return [row for row in rows if row.state == "live" or is_draft(row)]


def _fitting(rows: Sequence[RuleRow]) -> dict[str | None, str]:
    """Return the texts that have room in an answer, by id of the record."""
    left, found = LONGEST_TEXTS, {}
    for row in sorted(rows, key=lambda row: len(row.definition)):
        left -= len(json.dumps(row.definition))
        if left < 0 or len(row.definition) > LONGEST_PIECE:
            break
        found[row.id] = row.definition
    return found


def _addresses(install: Install, kind: str) -> tuple[str, str]:
    """Return the pages of all rule records and of one (``{id}``) in HubSpot; empty where they are none.

    [U] The address of the list: it is the one that HubSpot's menu leads to, and stands on none of its pages.
    """
    portal, type_ = _portal(install), _type(install, kind, "rule_type")
    return (f"{portal}/objects/{type_}/views/all/list", f"{portal}/record/{type_}/{{id}}") if type_ else ("", "")


def audit_address(install: Install, record_id: str) -> str:
    """Return the page of an audit record in HubSpot; empty where audits are no records, or nobody knows which."""
    with services().database.read() as connection:
        stands = shelves.standing(connection, install.id)
    type_ = _type(install, stands.kind, "audit_type")
    return f"{_portal(install)}/record/{type_}/{quote(record_id, safe='')}" if type_ else ""


def _portal(install: Install) -> str:
    return f"{install.base_url}/contacts/{quote(install.tenant_id, safe='')}"


def _type(install: Install, kind: str, which: str) -> str:
    """Return the type id of our objects, as workers remember it: no call for a page. Empty where it is not known."""
    here = services()
    if kind in {HERE, ""} or install.status == "revoked":
        return ""
    prefix = objects.app_prefix(here.settings.hubspot_app_id) if kind == "app_objects" else ""
    memo = StoredMemo(here.database, install.id, here.seal(install), here.clock)
    place = (memo.get(objects.MEMO) or {}).get(f"{prefix}{signed.routed(install)}")
    return quote(str(place[which]), safe="") if place else ""
