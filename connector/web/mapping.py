"""Fields in the console: which field of the CRM stands behind each name of ours, and choosing another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connector.desk import field_names as desk
from connector.desk import retelling
from connector.desk.faults import DeskError
from connector.desk.field_names import Unfitting
from connector.desk.rulebook import Faulty, Red
from connector.errors import Next
from connector.fieldtable import FieldTable, FieldUse
from connector.store import rulesets
from connector.store.installs import Install
from connector.web import words
from connector.web.access import me, my_install, seen, services, signed_in, visitor
from connector.web.language import said
from jobs.fieldnames import Mapped
from rules.field_names import HOLDS, MAPPED

mapping = Blueprint("mapping", __name__, url_prefix="/installs/<install_id>/fields")

UNFIT = 422


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
    mine, person = my_install(install_id), me()
    known = {f"{scope}.{name}" for scope, names in MAPPED.items() for name in names}
    wanted = {name: api for name, api in request.form.items() if name in known}
    try:
        made = desk.save(services(), mine, wanted, by=person.user_id, name=person.name or person.user_id)
    except Unfitting as error:
        refused = error.reasons.get("", "") or said(error)
        return _shown(mine, _read(mine, refused=refused, typed=wanted, reasons=error.reasons)), UNFIT
    except (Faulty, Red) as error:
        why = " ".join(map(str, error.faults)) if isinstance(error, Faulty) else said(error)
        refused = _("Nothing was saved, because the rules would not hold with these fields: %(why)s", why=why)
        return _shown(mine, _read(mine, refused=refused, typed=wanted)), UNFIT
    except (Next, DeskError) as error:
        refused = _("Nothing was saved. %(why)s", why=said(error) if isinstance(error, DeskError) else str(error))
        return _shown(mine, _read(mine, refused=refused, typed=wanted)), UNFIT
    flash(f"fields:{'saved' if made else 'same'}")
    return redirect(url_for("mapping.listing", install_id=mine.id), 303)


def _read(
    install: Install,
    *,
    refused: str = "",
    typed: Mapping[str, str] | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Page:
    here = services()
    try:
        mapped = desk.read(here, install)
    except Next as error:
        return Page(trouble=retelling.reason(str(error)), refused=refused)
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
    return words.field(use.name.partition(".")[2])


def _fitting(table: FieldTable, holds: str) -> list[tuple[str, str]]:
    """Return the fields of this kind of value, as API name and label."""
    return [(each.name, each.label) for each in table.offered if each.holds == holds]
