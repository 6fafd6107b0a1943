"""Accounts for contacts that have none: what a run found (jobs/contacts.py), told as it is now, and as a table.

Somebody may say that a contact does not belong to the account: it is suggested no more, by later runs neither, and the
CRM keeps what was said as it keeps that of a lead and an account.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from connector.desk import log
from connector.desk import reviews as asked
from connector.desk.called import lead_name
from connector.desk.evidence import Clue, clues
from connector.desk.faults import NotThere, Overtaken
from connector.desk.merging import ruleset_of
from connector.index import Index
from connector.services import Services
from connector.store import cleanups
from connector.store import reviews as store
from connector.store.cleanups import Tie
from connector.store.installs import Install
from connector.store.memos import StoredMemo
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

MEMO = "desk.suggestions:"
KEPT_SECONDS = 3600.0
"""How long the last answer can be taken back."""

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

    A contact that is gone, has an account meanwhile or was told apart from this one is left out, so a page may have
    fewer than was asked for.
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


def reject(services: Services, install: Install, contact_id: str, account_id: str, *, by: str, name: str = "") -> None:
    """Take down that a contact does not belong to the account that is suggested for it. `name` is what `by` is called.

    It is matched with that account no more. Probabilities learn nothing of it: nobody can say of a suggestion that it
    is right, and by wrong ones alone all would come to seem unlikely. A contact that HubSpot routes, and of which a
    review asks this, is answered there. Raises NotThere when that is not suggested (any more).
    """
    seal, now = services.seal(install), services.clock()
    with services.database.read() as connection:
        every = (contacts.sides(tie) for tie in cleanups.ties(connection, install.id, NAME))
        kind = next((kind for kind, *both in every if both == [contact_id, account_id]), None)
        index = Index(connection, install.id, seal)
        contact = index.get(kind, [contact_id]).get(contact_id) if kind else None
        known = store.of_lead_all(connection, install.id, seal, contact_id)
        account = index.get("account", [account_id]).get(account_id)
    here = next((each for each in known if each.account_id == account_id), None)
    if contact is None or not is_free(contact) or (here is not None and here.state != "open"):
        raise NotThere("Nobody suggests this account for this contact any more.")
    told = {"contact": contact_id, "account": account_id, "at": now.isoformat(), "asked": here is not None}
    if here is not None:
        asked.answer(services, install, contact_id, verdict="rejected", account_id=account_id, by=by, name=name)
    else:
        called = account.text("name") if account else account_id
        said = store.apart(contact, account_id, called, by=name or by, now=now)
        with services.database.write() as connection:
            store.keep(connection, install.id, seal, [said])
            reviews.tell(connection, install.id, seal, [said], now=now)
        services.ring(install.id)
        log.note(services, install, by=by, did="suggestion rejected", about=f"{contact_id}:{account_id}")
    _memo(services, install).put(f"{MEMO}{by}", told, seconds=KEPT_SECONDS)


def can_undo(services: Services, install: Install, *, by: str) -> bool:
    """Tell whether this person has rejected a suggestion within the hour that could be made again."""
    return _memo(services, install).get(f"{MEMO}{by}") is not None


def undo(services: Services, install: Install, *, by: str, name: str = "") -> None:
    """Take back what this person said last: it is suggested again, and the CRM is told.

    Raises NotThere when there is nothing, Overtaken when somebody else has answered since.
    """
    memo, seal = _memo(services, install), services.seal(install)
    told = memo.get(f"{MEMO}{by}")
    if told is None:
        raise NotThere("There is nothing to take back: only the last answer of the last hour can be.")
    memo.forget(f"{MEMO}{by}")
    if told["asked"]:
        asked.undo(services, install, by=by, name=name)
        return
    contact_id, at = told["contact"], datetime.fromisoformat(told["at"])
    with services.database.write() as connection:
        known = store.of_lead_all(connection, install.id, seal, contact_id)
        mine = [each for each in known if (each.account_id, each.decided_at) == (told["account"], at)]
        if not mine:
            raise Overtaken("Somebody else has answered meanwhile.")
        before = [each for each in known if each not in mine]
        reviews.take_back(connection, install.id, seal, contact_id, before, by=name or by, now=services.clock())
    services.ring(install.id)
    log.note(services, install, by=by, did="undo suggestion", about=contact_id)


def _memo(services: Services, install: Install) -> StoredMemo:
    return StoredMemo(services.database, install.id, services.seal(install), services.clock)


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
