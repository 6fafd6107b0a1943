"""The permission check: what the product needs in an org, whether it is there, and where to click when it is not.

A managed package cannot grant permissions on standard objects, so an admin must; and on a custom channel Salesforce
drops events in silence when View All is missing: what permissions cannot prove, the probe shows (probe.py). Sources:
2GP guide "Permission Sets and Permission Set Groups"; Change Data Capture guide "Required Permissions for Receiving
Change Events".
"""

from __future__ import annotations

from collections.abc import Iterator

from connector.errors import Revoked
from connector.rows import Check
from connector.salesforce import check_package, check_records
from connector.salesforce.check_lines import line, system
from connector.salesforce.check_rights import Rights, read_rights
from connector.salesforce.describe import Shapes
from connector.salesforce.fields import AUDIT_OBJECT, RULE_OBJECT, SNAPSHOT_OBJECT, packaged
from connector.salesforce.history import History
from connector.salesforce.perform import Performer
from connector.salesforce.session import Session
from connector.settings import Settings

_SHUT = ("(API_DISABLED_FOR_ORG)", "(API_CURRENTLY_DISABLED)")
"""How the error ends when the connected user, or the whole edition, has no API."""


def missing_parts(shapes: Shapes, namespace: str, *, again: bool = False) -> list[str]:
    """Return the objects of the package that are not there for the connected user; `again` asks the org anew."""
    missing = []
    for name in (RULE_OBJECT, AUDIT_OBJECT):
        sobject = packaged(name, namespace)
        if again:
            shapes.forget(sobject)
        if shapes.get(sobject) is None:
            missing.append(sobject)
    return missing


class Inspector:
    """Looks at one org as the connected user."""

    def __init__(
        self, session: Session, shapes: Shapes, performer: Performer, history: History, settings: Settings
    ) -> None:
        self._session = session
        self._shapes = shapes
        self._performer = performer
        self._history = history
        self._settings = settings
        self._namespace = settings.salesforce_namespace

    def check(self) -> tuple[Check, ...]:
        """Return one line for each need. Raises Later or Revoked when the org cannot be asked at all."""
        who = self._session.who()
        try:
            missing_parts(self._shapes, self._namespace, again=True)
            for sobject in ("Lead", "Task", "Event", packaged(SNAPSHOT_OBJECT, self._namespace)):
                self._shapes.forget(sobject)
            self._history.forget()
            rights = read_rights(self._session, self._shapes, str(who["user_id"]), namespace=self._namespace)
            return tuple(self._lines(rights, str(who["organization_id"])))
        except Revoked as error:
            if str(error).endswith(_SHUT):
                return (_api(have=False),)
            raise

    def _lines(self, rights: Rights, org_id: str) -> Iterator[Check]:
        """Yield the lines: the way in, the package, the org's records, then what is optional."""
        session, shapes, settings = self._session, self._shapes, self._settings
        yield _api(have=True)
        yield line(
            "View Setup and Configuration",
            "ViewSetup" in rights.user,
            there="the connected user has it",
            missing="the connected user does not have it",
            without="nobody can tell which permissions on records it has; what cannot be told counts as missing here",
            remedy=system("View Setup and Configuration"),
        )
        yield from check_package.parts(shapes, rights, self._namespace)
        yield from check_package.channel(session, settings, rights, org_id)
        yield from check_records.seen(rights)
        yield from check_records.written(session, shapes, rights)
        yield check_records.told(rights)
        yield check_package.bell(self._performer, rights)
        yield from check_records.readable(shapes)
        yield from check_records.people(session, rights)
        yield check_records.activities(shapes)
        yield check_records.opportunities(self._history, rights)
        yield from check_records.duplicates(rights)


def _api(*, have: bool) -> Check:
    """Return whether the API may be used at all."""
    return line(
        "Use the API",
        have,
        there="the connected user can use it",
        missing="the connected user may not use it, or the org's edition has none",
        without="nothing works",
        remedy=system("API Enabled"),
    )
