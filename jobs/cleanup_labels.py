"""What people say of suggestions: taken down, told to the CRM, found there again, and learned from.

A label stands in our database and, as an audit record, in the CRM: that somebody let two records be merged stands in
the audit of the merge, that they are not one person in one of its own. When our database is lost, records say by their
stamp that we knew them; then what was said of them is read from their audits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations

from sqlalchemy import Connection

from connector.crm import Crm
from connector.store import decisions, pairs, progress
from connector.store.base import Database
from connector.store.decisions import Intent
from connector.store.pairs import Answer, Asked, Label
from connector.store.seal import Seal
from rules import calibrate
from rules.calibrate import Calibration
from rules.merging.plan import NOT_EDITED, Edit
from rules.model import Decision, Match, Mode, Record, Route, Verdict

ANSWERS = "answers"
"""The row of progress of what people said: accepted suggestions are merged, and rejected ones told to the CRM."""
APART = "apart:"
"""How the keys of audits begin that say that two records are not one person."""
PARTS = 4
"""Of such a key: what it is, both records, and when that was said, in milliseconds."""
SAID = " said: "
SOMEBODY = "Somebody"
"""Stands for whoever said it, where the CRM does not tell."""
REMEMBERED = 16
"""Installs whose labels a process keeps at hand."""

_Stamp = tuple[int, datetime | None]
_at_hand: dict[str, tuple[_Stamp, Calibration]] = {}


def learned(connection: Connection, install_id: str, seal: Seal) -> Calibration:
    """Return how far the probabilities that two records are one person can be trusted in this install.

    Kept at hand until somebody says something else; nothing is changed before there are enough labels.
    """
    stamp = pairs.stamp(connection, install_id)
    known = _at_hand.get(install_id)
    if known is None or known[0] != stamp:
        found = pairs.said(connection, install_id, seal) if stamp[0] >= calibrate.ENOUGH else []
        if len(_at_hand) >= REMEMBERED:
            _at_hand.clear()
        scored = [(each.log_odds, each.same) for each in found if each.log_odds is not None]
        known = _at_hand[install_id] = (stamp, calibrate.fit(scored))
    return known[1]


def answer(
    database: Database,
    install_id: str,
    seal: Seal,
    asked: Asked,
    *,
    same: bool,
    by: str,
    now: datetime,
    edit: Edit = NOT_EDITED,
    seen: str = "",
) -> bool:
    """Take down what a person said of a suggestion; False when somebody else was faster. Ring for the install then.

    `seen` is the plan that they saw: it is merged by that one, or they are asked again.
    """
    to = replace(
        asked,
        state="accepted" if same else "rejected",
        answer=Answer(by, replace(edit, by=by) if edit != NOT_EDITED else edit, seen),
        decided_at=now,
    )
    told = asked.suggestion
    with database.write() as connection:
        if not pairs.move(connection, install_id, seal, asked, to, expected="open"):
            return False
        pairs.label(connection, install_id, seal, told.members, same=same, by=by, at=now, log_odds=told.log_odds)
        progress.start(connection, install_id, ANSWERS, now=now)
    return True


def apart(asked: Asked, records: Mapping[str, Record], *, mode: Mode, version: str, now: datetime) -> list[Intent]:
    """Return the decisions that tell the CRM of a rejected suggestion, one for every two: audits, nothing is done.

    `records` are those that there still are, by id. Such a decision is never a lead's latest. Audits are about leads:
    of two records that are none the CRM is not told.
    """
    names = dict(zip(asked.ids, asked.suggestion.names, strict=False))
    known = sorted(
        (records[each] for each in asked.ids if each in records), key=lambda each: (each.kind != "lead", each.id)
    )
    at = asked.decided_at or now
    found = []
    for one, other in combinations(known, 2):
        if one.kind != "lead":
            continue
        called = names.get(other.id) or other.id
        made = Decision(
            key=f"{APART}{one.id}:{other.id}:{round(at.timestamp() * 1000)}",
            lead=one,
            mode=mode,
            outcome="ignored",
            duplicate=Verdict("different", other.kind, other.id, other.owner_id),
            match=Match("none"),
            route=Route("", "keep", None, f"{asked.answer.by}{SAID}this is not the same as {called}."),
            actions=(),
            ruleset_version=version,
            received_at=at,
            decided_at=now,
        )
        found.append(Intent(made, (), part_of=made.key))
    return found


def forgotten(connection: Connection, install_id: str, seal: Seal, records: Sequence[Record]) -> list[Record]:
    """Return the records that bear a stamp of a decision we know nothing of: our database was lost since."""
    stamped = {each.text("decision"): each for each in records if each.text("decision")}
    known = decisions.by_keys(connection, install_id, seal, list(stamped)) if stamped else {}
    return [record for key, record in stamped.items() if key not in known]


def remembered(crm: Crm, records: Collection[Record]) -> list[Label]:
    """Read from audits of the CRM which records are not the same as these, as people said: one call for each."""
    every = [said_apart(row) for record in records for row in crm.audits(record.id)]
    return [each for each in every if each is not None]


def said_apart(row: Mapping[str, str]) -> Label | None:
    """Return what an audit says of two records that are not the same; None when it is about something else."""
    told = row.get("key", "").split(":")
    if len(told) != PARTS or f"{told[0]}:" != APART or not told[3].isdecimal():
        return None
    by, sign, _ = row.get("reason", "").partition(SAID)
    at = datetime.fromtimestamp(int(told[3]) / 1000, UTC)
    return Label(frozenset(told[1:3]), same=False, by=by if sign else SOMEBODY, at=at)
