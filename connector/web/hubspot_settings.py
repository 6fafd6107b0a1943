"""The settings page in HubSpot: how the connection is, the mode, what is routed, the rules, the checks.

Everybody of the portal may look, administrators may change (:func:`hubspot_people.administrator`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from connector.crm import Crm
from connector.desk import log as changes
from connector.desk import retelling
from connector.desk import settings as choices
from connector.desk.faults import Overtaken, Unusable
from connector.errors import Next
from connector.hubspot import leads
from connector.rows import Check
from connector.store import shelves
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.web import hubspot_people, hubspot_rulebook, hubspot_rules, hurry, signed
from connector.web.access import services
from connector.web.hubspot_people import administrator
from connector.web.signed import refuse
from rules.wording.words import say

hubspot_settings = Blueprint("hubspot_settings", __name__, url_prefix="/hubspot/settings")
signed.explain(hubspot_settings)

MEMO = "hubspot.settings.2"
KEPT_SECONDS = 300.0
"""How long checks are not made again: about ten calls of the portal's limit."""
LIVE = {"active": "live", "paused": "paused", "revoked": "revoked"}
UNCHOSEN = "properties"
"""What every portal has, until the set-up has looked what else there is."""
SILENT = "HubSpot did not answer"


@hubspot_settings.get("")
def show() -> ResponseReturnValue:
    """Return what the page shows but for the rules."""
    asks = signed.caller()
    return told(asks.install, may_change=hubspot_people.is_admin(asks))


@hubspot_settings.put("/mode")
def set_mode() -> ResponseReturnValue:
    """Switch the mode (`mode`); only an administrator may, as the console knows them."""
    asks = hubspot_people.serving(signed.caller())
    mode = signed.body().get("mode")
    if mode not in choices.MODES:
        refuse(400, f"The mode is one of {', '.join(choices.MODES)}.")
    administrator(asks)
    # The page itself has asked whether it is understood what `act` does.
    choices.set_mode(services(), asks.install, str(mode), understood=True, by=asks.user_id)
    return {"mode": mode}


@hubspot_settings.put("/routes")
def set_routes() -> ResponseReturnValue:
    """Choose what counts as a lead (`routes`); `before` is what the page showed. All leads are read anew then.

    The same choice once more changes nothing, so a call that comes again does no harm. 409 when somebody else has
    chosen meanwhile, or the portal has no leads.
    """
    asks = hubspot_people.serving(signed.caller())
    sent = signed.body()
    wanted, before = sent.get("routes"), sent.get("before")
    if wanted not in choices.ROUTES or before not in choices.ROUTES:
        refuse(400, f"routes and before are one of {', '.join(choices.ROUTES)}.")
    administrator(asks)
    try:
        choices.set_routes(services(), asks.install, wanted, before=before, by=asks.user_id)
    except Unusable:
        refuse(409, say("settings.routes.not granted"))
    except Overtaken:
        refuse(409, say("settings.routes.moved"))
    return {"routes": wanted}


@hubspot_settings.get("/rules")
def rules() -> ResponseReturnValue:
    """Return the rules with their texts and what is wrong with them."""
    asks = signed.caller()
    return hubspot_rules.told(asks.install, may_change=hubspot_people.is_admin(asks))


@hubspot_settings.put("/rules")
def publish() -> ResponseReturnValue:
    """Publish the rules as they are on the page: see :func:`hubspot_rulebook.publish`."""
    request.max_content_length = hubspot_rules.LONGEST_BODY
    asks = administrator(signed.caller())
    wish = hubspot_rulebook.wish(signed.body())
    person = hubspot_people.reader(asks)
    refused = hubspot_rulebook.publish(asks.install, wish, by=person.name if person else asks.user_id)
    if refused is not None:
        return refused
    changes.note(services(), asks.install, by=asks.user_id, did="rules published")
    return hubspot_rules.told(asks.install, may_change=True)


def told(install: Install, *, may_change: bool) -> dict[str, Any]:
    """Return the page as JSON; `may_change`: its reader may change something."""
    here = services()
    with here.database.read() as connection:
        stands = shelves.standing(connection, install.id)
    return {
        "state": LIVE[install.status],
        "reason": retelling.reason(install.reason),
        "mode": install.mode,
        "may_change": may_change,
        "routes": install.routes,
        "has_leads": has_leads(install),
        "crm_storage": stands.kind or UNCHOSEN,
        "crm_storage_why": stands.why,
        "console_url": f"{here.settings.public_url}/installs/{install.id}",
        "checks": [] if install.status == "revoked" else _checks(install),
    }


def has_leads(install: Install) -> bool:
    """Whether the portal has granted its leads (0-136)."""
    return install.scopes >= leads.SCOPES


def _checks(install: Install) -> list[dict[str, Any]]:
    """Return the checks as HubSpot told them at most some minutes ago, or that it does not answer."""
    here = services()
    memo = StoredMemo(here.database, install.id, here.seal(install), here.clock)
    known = memo.get(MEMO)
    if known is not None:
        return list(map(_told, known))

    def question(crm: Crm) -> list[dict[str, Any]]:
        found = [_line(each) for each in _failed_first(crm.check())]
        memo.put(MEMO, found, seconds=KEPT_SECONDS)  # also when it comes too late for this page: the next one has it
        return found

    try:
        return list(map(_told, hurry.ask(here, install, question)))
    except Next as error:
        return [_line(Check(SILENT, ok=False, detail=retelling.reason(str(error)), remedy=say("page.later")))]


def _failed_first(checks: Sequence[Check]) -> list[Check]:
    """Return checks in their order, those that failed and matter first."""
    return sorted(checks, key=lambda each: each.ok or each.optional)


def _line(each: Check) -> dict[str, Any]:
    return {"name": each.name, "ok": each.ok, "detail": each.detail, "remedy": each.remedy}


def _told(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line in the language of whoever looks now; it may have been kept for another."""
    return {name: retelling.reason(said) if isinstance(said, str) else said for name, said in line.items()}
