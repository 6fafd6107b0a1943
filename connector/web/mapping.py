"""Fields in the console: which field of the CRM stands behind each name of ours, and choosing another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.errors import Next
from connector.fieldtable import FieldTable, FieldUse
from connector.store import rulesets
from connector.store.installs import Install
from connector.web.access import me, my_install, services, signed_in
from jobs import fieldnames
from jobs.fieldnames import Mapped, Unfit
from jobs.publish import Moved, Red, publish
from rules.field_names import HOLDS, MAPPED
from rules.ruleset import RuleSetError

log = structlog.get_logger()
mapping = Blueprint("mapping", __name__, url_prefix="/installs/<install_id>/fields")

UNFIT = 422
NOTE = "fields, in the console"
"""Why it was published, in the history of the rules."""
LABELS: Mapping[str, str] = {
    "email": "E-mail", "mobile": "Mobile phone", "employees": "Number of employees", "revenue": "Annual revenue",
    "source": "Lead source", "title": "Job title", "postal_code": "Postal code", "lifecycle": "Lifecycle stage",
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
    mine = my_install(install_id)
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
        refused = error.reasons.get("", "Nothing was saved: some fields cannot stand behind these names.")
        return _shown(mine, _read(mine, refused=refused, typed=wanted, reasons=error.reasons)), UNFIT
    except (RuleSetError, Red) as error:
        refused = f"Nothing was saved, because the rules would not hold with these fields: {error}"
        return _shown(mine, _read(mine, refused=refused, typed=wanted)), UNFIT
    except (Next, Moved) as error:
        return _shown(mine, _read(mine, refused=f"Nothing was saved. {error}", typed=wanted)), UNFIT
    if changed:
        here.ring(mine.id)
        log.info("fields mapped", install=mine.id, names=sorted(wanted), by=me().user_id)
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
    return render_template("fields.html", install=install, page=page, label=_label, fitting=_fitting, holds=HOLDS)


def _label(use: FieldUse) -> str:
    """Return what people call a name."""
    name = use.name.partition(".")[2]
    return LABELS.get(name, name.replace("_", " ").capitalize())


def _fitting(table: FieldTable, holds: str) -> list[tuple[str, str]]:
    """Return the fields of this kind of value, as API name and label."""
    return [(each.name, each.label) for each in table.offered if each.holds == holds]
