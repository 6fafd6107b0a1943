"""What people say of matches: taken down with a letter to decide anew, and learned from by every later match."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from connector.store import letters, reviews
from connector.store.reviews import Review, Verdict
from connector.store.seal import Seal
from rules import calibrate
from rules.decide import Reviews
from rules.model import Event
from rules.pairs import Pair, Pairs

CONCERNED = 500
"""Open reviews of one account that are asked anew after a "never"."""
REMEMBERED = 16
"""Installs whose reviews a process keeps at hand."""

_Stamp = tuple[int, datetime | None]
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
    if said is None:
        return None
    wanted = {lead_id: None}
    if verdict == "never":
        others = reviews.waiting(connection, install_id, seal, limit=CONCERNED, account_id=account_id)
        wanted |= {each.lead_id: None for each in others}
    letters.receive(connection, install_id, [_again(each, account_id, now) for each in wanted], now=now)
    return said


def _again(lead_id: str, account_id: str, now: datetime) -> Event:
    """Return the event that a lead is to be decided anew; each answer has its own, for one may come during a round."""
    return Event(f"review:{lead_id}:{account_id}:{now.isoformat()}", "lead", lead_id, "resync", now)


def with_pairs(known: Reviews, said: Iterable[Review]) -> Reviews:
    """Return what is learned with pairs that a person has just spoken of and that are not stored yet."""
    more = tuple(map(_pair, said))
    return replace(known, pairs=Pairs((*known.pairs.every, *more))) if more else known


def _pair(each: Review) -> Pair:
    if each.state == "accepted":
        return Pair("always", "lead", each.lead_id, each.account_id, by=each.detail.by)
    if each.state == "never":
        return Pair("never", each.detail.side, each.detail.who, each.account_id, by=each.detail.by)
    return Pair("never", "lead", each.lead_id, each.account_id, by=each.detail.by)
