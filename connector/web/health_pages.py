"""Health in the console: how an install is, for whoever helps its people, and one text to send to them."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from connector.desk import health
from connector.desk.tickets import ticket
from connector.web.access import seen, services, signed_in
from connector.web.story import trace_url

support = Blueprint("support", __name__, url_prefix="/installs/<install_id>/health")


@support.get("")
@signed_in
def page(install_id: str) -> ResponseReturnValue:
    """Show how an install is."""
    mine = seen(install_id, "health")
    found = health.read(services(), mine)
    return render_template(
        "health.html",
        install=mine,
        health=found,
        ticket=ticket(found),
        kind_of=health.kind_of,
        trace_url=trace_url,
    )
