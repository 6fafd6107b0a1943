"""What people say of matches: taken down with a letter to decide anew, and learned from by every later match."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from connector.store import aliases, decisions, installs, letters, reviews, tellings
from connector.store.decisions import Intent
from connector.store.reviews import Review, Verdict
from connector.store.seal import Seal
from rules.actions import Member
from rules.decide import Reviews
from rules.labelling import labelled
from rules.labels import Label, LabelVerdict
from rules.matching import calibrate
from rules.matching.pairs import Pair, Pairs
from rules.model import Decision, Event, Record

CONCERNED = 500
"""Open reviews of one account that are asked anew after a "never"."""
REMEMBERED = 16
"""Installs whose reviews a process keeps at hand."""

_Stamp = tuple[int, datetime | None, str]
_at_hand: dict[str, tuple[_Stamp, Reviews]] = {}


def learned(connection: Connection, install_id: str, seal: Seal) -> Reviews:
    """Return what an install's reviews say: pairs that always or never match, and how far probabilities can be trusted.

    Kept at hand until somebody decides another review: opening thousands of them takes longer than a round of letters.
    """
    stamp = reviews.stamp(connection, install_id)
    known = _at_hand.get(install_id)
    if known is None or known[0] != stamp:
        found = reviews.decided(connection, install_id, seal) if stamp[0] else []
        if len(_at_hand) >= REMEMBERED:
            _at_hand.clear()
        known = _at_hand[install_id] = (stamp, taught(found))
    return known[1]


def taught(found: Iterable[Review]) -> Reviews:
    """Return what decided reviews say."""
    known = list(found)
    scored = [(each.detail.log_odds, each.state == "accepted") for each in known if each.detail.log_odds is not None]
    return Reviews(Pairs(tuple(map(_pair, known))), calibrate.fit(scored))


def answer(
    connection: Connection,
    install_id: str,
    seal: Seal,
    *,
    lead_id: str,
    account_id: str,
    verdict: Verdict,
    by: str,
    now: datetime,
) -> Review | None:
    """Take down what a person said of one candidate of a lead's open review, and have the lead decided anew.

    None when nobody asks about this lead and account (any more). After a "never" whoever else waits for a word about
    that account is decided anew too. Ring for the install afterwards.
    """
    said = reviews.answer(
        connection, install_id, seal, lead_id=lead_id, account_id=account_id, verdict=verdict, by=by, now=now
    )
    if not said:
        return None
    said = _of_the_living(connection, install_id, seal, said, now)
    tell(connection, install_id, seal, said, now=now)
    wanted = {lead_id: None}
    if verdict == "never":
        others = reviews.waiting(connection, install_id, seal, limit=CONCERNED, account_id=account_id)
        wanted |= {each.lead_id: None for each in others}
    letters.receive(connection, install_id, [_again(each, account_id, now) for each in wanted], now=now)
    return said[0]


def _of_the_living(
    connection: Connection, install_id: str, seal: Seal, said: Collection[Review], now: datetime
) -> list[Review]:
    """Have what was said of accounts that became part of others meanwhile be about those; return it, the first first.

    Of two that are one by now the first counts.
    """
    led = aliases.of(connection, install_id, "account", {each.account_id for each in said})
    alike = {old: one.new_id for old, one in led.items() if one.new_kind == "account"}
    reviews.renamed(connection, install_id, seal, "account", alike, now=now)
    found: dict[str, Review] = {}
    for each in said:
        new = alike.get(each.account_id, each.account_id)
        found.setdefault(new, each if new == each.account_id else reviews.under(each, "account", new))
    return list(found.values())


def take_back(
    connection: Connection, install_id: str, seal: Seal, lead_id: str, before: Collection[Review], *, by: str,
    now: datetime,
) -> None:  # fmt: skip
    """Have all that is asked and was said of a lead be as it was `before`, and tell the CRM what is not said any more.

    What had been said before counts again, so that is told anew. Part of a transaction; ring for the install.
    """
    was = {each.account_id: each for each in before}
    changed = [each for each in reviews.of_lead_all(connection, install_id, seal, lead_id) if each.state != "open"]
    reviews.put_back(connection, install_id, seal, lead_id, before)
    again = []
    for each in changed:
        old = was.get(each.account_id)
        if old is None or old.state == "open":
            detail = replace(each.detail, by=by)
            again.append(replace(each, state="open", detail=detail, decided_at=now))
        elif old != each:
            again.append(replace(old, decided_at=now))
    tell(connection, install_id, seal, again, now=now)


def tell(connection: Connection, install_id: str, seal: Seal, said: Iterable[Review], *, now: datetime) -> None:
    """Have the CRM keep what people said of matches: an audit each, beside that of the decision which follows from it.

    Part of the transaction that keeps it here.
    """
    found = list(said)
    install = installs.by_id(connection, install_id) if found else None
    if install is None:
        return
    language = tellings.of(connection, install_id).language_for("")
    intents = []
    for each in found:
        account, mode, lead = each.detail.account, install.mode, reviews.as_record(each)
        made = labelled(label_of(each), lead, account, mode=mode, version="", now=now, language=language)
        intents.append(Intent(made, (), part_of=made.key))
    decisions.intend(connection, install_id, seal, intents, now=now)


def label_of(said: Review) -> Label:
    """Return what a decided review tells the CRM."""
    records = Member(said.kind, said.lead_id), Member("account", said.account_id)
    verdict: LabelVerdict = "open" if said.state == "unsaid" else said.state
    return Label(verdict, records, said.detail.by, said.decided_at or said.created_at, said.detail.log_odds)


def recall(connection: Connection, install_id: str, seal: Seal, label: Label, made: Decision | None) -> None:
    """Keep what an audit tells of a match that somebody spoke of; `made` is its decision, None when it was cut."""
    lead, account = label.records
    now = aliases.living(connection, install_id, label.records, at=label.at)
    record = made.lead if made is not None else Record("lead", lead.id, {})
    told = (made.match.account, *made.match.runners_up) if made is not None else ()
    called = next((each.name for each in told if each is not None and each.account_id == account.id), account.id)
    said = reviews.told_of(label, replace(record, id=lead.id, kind=lead.kind), called)
    for one in label.records:
        # A lead that became part of a contact belongs to whatever that belongs to.
        if now[one] != one and now[one].kind == one.kind:
            said = reviews.under(said, one.kind, now[one].id)
    reviews.recall(connection, install_id, seal, said)


def _again(lead_id: str, account_id: str, now: datetime) -> Event:
    """Return the event that a lead is to be decided anew; each answer has its own, for one may come during a round."""
    return Event(f"review:{lead_id}:{account_id}:{now.isoformat()}", "lead", lead_id, "resync", now)


def with_pairs(known: Reviews, said: Iterable[Review]) -> Reviews:
    """Return what is learned with pairs that a person has just spoken of and that are not stored yet."""
    more = tuple(map(_pair, said))
    return replace(known, pairs=Pairs((*known.pairs.every, *more))) if more else known


def _pair(each: Review) -> Pair:
    if each.state == "accepted":
        return Pair("always", each.kind, each.lead_id, each.account_id, by=each.detail.by)
    if each.state == "never":
        return Pair("never", each.detail.side, each.detail.who, each.account_id, by=each.detail.by)
    return Pair("never", each.kind, each.lead_id, each.account_id, by=each.detail.by)
