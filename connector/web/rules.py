"""The rules of an install in the console: the list, what is drafted against what is live, and every earlier edition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, cast

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connector.desk import drafts, editions, retelling, rule_edits
from connector.desk import rules as desk
from connector.desk.faults import DeskError, NotThere
from connector.desk.rule_starters import STARTERS
from connector.desk.rulebook import Faulty, Red
from connector.errors import Later, Next, Refused, Revoked
from connector.store.installs import Install
from connector.web.access import asked_by_htmx, me, my_install, seen, services, signed_in
from connector.web.language import said

rules = Blueprint("rules", __name__, url_prefix="/installs/<install_id>/rules")

PAGE = 100
"""Rules a page."""
UNFIT = 422


@rules.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """List the rules: at once what we know here; the page's script asks for the rest, with what the CRM drafts."""
    mine = seen(install_id, "rules")
    ask = asked_by_htmx() or request.args.get("ask") == "yes"
    trouble = ""
    try:
        found = desk.listing(services(), mine, ask=ask)
    except Next as error:
        found, trouble = desk.listing(services(), mine), words_of(error)
    page = request.args.get("page", 1, type=int)
    last = max(1, -(-len(found.rules) // PAGE))
    page = min(max(1, page), last)
    template = "parts/rules.html" if asked_by_htmx() else "rules.html"
    shown = found.rules[(page - 1) * PAGE : page * PAGE]
    return render_template(
        template,
        install=mine,
        found=found,
        shown=shown,
        page=page,
        last=last,
        trouble=trouble,
        asks=not ask and mine.status != "revoked",
        kinds=[kind for kind in STARTERS if kind != "rule"],
    )


@rules.post("/items/<record>")
@signed_in
def change(install_id: str, record: str) -> ResponseReturnValue:
    """Do with an item what ``do`` says: up, down, duplicate, discard, off, on, remove."""
    mine = my_install(install_id)
    does = _DOES.get(request.form.get("do", ""))
    if does is None:
        abort(400)
    try:
        sentence = does(mine, record)
    except NotThere as error:
        return _told(mine, said(error))
    except DeskError as error:
        return refused(mine, error)
    except Next as error:
        return _told(mine, words_of(error))
    flash(sentence)
    return redirect(url_for("rules.listing", install_id=mine.id, ask="yes"), 303)


@rules.get("/items/<record>/<any(off, on, remove, discard):how>")
@signed_in
def ask(install_id: str, record: str, how: str) -> ResponseReturnValue:
    """Ask before an item goes out of force, or comes back, and before a draft is thrown away."""
    mine = my_install(install_id)
    try:
        found = desk.entry(services(), mine, record)
    except NotThere as error:
        return _told(mine, said(error))
    except Next as error:
        return _told(mine, words_of(error))
    if how == "discard" and not found.is_draft:
        return _told(mine, str(_("There is no draft of it.")))
    book = desk.listing(services(), mine, ask=True)
    return render_template("rule_out.html", install=mine, entry=found, how=how, version=book.version)


@rules.get("/tests")
@signed_in
def tests(install_id: str) -> ResponseReturnValue:
    """Run the tests of what is drafted."""
    mine = seen(install_id, "rules")
    template = "parts/rule_tests.html" if asked_by_htmx() else "rule_tests.html"
    try:
        report = drafts.tested(services(), mine)
    except DeskError as error:
        faults = error.faults if isinstance(error, Faulty) else ()
        return render_template(template, install=mine, report=None, faults=faults, trouble=said(error))
    except Next as error:
        return render_template(template, install=mine, report=None, faults=(), trouble=words_of(error))
    return render_template(template, install=mine, report=report, faults=(), trouble="")


@rules.get("/drafts")
@signed_in
def review(install_id: str) -> ResponseReturnValue:
    """Show what all drafts together would change."""
    mine = seen(install_id, "rules")
    try:
        found = drafts.review(services(), mine)
    except Next as error:
        return _told(mine, words_of(error))
    return render_template("rule_drafts.html", install=mine, found=found)


@rules.post("/drafts")
@signed_in
def publish(install_id: str) -> ResponseReturnValue:
    """Make all drafts live, if they are still what was seen."""
    mine, person = my_install(install_id), me()
    version, why = request.form.get("version", ""), request.form.get("why", "").strip()[:500]
    try:
        made = drafts.publish(
            services(), mine, seen=version, by=person.user_id, name=person.name or person.user_id, why=why
        )
    except DeskError as error:
        return refused(mine, error)
    except Next as error:
        return _told(mine, words_of(error))
    flash(_("Published. Version %(version)s is in force within seconds.", version=made.ruleset.version))
    return redirect(url_for("rules.listing", install_id=mine.id), 303)


@rules.get("/editions")
@signed_in
def history(install_id: str) -> ResponseReturnValue:
    """List what was live, the newest first."""
    mine = seen(install_id, "rules")
    found, older = editions.history(services(), mine, before=request.args.get("before", 0, type=int))
    force = desk.in_force(services(), mine)
    return render_template("rule_editions.html", install=mine, editions=found, older=older, force=force)


@rules.get("/editions/<int:number>")
@signed_in
def edition(install_id: str, number: int) -> ResponseReturnValue:
    """Show one edition, and what makes it another (``to``) or, 0, what would change if it went live again."""
    mine = seen(install_id, "rules")
    other = request.args.get("to", 0, type=int)
    try:
        shown = editions.edition(services(), mine, number)
        older, newer = (min(number, other), max(number, other)) if other else (0, number)
        changed = editions.difference(services(), mine, older, newer)
    except NotThere:
        abort(404)
    known, _older = editions.history(services(), mine)
    return render_template(
        "rule_edition.html",
        install=mine,
        shown=shown,
        changed=changed,
        other=other,
        known=known,
        force=desk.in_force(services(), mine),
    )


@rules.post("/editions/<int:number>")
@signed_in
def roll_back(install_id: str, number: int) -> ResponseReturnValue:
    """Make an edition live again."""
    mine, person = my_install(install_id), me()
    why = request.form.get("why", "").strip()[:500]
    try:
        editions.roll_back(services(), mine, number, by=person.user_id, name=person.name or person.user_id, why=why)
    except NotThere:
        abort(404)
    except DeskError as error:
        return refused(mine, error)
    except Next as error:
        return _told(mine, words_of(error))
    flash(_("Edition %(number)s is in force again within seconds, as a new edition.", number=number))
    return redirect(url_for("rules.listing", install_id=mine.id), 303)


def refused(mine: Install, error: DeskError) -> ResponseReturnValue:
    """Return the page that says why rules were not changed, with every fault or every test that failed."""
    faults = error.faults if isinstance(error, Faulty) else ()
    report = error.report if isinstance(error, Red) else None
    page = render_template("rule_refused.html", install=mine, sentence=said(error), faults=faults, report=report)
    return page, UNFIT


def words_of(error: Next) -> str:
    """Return what to tell people of an answer of the CRM that was none."""
    if isinstance(error, Revoked):
        return str(_("The CRM no longer lets Switchyard in. Connect it again, then the rules can be changed here."))
    why = retelling.reason(str(error))
    if isinstance(error, Later):
        return str(_("The CRM does not answer at the moment (%(why)s). Try again in a minute.", why=why))
    if isinstance(error, Refused):
        return str(_("The CRM refused: %(why)s", why=why))
    return why


def _told(mine: Install, sentence: str) -> ResponseReturnValue:
    flash(sentence, "bad")
    return redirect(url_for("rules.listing", install_id=mine.id), 303)


def _move(mine: Install, record: str) -> str:
    where = cast("Literal['top', 'up', 'down']", request.form["do"])
    rule_edits.move(services(), mine, record, where, seen=request.form.get("version", ""), by=me().user_id)
    return str(_("Moved, as a draft. Publish the drafts to have it in force."))


def _duplicate(mine: Install, record: str) -> str:
    rule_edits.duplicate(services(), mine, record, by=me().user_id)
    return str(_("Copied, as a draft right behind it."))


def _discard(mine: Install, record: str) -> str:
    rule_edits.discard(services(), mine, record, seen=request.form.get("seen", ""), by=me().user_id)
    return str(_("The draft is gone. What is live stays as it is."))


def _off(mine: Install, record: str) -> str:
    rule_edits.switch_off(services(), mine, record, **_by(), seen=request.form.get("version", ""))
    return str(_("Switched off. It is out of force within seconds; switch it on again below the list."))


def _on(mine: Install, record: str) -> str:
    rule_edits.switch_on(services(), mine, record, **_by())
    return str(_("Switched on. It is in force within seconds."))


def _remove(mine: Install, record: str) -> str:
    rule_edits.remove(services(), mine, record, **_by(), seen=request.form.get("version", ""))
    return str(_("Removed. Roll back to an earlier edition to have it again."))


def _by() -> dict[str, Any]:
    person = me()
    return {"by": person.user_id, "name": person.name or person.user_id}


_DOES: dict[str, Callable[[Install, str], str]] = {
    "top": _move, "up": _move, "down": _move, "duplicate": _duplicate, "discard": _discard,
    "off": _off, "on": _on, "remove": _remove,
}  # fmt: skip
