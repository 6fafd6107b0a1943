"""Health: whether the process is up, and whether what it needs answers."""

from __future__ import annotations

import redis
import structlog
from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from connector.web.access import services

log = structlog.get_logger()
health = Blueprint("health", __name__, url_prefix="/health")


@health.get("/live")
def live() -> ResponseReturnValue:
    """Answer 200 as long as the process serves requests."""
    return {"process": "up"}


@health.get("/ready")
def ready() -> ResponseReturnValue:
    """Answer 200 when the database and Redis answer, 503 when one does not; says which, and nothing more."""
    found = {"database": _database(), "redis": _redis()}
    return found, 200 if set(found.values()) == {"up"} else 503


def _database() -> str:
    try:
        with services().database.read() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        log.warning("database does not answer", error=type(error).__name__)
        return "down"
    return "up"


def _redis() -> str:
    try:
        services().redis.ping()
    except redis.RedisError as error:
        log.warning("redis does not answer", error=type(error).__name__)
        return "down"
    return "up"
