"""Preview in the console: a lead of the CRM or one typed in, what would become of it, and what would need to differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from connector.desk import preview as desk
from connector.desk.evidence import Clue, clues
from connector.desk.faults import DeskError, Unusable
from connector.desk.preview import DRAFTS, LIVE, OFFERED, TYPED, Asked, Previewed
from connector.desk.rulebook import Faulty
from connector.errors import Next
from connector.store.installs import Install
from connector.web.access import asked_by_htmx, seen, services, signed_in
from connector.web.language import said
from connector.web.rules import UNFIT, words_of
from connector.web.story import lead_name
from rules.faults import Fault
from rules.model import Candidate

preview = Blueprint("preview", __name__, url_prefix="/installs/<install_id>/preview")

VALUE, WAS = "field.", "was."
"""How the names of boxes begin that hold a value of the lead, and of those that hold what it was."""
FREE = 3
"""Boxes for fields that the form does not offer."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The page: what was asked, the values in its boxes and what they were, what came of it, or why nothing did.

    `free` are the boxes for other fields as they were filled in, `wrong` what to say at one of them, by its name.
    """

    asked: Asked
    values: Mapping[str, str]
    was: Mapping[str, str]
    found: Previewed | None = None
    trouble: str = ""
    faults: tuple[Fault, ...] = ()
    free: tuple[tuple[str, str], ...] = ()
    wrong: Mapping[str, str] = field(default_factory=dict)


@preview.get("")
@signed_in
def page(install_id: str) -> ResponseReturnValue:
    """Show the form; a lead may be named in the address."""
    mine = seen(install_id, "preview")
    rules = DRAFTS if request.args.get("rules") == DRAFTS else LIVE
    asked = Asked(lead=request.args.get("lead", ""), rules=rules)
    return _page(mine, _answered(mine, asked, {}) if asked.lead else Shown(asked, {}, {}))


@preview.post("")
@signed_in
def look(install_id: str) -> ResponseReturnValue:
    """Say what would become of the lead. It is sent, not put into an address, as it says who somebody is."""
    mine = seen(install_id, "preview")
    told, was = request.form, _was(request.form)
    rows = tuple((told.get(f"name-{number}", ""), told.get(f"value-{number}", "")) for number in range(FREE))
    asked = _asked(told)
    try:
        shown = _answered(mine, replace(asked, fields={**asked.fields, **_free(rows, asked.fields)}), was, rows)
    except Unusable as error:
        shown = _refused(asked, was, rows, error)
    page = _page(mine, shown)
    # The page's script shows no answer that is an error, and this one says what to do.
    return page if not shown.trouble or asked_by_htmx() else (page, UNFIT)


def _answered(mine: Install, asked: Asked, was: Mapping[str, str], free: tuple[tuple[str, str], ...] = ()) -> Shown:
    """Ask; `was` are the lead's own values of boxes that somebody changed, as they were shown before."""
    try:
        found = desk.ask(services(), mine, asked)
    except Unusable as error:
        return _refused(asked, was, free, error)
    except DeskError as error:
        return Shown(asked, dict(asked.fields), was, trouble=said(error), free=free)
    except Next as error:
        return Shown(asked, dict(asked.fields), was, trouble=words_of(error), free=free)
    values = {name: "" if value is None else str(value) for name, value in found.fields.items()}
    own = {name: value for name, value in values.items() if name not in asked.fields}
    return Shown(asked, {**values, **asked.fields}, {**was, **own}, found, free=free)


def _asked(told: MultiDict[str, str]) -> Asked:
    """Return what a form asks: of a lead of the CRM the values that somebody changed, else all that were typed in.

    Those of fields that the form does not offer are not among them; see :func:`_free`.
    """
    values = {name.removeprefix(VALUE): value for name, value in told.items() if name.startswith(VALUE)}
    was, lead = _was(told), told.get("lead", "").strip()
    changed = {name: value for name, value in values.items() if value != (was.get(name, "") if lead else "")}
    return Asked(lead, changed, DRAFTS if told.get("rules") == DRAFTS else LIVE, again=told.get("again") == "yes")


def _free(rows: Sequence[tuple[str, str]], known: Mapping[str, str]) -> dict[str, str]:
    """Return the values of fields that the form does not offer. Raises Unusable for one without a name, or with two."""
    found: dict[str, str] = {}
    for number, (typed, value) in enumerate(rows):
        name = typed.strip()
        if value.strip() and not name:
            raise Unusable("Which field has this value? Write its name, or empty the value.", field=f"name-{number}")
        if name and name in {**known, **found}:
            raise desk.twice(name, name)
        if name:
            found[name] = value
    return found


def _refused(asked: Asked, was: Mapping[str, str], free: tuple[tuple[str, str], ...], error: Unusable) -> Shown:
    """Return the page as it was sent, with what is wrong at its box: the last of a name, if it is a field's."""
    names = {name.strip(): f"name-{number}" for number, (name, _value) in enumerate(free) if name.strip()}
    faults = error.faults if isinstance(error, Faulty) else ()
    box = names.get(str(error.values.get("other", "")), error.field)
    return Shown(
        asked, dict(asked.fields), was, trouble=said(error), faults=faults, free=free, wrong={box: said(error)}
    )


def _was(told: MultiDict[str, str]) -> dict[str, str]:
    return {name.removeprefix(WAS): value for name, value in told.items() if name.startswith(WAS)}


def _name(known: str) -> str:
    return str(_("This lead")) if known == TYPED else known


def _page(mine: Install, shown: Shown) -> str:
    decision = shown.found.found.decision if shown.found else None
    candidates: list[tuple[Candidate, tuple[Clue, ...]]] = []
    if decision:
        both = ([decision.match.account] if decision.match.account else []) + list(decision.match.runners_up)
        candidates = [(each, clues(each.evidence)) for each in both]
    return render_template(
        "preview.html",
        install=mine,
        page=shown,
        offered=OFFERED,
        free=FREE,
        candidates=candidates,
        same=clues(decision.duplicate.evidence) if decision else (),
        name=_name(lead_name(decision.lead)) if decision else "",
    )
