"""What people say of suggestions: taken down, told to the CRM, taken back, and learned from.

A label stands in our database and in the CRM: that somebody let records be merged stands in the audit of the merge, all
else in an audit of its own (rules/labels.py). When our database is lost, all audits are read again (jobs/recall.py);
until then records say by their stamp that we knew them, and what was said of them is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

from sqlalchemy import Connection

from connector.crm import Crm
from connector.store import aliases, decisions, pairs, progress, tellings
from connector.store.base import Database
from connector.store.decisions import Intent
from connector.store.installs import Install
from connector.store.pairs import Answer, Asked
from connector.store.pairs import Label as Kept
from connector.store.seal import Seal
from rules import labels as said
from rules.actions import Member
from rules.labelling import labelled
from rules.labels import Label, LabelVerdict
from rules.matching import calibrate
from rules.matching.calibrate import IDENTITY, Calibration
from rules.merging.plan import NOT_EDITED, Edit
from rules.model import Mode, Record

ANSWERS = "answers"
"""The row of progress of what people said: accepted suggestions are merged, and rejected ones told to the CRM."""
TWO = 2
REMEMBERED = 16
"""Installs whose labels a process keeps at hand."""

_Stamp = tuple[int, datetime | None]


@dataclass(frozen=True, slots=True)
class Learned:
    """How far probabilities can be trusted in an install: that two people are one, and that two accounts are."""

    people: Calibration = IDENTITY
    companies: Calibration = IDENTITY


_at_hand: dict[str, tuple[_Stamp, Learned]] = {}


def learned(connection: Connection, install_id: str, seal: Seal) -> Learned:
    """Return how far the probabilities that two records are one can be trusted in this install.

    Kept at hand until somebody says something else; nothing is changed before there are enough labels. People and
    accounts are judged by different evidence, so that what was said of the ones teaches nothing about the others.
    """
    stamp = pairs.stamp(connection, install_id)
    known = _at_hand.get(install_id)
    if known is None or known[0] != stamp:
        found = pairs.said(connection, install_id, seal) if stamp[0] >= calibrate.ENOUGH else []
        if len(_at_hand) >= REMEMBERED:
            _at_hand.clear()
        known = _at_hand[install_id] = (stamp, Learned(_fitted(found), _fitted(found, companies=True)))
    return known[1]


def scored(found: Collection[Kept], *, companies: bool = False) -> list[tuple[float, bool]]:
    """Return how sure the evidence was of each pair of people, or of accounts, and whether they were called the same.

    What was said of a pair of which nobody knows how sure the evidence was teaches nothing.
    """
    mine = (each for each in found if each.companies == companies)
    return [(each.log_odds, bool(each.same)) for each in mine if each.log_odds is not None]


def _fitted(found: Collection[Kept], *, companies: bool = False) -> Calibration:
    return calibrate.fit(scored(found, companies=companies))


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


def take_back(connection: Connection, install: Install, seal: Seal, asked: Asked, *, by: str, now: datetime) -> bool:
    """Ask again about a suggestion that was answered and not merged; False when somebody else was faster.

    Part of a transaction; ring for the install afterwards. What the CRM was told already is taken back there too.
    """
    opened = replace(asked, state="open", decision="", answer=Answer(), decided_at=None)
    if asked.state not in {"accepted", "rejected"} or not pairs.move(connection, install.id, seal, asked, opened):
        return False
    members = asked.suggestion.members
    pairs.label(connection, install.id, seal, members, same=None, by=by, at=now)
    if asked.state == "rejected" and asked.decision:
        records = {each.id: Record(each.kind, each.id, {"name": called}) for each, called in _called(asked)}
        language = tellings.of(connection, install.id).language_for("")
        found = told(
            replace(asked, answer=Answer(by), decided_at=now), "open", records, mode=install.mode, version="", now=now,
            language=language,
        )  # fmt: skip
        decisions.intend(connection, install.id, seal, found, now=now)
    return True


def told(
    asked: Asked,
    verdict: LabelVerdict,
    records: Mapping[str, Record],
    *,
    mode: Mode,
    version: str,
    now: datetime,
    language: str = "en",
) -> list[Intent]:
    """Return the decisions that tell the CRM what a person said of a suggestion, one for every two of its records.

    Nothing is done by them but the audit, and none is ever a lead's latest. `records` are those that there still are,
    by id. An audit stands on a lead before it stands on anything else.
    """
    names = {each.id: called for each, called in _called(asked)}
    known = sorted(
        (records[each] for each in asked.ids if each in records), key=lambda each: (each.kind != "lead", each.id)
    )
    log_odds = asked.suggestion.log_odds if len(asked.ids) == TWO else None
    found = []
    for one, other in combinations(known, 2):
        both = Member(one.kind, one.id), Member(other.kind, other.id)
        label = Label(verdict, both, asked.answer.by, asked.decided_at or now, log_odds)
        made = labelled(label, one, names[other.id], mode=mode, version=version, now=now, language=language)
        found.append(Intent(made, (), part_of=made.key))
    return found


def _called(asked: Asked) -> list[tuple[Member, str]]:
    names = asked.suggestion.names or asked.ids
    return list(zip(asked.suggestion.members, names, strict=False))


def forgotten(connection: Connection, install_id: str, seal: Seal, records: Sequence[Record]) -> list[Record]:
    """Return the records that bear a stamp of a decision we know nothing of: our database was lost since."""
    stamped = {each.text("decision"): each for each in records if each.text("decision")}
    known = decisions.by_keys(connection, install_id, seal, list(stamped)) if stamped else {}
    return [record for key, record in stamped.items() if key not in known]


def remembered(crm: Crm, records: Collection[Record]) -> list[Label]:
    """Read from audits of the CRM what people said of these records and others: one call for each."""
    return [label for record in records for row in crm.audits(record.id) if (label := said.read(row)) is not None]


def keep(connection: Connection, install_id: str, seal: Seal, found: Collection[Label]) -> None:
    """Keep what was read in the CRM of records that may be one; what was said later stays.

    What was said before a merge, or before it was taken back, is about the records as they are called since.
    """
    for each in found:
        if each.is_belonging:
            continue
        now = aliases.living(connection, install_id, each.records, at=each.at)
        kept = [_as_now(each, one, other, now) for one, other in combinations(each.records, 2)]
        pairs.keep(connection, install_id, seal, [label for label in kept if label is not None])


def _as_now(said: Label, one: Member, other: Member, now: Mapping[Member, Member]) -> Kept | None:
    """Return what was said of two records, as pairs.renamed() has it; None for two that differ and are one by now."""
    same = {"same": True, "different": False}.get(said.verdict)
    ids, old = frozenset({now[one].id, now[other].id}), frozenset({one.id, other.id})
    companies = one.kind == other.kind == "account"
    if len(ids) > 1:
        return Kept(ids, same, said.by, said.at, said.log_odds, companies)
    if same is False or len(old) == 1:
        return None
    return Kept(old, same, said.by, said.at, said.log_odds, companies, spent=same is True)
