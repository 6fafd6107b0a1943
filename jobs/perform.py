"""Performing decisions: step by step in batches, every effect ledgered before and after, so that a retry resumes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

import structlog

from connector.errors import Later
from connector.index import Index
from connector.store import counting, ledger, letters, unfinished
from connector.store.decisions import Stored
from connector.store.ledger import FINAL, Entry
from connector.work import CHANGED, LOCKED, Effect, Step, Work
from jobs import merged, policy, rulebook
from jobs.shift import Shift
from rules import audit, undo
from rules.actions import Answer, Withdraw
from rules.model import AUDIT, ActionResult, Assign, Link, Notify, Record, Stamp, Task, User

log = structlog.get_logger()

SIBLINGS = 3
"""Leads of one account that are written without one going ahead: Salesforce waits up to 10 seconds for each lock, and
we wait CRM_READ_TIMEOUT for its answer."""
HELD_UP = f"{LOCKED}, or another lead of its account"
"""Why a lead waits that was not tried, because another one of its account met a lock."""
_SPARED = frozenset({Task.key, Notify.key, Link.key, Stamp.key, Answer.key, Withdraw.key})
"""What may be refused without any harm to the rest of a decision that gave the lead to somebody."""


def perform(shift: Shift, stored: Sequence[Stored]) -> None:
    """Perform decisions in the CRM's steps, then settle them with their letters. Raises Later, Revoked, LeaseLost."""
    users = {user.id: user for user in rulebook.directory(shift)}
    books = {each.decision.key: _Book(each, users) for each in stored}
    if "audits_anew" in shift.crm.can:
        _tell_anew(shift, books.values())
    for step in shift.crm.steps:
        pending = [book for book in books.values() if book.pending(step)]
        for wave in _waves(pending) if "account_locks" in shift.crm.can and AUDIT in step.actions else [pending]:
            for chunk in _chunks(wave, step.batch):
                _apply_unless_held(shift, step, chunk, books.values())
    step = next(each for each in shift.crm.steps if AUDIT in each.actions)
    unaudited = [book for book in books.values() if book.hindered() and not book.audited()]
    for chunk in _chunks(unaudited, step.batch):
        for book in chunk:
            book.only_audit = True
        _apply(shift, step, chunk)
    _settle(shift, books.values())


def _tell_anew(shift: Shift, books: Iterable[_Book]) -> None:
    """Have the audits written once more that say how a first attempt ended, of which the rest is done only now."""
    told = [book for book in books if book.audited() and not book.hindered() and not book.done()]
    for book in told:
        book.ledger[AUDIT] = replace(book.ledger[AUDIT], state="begun")
    if told:
        with shift.write() as connection:
            lines = [(book.key, AUDIT, book.ledger[AUDIT]) for book in told]
            ledger.record(connection, shift.install.id, lines, now=shift.tools.clock())


class _Book:
    """One decision and its ledger while it is being performed."""

    def __init__(self, stored: Stored, users: Mapping[str, User]) -> None:
        self.stored = stored
        self._users = users
        self.ledger: dict[str, Entry] = dict(stored.ledger)
        self.wait: Effect | None = None
        self.only_audit = False

    @property
    def key(self) -> str:
        return self.stored.decision.key

    @property
    def account_id(self) -> str:
        """The account of the lead, whose other leads the CRM may lock along with it; empty without one."""
        found = self.stored.decision.match.account
        return found.account_id if found else ""

    def hindered(self) -> bool:
        """Whether the CRM refused something without which the rest must not be done.

        Who has got a lead is told of it, whatever became of the task or of the link to the account.
        """
        refused = {name for name, entry in self.ledger.items() if entry.state == "refused"} - {AUDIT}
        given = self.ledger.get(Assign.key)
        is_given = given is not None and given.state in {"done", "already"}
        return bool(refused - _SPARED if is_given else refused)

    def refusal(self) -> str:
        """Say why the CRM refused, by the first action (or the audit) it refused; empty when it refused nothing.

        That whoever lost the lead keeps their task is told in the audit and waits for nobody: to delete it needs a
        right that an org need not give us. An undo was asked for by a person, who is to know what it could not do.
        """
        spared = Withdraw.key if self.stored.decision.outcome != "undone" else ""
        refused = ((name, entry) for name, entry in self.ledger.items() if entry.state == "refused" and name != spared)
        return next((f"{name}: {entry.detail}" for name, entry in refused), "")

    def audited(self) -> bool:
        entry = self.ledger.get(AUDIT)
        return entry is not None and entry.state in {"done", "already"}

    def pending(self, step: Step) -> frozenset[str]:
        """Return the actions of this step that are still to be done; none once the CRM said no or later."""
        if self.wait is not None:
            return frozenset()
        if self.only_audit:
            return frozenset({AUDIT})
        if self.hindered():
            return frozenset()
        wanted = {action.key for action in self.stored.decision.actions} | {AUDIT}
        done = {name for name, entry in self.ledger.items() if entry.state in FINAL}
        return frozenset(step.actions & wanted - done)

    def work(self, step: Step) -> Work:
        decision = merged.as_now(self.stored.decision, self.ledger)
        if self.hindered():
            decision = replace(decision, outcome="refused")
        pending = self.pending(step)
        begun = frozenset(name for name in pending if name in self.ledger and self.ledger[name].state == "begun")
        entry = audit.entry(decision, self.results(), users=self._users)
        return Work(decision, entry, pending, begun, self._unchanged_since())

    def _unchanged_since(self) -> datetime | None:
        """Return when the lead was as this decision knows it; None when it was read again right before (stale.py)."""
        decision = self.stored.decision
        return None if self.stored.reason == CHANGED or decision.outcome == "undone" else decision.lead.modified_at

    def results(self) -> tuple[ActionResult, ...]:
        """Say what became of each action, for the audit record."""
        return tuple(
            merged.told(ActionResult(action.key, entry.state, entry.ref, entry.detail))
            if (entry := self.ledger.get(action.key)) is not None and entry.state != "begun"
            else ActionResult(action.key, "planned")
            for action in self.stored.decision.actions
        )

    def lead_now(self) -> Record | None:
        """Return the lead with the owner it has got: our own change comes back as an echo, which nobody reads."""
        lead = self.stored.decision.lead
        left = undo.with_actions(lead, self.stored.decision.actions)
        return None if left is lead else left

    def done(self) -> bool:
        wanted = {action.key for action in self.stored.decision.actions} | {AUDIT}
        return all(name in self.ledger and self.ledger[name].state in FINAL for name in wanted)


def _waves(books: Sequence[_Book]) -> Iterable[list[_Book]]:
    """Put the books of an account side by side; of many, and of those that met a lock, one goes ahead of the others.

    While somebody else holds an account, each of its leads makes the CRM wait for the lock: one is enough to find out.
    It is another one each time: the lock may be on the lead that went ahead and not on the account.
    """
    counts = Counter(book.account_id for book in books)
    places: dict[str, int] = {}
    beside = sorted(
        books,
        key=lambda book: (
            places.setdefault(book.account_id or book.key, len(places)),
            book.stored.reason != HELD_UP,
        ),
    )
    ahead = set[str]()
    first: list[_Book] = []
    rest: list[_Book] = []
    for book in beside:
        many = counts[book.account_id] > SIBLINGS or book.stored.reason.startswith(LOCKED)
        follows = many and bool(book.account_id) and book.account_id in ahead
        (rest if follows else first).append(book)
        ahead.add(book.account_id)
    yield first
    if rest:
        yield rest


def _apply_unless_held(shift: Shift, step: Step, chunk: Sequence[_Book], all_books: Iterable[_Book]) -> None:
    """Do one call's worth, but for what waits already; who meets a lock lets the rest of the account wait too."""
    free = [book for book in chunk if book.pending(step)]
    if not free:
        return
    _apply(shift, step, free)
    held = {book.account_id: book.wait for book in free if book.wait and book.wait.detail.startswith(LOCKED)}
    held.pop("", None)
    for book in all_books:
        if book.account_id in held and book.pending(step):
            book.wait = replace(held[book.account_id], detail=HELD_UP)


def _apply(shift: Shift, step: Step, chunk: Sequence[_Book]) -> None:
    """Do one call's worth of one step: note the attempt, act, note the outcome."""
    install_id, clock = shift.install.id, shift.tools.clock
    work = {book.key: book.work(step) for book in chunk}
    tried = [(key, action) for key, each in work.items() for action in each.pending]
    with shift.write() as connection:
        ledger.begin(connection, install_id, tried, now=clock())
    try:
        effects = shift.crm.apply(step.name, list(work.values()))
    except Later as error:
        if not error.applied:
            certain = [pair for pair in tried if pair[1] not in work[pair[0]].uncertain]
            with shift.write() as connection:
                ledger.forget_begun(connection, install_id, certain)
        raise
    books = {book.key: book for book in chunk}
    lines = [(e.decision_key, e.action, Entry(e.status, e.ref, e.detail)) for e in effects if e.status != "later"]
    for key, action, entry in lines:
        books[key].ledger[action] = entry
    late = [effect for effect in effects if effect.status == "later"]
    for effect in late:
        books[effect.decision_key].wait = effect
    with shift.write() as connection:
        ledger.record(connection, install_id, lines, now=clock())
        nothing = [
            (e.decision_key, e.action) for e in late if not e.applied and e.action not in work[e.decision_key].uncertain
        ]
        ledger.forget_begun(connection, install_id, nothing)


def _settle(shift: Shift, books: Iterable[_Book]) -> None:
    """Close what is done, park what was refused, put off what the CRM could not do yet; in one transaction."""
    install_id, now = shift.install.id, shift.tools.clock()
    waiting = [book for book in books if book.wait is not None]
    parked = {book.key: reason for book in books if book.wait is None and (reason := book.refusal())}
    settled = [book for book in books if book.key not in parked and book.done()]
    over = [book for book in books if book.key in parked or book in settled]
    aftermath = merged.aftermath(shift, [(book.stored, book.ledger) for book in over])
    with shift.write() as connection:
        Index(connection, install_id, shift.seal).put([lead for book in settled if (lead := book.lead_now())])
        calls = shift.crm.calls - shift.round.calls
        fresh = unfinished.settle(connection, install_id, [book.key for book in settled], now=now, calls=calls)
        done = [replace(book.stored, ledger=book.ledger) for book in settled if book.key in fresh]
        counting.count(connection, install_id, shift.seal, done, now=now)
        unfinished.park(connection, install_id, parked)
        letters.settle(connection, install_id, [each for book in over for each in book.stored.letters])
        aftermath.write(connection, shift)
        for book in waiting:
            effect = book.wait
            if effect is None:
                continue
            until = now + policy.wait(effect.seconds, age=now - book.stored.created_at)
            unfinished.postpone(connection, install_id, [book.key], until=until, reason=effect.detail, failed=False)
    for key, reason in parked.items():
        log.warning("refused by the CRM", install=install_id, decision=key, reason=reason)


def _chunks(books: Sequence[_Book], size: int) -> Iterable[list[_Book]]:
    rest = iter(books)
    while chunk := list(islice(rest, size)):
        yield chunk
