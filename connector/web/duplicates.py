"""Duplicates in the console: pairs that a person is asked about, side by side, with what a merge would do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from connector.desk.merging import hindrance, scope_of
from connector.errors import Next
from connector.store import pairs
from connector.store.installs import Install
from connector.store.pairs import Asked, Behind, State
from connector.web.access import me, my_install, services, signed_in
from connector.web.story import Clue
from jobs import cleanup_labels, cleanup_plans, cleanup_report
from jobs.cleanup_merges import mode_of
from jobs.cleanup_plans import Line, Looked
from rules.merging.plan import NOT_EDITED, Edit
from rules.merging.preview import preview

log = structlog.get_logger()
duplicates = Blueprint("duplicates", __name__, url_prefix="/installs/<install_id>/duplicates")

PAGE = 25
"""Pairs a page."""
UNFIT = 422
TAKE = "take."
"""How the names of boxes begin that say from which record a field is taken."""
CHANGED = "Nothing was merged yet: it would come to something else than you saw. Look again, then answer."


@dataclass(frozen=True, slots=True)
class Shown:
    """A pair as the page shows it. `why_not` is why it cannot be accepted now, `trouble` why it cannot be shown."""

    asked: Asked
    looked: Looked | None = None
    lines: tuple[Line, ...] = ()
    clues: tuple[Clue, ...] = ()
    sentences: tuple[str, ...] = ()
    why_not: str = ""
    trouble: str = ""


@duplicates.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """List the pairs in one state, those that wait for a person unless another is asked for; the surest first."""
    mine, here = my_install(install_id), services()
    state: State = next((each for each in cleanup_report.STATES if each == request.args.get("state")), "open")
    behind = _behind(request.args)
    with here.database.read() as connection:
        found = pairs.open_(connection, mine.id, here.seal(mine), limit=PAGE + 1, after=behind, state=state)
        counts = pairs.counts(connection, mine.id)
    return render_template(
        "duplicates.html",
        install=mine,
        found=found[:PAGE],
        more=found[PAGE - 1] if len(found) > PAGE else None,
        state=state,
        states=cleanup_report.STATES,
        counts=counts,
    )


@duplicates.get("/<key>")
@signed_in
def pair(install_id: str, key: str) -> ResponseReturnValue:
    """Show one pair as it is now; what somebody wants otherwise (``survivor``, ``take.<field>``) is in the address."""
    mine = my_install(install_id)
    asked = _asked(mine, key)
    return _page(mine, _shown(mine, asked, _edit(request.args)), _edit(request.args))


@duplicates.post("/<key>")
@signed_in
def answer(install_id: str, key: str) -> ResponseReturnValue:
    """Take down that a pair is the ``same``, to be merged as was seen, or ``different``; then show the next one."""
    mine, here, person = my_install(install_id), services(), me()
    asked, verdict = _asked(mine, key), request.form.get("verdict", "")
    if verdict not in {"same", "different"}:
        abort(400)
    by, edit, seen = person.name or person.user_id, _edit(request.form), request.form.get("seen", "")
    if verdict == "same":
        shown = _shown(mine, asked, edit)
        if shown.trouble or shown.looked is None:
            return _page(mine, shown, edit), UNFIT
        if not shown.why_not and shown.looked.seen != seen:
            shown = replace(shown, trouble=CHANGED)
        if asked.state == "open" and (shown.why_not or shown.trouble):
            return _page(mine, shown, edit), UNFIT
    seal, now = here.seal(mine), here.clock()
    taken = cleanup_labels.answer(
        here.database, mine.id, seal, asked, same=verdict == "same", by=by, now=now, edit=edit, seen=seen
    )
    if taken:
        here.ring(mine.id)
        log.info("pair answered", install=mine.id, pair=key, verdict=verdict, by=person.user_id)
    flash(f"pair:{verdict if taken else 'gone'}")
    return redirect(_next(mine, asked), 303)


def _next(mine: Install, asked: Asked) -> str:
    """Return the address of the pair behind this one, or of the list when that was the last."""
    here = services()
    behind = Behind(asked.suggestion.confidence, asked.key)
    with here.database.read() as connection:
        found = pairs.open_(connection, mine.id, here.seal(mine), limit=1, after=behind)
    if not found:
        return url_for("duplicates.listing", install_id=mine.id)
    return url_for("duplicates.pair", install_id=mine.id, key=found[0].key)


def _asked(mine: Install, key: str) -> Asked:
    here = services()
    with here.database.read() as connection:
        found = pairs.by_key(connection, mine.id, here.seal(mine), key)
    if found is None:
        abort(404)
    return found


def _shown(mine: Install, asked: Asked, edit: Edit) -> Shown:
    here, by = services(), me().name or me().user_id
    now: datetime = here.clock()
    edits = {asked.key: replace(edit, by=by)} if edit != NOT_EDITED else {}
    try:
        with scope_of(here, mine) as scope:
            found = cleanup_plans.look(scope, [asked], now=now, by=by, edits=edits)[0]
            mode = mode_of(scope)
    except Next as error:
        return Shown(asked, trouble=str(error))
    why_not = hindrance(found, mode)
    if found.plan is None:
        return Shown(asked, found, why_not=why_not)
    heaviest = max((abs(each.weight) for each in found.why.evidence), default=0.0) or 1.0
    clues = tuple(Clue(each.text, each.weight, abs(each.weight) / heaviest) for each in found.why.evidence)
    sentences = preview(found.plan, scope.users, by)
    return Shown(asked, found, tuple(cleanup_plans.side_by_side(found.plan)), clues, sentences, why_not)


def _page(mine: Install, shown: Shown, edit: Edit) -> str:
    return render_template(
        "duplicate.html", install=mine, page=shown, edit=edit, take=TAKE, next_url=_next(mine, shown.asked)
    )


def _edit(told: MultiDict[str, str]) -> Edit:
    """Return what somebody wants otherwise, from a form or an address."""
    values = {name.removeprefix(TAKE): value for name, value in told.items() if name.startswith(TAKE) and value}
    survivor = told.get("survivor", "")
    return Edit(me().name or me().user_id, survivor, values) if survivor or values else NOT_EDITED


def _behind(told: MultiDict[str, str]) -> Behind | None:
    try:
        return Behind(float(told["sure"]), told["behind"])
    except (KeyError, ValueError):
        return None
