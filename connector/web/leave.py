"""Support comes in: whoever runs Switchyard types the code that an administrator gave them, and looks."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from connector.desk import support
from connector.desk.faults import Unusable
from connector.web.access import services
from connector.web.language import said
from oauth.flow import SUPPORT, WANTED, page_of

leave = Blueprint("leave", __name__, url_prefix="/support")

UNFIT = 422


@leave.get("")
def form() -> ResponseReturnValue:
    """Ask for the code. It is typed: in an address it would stay in histories and logs."""
    return render_template("leave.html", fault="", field="", name="")


@leave.post("")
def enter() -> ResponseReturnValue:
    """Use the code up and begin a session that looks at one install and changes nothing."""
    here, name = services(), request.form.get("name", "")
    try:
        entered = support.enter(here, request.form.get("code", ""), name=name)
    except Unusable as error:
        return render_template("leave.html", fault=said(error), field=error.field, name=name[:80]), UNFIT
    wanted = session.get(WANTED, "")
    session.clear()
    session[SUPPORT] = {
        "install_id": entered.install.id,
        "leave_id": entered.leave.id,
        "epoch": entered.epoch,
        "name": entered.name,
    }
    return redirect(page_of(entered.install, wanted), 303)
