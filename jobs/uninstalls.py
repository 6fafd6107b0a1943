"""Uninstalls: an install that its CRM has cut off is cleared away, key and all, when its time of grace is over.

HubSpot tells nobody that its app was taken out: the next refresh is refused (oauth/answers.py says what counts as that,
and a fault of our own settings never does), or the journal tells. Rules and audits stand in the CRM; what is deleted
here is what the connector kept to work with.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from connector.store import endings, installs
from jobs.shift import drain_lease, holding
from jobs.tools import Tools

log = structlog.get_logger()


def sweep(tools: Tools) -> list[str]:
    """Remove the installs that have been revoked for longer than GRACE_DAYS; return their ids.

    The clock deletes what is left of their indexes, which nobody can read any more (see connector/store/books.py).
    """
    now = tools.clock()
    with tools.database.write() as connection:
        endings.note(connection, now=now)
        late = endings.over(connection, before=now - timedelta(days=tools.settings.grace_days))
    removed = [each for each in late if _remove(tools, each)]
    if removed:
        tools.database.forget()
    return removed


def _remove(tools: Tools, install_id: str) -> bool:
    """Remove one install unless a drain is at it, or its admin has connected it again just now."""
    with holding(tools, drain_lease(install_id)) as holder:
        if holder is None:
            return False
        with tools.database.write() as connection:
            install = installs.by_id(connection, install_id)
            if install is None or install.status != "revoked":
                return False
            installs.remove(connection, install_id)
    log.info("cleared after the time of grace", install=install_id, crm=install.crm)
    return True
