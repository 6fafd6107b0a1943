"""Who changed what in an install: every change that a person or an API key makes is noted here, in its own words."""

from __future__ import annotations

import structlog

from connector.services import Services
from connector.store.installs import Install

log = structlog.get_logger()


def note(services: Services, install: Install, *, by: str, did: str, about: str = "") -> None:
    """Note that `by` (a user's id, or ``key:<id>`` of an API key) `did` something (``mode``) `about` what."""
    _ = services
    log.info("changed", install=install.id, by=by, did=did, about=about)
