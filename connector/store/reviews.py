"""Reviews: matches that a person is asked about, and what people said of them.

A match that is for review opens one review per lead; it is closed when the lead is matched, linked or gone. What people
decided stays until the install goes: it is what the matching learns from. Who and what it is about is sealed. When a
merge gives a lead or an account another id, what was said of it stands under that; an undo of the merge gives it back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select

from connector.store import notes
from connector.store.base import insert
from connector.store.pair_labels import parts
from connector.store.review_rows import Detail, Review, State, Verdict, line, moment, opened, review, unsaid
from connector.store.seal import Seal
from rules.labels import Label
from rules.matching.pairs import Side, domains
from rules.model import Decision, Kind, Record

__all__ = [
    "Detail", "Review", "State", "Verdict", "answer", "answered", "apart", "as_record", "close", "count", "decided",
    "follow", "give_back", "keep", "of_lead", "of_lead_all", "put_back", "recall", "rejection", "renamed", "review",
    "stamp", "told_of", "under", "waiting",
]  # fmt: skip

_SAID = ("accepted", "rejected", "never")


def follow(connection: Connection, install_id: str, seal: Seal, made: Iterable[Decision], *, now: datetime) -> None:
    """Bring the open reviews in line with new decisions: each of their leads has one, or none.

    A pair of lead and account that a person has decided already is not asked again.
    """
    latest = {each.lead.id: each for each in made}
    close(connection, install_id, latest)
    asked = [_asked(each, now) for each in latest.values() if each.match.status == "review" and each.match.account]
    if asked:
        _put(connection, install_id, seal, asked, only=review.c.state == "unsaid")


def close(connection: Connection, install_id: str, lead_ids: Collection[str]) -> None:
    """Nobody needs to be asked about these leads any more."""
    if lead_ids:
        mine = (review.c.install_id == install_id) & (review.c.state == "open")
        connection.execute(delete(review).where(mine, review.c.lead_id.in_(list(lead_ids))))


def waiting(
    connection: Connection,
    install_id: str,
    seal: Seal,
    *,
    limit: int,
    account_id: str | None = None,
    after: tuple[datetime, str] | None = None,
) -> list[Review]:
    """Return open reviews, the longest waiting first; optionally only those about one account.

    `after` is when the last one of the page before was asked, and its lead.
    """
    query = select(review).where(review.c.install_id == install_id, review.c.state == "open")
    if account_id is not None:
        query = query.where(review.c.account_id == account_id)
    if after is not None:
        asked_at, lead_id = after
        same = (review.c.created_at == asked_at) & (review.c.lead_id > lead_id)
        query = query.where((review.c.created_at > asked_at) | same)
    rows = connection.execute(query.order_by(review.c.created_at, review.c.lead_id).limit(limit))
    return [opened(seal, row) for row in rows]


def of_lead(connection: Connection, install_id: str, seal: Seal, lead_id: str) -> Review | None:
    """Return the open review of a lead, or None."""
    mine = (review.c.install_id == install_id) & (review.c.lead_id == lead_id)
    row = connection.execute(select(review).where(mine, review.c.state == "open")).one_or_none()
    return opened(seal, row) if row else None


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
) -> list[Review]:
    """Write what a person said of one candidate of a lead's open review; nothing when it is none.

    Accepting one says no to the account that was asked about, and to what was accepted for this lead before: these
    come behind the first.
    """
    asked = of_lead(connection, install_id, seal, lead_id)
    chosen = next((each for each in asked.detail.candidates if each.account_id == account_id), None) if asked else None
    if asked is None or chosen is None:
        return []
    told = replace(asked.detail, candidates=(), by=by)
    its_own = account_id == asked.account_id
    detail = replace(told, account=chosen.name, log_odds=told.log_odds if its_own else None)
    decided = [Review(lead_id, account_id, verdict, detail, asked.created_at, now)]
    if verdict == "accepted":
        before = [each for each in _of_lead(connection, install_id, seal, lead_id) if each.state == "accepted"]
        decided += [replace(each, state="rejected", decided_at=now) for each in before if each.account_id != account_id]
        if not its_own:
            decided.append(replace(asked, state="rejected", detail=told, decided_at=now))
    keep(connection, install_id, seal, decided)
    return decided


def of_lead_all(connection: Connection, install_id: str, seal: Seal, lead_id: str) -> list[Review]:
    """Return all that is asked and was said of a lead, to be put back by :func:`put_back`."""
    return _of_lead(connection, install_id, seal, lead_id)


def put_back(connection: Connection, install_id: str, seal: Seal, lead_id: str, before: Collection[Review]) -> None:
    """Take back what was said of a lead since it was `before`."""
    mine = (review.c.install_id == install_id) & (review.c.lead_id == lead_id) & (review.c.state != "unsaid")
    connection.execute(delete(review).where(mine))
    keep(connection, install_id, seal, before)


def rejection(made: Decision, *, by: str, now: datetime) -> Review:
    """Return what a person says by whom the account of a decision is the wrong one for its lead, asked about or not.

    Raises ValueError when it has no account.
    """
    if made.match.account is None:
        raise ValueError("a decision without an account has none to reject")
    asked = _asked(made, now)
    return replace(asked, state="rejected", detail=replace(asked.detail, candidates=(), by=by), decided_at=now)


def apart(contact: Record, account_id: str, called: str, *, by: str, now: datetime) -> Review:
    """Return what a person says by whom a contact, or lead, does not belong to an account that nobody asks about."""
    side, who = _scope(contact)
    detail = Detail(_name(contact), contact.text("company"), called, "", side, who, by=by)
    return Review(contact.id, account_id, "rejected", detail, now, now)


def keep(connection: Connection, install_id: str, seal: Seal, said: Collection[Review]) -> None:
    """Store what people said; it replaces what was said, or asked, of the same lead and account before."""
    _put(connection, install_id, seal, said)


def recall(connection: Connection, install_id: str, seal: Seal, each: Review) -> None:
    """Keep what a person said long ago, as the CRM tells, or (state ``unsaid``) that it was taken back then.

    What is known to be said, or taken back, later stays.
    """
    mine = (review.c.install_id == install_id) & (review.c.lead_id == each.lead_id)
    rows = connection.execute(select(review).where(mine, review.c.account_id == each.account_id))
    known = [opened(seal, row) for row in rows]
    # Where somebody is asked now, our database was not lost, and knows better.
    if not any(one.state == "open" or moment(one) > moment(each) for one in known):
        keep(connection, install_id, seal, [each if each.state != "unsaid" else unsaid(each)])


def renamed(
    connection: Connection, install_id: str, seal: Seal, kind: Kind, ids: Mapping[str, str], *, now: datetime
) -> None:
    """Have what was said of leads, or of accounts, stand under the ids that they are called by now (old id -> new id).

    Of two answers about one lead and account the later one counts, and of two accounts accepted for one lead too.
    """
    found = _said_of(connection, install_id, seal, kind, [old for old, new in ids.items() if old != new])
    ways = []
    for each in found:
        old = each.account_id if kind == "account" else each.lead_id
        ways.append((each, under(each, kind, ids[old])))
    _moved(connection, install_id, seal, ways, now)


def give_back(  # noqa: PLR0917 - whose answers, and where they go
    connection: Connection, install_id: str, seal: Seal, kind: Kind, kept: str, ids: Mapping[str, str], *, now: datetime
) -> None:
    """Have what was said of records before they became part of `kept` be theirs again (id then -> id now)."""
    ways = []
    for each in _said_of(connection, install_id, seal, kind, [kept]):
        was = each.detail.was
        place = next((at for at, name in enumerate(was) if name[0] == kind and name[1] in ids), None)
        if place is not None:
            ways.append((each, _under(each, kind, ids[was[place][1]], was[:place])))
    _moved(connection, install_id, seal, ways, now)


def decided(connection: Connection, install_id: str, seal: Seal) -> list[Review]:
    """Return every review that a person has decided, in the order in which that was done."""
    query = select(review).where(review.c.install_id == install_id, review.c.state.in_(_SAID))
    rows = connection.execute(query.order_by(review.c.decided_at, review.c.lead_id, review.c.account_id))
    return [opened(seal, row) for row in rows]


def stamp(connection: Connection, install_id: str) -> tuple[int, datetime | None, str]:
    """Return what changes with what people said: how much there is, when the last was, and what moved with records."""
    found = connection.execute(_STAMP, {"install_id": install_id}).one()
    return found[0], found[1], found[2] or ""


_MOVED = select(notes.note.c.value).where(
    notes.note.c.install_id == bindparam("install_id"), notes.note.c.name == notes.ANSWERS_MOVED
)
_STAMP = select(func.count(), func.max(review.c.decided_at), _MOVED.scalar_subquery()).where(
    review.c.install_id == bindparam("install_id"), review.c.state != "open"
)


def count(connection: Connection, install_id: str) -> int:
    """Return how many reviews wait for a person."""
    mine = (review.c.install_id == install_id) & (review.c.state == "open")
    return int(connection.execute(select(func.count()).where(mine)).scalar_one())


def answered(connection: Connection, install_id: str, *, since: datetime) -> int:
    """Return of how many leads somebody has said something since."""
    mine = (review.c.install_id == install_id) & review.c.state.in_(_SAID) & (review.c.decided_at >= since)
    return int(connection.execute(select(func.count(review.c.lead_id.distinct())).where(mine)).scalar_one())


def as_record(each: Review) -> Record:
    """Return what a review tells of its lead or contact, so that the CRM holds no more of it than we do."""
    told = {"name": each.detail.lead, "company": each.detail.company}
    if each.detail.side == "domain":
        told["domain"] = each.detail.who
    return Record(each.kind, each.lead_id, {name: value for name, value in told.items() if value})


def told_of(label: Label, lead: Record, account: str) -> Review:
    """Return the review that a label and :func:`as_record` tell of; `account` is what the account is called."""
    side, who = _scope(lead)
    company = lead.text("company")
    detail = Detail(_name(lead), company, account, "", side, who, log_odds=label.log_odds, by=label.by)
    state = cast("State", "unsaid" if label.verdict == "open" else label.verdict)
    return Review(lead.id, label.records[1].id, state, detail, label.at, label.at)


def under(each: Review, kind: Kind, new: str) -> Review:
    """Return a review of a lead, or of an account, that a merge gave another id."""
    old = each.account_id if kind == "account" else each.lead_id
    return _under(each, kind, new, (*each.detail.was, (kind, old)))


def _asked(made: Decision, now: datetime) -> Review:
    match, lead = made.match, made.lead
    candidates = (*([match.account] if match.account else []), *match.runners_up)
    best = candidates[0]
    side, who = _scope(lead)
    detail = Detail(
        lead=_name(lead),
        company=lead.text("company"),
        account=best.name,
        decision=made.key,
        side=side,
        who=who,
        log_odds=match.log_odds,
        reason=match.reason,
        needed=match.needed,
        candidates=candidates,
    )
    return Review(lead.id, best.account_id, "open", detail, now)


def _scope(lead: Record) -> tuple[Side, str]:
    """Return what of a lead a "never" is about; of a contact nobody says that."""
    if lead.kind == "contact":
        return "contact", lead.id
    own = domains(lead)
    if own:
        return "domain", own[0]
    return ("company", lead.text("company")) if lead.text("company") else ("lead", lead.id)


def _name(lead: Record) -> str:
    whole = lead.text("name") or f"{lead.text('first_name')} {lead.text('last_name')}".strip()
    return whole or lead.text("email") or lead.id


def _of_lead(connection: Connection, install_id: str, seal: Seal, lead_id: str) -> list[Review]:
    mine = (review.c.install_id == install_id) & (review.c.lead_id == lead_id) & (review.c.state != "unsaid")
    return [opened(seal, row) for row in connection.execute(select(review).where(mine))]


def _put(
    connection: Connection, install_id: str, seal: Seal, rows: Collection[Review],
    *, only: ColumnElement[bool] | None = None,
) -> None:  # fmt: skip
    """Write reviews; each replaces what there is of its lead and account where `only` holds of that."""
    if not rows:
        return
    statement = insert(connection, review)
    fresh = {name: statement.excluded[name] for name in ("state", "sealed", "decided_at")}
    where = ["install_id", "lead_id", "account_id"]
    lines = [line(install_id, seal, each) for each in rows]
    connection.execute(statement.on_conflict_do_update(index_elements=where, set_=fresh, where=only), lines)


def _moved(
    connection: Connection, install_id: str, seal: Seal, ways: Collection[tuple[Review, Review]], now: datetime
) -> None:
    """Have reviews stand where they belong now, each as it was and as it is to be."""
    if not ways:
        return
    for each, _ in ways:
        there = (review.c.lead_id == each.lead_id) & (review.c.account_id == each.account_id)
        connection.execute(delete(review).where(review.c.install_id == install_id, there))
    earlier = (review.c.state == "open") | (review.c.decided_at <= insert(connection, review).excluded.decided_at)
    _put(connection, install_id, seal, [new for _, new in ways], only=earlier)
    for lead_id in sorted({new.lead_id for _, new in ways}):
        found = [each for each in _of_lead(connection, install_id, seal, lead_id) if each.state == "accepted"]
        older = sorted(found, key=moment)[:-1]
        _put(connection, install_id, seal, [unsaid(each) for each in older])
    count = int(notes.of(connection, install_id).get(notes.ANSWERS_MOVED, "0"))
    notes.put(connection, install_id, notes.ANSWERS_MOVED, str(count + 1), now=now)


def _said_of(connection: Connection, install_id: str, seal: Seal, kind: Kind, ids: Collection[str]) -> list[Review]:
    """Return what was said, or taken back, of these records of a kind, in the order in which that was done."""
    column = review.c.account_id if kind == "account" else review.c.lead_id
    mine = (review.c.install_id == install_id) & (review.c.state != "open")
    rows = [row for some in parts(ids) for row in connection.execute(select(review).where(mine, column.in_(some)))]
    found = sorted((opened(seal, row) for row in rows), key=moment)
    return [each for each in found if kind in {"account", each.kind}]


def _under(each: Review, kind: Kind, new: str, was: tuple[tuple[Kind, str], ...]) -> Review:
    if kind == "account":
        return replace(each, account_id=new, detail=replace(each.detail, was=was))
    who = new if each.detail.side in {"lead", "contact"} else each.detail.who
    return replace(each, lead_id=new, detail=replace(each.detail, who=who, was=was))
