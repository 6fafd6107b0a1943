"""The queue of matches that a person is asked about: shown with both records, answered, and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast, get_args

from cattrs import Converter
from sqlalchemy import Connection

from connector.desk import log, retelling
from connector.desk.evidence import Line, side_by_side
from connector.desk.faults import NotThere, Overtaken, Unusable
from connector.services import Services
from connector.store import decisions, letters
from connector.store import reviews as store
from connector.store.decisions import Stored
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.reviews import Review, Verdict
from jobs import reviews as said
from jobs import undo as undoing
from jobs.undo import Wish
from rules.model import Candidate, Event, Record
from rules.undo import is_effective

LATELY = timedelta(hours=24)
"""Answers of so long are counted beside what waits: what somebody has done of a day's work."""
KEPT_SECONDS = 3600.0
"""How long the last answer can be taken back here; later, undo the decision that came of it."""
LOOKED_THROUGH = 300
"""Reviews that are looked through for sure ones: the longest waiting, opened in tenths of a second."""
SURE_SHOWN = 25
"""Sure ones that are answered at once: as many as somebody reads through."""
SURE = 0.8
"""From here on an account is likely enough to be shown among the sure ones."""
MEMO = "desk.reviews:"

_converter = Converter()
_converter.register_unstructure_hook(datetime, lambda value: value.isoformat())
_converter.register_structure_hook(datetime, lambda value, _type: datetime.fromisoformat(value))


@dataclass(frozen=True, slots=True)
class Question:
    """One review: the best account and the others, and what the lead and the best account say side by side.

    `lines` is empty where the decision that asks is kept no longer, or had no account record.
    """

    review: Review
    best: Candidate
    others: tuple[Candidate, ...]
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits, the longest waiting first; how many in all, and of how many leads was said something in a day.

    `more` is where the next page begins: when its last one was asked, and which lead's it is; None on the last.
    """

    questions: tuple[Question, ...]
    waiting: int
    answered: int
    more: tuple[datetime, str] | None = None

    @property
    def whole(self) -> int:
        """How many there were to answer, with those that are answered."""
        return self.waiting + self.answered


def queue(services: Services, install: Install, *, limit: int = 25, after: tuple[datetime, str] | None = None) -> Queue:
    """Return the next reviews; `after` is what the page before calls `more`."""
    with services.database.read() as connection:
        found = store.waiting(connection, install.id, services.seal(install), limit=limit + 1, after=after)
        last = found[limit - 1] if len(found) > limit else None
        waiting = store.count(connection, install.id)
        answered = store.answered(connection, install.id, since=services.clock() - LATELY)
        questions = _questions(connection, services, install, found[:limit])
    return Queue(questions, waiting, answered, (last.created_at, last.lead_id) if last else None)


def question(services: Services, install: Install, lead_id: str) -> Question:
    """Return the open review of a lead. Raises NotThere."""
    with services.database.read() as connection:
        found = store.of_lead(connection, install.id, services.seal(install), lead_id)
        if found is None:
            raise NotThere("Nobody asks about this any more: the lead was decided or answered meanwhile.")
        return _questions(connection, services, install, [found])[0]


def sure(services: Services, install: Install, *, least: float = SURE) -> tuple[Question, ...]:
    """Return reviews whose best account is at least so likely (0 to 1), the surest first, at most SURE_SHOWN."""
    with services.database.read() as connection:
        found = store.waiting(connection, install.id, services.seal(install), limit=LOOKED_THROUGH)
        likely = [each for each in found if each.detail.candidates[0].confidence >= least]
        likely.sort(key=lambda each: (-each.detail.candidates[0].confidence, each.lead_id))
        return _questions(connection, services, install, likely[:SURE_SHOWN])


def answer(
    services: Services,
    install: Install,
    lead_id: str,
    *,
    verdict: str,
    by: str,
    account_id: str = "",
    name: str = "",
) -> Review:
    """Take down what a person said of one account of a lead (default: the one asked about): see store.reviews.Verdict.

    `name` is what the person is called. Raises Unusable for another verdict, NotThere when nobody asks any more.
    """
    if verdict not in get_args(Verdict):
        raise Unusable("Say accepted, rejected or never.", field="verdict")
    found = _take_down(services, install, [(lead_id, account_id)], cast("Verdict", verdict), by, name)
    if not found:
        raise NotThere("Nobody asks about this any more: the lead was decided or answered meanwhile.")
    return found[0]


def accept_sure(services: Services, install: Install, lead_ids: Sequence[str], *, by: str, name: str = "") -> int:
    """Accept the account that was asked about for each of these leads; return how many were still open."""
    chosen = [(each, "") for each in dict.fromkeys(lead_ids)][:SURE_SHOWN]
    return len(_take_down(services, install, chosen, "accepted", by, name))


def can_undo(services: Services, install: Install, *, by: str) -> bool:
    """Tell whether this person has answered something within the hour that could be taken back."""
    return _memo(services, install).get(f"{MEMO}{by}") is not None


def undo(services: Services, install: Install, *, by: str, name: str = "") -> int:
    """Take back what this person said last; return of how many leads. They are asked about again.

    What was decided by it meanwhile is undone as well. Raises NotThere when there is nothing, Overtaken when somebody
    else has answered since.
    """
    memo, seal, now = _memo(services, install), services.seal(install), services.clock()
    told = memo.get(f"{MEMO}{by}")
    if told is None:
        raise NotThere("There is nothing to take back: only the last answer of the last hour can be.")
    memo.forget(f"{MEMO}{by}")
    at, gone_back, keys = datetime.fromisoformat(told["at"]), 0, []
    with services.database.write() as connection:
        for lead_id, plain in told["before"].items():
            rows = store.of_lead_all(connection, install.id, seal, lead_id)
            if max((each.decided_at for each in rows if each.decided_at), default=None) != at:
                continue
            before = [_converter.structure(each, Review) for each in plain]
            said.take_back(connection, install.id, seal, lead_id, before, by=name or by, now=now)
            gone_back += 1
            asking = {each.detail.decision for each in before}
            made = _made_since(connection, services, install, lead_id, at)
            if made and made.decision.key not in asking:
                keys.append(made.decision.key)
            else:
                event = Event(f"review:{lead_id}:undo:{now.isoformat()}", "lead", lead_id, "resync", now)
                letters.receive(connection, install.id, [event], now=now)
    if not gone_back:
        raise Overtaken("Somebody else has answered meanwhile.")
    if keys:
        wish = Wish(name or by, now, keys=tuple(keys))
        undoing.ask(services.database, install.id, seal, wish, clock=services.clock, total=len(keys))
    services.ring(install.id)
    log.note(services, install, by=by, did="undo review", about=" ".join(told["before"]))
    return gone_back


def _take_down(  # noqa: PLR0917 - what was said, of what, by whom
    services: Services, install: Install, of: Sequence[tuple[str, str]], verdict: Verdict, by: str, name: str
) -> list[Review]:
    seal, now = services.seal(install), services.clock()
    found: list[Review] = []
    before: dict[str, Any] = {}
    with services.database.write() as connection:
        for lead_id, account_id in of:
            asked = store.of_lead(connection, install.id, seal, lead_id)
            rows = store.of_lead_all(connection, install.id, seal, lead_id)
            taken = asked and said.answer(
                connection,
                install.id,
                seal,
                lead_id=lead_id,
                account_id=account_id or asked.account_id,
                verdict=verdict,
                by=name or by,
                now=now,
            )
            if taken:
                found.append(taken)
                before[lead_id] = _converter.unstructure(rows)
    if found:
        _memo(services, install).put(f"{MEMO}{by}", {"at": now.isoformat(), "before": before}, seconds=KEPT_SECONDS)
        services.ring(install.id)
        about = " ".join(f"{each.lead_id}:{each.account_id}" for each in found)
        log.note(services, install, by=by, did=f"review {verdict}", about=about)
    return found


def _questions(
    connection: Connection, services: Services, install: Install, found: Sequence[Review]
) -> tuple[Question, ...]:
    keys = sorted({each.detail.decision for each in found})
    stored = decisions.by_keys(connection, install.id, services.seal(install), keys)
    return tuple(_question(each, stored) for each in found)


def _question(review: Review, stored: Mapping[str, Stored]) -> Question:
    review = retelling.review(review)
    best, *others = review.detail.candidates
    told = stored.get(review.detail.decision)
    account: Record | None = told.decision.basis.account if told and told.decision.basis else None
    lines = side_by_side(told.decision.lead, account) if told and account and account.id == best.account_id else ()
    return Question(review, best, tuple(others), lines)


def _made_since(
    connection: Connection, services: Services, install: Install, lead_id: str, at: datetime
) -> Stored | None:
    """Return what was decided about a lead since then and can be taken back, if anything was."""
    found = decisions.of_lead(connection, install.id, services.seal(install), lead_id)
    latest = max((each for each in found if not each.part_of), key=lambda each: each.created_at, default=None)
    return latest if latest and latest.created_at >= at and is_effective(latest.decision) else None


def _memo(services: Services, install: Install) -> StoredMemo:
    return StoredMemo(services.database, install.id, services.seal(install), services.clock)
