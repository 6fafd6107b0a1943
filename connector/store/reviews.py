"""Reviews: matches that a person is asked about, and what people said of them.

A match that is for review opens one review per lead; it is closed when the lead is matched, linked or gone. What people
decided stays until the install goes: it is what the matching learns from. Who and what it is about is sealed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias, cast

from cattrs import Converter
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    String,
    Table,
    bindparam,
    delete,
    func,
    select,
)

from connector.store import sentences
from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import Seal
from connector.store.sentences import Recipes
from rules.labels import Label
from rules.model import Candidate, Decision, Record
from rules.pairs import Side, domains

Verdict: TypeAlias = Literal["accepted", "rejected", "never"]
State: TypeAlias = Literal["open", "accepted", "rejected", "never"]

review = Table(
    "review",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("lead_id", String(64), primary_key=True),
    Column("account_id", String(64), primary_key=True),
    Column("state", String(8), nullable=False, comment="open, accepted, rejected or never"),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Index(None, "install_id", "state", "created_at"),
)

_converter = Converter()


@dataclass(frozen=True, slots=True)
class Detail:
    """What is sealed of a review.

    `candidates` are the best account and its runners-up, as long as it is open; `decision` is the key of the decision
    that asks, `log_odds` how sure the evidence alone was. `side` and `who` say what a "never" is about: the lead's
    domain, else its company, else the lead alone. `by` is the person who decided.
    """

    lead: str
    company: str
    account: str
    decision: str
    side: Side
    who: str
    log_odds: float | None = None
    reason: str = ""
    needed: str = ""
    candidates: tuple[Candidate, ...] = ()
    by: str = ""

    def told(self) -> tuple[str, ...]:
        """Return all sentences in it."""
        return (self.reason, self.needed, *(clue.text for each in self.candidates for clue in each.evidence))

    def remembering(self, kept: Recipes) -> Detail:
        """Return it with sentences that know what they were made of."""
        candidates = tuple(
            replace(one, evidence=tuple(replace(e, text=sentences.remembering(e.text, kept)) for e in one.evidence))
            for one in self.candidates
        )
        reason, needed = (sentences.remembering(each, kept) for each in (self.reason, self.needed))
        return replace(self, reason=reason, needed=needed, candidates=candidates)


@dataclass(frozen=True, slots=True)
class Review:
    """A lead and an account that may be its own, and what a person said of it, if one has."""

    lead_id: str
    account_id: str
    state: State
    detail: Detail
    created_at: datetime
    decided_at: datetime | None = None


def follow(connection: Connection, install_id: str, seal: Seal, made: Iterable[Decision], *, now: datetime) -> None:
    """Bring the open reviews in line with new decisions: each of their leads has one, or none.

    A pair of lead and account that a person has decided already is not asked again.
    """
    latest = {each.lead.id: each for each in made}
    close(connection, install_id, latest)
    asked = [_asked(each, now) for each in latest.values() if each.match.status == "review" and each.match.account]
    if asked:
        statement = insert(connection, review).on_conflict_do_nothing()
        connection.execute(statement, [_line(install_id, seal, each) for each in asked])


def close(connection: Connection, install_id: str, lead_ids: Collection[str]) -> None:
    """Nobody needs to be asked about these leads any more."""
    if lead_ids:
        mine = (review.c.install_id == install_id) & (review.c.state == "open")
        connection.execute(delete(review).where(mine, review.c.lead_id.in_(list(lead_ids))))


def waiting(
    connection: Connection, install_id: str, seal: Seal, *, limit: int, account_id: str | None = None
) -> list[Review]:
    """Return open reviews, the longest waiting first; optionally only those about one account."""
    query = select(review).where(review.c.install_id == install_id, review.c.state == "open")
    if account_id is not None:
        query = query.where(review.c.account_id == account_id)
    rows = connection.execute(query.order_by(review.c.created_at, review.c.lead_id).limit(limit))
    return [_review(seal, row) for row in rows]


def of_lead(connection: Connection, install_id: str, seal: Seal, lead_id: str) -> Review | None:
    """Return the open review of a lead, or None."""
    mine = (review.c.install_id == install_id) & (review.c.lead_id == lead_id)
    row = connection.execute(select(review).where(mine, review.c.state == "open")).one_or_none()
    return _review(seal, row) if row else None


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
    mine = (review.c.install_id == install_id) & (review.c.lead_id == lead_id)
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


def keep(connection: Connection, install_id: str, seal: Seal, said: Collection[Review]) -> None:
    """Store what people said; it replaces what was said, or asked, of the same lead and account before."""
    if not said:
        return
    statement = insert(connection, review)
    fresh = {name: statement.excluded[name] for name in ("state", "sealed", "decided_at")}
    where = ["install_id", "lead_id", "account_id"]
    lines = [_line(install_id, seal, each) for each in said]
    connection.execute(statement.on_conflict_do_update(index_elements=where, set_=fresh), lines)


def recall(connection: Connection, install_id: str, seal: Seal, each: Review) -> None:
    """Keep what a person said long ago, as the CRM tells, or (state ``open``) that it was taken back then.

    What is known to be said later stays.
    """
    known = [one for one in _of_lead(connection, install_id, seal, each.lead_id) if one.account_id == each.account_id]
    # Where somebody is asked now, our database was not lost, and knows better.
    if any(one.state == "open" or _moment(one) > _moment(each) for one in known):
        return
    if each.state != "open":
        keep(connection, install_id, seal, [each])
        return
    mine = (review.c.install_id == install_id) & (review.c.lead_id == each.lead_id)
    connection.execute(delete(review).where(mine, review.c.account_id == each.account_id))


def decided(connection: Connection, install_id: str, seal: Seal) -> list[Review]:
    """Return every review that a person has decided, in the order in which that was done."""
    query = select(review).where(review.c.install_id == install_id, review.c.state != "open")
    rows = connection.execute(query.order_by(review.c.decided_at, review.c.lead_id, review.c.account_id))
    return [_review(seal, row) for row in rows]


def stamp(connection: Connection, install_id: str) -> tuple[int, datetime | None]:
    """Return what changes with every decided review: how many there are, and when the last one was."""
    found = connection.execute(_STAMP, {"install_id": install_id}).one()
    return found[0], found[1]


_STAMP = select(func.count(), func.max(review.c.decided_at)).where(
    review.c.install_id == bindparam("install_id"), review.c.state != "open"
)


def count(connection: Connection, install_id: str) -> int:
    """Return how many reviews wait for a person."""
    mine = (review.c.install_id == install_id) & (review.c.state == "open")
    return int(connection.execute(select(func.count()).where(mine)).scalar_one())


def answered(connection: Connection, install_id: str, *, since: datetime) -> int:
    """Return of how many leads somebody has said something since."""
    mine = (review.c.install_id == install_id) & (review.c.state != "open") & (review.c.decided_at >= since)
    return int(connection.execute(select(func.count(review.c.lead_id.distinct())).where(mine)).scalar_one())


def as_record(each: Review) -> Record:
    """Return what a review tells of its lead, so that the CRM holds no more of it than we do."""
    told = {"name": each.detail.lead, "company": each.detail.company}
    if each.detail.side == "domain":
        told["domain"] = each.detail.who
    return Record("lead", each.lead_id, {name: value for name, value in told.items() if value})


def told_of(label: Label, lead: Record, account: str) -> Review:
    """Return the review that a label and :func:`as_record` tell of; `account` is what the account is called."""
    side, who = _scope(lead)
    company = lead.text("company")
    detail = Detail(_name(lead), company, account, "", side, who, log_odds=label.log_odds, by=label.by)
    state = cast("State", label.verdict)
    return Review(lead.id, label.records[1].id, state, detail, label.at, label.at)


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
    """Return what of a lead a "never" is about."""
    own = domains(lead)
    if own:
        return "domain", own[0]
    return ("company", lead.text("company")) if lead.text("company") else ("lead", lead.id)


def _moment(each: Review) -> datetime:
    return each.decided_at or each.created_at


def _name(lead: Record) -> str:
    whole = lead.text("name") or f"{lead.text('first_name')} {lead.text('last_name')}".strip()
    return whole or lead.text("email") or lead.id


def _of_lead(connection: Connection, install_id: str, seal: Seal, lead_id: str) -> list[Review]:
    mine = (review.c.install_id == install_id) & (review.c.lead_id == lead_id)
    return [_review(seal, row) for row in connection.execute(select(review).where(mine))]


def _about(lead_id: str, account_id: str) -> str:
    return f"review:{lead_id}:{account_id}"


def _line(install_id: str, seal: Seal, each: Review) -> dict[str, Any]:
    kept = sentences.recipes(each.detail.told())
    told = _converter.unstructure(each.detail) | {sentences.KEY: kept}
    sealed = seal.close(told, about=_about(each.lead_id, each.account_id))
    return {
        "install_id": install_id,
        "lead_id": each.lead_id,
        "account_id": each.account_id,
        "state": each.state,
        "sealed": sealed,
        "created_at": each.created_at,
        "decided_at": each.decided_at,
    }


def _review(seal: Seal, row: Row[Any]) -> Review:
    """Open a review. Raises Unreadable."""
    plain = seal.open(row.sealed, about=_about(row.lead_id, row.account_id))
    detail = _converter.structure(plain, Detail).remembering(plain.get(sentences.KEY) or {})
    return Review(row.lead_id, row.account_id, row.state, detail, row.created_at, row.decided_at)
