"""Terms: by what a decision is found again: who the lead is, at which company, who got it, by which rule.

One narrow row for each decision with the keyed hashes of its words; nobody can read them. A search looks through these
rows and not through an index of each word: it stays far below a tenth of a second for a hundred thousand decisions, and
costs a lead one row where an index would cost it a dozen. The rows go with their decisions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import Column, Connection, ForeignKeyConstraint, Index, LargeBinary, String, Table, update

from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import Seal
from rules import normalize
from rules.model import Decision

Field: TypeAlias = Literal["email", "domain", "name", "company", "rep", "rule", "outcome"]

MOST = 40
"""Terms of one decision; a lead whose name is a whole page is found by the first words of it."""
HASH_BYTES = 8
_WORD = re.compile(r"[^\W_]+")

term = Table(
    "term",
    metadata,
    Column("install_id", INSTALL_ID, primary_key=True),
    Column("decision_key", String(120), primary_key=True),
    Column("created_at", Moment, nullable=False, comment="of the decision"),
    Column("marks", LargeBinary, nullable=False, comment="keyed hashes of its words, eight bytes each"),
    ForeignKeyConstraint(["install_id", "decision_key"], ["decision.install_id", "decision.key"], ondelete="CASCADE"),
    Index(None, "install_id", "created_at"),
)


def add(connection: Connection, install_id: str, seal: Seal, made: Sequence[tuple[Decision, datetime]]) -> None:
    """Store the terms of decisions, which are stored, with the moment of each; those that are there already stay."""
    rows = [
        {"install_id": install_id, "decision_key": each.key, "created_at": at, "marks": marks(seal, of_decision(each))}
        for each, at in made
    ]
    if rows:
        connection.execute(insert(connection, term).on_conflict_do_nothing(), rows)


def amend(connection: Connection, install_id: str, seal: Seal, changed: Decision) -> None:
    """Store the terms of a decision that has changed, where it has any."""
    mine = (term.c.install_id == install_id) & (term.c.decision_key == changed.key)
    connection.execute(update(term).where(mine).values(marks=marks(seal, of_decision(changed))))


def of_decision(made: Decision) -> list[tuple[Field, str]]:
    """Return by what a decision is found, each once."""
    lead, taker, account = made.lead, made.route.assignee, made.match.account
    whole = lead.text("name") or f"{lead.text('first_name')} {lead.text('last_name')}"
    found: list[tuple[Field, str]] = [("outcome", made.outcome), ("rule", rule(made.route.rule))]
    found += [("email", normalize.email(lead.text("email"))), ("domain", normalize.domain(lead.text("email")))]
    if taker is not None:
        found += [("rep", taker.id), ("rep", normalize.email(taker.email))]
        found += [("rep", each) for each in words(taker.name)]
    found += [("name", each) for each in words(whole)]
    found += [("company", each) for each in words(lead.text("company"))]
    found += [("company", each) for each in words(account.name if account else "")]
    return list(dict.fromkeys(each for each in found if each[1]))[:MOST]


def marks(seal: Seal, terms: Iterable[tuple[Field, str]]) -> bytes:
    """Return the keyed hashes of terms, one behind the other."""
    return b"".join(mark(seal, field, text) for field, text in terms)


def mark(seal: Seal, field: Field, text: str) -> bytes:
    """Return the keyed hash of a term."""
    return seal.hash(f"term {field} {text}").to_bytes(HASH_BYTES, "big", signed=True)


def words(text: str) -> list[str]:
    """Return the words of a text without regard to case, width and accents; what is no letter or digit parts them."""
    return _WORD.findall(normalize.fold(text))


def rule(name: str) -> str:
    """Return a rule's name as it is looked for."""
    return normalize.fold(name)
