"""Changes in the console: who changed what, and when; the newest first."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from connector.desk import log
from connector.desk.log import KEY, OF_PEOPLE, SUPPORT
from connector.desk.settings import MODES
from connector.store.changes import Change
from connector.web.access import seen, services, signed_in

changes = Blueprint("changes", __name__, url_prefix="/installs/<install_id>/changes")

LONGEST_NUMBER = 18
WORDS = {
    "cleanup": _l("Clean-up"),
    "console language": _l("Chose the language of the console"),
    "decision days": _l("How many days decisions are kept"),
    "decision retried": _l("Tried a decision again"),
    "person exported": _l("Took out all that is held about a person"),
    "person forgotten": _l("Had a person forgotten"),
    "undo days": _l("Chose how long merges can be taken back"),
    "decision undone": _l("Took back what was done with a lead"),
    "draft discarded": _l("Threw a draft away"),
    "draft saved": _l("Saved a draft of a rule"),
    "fields": _l("Changed the fields"),
    "key made": _l("Made an API key"),
    "key revoked": _l("Revoked an API key"),
    "languages": _l("Chose in which language people are told"),
    "leave ended": _l("Ended the leave for support"),
    "leave given": _l("Gave support leave to look, in hours"),
    "manager ended": _l("Took the role manager away"),
    "manager made": _l("Gave the role manager"),
    "matching changed": _l("Changed the matching"),
    "mode": _l("Switched the mode"),
    "pair different": _l("Two records are different"),
    "pair same": _l("Two records are the same"),
    "pause": _l("Paused somebody"),
    "plan absence": _l("Planned an absence"),
    "probe": _l("Sent a probe"),
    "reject lead": _l("Handed a lead back"),
    "remove absence": _l("Removed an absence"),
    "resume": _l("Let somebody take leads again"),
    "retry": _l("Tried again what stood still"),
    "review accepted": _l("Accepted a match"),
    "review never": _l("Never match with that account"),
    "review rejected": _l("Rejected a match"),
    "routes": _l("Chose what counts as a lead"),
    "rule copied": _l("Copied a rule"),
    "rule moved": _l("Moved a rule"),
    "rule removed": _l("Removed a rule"),
    "rule switched off": _l("Switched a rule off"),
    "rule switched on": _l("Switched a rule on"),
    "suggestion rejected": _l("Rejected a suggested account"),
    "undo suggestion": _l("Took back an answer about a suggested account"),
    "rules published": _l("Published rules"),
    "rules rolled back": _l("Rolled the rules back"),
    "run apply": _l("Had a clean-up merge"),
    "run begun": _l("Began long work"),
    "run cancel": _l("Cancelled long work"),
    "run pause": _l("Paused long work"),
    "run resume": _l("Let long work go on"),
    "run undo": _l("Took back what a clean-up merged"),
    "set up again": _l("Set the connection up again"),
    "simulation cancelled": _l("Cancelled a simulation"),
    "simulation paused": _l("Paused a simulation"),
    "simulation resumed": _l("Let a simulation go on"),
    "simulation started": _l("Started a simulation"),
    "support came": _l("Support came in, by the name of"),
    "telling": _l("Chose how people are told of leads"),
    "undo pair": _l("Took back an answer about two records"),
    "undo review": _l("Took back an answer about a match"),
    "work": _l("Started stopped work again"),
}
"""What was done, by the word that was noted; a word that is not here is shown as it is."""


@changes.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """List changes a page at a time, of one kind (`did`) or person (`by`) if asked; `before` is where it begins."""
    mine = seen(install_id, "changes")
    did, by, before = (request.args.get(name, "")[:80] for name in ("did", "by", "before"))
    if before and not (before.isascii() and before.isdigit() and len(before) <= LONGEST_NUMBER):
        abort(400)
    listed = log.listed(services(), mine, before=int(before) if before else None, did=did, by=by)
    return render_template(
        "changes.html",
        install=mine,
        listed=listed,
        did=did,
        by=by,
        before=before,
        words=WORDS,
        modes=MODES,
        of_people=OF_PEOPLE,
        who_of=listed.names.get,
        is_key=lambda each: each.startswith(KEY),
        is_support=lambda each: each.startswith(SUPPORT),
        undoable=None if before or by else _undoable(listed.changes, mine.mode),
    )


def _undoable(found: tuple[Change, ...], mode: str) -> int | None:
    """Return the number of the latest switch of the mode, which can be taken back while it holds."""
    latest = next((each for each in found if each.did == "mode"), None)
    return latest.id if latest is not None and latest.about == mode and latest.before else None
