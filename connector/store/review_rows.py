"""What a review is, and how it lies in the database. Others import it from connector.store.reviews."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from cattrs import Converter
from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Row, String, Table

from connector.store import sentences
from connector.store.base import Moment, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import Seal
from connector.store.sentences import Recipes
from rules.matching.pairs import Side
from rules.model import Candidate, Kind

Verdict: TypeAlias = Literal["accepted", "rejected", "never"]
State: TypeAlias = Literal["open", "accepted", "rejected", "never", "unsaid"]
"""``open``: a person is asked. ``unsaid``: what was said is taken back. Only that is remembered of it, so that an older
answer which is read in the CRM later does not count again."""

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
    domain, else its company, else the lead alone. Of a contact, whose id stands for that of a lead, `side` is
    ``contact``. `by` is the person who decided. `was` are the ids, each with its
    kind, that the lead or the account had before it was merged, the first first.
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
    was: tuple[tuple[Kind, str], ...] = ()

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


NOTHING = Detail("", "", "", "", "lead", "")
"""All that is kept of what was taken back."""


@dataclass(frozen=True, slots=True)
class Review:
    """A lead and an account that may be its own, and what a person said of it, if one has.

    It may be a contact, of which nobody is asked: that an account was suggested for it and is not its own.
    """

    lead_id: str
    account_id: str
    state: State
    detail: Detail
    created_at: datetime
    decided_at: datetime | None = None

    @property
    def kind(self) -> Literal["lead", "contact"]:
        """Whether it is about a lead or a contact."""
        return "contact" if self.detail.side == "contact" else "lead"


def unsaid(each: Review) -> Review:
    """Return what is kept of one that is taken back."""
    return replace(each, state="unsaid", detail=replace(NOTHING, side="contact" if each.kind == "contact" else "lead"))


def moment(each: Review) -> datetime:
    """Return when somebody said this, or was asked."""
    return each.decided_at or each.created_at


def _about(lead_id: str, account_id: str) -> str:
    return f"review:{lead_id}:{account_id}"


def line(install_id: str, seal: Seal, each: Review) -> dict[str, Any]:
    """Return a review as it lies in the table."""
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


def opened(seal: Seal, row: Row[Any]) -> Review:
    """Open a review. Raises Unreadable."""
    plain = seal.open(row.sealed, about=_about(row.lead_id, row.account_id))
    detail = _converter.structure(plain, Detail).remembering(plain.get(sentences.KEY) or {})
    return Review(row.lead_id, row.account_id, row.state, detail, row.created_at, row.decided_at)
