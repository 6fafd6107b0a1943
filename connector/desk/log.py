"""Who changed what in an install: every change that a person or an API key makes is noted here, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from connector.desk import directory
from connector.services import Services
from connector.store import api_keys, changes
from connector.store.changes import Change
from connector.store.installs import Install

log = structlog.get_logger()

PAGE = 50
"""Changes a page."""
KEY, SUPPORT = "key:", "support:"
"""How `by` begins where it was no user of the CRM: an API key, and somebody who looked by the admin's leave."""

OF_PEOPLE = frozenset({"pause", "resume", "plan absence", "remove absence", "manager made", "manager ended"})
"""What is done about a person: `about` begins with their id."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of changes, the newest first. `older` is where the next page begins (None: that is all).

    `names` are what people and keys are called, by what stands in `by` and, of OF_PEOPLE, first in `about`, as far as
    anybody knows; `kinds` is what was
    done at all and `people` who did it: what the page can be narrowed to.
    """

    changes: tuple[Change, ...]
    older: int | None
    kinds: tuple[str, ...]
    people: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)


def note(services: Services, install: Install, *, by: str, did: str, about: str = "", before: str = "") -> None:
    """Note that `by` (a user's id, or ``key:<id>`` of an API key) `did` something (``mode``) `about` what.

    `before` is what stood there until then. Never a field of a lead or contact: ids, and words of the trade.
    """
    log.info("changed", install=install.id, by=by, did=did)
    with services.database.write() as connection:
        changes.add(
            connection,
            install.id,
            services.seal(install),
            by=by,
            did=did,
            about=about,
            before=before,
            now=services.clock(),
        )


def listed(services: Services, install: Install, *, before: int | None = None, did: str = "", by: str = "") -> Listed:
    """Return a page of changes: those older than the one numbered `before`, of one kind (`did`) or person (`by`)."""
    seal = services.seal(install)
    with services.database.read() as connection:
        found = changes.page(connection, install.id, seal, limit=PAGE + 1, before=before, did=did, by=by)
        kinds, people = changes.kinds(connection, install.id)
        keys = {f"{KEY}{each.id}": each.name for each in api_keys.every(connection, install.id, seal)}
    meant = {each.about.partition(" ")[0] for each in found if each.did in OF_PEOPLE}
    names = keys | directory.named(services, install, set(people) | meant)
    older = found[PAGE - 1].id if len(found) > PAGE else None
    return Listed(tuple(found[:PAGE]), older, tuple(kinds), tuple(people), names)
