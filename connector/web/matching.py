"""How leads are matched, in the console: the policy in plain words, what thresholds would be worth, changing it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connector.desk import matching as desk
from connector.desk import retelling
from connector.desk.faults import DeskError, Unusable
from connector.desk.matching import Change, Settings
from connector.desk.rulebook import Faulty, Red
from connector.errors import Next
from connector.store.installs import Install
from connector.web.access import me, my_install, seen, services, signed_in
from connector.web.language import said
from rules.trials.report import lines

matching = Blueprint("matching", __name__, url_prefix="/installs/<install_id>/matching")

UNFIT = 422
DRAFT, PUBLISH = "draft", "publish"
PLACES = 3
"""Empty places for more tie-breakers on the form."""
AIM = 0.99
"""The precision that a suggested threshold keeps."""


@matching.get("")
@signed_in
def page(install_id: str) -> ResponseReturnValue:
    """Show how leads are matched."""
    mine = seen(install_id, "matching")
    return _shown(mine, desk.read(services(), mine))


@matching.post("")
@signed_in
def change(install_id: str) -> ResponseReturnValue:
    """Keep what was chosen as a draft, or make it live (``do``: draft or publish)."""
    mine, person, here = my_install(install_id), me(), services()
    settings, told = desk.read(here, mine), request.form
    try:
        wanted = _change(settings)
        note = told.get("note", "").strip()[:200]
        if told.get("do") == PUBLISH:
            by, name = person.user_id, person.name
            desk.publish(here, mine, wanted, by=by, name=name, note=note, seen=told.get("seen", ""))
            flash(_("It is live within seconds. Leads that come from now on are matched by it."))
        else:
            desk.draft(here, mine, wanted, by=person.user_id, note=note, seen=told.get("seen", ""))
            flash(_("Kept as a draft among your rules. It holds when you publish it."))
    except Unusable as error:
        return _shown(mine, settings, refused=said(error), faults=_faults(error), field=error.field), UNFIT
    except DeskError as error:
        return _shown(mine, desk.read(here, mine), refused=said(error)), UNFIT
    except Next as error:
        why = retelling.reason(str(error))
        return _shown(mine, settings, refused=_("The CRM did not answer: %(why)s", why=why)), UNFIT
    return redirect(url_for("matching.page", install_id=mine.id), 303)


def _change(settings: Settings) -> Change:
    """Return what a form asks for; percentages as people write them. Raises Unusable."""
    told = request.form
    return Change(
        accept=_share("accept"),
        review=_share("review"),
        tie=_share("tie"),
        domain_only=told.get("domain_only", settings.policy.domain_only),
        keep_links=told.get("keep_links") == "yes",
        prefer=tuple(filter(None, (each.strip() for each in told.getlist("prefer")))),
    )


def _share(name: str) -> float:
    text = request.form.get(name, "").replace("%", "").replace(",", ".").strip()
    try:
        return round(float(text) / 100, 6)
    except ValueError:
        raise Unusable("Write a percentage as a number.", field=name) from None


def _faults(error: Unusable) -> tuple[str, ...]:
    if isinstance(error, Faulty):
        return tuple(f"{fault.message} {fault.remedy}".strip() for fault in error.faults)
    if isinstance(error, Red):
        return tuple(line.strip() for result in error.report.red for line in lines(result))
    return ()


def _shown(
    install: Install, settings: Settings, *, refused: str = "", faults: tuple[str, ...] = (), field: str = ""
) -> str:
    typed = request.form if request.method == "POST" and refused else None
    chosen = [each for each in typed.getlist("prefer") if each] if typed else list(settings.prefer)
    return render_template(
        "matching.html",
        install=install,
        page=settings,
        books=desk.dictionaries(settings.policy),
        plain=[each for each in desk.PLAIN if each not in settings.prefer],
        breakers=[*chosen, *[""] * PLACES],
        typed=typed,
        refused=refused,
        faults=faults,
        field=field,
        aim=AIM,
        best=settings.accounts.least(AIM),
    )
