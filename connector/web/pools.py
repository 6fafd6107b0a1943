"""Pools in the console: who received how much of what was due to them, who can take leads now, and what is timed."""

from __future__ import annotations

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.store import pauses
from connector.web import boards
from connector.web.access import me, my_install, services, signed_in

log = structlog.get_logger()
pools = Blueprint("pools", __name__, url_prefix="/installs/<install_id>/pools")

PAUSE, RESUME = "pause", "resume"


@pools.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """Show each pool with its members, and the next timers."""
    mine = my_install(install_id)
    return render_template("pools.html", install=mine, page=boards.read(mine))


@pools.post("/people/<user_id>")
@signed_in
def set_pause(install_id: str, user_id: str) -> ResponseReturnValue:
    """Have a member take no leads until further notice (`do`: pause), or take leads again (resume), in every pool."""
    mine, wish = my_install(install_id), request.form.get("do", "")
    if wish not in {PAUSE, RESUME}:
        abort(400)
    here, by = services(), me().user_id
    done = wish == RESUME or _is_member(mine.id, user_id)
    if done:
        with here.database.write() as connection:
            if wish == PAUSE:
                pauses.put(connection, mine.id, user_id, until=None, by=by, now=here.clock())
            else:
                done = pauses.end(connection, mine.id, user_id)
    if done:
        log.info("pause set", install=mine.id, user=user_id, do=wish, by=by)
    flash(f"taking:{wish if done else 'gone'}")
    return redirect(url_for("pools.listing", install_id=mine.id), 303)


def _is_member(install_id: str, user_id: str) -> bool:
    """Whether somebody is a member of any pool."""
    page = boards.read(my_install(install_id))
    return any(seat.line.user.id == user_id for board in page.boards for seat in board.seats)
