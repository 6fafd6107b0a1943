"""Contacts without an account: the account that each may belong to, a page at a time behind what happens live.

It goes by the index and the match policy in force, as leads do, and writes nothing to the CRM. Kept are the two ids and
how sure it is, of the surest KEPT: names and evidence are told anew from the index when somebody looks, so that nothing
readable is kept twice, and a contact that has an account meanwhile is suggested no more.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from connector.index import Index
from connector.store import cleanups, progress
from connector.store.cleanups import SUGGESTS, Cleanup, Tie
from connector.store.installs import Install
from connector.store.progress import Progress
from connector.store.seal import Seal
from jobs import massmatch
from jobs.shift import Shift
from rules.model import Candidate, Kind, Record
from rules.wording.words import english

NAME = f"{SUGGESTS}contacts"
"""Its row of progress, and its run: there is one for an install, and beginning it again replaces what it found."""
PAGE = 200
"""Contacts a page: as many as a round of letters answers."""
KEPT = 5_000
"""Suggestions that are kept, the surest: all of them as a table are told anew in some five seconds, while a request
waits. Who has seen to them begins again and gets the next ones."""
GONE = english("work.unknown")


def kind_of(install: Install) -> Kind:
    """Return as what an install's contacts stand in the index: the contacts that HubSpot has routed are our leads."""
    return "lead" if install.crm == "hubspot" and install.routes == "contacts" else "contact"


def start(connection: Connection, install: Install, seal: Seal, *, by: str, version: str, now: datetime) -> str:
    """Have accounts looked for; return the run's name. Then ring. What the run before found is let go.

    `by` is what the person is called, `version` that of the rules in force.
    """
    kind = kind_of(install)
    cleanups.put(connection, install.id, seal, Cleanup(NAME, by, now, kinds=(kind,), version=version))
    cleanups.untie(connection, install.id, NAME)
    progress.start(connection, install.id, NAME, now=now)
    total = Index(connection, install.id, seal).count(kind)
    progress.move(connection, install.id, NAME, now=now, total=total)
    return NAME


def page(shift: Shift, work: Progress) -> None:
    """Look for the accounts of the next contacts of the index, and keep what is sure enough to ask a person."""
    place = json.loads(work.after) if work.after else {}
    with shift.read() as connection:
        run = cleanups.get(connection, shift.install.id, shift.seal, work.name)
        kind = run.kinds[0] if run else "contact"
        index = Index(connection, shift.install.id, shift.seal)
        total = index.count(kind)
        ids = index.page(kind, after=place.get("after", ""), size=PAGE)
        known = [each for each in index.get(kind, ids).values() if is_free(each)]
    now = shift.tools.clock()
    if run is None:
        with shift.write() as connection:
            progress.move(connection, shift.install.id, work.name, now=now, state="failed", reason=GONE)
        return
    pairs = list(zip(known, massmatch.matches(shift, known), strict=True))
    found = [_tie(contact, match.account) for contact, match in pairs if match.account]
    counts = Counter(place.get("counts", {})) + Counter(count=len(known), found=len(found))
    done, is_last = work.done + len(ids), len(ids) < PAGE
    after = json.dumps({"after": ids[-1] if ids else "", "counts": counts})
    values = work.turned(done=done, after=after, is_last=is_last, now=now, total=max(total, done), reason=told(counts))
    with shift.write() as connection:
        if progress.advance(connection, shift.install.id, work.name, now=now, **values):
            cleanups.tie(connection, shift.install.id, work.name, found)
            cleanups.keep(connection, shift.install.id, work.name, most=KEPT)


def told(counts: Mapping[str, int]) -> str:
    """Return what came of it, as a sentence."""
    found, count = counts.get("found", 0), counts.get("count", 0)
    if found > KEPT:
        return english("work.placed.most", found=f"{found:,}", count=f"{count:,}", kept=f"{KEPT:,}")
    return english("work.placed", found=f"{found:,}", count=f"{count:,}")


def is_free(contact: Record) -> bool:
    """Tell whether somebody has no account yet."""
    return not contact.text("account_id") and not contact.fields.get("converted")


def _tie(contact: Record, account: Candidate) -> Tie:
    return Tie(contact.id, account.account_id, (contact.kind, "account"), account.confidence)


def sides(found: Tie) -> tuple[Kind, str, str]:
    """Return what kind the contact of a suggestion is, its id, and the account's: a tie has the smaller id first."""
    if found.kinds[1] == "account":
        return found.kinds[0], found.one, found.other
    return found.kinds[1], found.other, found.one
