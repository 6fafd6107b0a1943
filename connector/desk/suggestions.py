"""Accounts for contacts that have none: what a run found (jobs/contacts.py), told as it is now, and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from connector.desk.called import lead_name
from connector.desk.evidence import Clue, clues
from connector.desk.merging import ruleset_of
from connector.index import Index
from connector.services import Services
from connector.store import cleanups
from connector.store.cleanups import Tie
from connector.store.installs import Install
from connector.store.seal import Seal
from jobs import accounts, contacts, reviews
from jobs.contacts import NAME, is_free
from rules.comparison import csv_lines
from rules.match import choose
from rules.model import Candidate, Kind, Match, Record
from rules.ruleset import RuleSet

PAGE = 50
"""Suggestions a page."""
AT_ONCE = 200
"""Suggestions of a table that are told at once: as many as a round of letters answers."""
COLUMNS = ("contact_id", "contact", "account_id", "account", "confidence", "evidence")

Place = tuple[float, str, str]
"""Where a page begins: behind the suggestion that is so sure and has these ids."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """A contact and the account it may belong to, by ids and names; how sure (0 to 1) that is, and why.

    `kind` is as what the contact stands in the index.
    """

    kind: Kind
    contact_id: str
    contact: str
    account_id: str
    account: str
    confidence: float
    clues: tuple[Clue, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of suggestions, the surest first, where the next one begins, and how many are kept.

    A contact that is gone or has an account meanwhile is left out, so a page may have fewer than was asked for.
    `looked_at` is when the run was begun, None while there was none.
    """

    found: tuple[Suggested, ...]
    more: Place | None
    kept: int
    looked_at: datetime | None


def listing(services: Services, install: Install, *, after: Place | None = None, limit: int = PAGE) -> Listing:
    """Return what the last run found, in the language that is spoken."""
    rules, seal = ruleset_of(services, install), services.seal(install)
    with services.database.read() as connection:
        ties = cleanups.likeliest(connection, install.id, NAME, limit=limit + 1, after=after)
        run = cleanups.get(connection, install.id, seal, NAME)
        kept = cleanups.count(connection, install.id, NAME)
        found = _told(connection, install.id, seal, rules, ties[:limit])
    more = ties[limit - 1].place if len(ties) > limit else None
    return Listing(tuple(found), more, kept, run.created_at if run else None)


def table(services: Services, install: Install) -> Iterator[str]:
    """Return all that the last run found as the lines of a CSV file, the surest first; no cell is a formula."""
    rules, seal = ruleset_of(services, install), services.seal(install)
    yield from csv_lines([COLUMNS])
    after: Place | None = None
    while True:
        with services.database.read() as connection:
            ties = cleanups.likeliest(connection, install.id, NAME, limit=AT_ONCE, after=after)
            found = _told(connection, install.id, seal, rules, ties)
        yield from csv_lines(map(_row, found))
        if len(ties) < AT_ONCE:
            return
        after = ties[-1].place


def _row(each: Suggested) -> tuple[str, ...]:
    why = " | ".join(clue.text for clue in each.clues)
    return each.contact_id, each.contact, each.account_id, each.account, f"{each.confidence:.4f}", why


def _told(connection: Connection, install_id: str, seal: Seal, rules: RuleSet, ties: Sequence[Tie]) -> list[Suggested]:
    """Return what was found as it is now: matched anew, as only ids are kept."""
    known = _contacts(Index(connection, install_id, seal), ties)
    learned = reviews.learned(connection, install_id, seal)
    # What filters leave out the run has left out, with what only the CRM knows.
    policy = replace(rules.match, only=())
    near = accounts.find(Index(connection, install_id, seal), list(known.values()), policy, learned.pairs)
    found = []
    for tie in ties:
        _, contact_id, account_id = contacts.sides(tie)
        if contact_id not in known:
            continue
        contact = known[contact_id]
        whole = {account.id: account for account in near.of(contact_id)}
        ranked = near.rankings[contact_id]
        match = choose(contact, ranked, whole, policy=policy, pairs=learned.pairs, calibration=learned.calibration)
        if account := _among(match, account_id):
            found.append(_suggested(contact, account, tie.confidence))
    return found


def _contacts(index: Index, ties: Sequence[Tie]) -> dict[str, Record]:
    """Return the contacts of ties by id, but for those that are gone or have an account meanwhile."""
    ids: dict[Kind, list[str]] = {}
    for tie in ties:
        kind, contact_id, _ = contacts.sides(tie)
        ids.setdefault(kind, []).append(contact_id)
    known = [each for kind, some in ids.items() for each in index.get(kind, some).values()]
    return {each.id: each for each in known if is_free(each)}


def _among(match: Match, account_id: str) -> Candidate | None:
    """Return an account among those that a match is between; None when nothing speaks for it any more."""
    every = (match.account, *match.runners_up)
    return next((each for each in every if each and each.account_id == account_id), None)


def _suggested(contact: Record, account: Candidate, confidence: float) -> Suggested:
    name = lead_name(contact)
    return Suggested(
        contact.kind, contact.id, name, account.account_id, account.name, confidence, clues(account.evidence)
    )
