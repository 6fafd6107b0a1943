"""Whether somebody has worked on a lead in time: asked in batches when its task is due, and told in its audit record.

The clock asks for it where something is due, at most every EVERY an install; the drain does it behind everything else
and as API calls allow. A page looks at up to PAGE leads with one question to the CRM, stores what it learned, and only
then writes it to the audit records, so that a worker that dies in between writes it once more. Where a timer has just
asked the same (jobs/timers.py), its answer is noted and only written here. In the mode observe nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from connector.acts import ANSWERS, Acted, ResponseRow
from connector.errors import Refused
from connector.store import assignments, counting, decisions, installs, progress, responses
from connector.store.assignments import Assignment, Ending
from connector.store.decisions import Stored
from connector.store.ledger import FINAL
from connector.store.progress import Progress
from connector.store.responses import Awaited
from jobs import deeds
from jobs.shift import Shift
from jobs.tools import Tools
from rules import response
from rules.model import AUDIT, Assign, Decision, Mode, Task
from rules.response import Response

log = structlog.get_logger()

NAME = "responses"
PAGE = 200
"""Leads of one page: one question and one answer on Salesforce, four and two calls on HubSpot."""
EVERY = timedelta(minutes=15)
"""How often it is asked at most while no page is full: when somebody answered does not depend on when we ask."""
RETRY_AFTER = timedelta(days=7)
"""How long a refusal holds: by then somebody may have updated the package."""
_LOST: frozenset[Ending] = frozenset({"replaced", "timed out", "rejected", "undone", "merged", "gone"})
"""How a lead goes from whoever had it, so that they need not answer any more; who converts it has answered."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A lead that is waited for, the decision that gave it away (None: forgotten), and what it gave (None: nothing)."""

    row: Awaited
    stored: Stored | None
    given: Assignment | None


def awaited(made: Iterable[Decision]) -> list[Awaited]:
    """Return what new decisions wait for: an answer by the time their tasks are due."""
    return [
        Awaited(each.key, each.lead.id, each.decided_at, due, due)
        for each in made
        if (due := response.due_at(each)) is not None
    ]


def ask(tools: Tools) -> int:
    """Have every active install look at the leads that are due, and ring; return how many installs."""
    now, wanted = tools.clock(), []
    with tools.database.read() as connection:
        due = responses.installs_due(connection, now=now)
        for install in installs.every(connection, status="active") if due else ():
            if install.id not in due or install.mode == "observe":
                continue
            last = next((each for each in progress.of(connection, install.id) if each.name == NAME), None)
            if _is_time(last, due[install.id], now):
                wanted.append(install.id)
    for install_id in wanted:
        with tools.database.write() as connection:
            progress.start(connection, install_id, NAME, now=now)
        tools.ring(install_id)
    return len(wanted)


def page(shift: Shift, work: Progress) -> None:
    """Look at the next leads that are due, and tell what came of them. Raises Refused when the CRM has no fields."""
    if shift.install.mode == "observe":
        _move(shift, work, more=False)
        return
    now = shift.tools.clock()
    with shift.read() as connection:
        due = responses.due(connection, shift.install.id, now=now, limit=PAGE)
        cases = _cases(connection, shift, due)
    _look(shift, [each for each in cases if each.row.state == "waiting"], now)
    with shift.read() as connection:
        keys = [each.row.decision_key for each in cases]
        again = {key: responses.of_decision(connection, shift.install.id, key) for key in keys}
    rows = [_row(row, case.stored) for case in cases if (row := again[case.row.decision_key]) and row.state == "found"]
    if rows:
        _tell(shift, rows)
    _move(shift, work, more=len(due) == PAGE or len(cases) < len(due), done=len(rows))
    log.info("responses", install=shift.install.id, due=len(due), told=len(rows))


def note(connection: Connection, shift: Shift, stored: Stored, acted: Acted, *, now: datetime) -> None:
    """Note what a timer has learned of a decision's lead, in the transaction in which it is stopped."""
    row = responses.of_decision(connection, shift.install.id, stored.decision.key)
    if row is not None and (found := _found(row, stored.decision.mode, acted, now)):
        _find(connection, shift, row.decision_key, stored, found)


def _cases(connection: Connection, shift: Shift, due: Sequence[Awaited]) -> list[_Case]:
    """Look up the decisions behind what is due, one per lead: the CRM is asked by lead."""
    first: dict[str, Awaited] = {}
    for row in due:
        first.setdefault(row.lead_id, row)
    keys = [row.decision_key for row in first.values()]
    known = decisions.by_keys(connection, shift.install.id, shift.seal, keys)
    modes: set[Mode] = {each.decision.mode for each in known.values()}
    given = {
        each.decision_key: each
        for mode in sorted(modes)
        for rows in assignments.of_leads(connection, shift.install.id, list(first), mode=mode).values()
        for each in rows
    }
    return [_Case(row, known.get(row.decision_key), given.get(row.decision_key)) for row in first.values()]


def _look(shift: Shift, cases: Sequence[_Case], now: datetime) -> None:
    """Find out what came of leads, and store it; one question for all that are still with whoever got them."""
    void = [case.row.decision_key for case in cases if case.stored is None or not _was_given(case.stored)]
    lost = {case.row.decision_key: at for case in cases if (at := _lost_at(case)) is not None}
    asked = {
        case.row.lead_id: case.stored
        for case in cases
        if case.stored is not None and case.row.decision_key not in {*void, *lost}
    }
    acts = shift.crm.acted({lead_id: deeds.deed(each) for lead_id, each in asked.items()}) if asked else {}
    with shift.write() as connection:
        responses.drop(connection, shift.install.id, void)
        for case in cases:
            row, key = case.row, case.row.decision_key
            if key in lost:
                found: Response | None = response.given_up(row.due_at, lost[key])
            elif (stored := asked.get(row.lead_id)) is not None:
                acted = acts.get(row.lead_id)
                found = _found(row, stored.decision.mode, acted, now) if acted else None
            else:
                continue
            if found is None and (until := response.next_question(row.due_at, now)):
                responses.put_off(connection, shift.install.id, key, until=until)
                continue
            _find(connection, shift, key, case.stored, found or response.NEVER)


def _find(connection: Connection, shift: Shift, key: str, stored: Stored | None, found: Response) -> None:
    """Note what came of waiting by a decision, and count it once."""
    now = shift.tools.clock()
    if responses.find(connection, shift.install.id, key, found, now=now) and stored is not None:
        counting.answered(connection, shift.install.id, shift.seal, stored, found)


def _found(row: Awaited, mode: Mode, acted: Acted, now: datetime) -> Response | None:
    """Return what an act makes of waiting; None when it is none that ends it.

    Under suggest it is people who give the lead away, by the suggestion or not: that is no answer and no end.
    """
    if acted.at is not None or acted.act in ANSWERS:
        return response.answered(row.due_at, row.decided_at, acted.at or now)
    if acted.act == "gone" or mode == "act":
        return response.given_up(row.due_at, now)
    return None


def _was_given(stored: Stored) -> bool:
    """Whether somebody got the lead by this decision after all: it may have been overtaken, or refused in part."""
    done = {name for name, entry in stored.ledger.items() if entry.state in FINAL and entry.state != "refused"}
    return response.due_at(stored.decision) is not None and bool(done & {Assign.key, Task.key})


def _lost_at(case: _Case) -> datetime | None:
    """Return when whoever got the lead by the decision had it no more, as far as we know; None while they have it."""
    return case.given.ended_at if case.given is not None and case.given.ending in _LOST else None


def _row(row: Awaited, stored: Stored | None) -> ResponseRow:
    entry = stored.ledger.get(AUDIT) if stored else None
    ref = entry.ref if entry else ""
    return ResponseRow(row.decision_key, ref, row.status, row.responded_at, row.minutes, row.lead_id)


def _tell(shift: Shift, rows: Sequence[ResponseRow]) -> None:
    """Write to the audit records; where the fields are missing, have made what can be made, and try once more."""
    try:
        refused = shift.crm.mark_responses(rows)
    except Refused:
        shift.crm.prepare()
        refused = shift.crm.mark_responses(rows)
    for key, why in refused.items():
        log.warning("response not told", install=shift.install.id, decision=key, reason=why)
    with shift.write() as connection:
        responses.told(connection, shift.install.id, [row.key for row in rows], now=shift.tools.clock())


def _move(shift: Shift, work: Progress, *, more: bool, done: int = 0) -> None:
    state = "running" if more else "done"
    with shift.write() as connection:
        values = {"state": state, "done": work.done + done, "reason": ""}
        progress.move(connection, shift.install.id, work.name, now=shift.tools.clock(), **values)


def _is_time(last: Progress | None, due: int, now: datetime) -> bool:
    if last is None:
        return True
    pauses: Mapping[str, timedelta] = {"done": timedelta(0) if due >= PAGE else EVERY, "failed": RETRY_AFTER}
    pause = pauses.get(last.state)
    return pause is not None and now - last.updated_at >= pause
