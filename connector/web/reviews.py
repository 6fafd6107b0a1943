"""Reviews in the console: matches that a person is asked about, both records side by side, answered key by key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from connector.desk import reviews as desk
from connector.desk.evidence import Clue, clues, heaviest
from connector.desk.faults import DeskError, Unusable
from connector.desk.reviews import Question
from connector.store.installs import Install
from connector.web.access import asked_by_htmx, me, my_install, seen, services, signed_in
from connector.web.answers import take_back
from connector.web.language import said
from rules.model import Candidate

reviews = Blueprint("reviews", __name__, url_prefix="/installs/<install_id>/reviews")

PAGE = 25
"""Reviews a page."""
TAKEN = {
    "accepted": _l("Taken. The lead is matched with that account now."),
    "rejected": _l("Noted. The lead is matched anew, without that account."),
    "never": _l("Noted. None of these leads will be matched with that account again."),
}


@reviews.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """List the reviews that wait for a person, the longest waiting first."""
    mine, here, after = seen(install_id, "duplicates"), services(), _behind()
    queue = desk.queue(here, mine, limit=PAGE, after=after)
    if after and not queue.questions:  # all from there on are answered
        after, queue = None, desk.queue(here, mine, limit=PAGE)
    return render_template(
        "parts/reviews.html" if asked_by_htmx() else "reviews.html",
        install=mine,
        queue=queue,
        place=_place(after),
        more=_place(queue.more),
        can_undo=desk.can_undo(here, mine, by=me().user_id),
        weighed=_weighed,
    )


@reviews.get("/sure")
@signed_in
def sure(install_id: str) -> ResponseReturnValue:
    """Show those that are all but sure, to be accepted at once."""
    mine = seen(install_id, "duplicates")
    found = desk.sure(services(), mine)
    return render_template("reviews_sure.html", install=mine, questions=found, least=desk.SURE)


@reviews.post("/sure")
@signed_in
def accept_sure(install_id: str) -> ResponseReturnValue:
    """Accept the account that was asked about for each ``lead``."""
    mine, person = my_install(install_id), me()
    leads = request.form.getlist("lead")
    count = desk.accept_sure(services(), mine, leads, by=person.user_id, name=person.name)
    flash(ngettext("%(num)s match was taken.", "%(num)s matches were taken.", count))
    return _back(mine)


@reviews.post("/undo")
@signed_in
def undo(install_id: str) -> ResponseReturnValue:
    """Take back what the person signed in said last."""
    mine = my_install(install_id)
    take_back(mine, desk.undo, _taken_back)
    return _back(mine)


@reviews.post("/<key>")
@signed_in
def answer(install_id: str, key: str) -> ResponseReturnValue:
    """Take down what a person says of one account (`account`) of the lead `key`: accepted, rejected or never."""
    mine, person, verdict = my_install(install_id), me(), request.form.get("verdict", "")
    account_id = request.form.get("account", "")
    try:
        desk.answer(services(), mine, key, account_id=account_id, verdict=verdict, by=person.user_id, name=person.name)
    except Unusable:
        abort(400)
    except DeskError as error:
        flash(said(error), "bad")
        return _back(mine)
    flash(str(TAKEN[verdict]))
    return _back(mine)


def _back(mine: Install) -> ResponseReturnValue:
    """Go on where the person was: whom they passed over waits behind them."""
    return redirect(url_for("reviews.listing", install_id=mine.id, _anchor="next", **_place(_behind())), 303)


def _place(after: tuple[datetime, str] | None) -> dict[str, Any]:
    """Return where a page begins, as its address says it: nothing for the first one."""
    return {"since": after[0].isoformat(), "behind": after[1]} if after else {}


def _behind() -> tuple[datetime, str] | None:
    """Return where the page asked for begins; None for the first, also when the address makes no sense."""
    since, lead_id = request.args.get("since", ""), request.args.get("behind", "")
    try:
        return (datetime.fromisoformat(since).astimezone(UTC), lead_id) if lead_id.isprintable() else None
    except (ValueError, OverflowError):
        return None


def _weighed(account: Candidate, question: Question) -> tuple[Clue, ...]:
    """Return the evidence for one account, drawn beside the heaviest of all that are asked about with it."""
    every = [clue for each in (question.best, *question.others) for clue in each.evidence]
    return clues(account.evidence, heaviest(every))


def _taken_back(count: int) -> str:
    return str(
        ngettext(
            "Taken back. The lead is asked about again, and what was decided by your answer goes back.",
            "Taken back. %(num)s leads are asked about again, and what was decided by your answers goes back.",
            count,
        )
    )
