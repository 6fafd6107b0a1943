"""Fields in the console: which field of the CRM stands behind each name of ours, and choosing another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from connector.desk import log
from connector.errors import Next
from connector.fieldtable import FieldTable, FieldUse
from connector.store import rulesets
from connector.store.installs import Install
from connector.web.access import me, my_install, seen, services, signed_in, visitor
from jobs import fieldnames
from jobs.fieldnames import Mapped, Unfit
from jobs.publish import Moved, Red, publish
from rules.field_names import HOLDS, MAPPED
from rules.ruleset import RuleSetError

mapping = Blueprint("mapping", __name__, url_prefix="/installs/<install_id>/fields")

UNFIT = 422
NOTE = "fields, in the console"
"""Why it was published, in the history of the rules."""
LABELS: Mapping[str, Any] = {
    "annual_revenue": _l("Annual revenue"), "city": _l("City"), "company": _l("Company"), "country": _l("Country"),
    "email": _l("E-mail"), "employees": _l("Number of employees"), "industry": _l("Industry"),
    "lifecycle": _l("Lifecycle stage"), "mobile": _l("Mobile phone"), "name": _l("Name"), "phone": _l("Phone"),
    "postal_code": _l("Postal code"), "rating": _l("Rating"), "revenue": _l("Annual revenue"),
    "source": _l("Lead source"), "state": _l("State"), "status": _l("Status"), "street": _l("Street"),
    "title": _l("Job title"), "website": _l("Website"),
}  # fmt: skip
"""What people call a name, where it is not the name itself."""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page. `trouble` is why nothing can be shown, `refused` why nothing was saved.

    `typed` is what somebody wrote and `reasons` why it was not taken, both by name. `is_live` says whether the mapping
    is in force already.
    """

    mapped: Mapped | None = None
    trouble: str = ""
    refused: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    is_live: bool = True


@mapping.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """Show each kind of record with its names and the fields behind them."""
    mine = seen(install_id, "matching")
    return _shown(mine, _read(mine))


@mapping.post("")
@signed_in
def save(install_id: str) -> ResponseReturnValue:
    """Take the fields that were chosen (``lead.product`` = API name, empty for the usual one), when all of them fit."""
    mine, here = my_install(install_id), services()
    known = {f"{scope}.{name}" for scope, names in MAPPED.items() for name in names}
    wanted = {name: api for name, api in request.form.items() if name in known}
    try:
        changed = _save(mine, wanted)
    except Unfit as error:
        refused = error.reasons.get("", "") or _("Nothing was saved: some fields cannot stand behind these names.")
        return _shown(mine, _read(mine, refused=refused, typed=wanted, reasons=error.reasons)), UNFIT
    except (RuleSetError, Red) as error:
        refused = _("Nothing was saved, because the rules would not hold with these fields: %(why)s", why=str(error))
        return _shown(mine, _read(mine, refused=refused, typed=wanted)), UNFIT
    except (Next, Moved) as error:
        refused = _("Nothing was saved. %(why)s", why=str(error))
        return _shown(mine, _read(mine, refused=refused, typed=wanted)), UNFIT
    if changed:
        here.ring(mine.id)
        log.note(here, mine, by=me().user_id, did="fields", about=", ".join(sorted(wanted)))
    flash(f"fields:{'saved' if changed else 'same'}")
    return redirect(url_for("mapping.listing", install_id=mine.id), 303)


def _save(install: Install, wanted: Mapping[str, str]) -> bool:
    """Publish what was chosen; False when nothing differs. Raises as :func:`fieldnames.propose` and publish do."""
    here, person = services(), me()
    crm = here.crm(install)
    try:
        proposal = fieldnames.propose(crm, wanted)
        if proposal is None:
            return False
        seal, by = here.seal(install), person.name or person.user_id
        publish(here.database, install.id, seal, crm, proposal, by=by, clock=here.clock, note=NOTE)
    finally:
        crm.close()
    return True


def _read(
    install: Install,
    *,
    refused: str = "",
    typed: Mapping[str, str] | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Page:
    here = services()
    crm = here.crm(install)
    try:
        mapped = fieldnames.read(crm)
    except Next as error:
        return Page(trouble=str(error), refused=refused)
    finally:
        crm.close()
    with here.database.read() as connection:
        live = rulesets.get(connection, install.id, here.seal(install))
    is_live = live is not None and here.field_names(install) == mapped.names
    return Page(mapped, refused=refused, typed=typed or {}, reasons=reasons or {}, is_live=is_live)


def _shown(install: Install, page: Page) -> str:
    found = visitor()
    may_change = found is not None and found.role == "admin"
    return render_template(
        "fields.html", install=install, page=page, label=_label, fitting=_fitting, holds=HOLDS, may_change=may_change
    )


def _label(use: FieldUse) -> str:
    """Return what people call a name."""
    name = use.name.partition(".")[2]
    return str(LABELS.get(name) or name.replace("_", " ").capitalize())


def _fitting(table: FieldTable, holds: str) -> list[tuple[str, str]]:
    """Return the fields of this kind of value, as API name and label."""
    return [(each.name, each.label) for each in table.offered if each.holds == holds]
