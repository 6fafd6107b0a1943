"""Pools in the console: who received how much of what was due to them, who can take leads now, and what is timed."""

from __future__ import annotations

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.store import pauses
from connector.store.installs import Install
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


@pools.post("/people/<key>")
@signed_in
def set_pause(install_id: str, key: str) -> ResponseReturnValue:
    """Have the user `key` take no leads until further notice (`do`: pause), or again (resume), in every pool."""
    mine, wish = my_install(install_id), request.form.get("do", "")
    if wish not in {PAUSE, RESUME}:
        abort(400)
    here, by = services(), me().user_id
    done = wish == RESUME or _is_member(mine, key)
    if done:
        with here.database.write() as connection:
            if wish == PAUSE:
                pauses.put(connection, mine.id, key, until=None, by=by, now=here.clock())
            else:
                done = pauses.end(connection, mine.id, key, now=here.clock())
    if done:
        log.info("pause set", install=mine.id, user=key, do=wish, by=by)
    flash(f"taking:{wish if done else 'gone'}")
    return redirect(url_for("pools.listing", install_id=mine.id), 303)


def _is_member(install: Install, user_id: str) -> bool:
    """Whether somebody is a member of any pool."""
    page = boards.read(install)
    return any(seat.line.user.id == user_id for board in page.boards for seat in board.seats)
