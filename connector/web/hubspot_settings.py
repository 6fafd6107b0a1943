"""What the settings page in HubSpot shows: how the connection is, the mode, the rules with their errors, the checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connector.crm import Crm
from connector.errors import Next
from connector.rows import Check
from connector.store import rulesets, shelves
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.web import hurry
from connector.web.access import services

MEMO = "hubspot.settings.1"
KEPT_SECONDS = 300.0
"""How long rules and checks are not asked for again: about ten calls of the portal's limit."""
LIVE = {"active": "live", "paused": "paused", "revoked": "revoked"}
UNCHOSEN = "properties"
"""What every portal has, until the set-up has looked what else there is."""
SILENT = "HubSpot did not answer"


def told(install: Install, *, may_change: bool) -> dict[str, Any]:
    """Return the page as JSON; `may_change`: its reader may switch the mode."""
    here = services()
    asked = {"rules": [], "checks": []} if install.status == "revoked" else _asked(install)
    with here.database.read() as connection:
        live = None if install.status == "revoked" else rulesets.get(connection, install.id, here.seal(install))
        stands = shelves.standing(connection, install.id)
    return {
        "state": LIVE[install.status],
        "reason": install.reason,
        "mode": install.mode,
        "may_change": may_change,
        "crm_storage": stands.kind or UNCHOSEN,
        "crm_storage_why": stands.why,
        "rules_version": live.version if live else "",
        "rules_error": live.fault if live else "",
        "console_url": f"{here.settings.public_url}/installs/{install.id}",
        **asked,
    }


def _asked(install: Install) -> dict[str, Any]:
    """Return rules and checks as HubSpot told them at most some minutes ago, or that it does not answer."""
    here = services()
    memo = StoredMemo(here.database, install.id, here.seal(install), here.clock)
    known = memo.get(MEMO)
    if known is not None:
        return dict(known)

    def question(crm: Crm) -> dict[str, Any]:
        found = {"rules": _rules(crm), "checks": _checks(crm)}
        memo.put(MEMO, found, seconds=KEPT_SECONDS)  # also when it comes too late for this page: the next one has it
        return found

    try:
        return hurry.ask(here, install, question)
    except Next as error:
        line = Check(SILENT, ok=False, detail=str(error), remedy="Look again in a minute.")
        return {"rules": [], "checks": [_line(line)]}


def _rules(crm: Crm) -> list[dict[str, str]]:
    rows = crm.rules()
    return [{"name": row.name, "kind": row.kind, "state": row.state, "error": row.error} for row in rows]


def _checks(crm: Crm) -> list[dict[str, Any]]:
    return [_line(each) for each in _optional_last(crm.check())]


def _optional_last(checks: Sequence[Check]) -> list[Check]:
    """Return checks in their order, those that failed and matter first."""
    return sorted(checks, key=lambda each: each.ok or each.optional)


def _line(each: Check) -> dict[str, Any]:
    return {"name": each.name, "ok": each.ok, "detail": each.detail, "remedy": each.remedy}
