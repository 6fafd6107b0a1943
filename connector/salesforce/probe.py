"""The probe, which finds out whether change events really arrive.

On a custom channel Salesforce accepts a subscription and then drops events in silence when View All is missing. So
something is written, and its event is waited for on a short subscription of its own, beside the listener's. What is
written is the version of one Routing Rule record, which decides nothing; it is put back afterwards. Leads, contacts and
accounts are never written: people may change some while the probe watches, and are told whose events did not come.

The probe costs about ten calls, and what changes meanwhile is delivered once more, of what an org may get in 24 hours.
Sources: Change Data Capture guide "Required Permissions"; Pub/Sub API guide "Subscribe".
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from connector.errors import Ignored, Later, Refused
from connector.rows import Check
from connector.salesforce.check_lines import INTEGRATION_REMEDY, line, setting
from connector.salesforce.check_records import KINDS
from connector.salesforce.ear import Ear
from connector.salesforce.fields import RULE_OBJECT, packaged
from connector.salesforce.payloads import RULE_FIELDS
from connector.salesforce.session import Session
from connector.settings import Settings

AGAIN_SECONDS = 1.0
"""How long one mark is waited for before the next is written: a subscription takes a moment to begin, and Salesforce
does not say when it has."""
MOST = 200
"""Changed records of one kind that are compared with the events."""
_MARK = "probe"
_SILENT = "Salesforce accepts the subscription but delivers nothing"
_SOON = "; Salesforce notices within ten minutes"
_CHANGED = "LastModifiedDate"
"""What every change moves that makes an event; SystemModstamp also moves without one."""


class Prober:
    """Sends probes into one org, as the connected user."""

    def __init__(self, session: Session, settings: Settings) -> None:
        self._session = session
        self._settings = settings
        self._sobject = packaged(RULE_OBJECT, settings.salesforce_namespace)
        self._field = packaged(RULE_FIELDS["version"], settings.salesforce_namespace)

    def probe(self, *, watch: bool) -> tuple[Check, ...]:
        """Write marks until one comes back; then tell which changes of records made no event.

        Takes PROBE_SECONDS at most, with `watch` all of them. Raises Later, Revoked or Refused.
        """
        org_id = str(self._session.who()["organization_id"])
        rule = self._rule()
        if rule is None:
            missing = "there is no Routing Rule record yet that could be written"
            return (_arrives(have=False, missing=missing, remedy="Wait until setting up is done, then try again"),)
        end = time.monotonic() + self._settings.probe_seconds
        with Ear(self._settings, self._session.token(), org_id, field=self._field) as ear:
            try:
                return self._heard(ear, str(rule["Id"]), end, watch=watch)
            finally:
                self._put_back(rule)

    def _heard(self, ear: Ear, rule_id: str, end: float, *, watch: bool) -> tuple[Check, ...]:
        """Wait for the first mark; when it came, watch, and close with another mark: events come in their order."""
        seconds = self._marked(ear, rule_id, end)
        if seconds is None:
            missing = f"{_SILENT}: no event of our own in {self._settings.probe_seconds:g} seconds"
            return (_arrives(have=False, missing=missing, remedy=f"{INTEGRATION_REMEDY}{_SOON}"),)
        since = str(self._read(rule_id, _CHANGED))
        if watch:
            ear.listen(until=end)
        changed = self._changed(since)
        there = f"an event came back after {seconds:.1f} seconds"
        if not any(changed.values()):
            return (_arrives(have=True, there=f"{there}; no lead, contact or account was changed meanwhile"),)
        if self._marked(ear, rule_id, time.monotonic() + self._settings.probe_seconds) is None:
            raise Later("The event stream fell silent while the probe listened", seconds=AGAIN_SECONDS)
        lines = (_compared(sobject, ids, ear.heard[sobject]) for sobject, ids in changed.items() if ids)
        return (_arrives(have=True, there=there), *lines)

    def _marked(self, ear: Ear, rule_id: str, end: float) -> float | None:
        """Write a mark, every second another, until one comes back; return after how many seconds, None if never."""
        marks: dict[str, float] = {}
        while (now := time.monotonic()) < end:
            mark = f"{_MARK} {secrets.token_hex(4)}"
            self._write(rule_id, mark)
            marks[mark] = time.monotonic()
            if (found := ear.wait_for(marks, until=min(now + AGAIN_SECONDS, end))) is not None:
                return time.monotonic() - marks[found]
        return None

    def _rule(self) -> dict[str, Any] | None:
        """Return a live rule record's id and version; of a draft the version has a meaning. None without any."""
        state = packaged(RULE_FIELDS["state"], self._settings.salesforce_namespace)
        query = f"SELECT Id, {self._field} FROM {self._sobject} WHERE {state} = 'live' ORDER BY Id LIMIT 1"  # noqa: S608
        return next(iter(self._session.query(query)), None)

    def _put_back(self, rule: Mapping[str, Any]) -> None:
        """Write the version that was there, unless somebody has written another meanwhile or the record is gone."""
        try:
            if str(self._read(str(rule["Id"]), self._field) or "").startswith(_MARK):
                self._write(str(rule["Id"]), rule[self._field])
        except (Ignored, Refused):
            return

    def _changed(self, since: str) -> dict[str, list[str]]:
        """Return the ids of records that were changed after a time, by object."""
        names = [sobject for _, sobject in KINDS]
        texts = {name: f"SELECT Id FROM {name} WHERE {_CHANGED} > {_literal(since)} LIMIT {MOST}" for name in names}  # noqa: S608
        return {name: [str(row["Id"]) for row in rows] for name, rows in self._session.queries(texts).items()}

    def _read(self, rule_id: str, field: str) -> Any:
        return self._session.call("GET", f"sobjects/{self._sobject}/{rule_id}", params={"fields": field})[field]

    def _write(self, rule_id: str, version: str | None) -> None:
        self._session.call("PATCH", f"sobjects/{self._sobject}/{rule_id}", json={self._field: version})


def _literal(time_text: str) -> str:
    """Return a time as Salesforce writes it (``2026-11-22T10:00:00.000+0000``) as SOQL wants it."""
    return time_text.replace("+0000", "Z")


def _arrives(*, have: bool, there: str = "", missing: str = "", remedy: str = "") -> Check:
    """Return the line about our own event."""
    return line(
        "Change events arrive",
        have,
        there=there,
        missing=missing,
        without="Switchyard hears of no new lead and of no edited rule",
        remedy=remedy,
    )


def _compared(sobject: str, changed: list[str], heard: set[str]) -> Check:
    """Return the line about the changes of one object: Salesforce tells of all of them or of none."""
    told = sum(one in heard for one in changed)
    return line(
        f"Change events of {sobject}",
        bool(heard),
        there=f"{told} of {len(changed)} changed records were told",
        missing=f"{_SILENT}: {len(changed)} changed, none told. View All Records is missing",
        without="Switchyard does not hear of these records",
        remedy=f"{setting(f'{sobject}s', 'View All Records')}{_SOON}",
    )
