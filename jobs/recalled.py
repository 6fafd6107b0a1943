"""What follows from an audit that was found again: the decision, who has the lead, whose turn it was, what waits.

It stands in our database as if it had never been lost. Only what is older than what we remember is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from connector.merging import Taken
from connector.settings import Settings
from connector.store import aliases, assignments, decisions, ledger, pairs, responses, rotation, timers
from connector.store import reviews as store
from connector.store.aliases import Alias
from connector.store.assignments import Assignment, Ending, holding
from connector.store.decisions import Intent
from connector.store.ledger import FINAL, Entry
from connector.store.timers import Waiting
from jobs import cleanup_labels, past, reviews, trail, undo
from jobs.merged import DONE, MERGED
from jobs.responses import awaited
from jobs.shift import Shift
from rules.actions import Member, Merge, Unmerge
from rules.decision_keys import is_merging, timed
from rules.escalate import TELLING
from rules.labels import Label
from rules.model import AUDIT, Decision, Turn
from rules.pools import give_back


@dataclass(frozen=True)
class Told:
    """An audit: its decision, its values by our names, and what became of the actions (status, ref, detail)."""

    decision: Decision
    row: Mapping[str, str]
    results: Mapping[str, tuple[str, str, str]]

    @property
    def part_of(self) -> str:
        """Return the decision whose timer made this one; "" for one of its own."""
        return (timed(self.decision.key) or ("", 0))[0]

    @property
    def refused(self) -> str:
        """Return why the CRM refused it; "" when it did not."""
        if self.row.get("outcome") != "refused":
            return ""
        return next((why for status, _, why in self.results.values() if status == "refused" and why), "Refused.")


@dataclass(frozen=True)
class Said:
    """What a person said of two records, and the decision that told the CRM of it; None when its detail was cut.

    `row` is the audit that tells of it alone; empty where a decision about a lead tells of it beside all else.
    """

    label: Label
    decision: Decision | None
    row: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Since:
    """From when on we remember `decisions`, `merges` with what took them back, and who `had` which lead."""

    decisions: datetime
    merges: datetime
    had: datetime

    @classmethod
    def of(cls, settings: Settings, now: datetime) -> Since:
        """Return what the operator allows; an install may want less, which the clock sees to."""
        decided = now - timedelta(days=settings.decision_days)
        merged = now - timedelta(days=settings.merge_undo_days)
        return cls(decided, min(decided, merged), now - timedelta(days=settings.assignment_days))

    def keeps(self, made: Decision) -> bool:
        """Tell whether a decision is still remembered."""
        return made.decided_at >= (self.merges if is_merging(made.key) else self.decisions)


def take(connection: Connection, shift: Shift, told: Sequence[Told], *, since: Since) -> None:
    """Store what some audits tell, the oldest first.

    Of those that are older than decisions are kept: who had the lead, where merged records live, and whose turn it was.
    """
    install_id, now = shift.install.id, shift.tools.clock()
    young = [each for each in told if since.keeps(each.decision)]
    made = [(Intent(each.decision, (), each.row.get("trace_id", ""), each.part_of), each.refused) for each in young]
    new = decisions.recall(connection, install_id, shift.seal, made, now=now)
    ledger.record(connection, install_id, [line for each in young if each.decision.key in new for line in _lines(each)],
                  now=now)  # fmt: skip
    for each in told:
        if each.decision.key in new:
            _follow(connection, shift, each)
        elif each not in young and not each.part_of:
            if each.decision.decided_at >= since.had:
                _had(connection, shift, each)
            _turn(connection, install_id, each.decision)


def take_said(connection: Connection, shift: Shift, said: Sequence[Said], *, since: Since) -> None:
    """Store the decisions that told the CRM what people said, with the ids of their audits, as if never lost.

    In portals that keep notes an audit about somebody who must be forgotten is found by such an id alone.
    """
    install_id, now = shift.install.id, shift.tools.clock()
    young = [(each.decision, each.row) for each in said if each.decision is not None and since.keeps(each.decision)]
    # Each is a part of itself, which keeps it from being a lead's latest.
    made = [(Intent(decision, (), row.get("trace_id", ""), decision.key), "") for decision, row in young]
    new = decisions.recall(connection, install_id, shift.seal, made, now=now)
    lines = [(one.key, AUDIT, Entry("done", row["id"])) for one, row in young if one.key in new]
    ledger.record(connection, install_id, lines, now=now)


def _had(connection: Connection, shift: Shift, told: Told) -> None:
    """Note what an old decision did to whoever had the lead, unless what came after it is known already."""
    install_id, made, action = shift.install.id, told.decision, _action(told.decision)
    if action is not None:
        if told.results.get(action.key, ("done",))[0] in DONE:
            _joined(connection, shift, told, action)
        return
    rows = assignments.of_leads(connection, install_id, [made.lead.id], mode=made.mode).get(made.lead.id, ())
    if not told.refused and all(row.at < made.decided_at for row in rows):
        _assignment(connection, shift, made)


def label(connection: Connection, shift: Shift, said: Sequence[Said], told: Sequence[Told]) -> None:
    """Keep what people said of records that may be one, and of matches, in the order in which they did.

    Merges in between, and what took them back, are answers too, and have what was said stand under other ids. However
    old an answer is, it counts.
    """
    corrected = [Said(label, each.decision) for each in told if (label := each.decision.label) and label.is_belonging]
    merging = [each for each in told if _action(each.decision) is not None]
    moments: list[tuple[datetime, Said | Told]] = [(each.label.at, each) for each in (*said, *corrected)]
    moments += [(each.decision.decided_at, each) for each in merging]
    for _, each in sorted(moments, key=lambda one: one[0]):
        if isinstance(each, Told):
            _answered(connection, shift, each)
        elif each.label.is_belonging:
            reviews.recall(connection, shift.install.id, shift.seal, each.label, each.decision)
        else:
            cleanup_labels.keep(connection, shift.install.id, shift.seal, [each.label])


def _answered(connection: Connection, shift: Shift, told: Told) -> None:
    """Keep the answer that led to a merge, or took it back, and have labels speak of records as they were called."""
    install_id, action = shift.install.id, _action(told.decision)
    if action is None:
        return
    if isinstance(action, Unmerge):
        undo.tell_apart(connection, shift, told.decision)
    elif told.decision.label is not None:
        cleanup_labels.keep(connection, install_id, shift.seal, [told.decision.label])
    taken = Taken.read(told.results.get(action.key, ("", "", ""))[1])
    if told.results.get(action.key, ("done",))[0] not in DONE:
        return
    merge, at = action.merge if isinstance(action, Unmerge) else action, told.decision.decided_at
    kind = merge.survivor.kind
    if isinstance(action, Unmerge):
        now = {each.id: taken.now.get(each.id, each.id) for each in merge.losers}
        theirs = {each.id: now[each.id] for each in merge.losers if each.kind == kind}
        store.give_back(connection, install_id, shift.seal, kind, action.survivor_id, theirs, now=at)
    else:
        kept = taken.now.get(merge.survivor.id, merge.survivor.id)
        gone = _gone(merge, taken)
        now = dict.fromkeys([each.id for each in gone] + [merge.survivor.id], kept)
        alike = {each.id: kept for each in (*gone, merge.survivor) if each.kind == kind}
        store.renamed(connection, install_id, shift.seal, kind, alike, now=at)
    pairs.renamed(connection, install_id, shift.seal, {old: new for old, new in now.items() if old != new})


def _action(made: Decision) -> Merge | Unmerge | None:
    return next((each for each in made.actions if isinstance(each, Merge | Unmerge)), None)


def _gone(merge: Merge, taken: Taken) -> list[Member]:
    """Return the losers that were merged."""
    return [each for each in merge.losers if not taken.now or each.id in taken.now]


def _lines(told: Told) -> list[tuple[str, str, Entry]]:
    """Return the ledger of a decision: what its audit does not tell of was done, as there is an audit."""
    key = told.decision.key
    known = {action: Entry(*line) for action, line in told.results.items() if line[0] in FINAL}  # type: ignore[arg-type]
    rest = {each.key: Entry("done") for each in told.decision.actions if each.key not in known}
    return [(key, name, entry) for name, entry in (rest | known | {AUDIT: Entry("done", told.row["id"])}).items()]


def _follow(connection: Connection, shift: Shift, told: Told) -> None:
    install_id, made = shift.install.id, told.decision
    if (timer := timed(made.key)) is not None:
        timers.fire(connection, install_id, Waiting(*timer, made.lead.id, "tell", made.decided_at), now=made.decided_at)
        return
    action = _action(made)
    if action is not None or is_merging(made.key):
        if action is not None and told.results.get(action.key, ("done",))[0] in DONE:
            _joined(connection, shift, told, action)
        return
    _asked(connection, install_id, made)
    given = not told.refused and _assignment(connection, shift, made)
    _turn(connection, install_id, made)
    if told.refused:
        return
    if given or trail.begins_anew(made):
        timers.stop(connection, install_id, [made.lead.id], trail.ANEW, now=made.decided_at)
    held_over = timers.BROUGHT_BACK if made.mode != shift.install.mode else ""
    set_by = [replace(each, reason=held_over) for each in trail.waiting(made)]
    timers.add(connection, install_id, set_by, now=made.decided_at)
    if told.row.get("response_status") == "waiting":
        responses.add(connection, install_id, awaited([made]), now=made.decided_at)


def _asked(connection: Connection, install_id: str, made: Decision) -> None:
    """Have the timers fired that had the rules asked again before this decision: of that no audit tells."""
    for one in timers.of_lead(connection, install_id, made.lead.id):
        if one.state == "waiting" and one.kind not in TELLING and one.due_at <= made.decided_at:
            timers.fire(connection, install_id, one, now=made.decided_at)


def _assignment(connection: Connection, shift: Shift, made: Decision) -> bool:
    """Note who has got the lead by a decision, and how whoever had it lost it; say whether anybody has got it."""
    install_id = shift.install.id
    rows = assignments.of_leads(connection, install_id, [made.lead.id], mode=made.mode).get(made.lead.id, [])
    held = holding(rows)
    if held is not None and made.mode == "act" and made.lead.owner_id != held.user_id:
        _lost(connection, shift, held, "replaced", made.decided_at)
        held = None
    taker = past.given_to(made, held)
    if held is not None and made.outcome == "undone":
        _lost(connection, shift, held, "undone", made.decided_at)
    if taker is None:
        return False
    if held is not None:
        lapsed = made.basis is not None and held.user_id in made.basis.past.refused
        _lost(connection, shift, held, "timed out" if lapsed else "replaced", made.decided_at)
    account, turn = past.matched(made), made.route.turn
    row = Assignment(
        decision_key=made.key,
        lead_id=made.lead.id,
        user_id=taker,
        account=past.account_hash(shift.seal, account) if account else None,
        lane=turn.pool if turn else "",
        mode=made.mode,
        at=made.decided_at,
    )
    assignments.add(connection, install_id, [row])
    return True


def _lost(connection: Connection, shift: Shift, held: Assignment, ending: Ending, at: datetime) -> None:
    """End what a decision gave; a turn goes back unless whoever had the lead let it lapse.

    What a pool's standing was after its latest turn has all that had gone back by then.
    """
    install_id = shift.install.id
    assignments.end(connection, install_id, held.decision_key, ending, now=at)
    if not held.lane or held.credit or ending == "timed out":
        return
    assignments.credited(connection, install_id, [held.decision_key])
    last = assignments.last_turn(connection, install_id, held.lane)
    stored = decisions.by_key(connection, install_id, shift.seal, held.decision_key)
    turn = stored.decision.route.turn if stored else None
    standing = rotation.states(connection, install_id).get(held.lane)
    if turn is not None and standing is not None and last is not None and last < at:
        rotation.put(connection, install_id, {held.lane: give_back(standing, turn)})


def _turn(connection: Connection, install_id: str, made: Decision) -> None:
    """Have a pool stand as it stood after a decision, unless a later turn of it is known."""
    turn = made.route.turn
    if turn is None:
        return
    last = assignments.last_turn(connection, install_id, turn.pool)
    if last is None or last <= made.decided_at:
        rotation.put(connection, install_id, {turn.pool: _after(turn)})


def _after(turn: Turn) -> Mapping[str, Mapping[str, int]]:
    """Return the standing after a turn; a very large pool's audit has only that before it."""
    return turn.after if len(turn.after) >= len(turn.before) else turn.before


def _joined(connection: Connection, shift: Shift, told: Told, action: Merge | Unmerge) -> None:
    """Note where merged records live now, or which are there again; nobody has a lead that is part of another."""
    install_id, at, key = shift.install.id, told.decision.decided_at, told.decision.key
    taken = Taken.read(told.results.get(action.key, ("", "", ""))[1])
    merge = action if isinstance(action, Merge) else action.merge
    if isinstance(action, Unmerge):
        back = [Alias(each.kind, each.id, each.kind, taken.now.get(each.id, each.id), "restored", key, at)
                for each in merge.losers]  # fmt: skip
        aliases.put(connection, install_id, back)
        return
    kind, kept = merge.survivor.kind, taken.now.get(merge.survivor.id, merge.survivor.id)
    gone = _gone(merge, taken)
    aliases.put(connection, install_id, [Alias(each.kind, each.id, kind, kept, "merged", key, at) for each in gone])
    leads = [each.id for each in gone if each.kind == "lead"]
    timers.stop(connection, install_id, leads, MERGED, now=at)
    for rows in assignments.of_leads(connection, install_id, leads, mode="act").values():
        if (held := holding(rows)) is not None:
            _lost(connection, shift, held, "merged", at)
    if kept != merge.survivor.id:
        aliases.put(connection, install_id, [Alias(kind, merge.survivor.id, kind, kept, "renamed", key, at)])
        aliases.move_lead(connection, install_id, merge.survivor.id, kept)
