"""What our database knew, brought back from the audits in the CRM after it was lost and the CRM was connected again.

Set-up asks for it, and it goes before every letter: nothing is decided until it is known what was decided, whose turn
it is, and what waits for its time. A page may be repeated: what is known already stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from connector.errors import Next
from connector.merging import Taken
from connector.store import codec, progress
from connector.store.progress import Progress
from jobs import missed, recalled, rulebook
from jobs.recalled import Said, Since, Told
from jobs.shift import Shift
from rules import detail, labels
from rules.actions import Merge, Unmerge
from rules.detail import Unreadable
from rules.faults import UNSTORABLE
from rules.model import User
from rules.wording.words import english

log = structlog.get_logger()

NAME = missed.RECALL


def ask(shift: Shift) -> None:
    """Begin, unless the CRM has no audits: then nothing was ever decided here."""
    first = shift.crm.audit_page()
    if first.rows or first.after:
        with shift.write() as connection:
            progress.start(connection, shift.install.id, NAME, now=shift.tools.clock())


def page(shift: Shift, work: Progress) -> None:
    """Bring back what the next page of audits tells. Raises Later or Revoked."""
    found = shift.crm.audit_page(work.after)
    users = {each.id: each for each in rulebook.directory(shift)}
    told = [each for row in found.rows if (each := _read(row, users)) is not None]
    said = [label for row in found.rows if (label := _said(row, users)) is not None]
    now = shift.tools.clock()
    is_last, since = found.after is None, Since.of(shift.tools.settings, now)
    told.sort(key=lambda each: each.decision.decided_at)
    with shift.write() as connection:
        told = _kept(connection, shift, told, said, since)
        if told:
            missed.remember(connection, shift.install.id, told[-1].decision.decided_at, now=now)
        done = work.done + len(told)
        reason = english("work.recalled", count=f"{done:,}")
        values = work.turned(done=done, after=found.after, is_last=is_last, now=now, reason=reason)
        progress.move(connection, shift.install.id, NAME, now=now, **values)
    if is_last:
        log.info("recalled", install=shift.install.id, decisions=done)


def _kept(connection: Connection, shift: Shift, told: list[Told], said: list[Said], since: Since) -> list[Told]:
    """Keep what a page tells; return the decisions that were. One that somebody made unfit holds up no other."""
    try:
        with connection.begin_nested():
            _keep(connection, shift, told, said, since)
    except (Next, OperationalError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, each is tried alone
        log.warning("a page of audits is looked at one by one", reason=type(error).__name__)
        told = [each for each in told if _fits(connection, shift, each, None, since)]
        said = [each for each in said if _fits(connection, shift, None, each, since)]
        _keep(connection, shift, told, said, since)
    return told


def _keep(connection: Connection, shift: Shift, told: list[Told], said: list[Said], since: Since) -> None:
    recalled.take(connection, shift, told, since=since)
    recalled.take_said(connection, shift, said, since=since)
    recalled.label(connection, shift, said, told)


def _fits(connection: Connection, shift: Shift, told: Told | None, said: Said | None, since: Since) -> bool:
    """Whether an audit can be kept, tried alone and taken back."""
    trial = connection.begin_nested()
    try:
        _keep(connection, shift, [told] if told else [], [said] if said else [], since)
    except (Next, OperationalError):
        raise
    except Exception as error:  # noqa: BLE001 - a text that somebody changed may be unfit in any way
        key = told.decision.key if told else ""
        log.warning("audit not recalled", decision=key, reason=type(error).__name__)
        return False
    finally:
        trial.rollback()
    return True


def _said(row: Mapping[str, str], users: Mapping[str, User]) -> Said | None:
    """Return what an audit tells that a person said, when it tells of nothing else."""
    label = labels.read(row) if labels.is_label(row.get("key", "")) else None
    if label is None:
        return None
    try:
        found = detail.read(row.get("detail", ""), users)
        # The key of such an audit begins with no lead; it stands on the first of both.
        lead = replace(found.lead, id=row.get("lead_id") or label.records[0].id)
        return Said(label, replace(found, lead=lead), row)
    except Unreadable:
        return Said(label, None, row)


def _read(row: Mapping[str, str], users: Mapping[str, User]) -> Told | None:
    """Return the decision of an audit; None for one that holds none: it was cut, or a person changed it."""
    text = row.get("detail", "")
    if labels.is_label(row.get("key", "")):
        return None
    try:
        found, told = detail.read(text, users), json.loads(text)
        codec.load(codec.dump(found))  # what was made of other kinds is found out here, not when it is read again
        results = {action: (status, ref, why) for action, status, ref, why in _results(told)}
    except Exception as error:  # noqa: BLE001 - a text that somebody changed may be unfit in any way
        log.warning("audit not recalled", decision=row.get("key", ""), reason=type(error).__name__)
        return None
    # Its key may name the record as it was called before a merge.
    lead = replace(found.lead, id=row.get("lead_id") or found.lead.id)
    return Told(replace(found, lead=lead), row, results)


def _results(told: Mapping[str, Any]) -> list[list[str]]:
    """Return the results that a detail tells of: action, status, reference and why. Raises ValueError."""
    found = told.get("results", [])
    if not isinstance(found, list) or any(not isinstance(each, list) for each in found):
        raise ValueError("no list of results")
    if any(not isinstance(part, str) or UNSTORABLE.search(part) for each in found for part in each):
        raise ValueError("a result that is no text which a database keeps")
    for action, _, ref, _ in found:
        if action in {Merge.key, Unmerge.key}:
            Taken.read(ref)
    return found
