"""Health: whether the process is up, and whether what it needs answers."""

from __future__ import annotations

import structlog
from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from connector.desk import pulse
from connector.services import Services
from connector.web.access import services

log = structlog.get_logger()
health = Blueprint("health", __name__, url_prefix="/health")

READY = {"database": "up", "schema": "up", "redis": "up"}


@health.get("/live")
def live() -> ResponseReturnValue:
    """Answer 200 as long as the process serves requests."""
    return {"process": "up"}


@health.get("/ready")
def ready() -> ResponseReturnValue:
    """Answer 200 when database and Redis answer and the tables are there, else 503; says which, and nothing more.

    Tables of a newer version are no fault: it is being deployed beside this one.
    """
    found = {"database": "up", "schema": _schema(services()), "redis": "up"}
    if found["schema"] == "unknown":
        found["database"] = "down"
    if not pulse.redis_answers(services()):
        found["redis"] = "down"
    if found != READY:
        log.warning("not ready", **found)
    return found, 200 if found == READY else 503


def _schema(services: Services) -> str:
    """Return `up`, `behind`, or `unknown` when the database does not answer."""
    try:
        return "behind" if pulse.schema(services) == "behind" else "up"
    except SQLAlchemyError:
        return "unknown"
