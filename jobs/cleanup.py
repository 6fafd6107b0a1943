"""Clean-up: the whole CRM is looked through for records that are one person, a page at a time behind what happens live.

It goes through the index, so looking costs no API calls: first the ties between records, then what is put together of
them for people to answer (connector/store/pairs.py). A run that was begun to merge what is surely the same does that in
the end, where the policy acts. Where it stands is its row of progress: it survives a restart, and can be paused,
cancelled, and taken back as a whole.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from connector.index import Index
from connector.store import cleanups, pairs, progress
from connector.store.base import Database
from connector.store.cleanups import PREFIX, Cleanup
from connector.store.installs import Install
from connector.store.pairs import Behind
from connector.store.progress import Progress
from connector.store.seal import Seal
from jobs import cleanup_merges as merges
from jobs import cleanup_pairs, rulebook, undo
from jobs.cleanup_labels import ANSWERS, learned
from jobs.cleanup_merges import mode_of
from jobs.cleanup_pairs import Measure
from jobs.shift import Shift
from jobs.undo import Wish
from rules.merging.policy import MergePolicy
from rules.ruleset import RuleSet
from rules.wording.words import english

log = structlog.get_logger()

PAGE = 500
"""Records of the index a page."""
PUT_TOGETHER = 500
"""Suggestions that are put together at once."""
WISH = 5_000
"""Decisions that one undo takes back: their keys are kept with it."""
CANCELLED = english("work.cancelled")
BUILDING = english("work.building")
UNDERWAY = english("work.under way")
GONE = english("work.unknown")
_GOING = frozenset({"waiting", "running", "paused"})


class NotNow(Exception):  # noqa: N818 - it is what the answer is
    """A clean-up cannot begin now; the text says why, for people."""


def ask(
    database: Database,
    install: Install,
    seal: Seal,
    ruleset: RuleSet,
    *,
    by: str,
    applies: bool,
    calls: int,
    now: datetime,
) -> str:
    """Have a whole CRM cleaned up; return the run's name. Raises NotNow. Ring for the install afterwards.

    `applies`: what is surely the same is merged without a person. `calls` is the estimate that was shown.
    """
    policy = ruleset.duplicates or MergePolicy()
    kinds = cleanup_pairs.kinds_of(policy, install.crm)
    made = Cleanup(f"{PREFIX}{secrets.token_hex(4)}", by, now, applies, kinds, ruleset.version, calls)
    with database.write() as connection:
        states = {each.name: each.state for each in progress.of(connection, install.id)}
        if any(state in _GOING for name, state in states.items() if name.startswith(PREFIX)):
            raise NotNow(UNDERWAY)
        if any(states.get(f"backfill:{kind}") != "done" for kind in kinds):
            raise NotNow(BUILDING)
        cleanups.put(connection, install.id, seal, made)
        progress.start(connection, install.id, made.name, now=now)
        index = Index(connection, install.id, seal)
        progress.move(connection, install.id, made.name, now=now, total=sum(map(index.count, kinds)))
    return made.name


def pause(connection: Connection, install_id: str, name: str, *, now: datetime) -> bool:
    """Let a run rest where it stands; False when it is not under way."""
    return progress.pause(connection, install_id, [name], now=now) > 0


def resume(connection: Connection, install_id: str, name: str, *, now: datetime) -> bool:
    """Let a paused run go on; False when it is not paused. Ring for the install afterwards."""
    return progress.resume(connection, install_id, [name], now=now) > 0


def cancel(connection: Connection, install_id: str, name: str, *, now: datetime) -> bool:
    """Have a run end; False when it is not under way. What it has asked people already stays, what it merged too."""
    states = {each.name: each.state for each in progress.of(connection, install_id)}
    if not name.startswith(PREFIX) or states.get(name) not in _GOING:
        return False
    # Not as failed: that is what the console tries again.
    progress.move(connection, install_id, name, now=now, state="done", reason=CANCELLED)
    cleanups.untie(connection, install_id, name)
    return True


def apply_run(database: Database, install: Install, seal: Seal, name: str, *, now: datetime) -> bool:
    """Have what a finished run found to be surely the same merged; False when it is no run, or not through yet.

    Ring for the install afterwards.
    """
    with database.write() as connection:
        run = cleanups.get(connection, install.id, seal, name)
        work = next((each for each in progress.of(connection, install.id) if each.name == name), None)
        if run is None or work is None or work.state != "done":
            return False
        cleanups.put(connection, install.id, seal, replace(run, applies=True))
        after = json.dumps({"phase": "merge"})
        values = {"state": "waiting", "not_before": now, "after": after, "reason": ""}
        progress.move(connection, install.id, name, now=now, **values)
    return True


def undo_run(database: Database, install: Install, seal: Seal, name: str, *, by: str, now: datetime) -> int:
    """Have everything taken back that a run, or people by what it found, merged; return how many merges that are.

    Ring for the install afterwards; `switchyard undo --status` says how far it is.
    """
    with database.read() as connection:
        keys = pairs.merged_by(connection, install.id, name)
    for start in range(0, len(keys), WISH):
        some = tuple(keys[start : start + WISH])
        undo.ask(database, install.id, seal, Wish(by, now, keys=some), clock=lambda: now, total=len(some))
    return len(keys)


def page(shift: Shift, work: Progress) -> None:
    """Do the next page of a run: look through records, put together what was found, or merge."""
    place: dict[str, Any] = json.loads(work.after) if work.after else {"phase": "look", "kind": 0, "after": ""}
    with shift.read() as connection:
        run = cleanups.get(connection, shift.install.id, shift.seal, work.name)
    if run is None:
        with shift.write() as connection:
            progress.move(connection, shift.install.id, work.name, now=shift.tools.clock(), state="failed", reason=GONE)
        return
    _PHASES[place["phase"]](shift, work, run, place)


def _look(shift: Shift, work: Progress, run: Cleanup, place: dict[str, Any]) -> None:
    """Note what ties the next records of the index to others."""
    if place["kind"] >= len(run.kinds):
        _go_on(shift, work, {"phase": "ask", "done": 0})
        return
    kind, measure = run.kinds[place["kind"]], _measure(shift)
    with shift.read() as connection:
        index = Index(connection, shift.install.id, shift.seal)
        ids = index.page(kind, after=place["after"], size=PAGE)
        found = cleanup_pairs.ties(index, kind, ids, measure)
    is_last = len(ids) < PAGE
    after = {"phase": "look", "kind": place["kind"] + is_last, "after": "" if is_last else ids[-1]}
    with shift.write() as connection:
        if _advanced(connection, shift, work, after, done=work.done + len(ids)):
            cleanups.tie(connection, shift.install.id, work.name, found)


def _ask(shift: Shift, work: Progress, run: Cleanup, place: dict[str, Any]) -> None:
    """Put together what is to be asked about the next sets of records."""
    measure, install_id = _measure(shift), shift.install.id
    with shift.read() as connection:
        found = cleanups.ties(connection, install_id, work.name)
        said = pairs.labels(
            connection, install_id, shift.seal, {each for tie in found for each in (tie.one, tie.other)}
        )
        sets = cleanup_pairs.together(found, said, measure)
        some = sets[place["done"] : place["done"] + PUT_TOGETHER]
        sure = {frozenset({each.one, each.other}): each.confidence for each in found}
        told = cleanup_pairs.suggestions(Index(connection, install_id, shift.seal), some, sure, measure)
    done = place["done"] + len(some)
    is_last = done >= len(sets)
    after = {"phase": "merge" if run.applies else "end"} if is_last else {"phase": "ask", "done": done}
    with shift.write() as connection:
        now = shift.tools.clock()
        if not _advanced(connection, shift, work, after):
            return
        new = pairs.suggest(connection, install_id, shift.seal, told, now=now, run=work.name)
        counted = run.counting({"found": len(told), "new": new})
        cleanups.put(connection, install_id, shift.seal, counted)
        if is_last:
            cleanups.untie(connection, install_id, work.name)


def _merge(shift: Shift, work: Progress, run: Cleanup, place: dict[str, Any]) -> None:
    """Merge the next ones that are surely the same, as far as the policy acts; whatever is not so waits for people."""
    scope = merges.scope_of(shift)
    policy = scope.ruleset.duplicates or MergePolicy()
    behind = Behind(*place["behind"]) if "behind" in place else None
    with shift.read() as connection:
        found = pairs.open_(connection, shift.install.id, shift.seal, limit=merges.PAGE, run=work.name, after=behind)
    busy = merges.busy_ids(shift)
    sure = [each for each in found if each.suggestion.confidence >= policy.merge]
    chosen = [each for each in sure if not each.suggestion.why and busy.isdisjoint(each.ids)]
    calls = shift.crm.calls
    verdicts = merges.merged(shift, scope, chosen) if mode_of(scope) == "act" else merges.Verdicts()
    last = found[-1] if found else None
    over = len(sure) < merges.PAGE or last is None or mode_of(scope) != "act"
    after = (
        {"phase": "end"}
        if over or last is None
        else {"phase": "merge", "behind": [last.suggestion.confidence, last.key]}
    )
    with shift.write() as connection:
        if not _advanced(connection, shift, work, after):
            return
        merges.store(connection, shift, verdicts, now=shift.tools.clock(), run=work.name)
        counted = run.counting({"merges": len(verdicts.intents)}, spent=shift.crm.calls - calls)
        cleanups.put(connection, shift.install.id, shift.seal, counted)
        progress.start(connection, shift.install.id, ANSWERS, now=shift.tools.clock())


def _end(shift: Shift, work: Progress, run: Cleanup, _place: dict[str, Any]) -> None:
    """Say what came of it."""
    now = shift.tools.clock()
    with shift.write() as connection:
        counts = pairs.counts(connection, shift.install.id, run=work.name)
        values = {"state": "done", "total": work.done, "reason": sentence(run, counts)}
        progress.advance(connection, shift.install.id, work.name, now=now, **values)
    log.info("clean-up done", install=shift.install.id, work=work.name, records=work.done, **counts)


_PHASES = {"look": _look, "ask": _ask, "merge": _merge, "end": _end}


def sentence(run: Cleanup, counts: Mapping[str, int]) -> str:
    """Return what came of a run so far; `counts` are its suggestions by state."""
    merged = counts.get("merged", 0) + counts.get("merging", 0)
    return english(
        "work.cleaned",
        found=f"{run.counts.get('found', 0):,}",
        merged=f"{merged:,}",
        open=f"{counts.get('open', 0) + counts.get('accepted', 0):,}",
        rejected=f"{counts.get('rejected', 0):,}",
    )


def _go_on(shift: Shift, work: Progress, after: dict[str, Any]) -> None:
    with shift.write() as connection:
        _advanced(connection, shift, work, after)


def _advanced(connection: Connection, shift: Shift, work: Progress, after: dict[str, Any], **values: Any) -> bool:
    """Write where a run stands; False when somebody has paused or cancelled it meanwhile."""
    now = shift.tools.clock()
    told = {
        "state": "running",
        "after": json.dumps(after),
        "started_at": work.started_at or now,
        "reason": "",
        **values,
    }
    if "done" in values and work.total is not None:
        told["total"] = max(work.total, values["done"])
    return progress.advance(connection, shift.install.id, work.name, now=now, **told)


def _measure(shift: Shift) -> Measure:
    ruleset = rulebook.scene(shift).ruleset
    with shift.read() as connection:
        known = learned(connection, shift.install.id, shift.seal)
    return Measure(ruleset.duplicates or MergePolicy(), shift.install.crm, known.people, known.companies)
