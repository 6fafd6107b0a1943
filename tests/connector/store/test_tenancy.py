"""Charlie, who has an install of his own, calls every function with all that Alice and Bob have: he sees and changes
nothing of theirs.

CASES holds every public function of the store that takes an install; a new one that is not listed fails, also in a new
module.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date
from typing import Any

import pytest
from sqlalchemy import Connection, Row, insert, literal, select

from connector import store
from connector.crm import Allowance
from connector.erased import Left
from connector.index import Index
from connector.rows import RuleRow
from connector.store import (
    absences,
    aliases,
    api_keys,
    arrears,
    asked,
    assignments,
    books,
    cards,
    changes,
    cleanups,
    counting,
    cursors,
    decisions,
    editions,
    endings,
    erasures,
    finding,
    forgetting,
    grants,
    histories,
    installs,
    leaves,
    ledger,
    letters,
    merges,
    migrate,
    notes,
    pair_labels,
    pairs,
    pauses,
    progress,
    replies,
    responses,
    reviews,
    rotation,
    rulesets,
    shelves,
    standing,
    streams,
    tallies,
    tellings,
    terms,
    timers,
    tokens,
    troubles,
    unfinished,
    usage,
)
from connector.store.api_keys import ApiKey
from connector.store.assignments import Assignment
from connector.store.base import Database
from connector.store.decisions import Intent, Stored
from connector.store.grants import Grant
from connector.store.histories import History
from connector.store.ledger import Entry
from connector.store.memos import StoredMemo
from connector.store.responses import Awaited
from connector.store.schema import metadata
from connector.store.shelves import Standing
from connector.store.timers import Waiting
from connector.store.troubles import Arrivals
from rules.actions import Member
from rules.model import Candidate, Match, Record
from rules.profile import profile
from rules.ranking import Shortlist
from rules.response import Response
from rules.ruleset import Source
from rules.telling import Telling
from tests.connector.store import kit
from tests.connector.store.kit import NOW, Tenant, after, decision, tenant

OTHERS = {
    "base": "the database itself",
    "codec": "values",
    "migrate": "tables",
    "named": "texts",
    "postings": "by numbers of books and of records, which the index alone knows",
    "review_rows": "values",
    "schema": "tables",
    "seal": "keys and values",
    "sentences": "texts",
}
"""Modules of the store of which no function is asked for what an install has, and what each is about."""
MODULES = tuple(
    importlib.import_module(f"{store.__name__}.{each.name}")
    for each in pkgutil.iter_modules(store.__path__)
    if not each.ispkg and each.name not in OTHERS
)
ACROSS = {
    "arrears.installs": "the clock; ids only",
    "counting.of_decision": "by a decision",
    "counting.why_unmatched": "by a decision",
    "counting.bucket": "by a length of time",
    "tallies.slot": "by a moment",
    "tallies.labelled": "by what read() gave",
    "tallies.purge": "the clock; by age",
    "terms.of_decision": "by a decision",
    "terms.marks": "by a seal",
    "terms.mark": "by a seal",
    "terms.words": "by a text",
    "terms.rule": "by a text",
    "troubles.held_until": "a lease of ours",
    "gauges.installs": "monitoring; counts",
    "gauges.inboxes": "monitoring; counts and ids only",
    "gauges.unsettled": "monitoring; counts and ids only",
    "gauges.outcomes": "monitoring; counts",
    "gauges.work": "monitoring; counts",
    "gauges.reasons": "monitoring; counts by reasons, of which only the kind is told",
    "gauges.erasures": "monitoring; counts",
    "gauges.streams": "monitoring; counts",
    "gauges.calls": "monitoring; counts and ids only",
    "gauges.held": "monitoring; a lease of ours",
    "installs.connect": "makes installs",
    "installs.by_tenant": "finds the install of a webhook or a sign-in",
    "installs.every": "the clock, the listener and the command line",
    "letters.due": "a condition",
    "letters.installs_waiting": "the sweep; ids only",
    "unfinished.installs": "the sweep; ids only",
    "decisions.purge": "the clock; by age",
    "decisions.about": "by a key",
    "decisions.closed": "by a decision",
    "decisions.opened": "by a row",
    "progress.purge": "the clock; by age",
    "progress.installs_due": "the sweep; ids only",
    "progress.named": "the clock; how far work of our own is, no data of anybody",
    "memos.purge": "the clock; by age",
    "usage.purge": "the clock; by age",
    "assignments.holding": "by rows that of_leads() gave",
    "assignments.purge": "the clock; by age",
    "timers.installs_due": "the sweep; ids only",
    "endings.note": "the clock; all that are revoked",
    "endings.over": "the clock; by age",
    "erasures.installs_due": "the sweep and the clock; ids only",
    "erasures.purge": "the clock; by age",
    "timers.needed": "a query for the clock",
    "timers.purge": "the clock; by age",
    "responses.installs_due": "the clock; ids and numbers only",
    "responses.needed": "a query for the clock",
    "responses.purge": "the clock; by age",
    "pauses.purge": "the clock; by age",
    "absences.purge": "the clock; by age",
    "absences.planned": "makes a value",
    "absences.until": "by rows that every() gave",
    "asked.purge": "the clock; by age",
    "aliases.purge": "the clock; by age",
    "merges.members": "by a decision",
    "merges.undoable": "a query for the clock",
    "cleanups.purge": "the clock; by age",
    "pair_labels.parts": "ids in portions",
    "reviews.apart": "makes a value of a value",
    "reviews.as_record": "makes a value of a value",
    "reviews.rejection": "makes a value of a value",
    "reviews.told_of": "makes a value of a value",
    "reviews.under": "makes a value of a value",
    "books.numbers": "by a book that of() gave",
    "books.stage": "by a book that of() gave",
    "books.merge": "by a book that of() gave",
    "books.clear": "the clock; what nobody owns",
    "books.clear_for": "the clock; what nobody owns",
    "api_keys.find": "whose key it is that comes in",
    "api_keys.purge": "the clock; by age",
    "changes.purge": "the clock; by age",
    "leaves.install_of": "whose code it is that was typed",
    "leaves.purge": "the clock; by age",
    "notes.named": "the clock; one choice of all",
    "notes.days": "by a choice",
    "replies.purge": "the clock; by age",
    "leases.take": "by name",
    "leases.confirm": "by name",
    "leases.release": "by name",
    "leases.held": "by name",
    "leases.ends": "by name",
    "leases.take_all": "by name",
    "leases.renew_all": "by holder",
    "leases.release_all": "by holder",
    "leases.live": "by name",
    "leases.known": "by name",
    "leases.purge": "by name and age",
    "streams.wanted": "the listener; ids only",
    "streams.unheld": "the listener; ids only",
}
"""What looks at no install or at all of them, and why."""
LEAD = Record("lead", "new", {"email": "kim@globex.com", "company": "Globex", "account_id": "a1"})
MINE = Record("account", "a1", {"name": "Mine"})
COLLEAGUE = Record("contact", "c1", {"email": "kim@globex.com", "account_id": "a1"})
UNSURE = decision("d1", "l1", match=Match("review", Candidate("a1", "Globex", None, 0.7), log_odds=0.8))
SURE = decision("d2", "l2", match=UNSURE.match, lead=Record("lead", "l2", {"company": "Globex"}))
REJECTED = reviews.rejection(UNSURE, by="Ana", now=NOW)
ANSWER: dict[str, Any] = {"lead_id": "l1", "account_id": "a1", "verdict": "accepted", "by": "Ana", "now": NOW}
TERMS: dict[str, Any] = {"until": after(hours=1), "reason": "x", "failed": True}

GIVEN = Assignment("d1", "l1", "u1", 7, "Everyone", "act", NOW)
AWAITED = Awaited("d1", "l1", NOW, NOW, NOW)
LATE = Response("late", NOW, 1.0)
PAIR = (Member("lead", "l1"), Member("contact", "c1"))
SUGGESTED = pairs.Suggestion(PAIR, 0.9, names=("Kim", "Kim"))
ASKED = pairs.Asked(SUGGESTED.key, SUGGESTED, "open", "", NOW)
ALIAS = aliases.Alias("lead", "l0", "lead", "l1", "restored", "d1", NOW)
CLEANUP = cleanups.Cleanup("cleanup:1", "Ana", NOW)
TIE = cleanups.Tie("l1", "c1", ("lead", "contact"), 0.9)
AWAY = absences.planned("u1", date(2026, 12, 24), date(2027, 1, 2), zone=UTC, by="u1", now=NOW)
REQUEST = asked.Request("l1", "undo", "u1", "d1", NOW, note="Not mine.")
TIMER = Waiting("d1", 0, "l1", "remind", NOW)
STORED = Stored(decision("d1"), "settled", (), {}, 0, "", "", NOW, NOW)
SOUGHT = finding.Sought(((("rule", "everyone"),),))
EDITION: dict[str, Any] = {"sources": [Source("r", "text")], "version": "v1", "now": NOW, "by": "Ana"}
KEY = ApiKey("0" * 16, "Export", frozenset({"read"}), "u1", NOW)
CHANGED: dict[str, Any] = {"by": "u1", "did": "mode", "about": "act", "before": "observe", "now": NOW}

Call = Callable[[Connection, Tenant], Any]
CASES: dict[str, tuple[Call, Any]] = {
    "api_keys.put": (lambda c, me: api_keys.put(c, me.id, me.seal, replace(KEY, id="c" * 16), digest="c"), None),
    "api_keys.get": (lambda c, me: [api_keys.get(c, me.id, me.seal, each) for each in key_ids(c)], [None, None]),
    "api_keys.every": (lambda c, me: api_keys.every(c, me.id, me.seal), []),
    "api_keys.used": (lambda c, me: use_all(c, me.id), None),
    "api_keys.revoke": (
        lambda c, me: [api_keys.revoke(c, me.id, each, now=NOW) for each in key_ids(c)],
        [False, False],
    ),
    "changes.add": (lambda c, me: changes.add(c, me.id, me.seal, **CHANGED), None),
    "changes.page": (lambda c, me: changes.page(c, me.id, me.seal, limit=9), []),
    "changes.kinds": (lambda c, me: changes.kinds(c, me.id), ([], [])),
    "grants.give": (lambda c, me: grants.give(c, me.id, Grant("u9", "manager", "me", NOW)), True),
    "grants.take": (lambda c, me: grants.take(c, me.id, "u1"), False),
    "grants.of": (lambda c, me: grants.of(c, me.id, "u1"), None),
    "grants.every": (lambda c, me: grants.every(c, me.id), []),
    "leaves.make": (lambda c, me: len(leaves.make(c, me.id, code="C", by="me", now=NOW, until=after(hours=1))), 32),
    "leaves.enter": (
        lambda c, me: [leaves.enter(c, me.id, me.seal, each, name="me", now=NOW) for each in codes(c)],
        [None] * 2,
    ),
    "leaves.stays": (lambda c, me: [leaves.stays(c, me.id, *each, now=NOW) for each in visits(c)], [False] * 2),
    "leaves.leave": (lambda c, me: [leaves.leave(c, me.id, *each, now=NOW) for each in visits(c)], [False] * 2),
    "leaves.end": (lambda c, me: [leaves.end(c, me.id, each[0], now=NOW) for each in visits(c)], [False] * 2),
    "leaves.every": (lambda c, me: leaves.every(c, me.id, me.seal), []),
    "tellings.put": (lambda c, me: tellings.put(c, me.id, Telling(language="de"), now=NOW), None),
    "tellings.of": (lambda c, me: tellings.of(c, me.id), Telling()),
    "tellings.put_console": (lambda c, me: tellings.put_console(c, me.id, "de", now=NOW), None),
    "tellings.console": (lambda c, me: tellings.console(c, me.id), ""),
    "notes.put": (lambda c, me: notes.put(c, me.id, "days", "9", now=NOW), None),
    "notes.drop": (lambda c, me: notes.drop(c, me.id, "days"), False),
    "notes.of": (lambda c, me: notes.of(c, me.id), {}),
    "replies.claim": (lambda c, me: replies.claim(c, me.id, me.seal, "k", "r", now=NOW), "new"),
    "replies.keep": (lambda c, me: replies.keep(c, me.id, me.seal, "k", replies.Reply(200, "mine")), None),
    "replies.drop": (lambda c, me: replies.drop(c, me.id, me.seal, "k"), None),
    "arrears.pay": (lambda c, me: arrears.pay(c, me.id, me.seal, limit=9), 0),
    "counting.count": (lambda c, me: counting.count(c, me.id, me.seal, [STORED], now=after(hours=1)), None),
    "counting.answered": (lambda c, me: counting.answered(c, me.id, me.seal, STORED, Response("late")), None),
    "finding.search": (lambda c, me: finding.search(c, me.id, me.seal, SOUGHT, limit=9), []),
    "finding.knows": (lambda c, me: finding.knows(c, me.id, ["l1"]), False),
    "finding.done_at": (lambda c, me: finding.done_at(c, me.id, "d1"), {}),
    "tallies.add": (lambda c, me: tallies.add(c, me.id, me.seal, [(NOW, {("rule", "Mine"): 9})]), None),
    "tallies.read": (lambda c, me: list(tallies.read(c, me.id, me.seal, since=NOW, until=after(days=1))), []),
    "tallies.first": (lambda c, me: tallies.first(c, me.id), None),
    "terms.add": (lambda c, me: refused(c, lambda: terms.add(c, me.id, me.seal, [(decision("d1"), NOW)])), "refused"),
    "terms.amend": (lambda c, me: terms.amend(c, me.id, me.seal, decision("d1")), None),
    "troubles.by_reason": (lambda c, me: troubles.by_reason(c, me.id, since=after(days=-1), limit=9), []),
    "troubles.refused": (lambda c, me: troubles.refused(c, me.id, me.seal, limit=9), []),
    "troubles.arrivals": (
        lambda c, me: troubles.arrivals(c, me.id, now=after(days=1)),
        Arrivals(None, None, None, None),
    ),
    "usage.by_hour": (lambda c, me: usage.by_hour(c, me.id, since=after(days=-1)), {}),
    "asked.put": (lambda c, me: asked.put(c, me.id, me.seal, REQUEST), True),
    "asked.of_lead": (lambda c, me: asked.of_lead(c, me.id, me.seal, "l1"), None),
    "asked.pending": (lambda c, me: asked.pending(c, me.id, me.seal, ["l1"]), {}),
    "asked.answer": (lambda c, me: asked.answer(c, me.id, me.seal, {"l1": "No."}, now=NOW), None),
    "cards.leads_of_account": (lambda c, me: cards.leads_of_account(c, me.id, 7, mode="act", limit=9), ([], 0)),
    "cards.is_admin": (lambda c, me: cards.is_admin(c, me.id, "u1", now=NOW), False),
    "cards.is_coming": (lambda c, me: cards.is_coming(c, me.id, "l1"), False),
    "assignments.add": (lambda c, me: assignments.add(c, me.id, [GIVEN]), None),
    "assignments.end": (lambda c, me: assignments.end(c, me.id, "d1", "undone", now=NOW, gives_back=True), False),
    "assignments.owed": (lambda c, me: assignments.owed(c, me.id, limit=9), []),
    "assignments.credited": (lambda c, me: assignments.credited(c, me.id, ["d1", "d2"]), None),
    "assignments.of_leads": (lambda c, me: assignments.of_leads(c, me.id, ["l1", "l2"], mode="act"), {}),
    "assignments.neighbours": (lambda c, me: assignments.neighbours(c, me.id, [7], mode="act"), {}),
    "assignments.last_turn": (lambda c, me: assignments.last_turn(c, me.id, GIVEN.lane), None),
    "assignments.moved": (lambda c, me: assignments.moved(c, me.id, since=after(days=-1), mode="act"), {}),
    "aliases.put": (lambda c, me: aliases.put(c, me.id, [replace(ALIAS, new_id="l9")]), None),
    "aliases.of": (lambda c, me: aliases.of(c, me.id, "lead", ["l0"]), {}),
    "aliases.living": (
        lambda c, me: aliases.living(c, me.id, [Member("lead", "l0")], at=NOW),
        {Member("lead", "l0"): Member("lead", "l0")},
    ),
    "aliases.restored": (lambda c, me: aliases.restored(c, me.id, "lead", ["l1"]), {}),
    "aliases.move_lead": (lambda c, me: aliases.move_lead(c, me.id, "l1", "l9"), None),
    "aliases.forget": (lambda c, me: aliases.forget(c, me.id, ["l0"]), None),
    "merges.busy": (lambda c, me: merges.busy(c, me.id, me.seal), {}),
    "merges.held": (lambda c, me: merges.held(c, me.id, me.seal), set()),
    "merges.refused": (lambda c, me: merges.refused(c, me.id, me.seal, ["l1"]), {}),
    "cleanups.put": (lambda c, me: cleanups.put(c, me.id, me.seal, replace(CLEANUP, by="Me")), None),
    "cleanups.get": (lambda c, me: cleanups.get(c, me.id, me.seal, "cleanup:1"), None),
    "cleanups.every": (lambda c, me: cleanups.every(c, me.id, me.seal), []),
    "cleanups.tie": (lambda c, me: refused(c, lambda: cleanups.tie(c, me.id, "cleanup:1", [TIE])), "refused"),
    "cleanups.ties": (lambda c, me: cleanups.ties(c, me.id, "cleanup:1"), []),
    "cleanups.likeliest": (lambda c, me: cleanups.likeliest(c, me.id, "cleanup:1", limit=9), []),
    "cleanups.count": (lambda c, me: cleanups.count(c, me.id, "cleanup:1"), 0),
    "cleanups.keep": (lambda c, me: cleanups.keep(c, me.id, "cleanup:1", most=0), None),
    "cleanups.untie": (lambda c, me: cleanups.untie(c, me.id, "cleanup:1"), None),
    "cleanups.forget": (lambda c, me: cleanups.forget(c, me.id, ["l1"]), None),
    "pair_labels.label": (lambda c, me: pairs.label(c, me.id, me.seal, PAIR, same=True, by="me", at=NOW), None),
    "pair_labels.keep": (lambda c, me: pairs.keep(c, me.id, me.seal, []), None),
    "pair_labels.labels": (lambda c, me: pairs.labels(c, me.id, me.seal, ["l1", "c1"]), {}),
    "pair_labels.said": (lambda c, me: pairs.said(c, me.id, me.seal), []),
    "pair_labels.said_of": (lambda c, me: pairs.said_of(c, me.id, me.seal, ["l1"]), []),
    "pair_labels.stamp": (lambda c, me: pairs.stamp(c, me.id), (0, None)),
    "pair_labels.renamed": (lambda c, me: pairs.renamed(c, me.id, me.seal, {"l1": "l9"}), None),
    "pair_labels.unsay": (lambda c, me: pairs.unsay(c, me.id, ["l1", "c1"]), None),
    "pair_labels.forget": (lambda c, me: pair_labels.forget(c, me.id, ["l1"]), None),
    "pairs.suggest": (lambda c, me: pairs.suggest(c, me.id, me.seal, [SUGGESTED], now=NOW), 1),
    "pairs.open_": (lambda c, me: pairs.open_(c, me.id, me.seal, limit=9), []),
    "pairs.by_key": (lambda c, me: pairs.by_key(c, me.id, me.seal, ASKED.key), None),
    "pairs.by_start": (lambda c, me: pairs.by_start(c, me.id, me.seal, ASKED.key[:6]), []),
    "pairs.about": (lambda c, me: pairs.about(c, me.id, me.seal, ["l1"]), []),
    "pairs.merged_by": (lambda c, me: pairs.merged_by(c, me.id, "cleanup:1"), []),
    "pairs.counts": (lambda c, me: pairs.counts(c, me.id), {}),
    "pairs.before": (lambda c, me: pairs.before(c, me.id, pairs.Behind(0.0, "")), ""),
    "pairs.answered": (lambda c, me: pairs.answered(c, me.id, since=after(days=-9)), 0),
    "pairs.move": (lambda c, me: pairs.move(c, me.id, me.seal, ASKED, replace(ASKED, state="rejected")), False),
    "pairs.close": (lambda c, me: pairs.close(c, me.id, ["l1"]), None),
    "pairs.forget": (lambda c, me: pairs.forget(c, me.id, ["l1"]), None),
    "editions.add": (lambda c, me: editions.add(c, me.id, me.seal, **EDITION), 1),
    "editions.of": (lambda c, me: editions.of(c, me.id, me.seal), []),
    "editions.get": (lambda c, me: editions.get(c, me.id, me.seal, 1), None),
    "editions.by_version": (lambda c, me: editions.by_version(c, me.id, me.seal, "v1"), None),
    "absences.put": (lambda c, me: absences.put(c, me.id, replace(AWAY, last=AWAY.first), now=after(days=1)), None),
    "absences.remove": (lambda c, me: absences.remove(c, me.id, "u1", AWAY.first, now=NOW), False),
    "absences.every": (lambda c, me: absences.every(c, me.id, now=NOW), []),
    "absences.count": (lambda c, me: absences.count(c, me.id, "u1", now=NOW), 0),
    "pauses.put": (lambda c, me: pauses.put(c, me.id, "u1", until=None, by="me", now=after(days=1)), None),
    "pauses.end": (lambda c, me: pauses.end(c, me.id, "u1", now=NOW), False),
    "pauses.of": (lambda c, me: pauses.of(c, me.id, now=NOW), {}),
    "pauses.every": (lambda c, me: pauses.every(c, me.id, now=NOW), []),
    "timers.add": (lambda c, me: timers.add(c, me.id, [TIMER], now=NOW), None),
    "timers.due": (lambda c, me: timers.due(c, me.id, now=after(days=9), limit=9), []),
    "timers.fire": (lambda c, me: timers.fire(c, me.id, TIMER, now=NOW), False),
    "timers.delay": (lambda c, me: timers.delay(c, me.id, TIMER, until=after(days=1), now=NOW), None),
    "timers.ask_at": (lambda c, me: timers.ask_at(c, me.id, "d1", "l1", after(days=2), now=NOW), None),
    "timers.stop": (lambda c, me: timers.stop(c, me.id, ["l1"], "x", now=NOW), 0),
    "timers.of_lead": (lambda c, me: timers.of_lead(c, me.id, "l1"), []),
    "timers.asking": (lambda c, me: timers.asking(c, me.id, limit=9), []),
    "timers.asking_page": (lambda c, me: timers.asking_page(c, me.id, after="", limit=9), []),
    "timers.ask_all": (lambda c, me: timers.ask_all(c, me.id, now=after(days=1)), None),
    "timers.upcoming": (lambda c, me: timers.upcoming(c, me.id, limit=9), []),
    "responses.add": (lambda c, me: responses.add(c, me.id, [AWAITED], now=NOW), None),
    "responses.due": (lambda c, me: responses.due(c, me.id, now=after(days=9), limit=9), []),
    "responses.overdue": (lambda c, me: responses.overdue(c, me.id, now=after(days=9)), {}),
    "responses.find": (lambda c, me: responses.find(c, me.id, "d1", LATE, now=NOW), False),
    "responses.put_off": (lambda c, me: responses.put_off(c, me.id, "d1", until=after(days=1)), None),
    "responses.told": (lambda c, me: responses.told(c, me.id, ["d1"], now=after(days=1)), None),
    "responses.drop": (lambda c, me: responses.drop(c, me.id, ["d1"]), None),
    "responses.of_decisions": (lambda c, me: responses.of_decisions(c, me.id, ["d1"]), {}),
    "responses.of_decision": (lambda c, me: responses.of_decision(c, me.id, "d1"), None),
    "books.of": (lambda c, me: books.of(c, me.id), ()),
    "books.begin": (lambda c, me: books.begin(c, me.id, version=1).staged, 0),
    "books.finish": (lambda c, me: books.finish(c, me.id), None),
    "cursors.get": (lambda c, me: cursors.get(c, me.id, "salesforce"), None),
    "cursors.put": (lambda c, me: cursors.put(c, me.id, "salesforce", b"mine", NOW), None),
    "cursors.drop": (lambda c, me: cursors.drop(c, me.id, "salesforce"), None),
    "decisions.intend": (lambda c, me: decisions.intend(c, me.id, me.seal, [Intent(decision(), ())], now=NOW), {"d1"}),
    "unfinished.due": (
        lambda c, me: unfinished.due(c, me.id, me.seal, now=after(days=1), limit=9),
        ([], []),
    ),
    "unfinished.given": (lambda c, me: unfinished.given(c, me.id, me.seal), {}),
    "unfinished.superseded": (lambda c, me: unfinished.superseded(c, me.id, ["d1", "d0"]), set()),
    "unfinished.leads": (lambda c, me: unfinished.leads(c, me.id), set()),
    "ledger.begin": (
        lambda c, me: refused(c, lambda: ledger.begin(c, me.id, [("d1", "stamp")], now=NOW)),
        "refused",
    ),
    "ledger.record": (
        lambda c, me: refused(c, lambda: ledger.record(c, me.id, [("d1", "task", Entry("done"))], now=NOW)),
        "refused",
    ),
    "ledger.forget_refused": (lambda c, me: ledger.forget_refused(c, me.id, select(literal("d1"))), None),
    "ledger.of": (lambda c, me: ledger.of(c, me.id, ["d1", "parked"]), {"d1": {}, "parked": {}}),
    "ledger.done": (lambda c, me: ledger.done(c, me.id, ["d1", "parked"], "assign"), set()),
    "unfinished.amend": (lambda c, me: unfinished.amend(c, me.id, me.seal, decision(outcome="ignored")), None),
    "ledger.forget_begun": (lambda c, me: ledger.forget_begun(c, me.id, [("d1", "audit")]), None),
    "unfinished.settle": (lambda c, me: unfinished.settle(c, me.id, ["d1", "parked"], now=NOW), set()),
    "decisions.recall": (
        lambda c, me: decisions.recall(c, me.id, me.seal, [(Intent(decision(), ()), "")], now=NOW),
        {"d1"},
    ),
    "unfinished.park": (lambda c, me: unfinished.park(c, me.id, {"d1": "x"}), None),
    "unfinished.postpone": (lambda c, me: unfinished.postpone(c, me.id, ["d1"], **TERMS), None),
    "unfinished.retry_parked": (lambda c, me: unfinished.retry_parked(c, me.id, now=NOW), 0),
    "decisions.latest": (lambda c, me: decisions.latest(c, me.id, me.seal, ["l1"]), {}),
    "decisions.recent": (lambda c, me: decisions.recent(c, me.id, me.seal, limit=9), []),
    "decisions.by_key": (lambda c, me: decisions.by_key(c, me.id, me.seal, "d1"), None),
    "decisions.by_keys": (lambda c, me: decisions.by_keys(c, me.id, me.seal, ["d1", "parked"]), {}),
    "decisions.of_trace": (lambda c, me: decisions.of_trace(c, me.id, me.seal, ""), []),
    "decisions.of_lead": (lambda c, me: decisions.of_lead(c, me.id, me.seal, "l1"), []),
    "decisions.stored": (lambda c, me: decisions.stored(c, me.id, me.seal, everybodys(c)), []),
    "histories.of_leads": (
        lambda c, me: histories.of_leads(c, me.id, me.seal, ["l1", "l2"]),
        {"l1": History(), "l2": History()},
    ),
    "standing.put_off": (lambda c, me: standing.put_off(c, me.id, now=after(days=-1)), []),
    "standing.counts": (lambda c, me: standing.counts(c, me.id, since=after(days=-1)), {}),
    "standing.by_hour": (lambda c, me: standing.by_hour(c, me.id, since=after(days=-1)), {}),
    "installs.by_id": (lambda c, me: getattr(installs.by_id(c, me.id), "name", ""), "Charlie"),
    "installs.set_status": (lambda c, me: installs.set_status(c, me.id, "paused", "x"), None),
    "installs.set_mode": (lambda c, me: installs.set_mode(c, me.id, "suggest"), None),
    "installs.set_routes": (lambda c, me: installs.set_routes(c, me.id, "leads", now=NOW), None),
    "installs.set_key": (lambda c, me: installs.set_key(c, me.id, b""), None),
    "installs.add_admin": (lambda c, me: epochs(c).count(installs.add_admin(c, me.id, "u1", NOW)), 0),
    "installs.last_admitted": (lambda c, me: installs.last_admitted(c, me.id), None),
    "installs.remove_admin": (lambda c, me: installs.remove_admin(c, me.id, "u1"), None),
    "installs.end_sessions": (lambda c, me: end_all(c, me.id), None),
    "installs.is_admin": (
        lambda c, me: [installs.is_admin(c, me.id, "u1", epoch=each, now=NOW) for each in epochs(c)],
        [False, False],
    ),
    "installs.remove": (lambda c, me: installs.remove(c, me.id), None),
    "letters.receive": (lambda c, me: letters.receive(c, me.id, [kit.event("e1")], now=NOW), 1),
    "letters.waiting": (lambda c, me: letters.waiting(c, me.id, now=after(days=1), records=9), []),
    "letters.parked": (lambda c, me: letters.parked(c, me.id), []),
    "letters.about": (lambda c, me: letters.about(c, me.id, records=["l1"], event="e1"), []),
    "letters.settle": (lambda c, me: letters.settle(c, me.id, ids(c)), None),
    "letters.postpone": (lambda c, me: letters.postpone(c, me.id, ids(c), **TERMS), None),
    "letters.park": (lambda c, me: letters.park(c, me.id, ids(c), reason="x"), None),
    "letters.retry_parked": (lambda c, me: letters.retry_parked(c, me.id, now=NOW), 0),
    "letters.counts": (lambda c, me: letters.counts(c, me.id), {"waiting": 0, "parked": 0}),
    "progress.start": (lambda c, me: progress.start(c, me.id, "setup", now=after(days=1)), None),
    "progress.move": (lambda c, me: progress.move(c, me.id, "setup", now=NOW, done=99), None),
    "progress.advance": (lambda c, me: progress.advance(c, me.id, "setup", now=NOW, done=99), False),
    "progress.pause": (lambda c, me: progress.pause(c, me.id, ["setup"], now=after(days=1)), 0),
    "progress.resume": (lambda c, me: progress.resume(c, me.id, ["paused"], now=after(days=1)), 0),
    "progress.of": (lambda c, me: progress.of(c, me.id), []),
    "progress.due": (lambda c, me: progress.due(c, me.id, now=after(days=1)), []),
    "reviews.follow": (lambda c, me: reviews.follow(c, me.id, me.seal, [UNSURE], now=NOW), None),
    "reviews.close": (lambda c, me: reviews.close(c, me.id, ["l1", "l2"]), None),
    "reviews.waiting": (lambda c, me: reviews.waiting(c, me.id, me.seal, limit=9), []),
    "reviews.of_lead": (lambda c, me: reviews.of_lead(c, me.id, me.seal, "l1"), None),
    "reviews.answer": (lambda c, me: reviews.answer(c, me.id, me.seal, **ANSWER), []),
    "reviews.keep": (lambda c, me: reviews.keep(c, me.id, me.seal, [REJECTED]), None),
    "reviews.recall": (lambda c, me: reviews.recall(c, me.id, me.seal, REJECTED), None),
    "reviews.renamed": (lambda c, me: reviews.renamed(c, me.id, me.seal, "lead", {"l2": "l9"}, now=NOW), None),
    "reviews.give_back": (
        lambda c, me: reviews.give_back(c, me.id, me.seal, "lead", "l2", {"l0": "l0"}, now=NOW),
        None,
    ),
    "reviews.of_lead_all": (lambda c, me: reviews.of_lead_all(c, me.id, me.seal, "l1"), []),
    "reviews.put_back": (lambda c, me: reviews.put_back(c, me.id, me.seal, "l1", []), None),
    "reviews.answered": (lambda c, me: reviews.answered(c, me.id, since=after(days=-9)), 0),
    "reviews.decided": (lambda c, me: reviews.decided(c, me.id, me.seal), []),
    "reviews.stamp": (lambda c, me: reviews.stamp(c, me.id), (0, None, "")),
    "reviews.count": (lambda c, me: reviews.count(c, me.id), 0),
    "rotation.states": (lambda c, me: rotation.states(c, me.id), {}),
    "rotation.put": (lambda c, me: rotation.put(c, me.id, {"Everyone": {"u9": {"got": 9}}}), None),
    "rulesets.ids": (lambda c, me: rulesets.ids(c, me.id), ()),
    "rulesets.get": (lambda c, me: rulesets.get(c, me.id, me.seal), None),
    "rulesets.put": (lambda c, me: rulesets.put(c, me.id, me.seal, sources=(), version="x", now=NOW), None),
    "rulesets.set_fault": (lambda c, me: rulesets.set_fault(c, me.id, me.seal, "x", now=NOW), None),
    "rulesets.expire": (lambda c, me: rulesets.expire(c, me.id), None),
    "ledger.forget_refs": (lambda c, me: ledger.forget_refs(c, me.id, "task"), None),
    "endings.since": (lambda c, me: endings.since(c, me.id), None),
    "erasures.ask": (lambda c, me: erasures.ask(c, me.id, ["l1"], now=after(days=1)), None),
    "erasures.due": (lambda c, me: erasures.due(c, me.id, "here", now=after(days=1), limit=9), []),
    "changes.empty": (lambda c, me: changes.empty(c, me.id, me.seal, range(100)), None),
    "erasures.waiting": (lambda c, me: erasures.waiting(c, me.id), []),
    "erasures.forgotten_here": (lambda c, me: erasures.forgotten_here(c, me.id, "gone", Left()), None),
    "erasures.put_off": (lambda c, me: erasures.put_off(c, me.id, ["gone"], until=after(days=1), reason="x"), None),
    "erasures.done": (lambda c, me: erasures.done(c, me.id, ["gone"]), None),
    "erasures.note_mergers": (lambda c, me: erasures.note_mergers(c, me.id, "lead", [("l0", "l9")], now=NOW), None),
    "erasures.names_of": (lambda c, me: erasures.names_of(c, me.id, "lead", "l1"), {"l1"}),
    "erasures.forget_mergers": (lambda c, me: erasures.forget_mergers(c, me.id, "lead", ["l0"]), None),
    "forgetting.mentions": (
        lambda c, me: forgetting.mentions(c, me.id, me.seal, ["l1"]),
        forgetting.Mentions(leads=frozenset({"l1"})),
    ),
    "forgetting.forget": (
        lambda c, me: forgetting.forget(
            c, me.id, me.seal, forgetting.Mentions(frozenset({"l1", "l2"}), memos=("users",))
        ),
        Left(leads=frozenset({"l1", "l2"})),
    ),
    "forgetting.rewrite": (lambda c, me: forgetting.rewrite(c, me.id, me.seal, decision("d1")), None),
    "shelves.standing": (lambda c, me: shelves.standing(c, me.id), Standing()),
    "shelves.choose": (lambda c, me: shelves.choose(c, me.id, Standing("properties"), now=after(days=1)), None),
    "shelves.rules": (lambda c, me: shelves.rules(c, me.id, me.seal), ()),
    "shelves.put": (lambda *given: refused_rules(*given), "refused"),  # noqa: PLW0108 - it stands below
    "shelves.mark": (lambda c, me: shelves.mark(c, me.id, me.seal, shelved(c), ["error"]), None),
    "shelves.clear": (lambda c, me: shelves.clear(c, me.id), None),
    "streams.get": (lambda c, me: streams.get(c, me.id), None),
    "streams.put": (lambda c, me: streams.put(c, me.id, "broken", now=after(days=1), reason="x"), None),
    "streams.asked": (lambda c, me: streams.asked(c, me.id, after(days=1)), None),
    "tokens.get": (lambda c, me: tokens.get(c, me.id), None),
    "tokens.version": (lambda c, me: tokens.version(c, me.id), 0),
    "tokens.put": (lambda c, me: tokens.put(c, me.id, b"mine", expires_at=None), None),
    "usage.add": (lambda c, me: usage.add(c, me.id, {"live": 9}, now=NOW), None),
    "usage.tell": (lambda c, me: usage.tell(c, me.id, Allowance(9, 10), now=after(days=1)), None),
    "usage.quiet": (lambda c, me: usage.quiet(c, me.id, "x"), None),
    "usage.why_quiet": (lambda c, me: usage.why_quiet(c, me.id), ""),
    "usage.told": (lambda c, me: usage.told(c, me.id), None),
    "usage.spent": (lambda c, me: usage.spent(c, me.id, since=after(days=-1)), {}),
    "Index.put": (lambda c, me: Index(c, me.id, me.seal).put([MINE]), None),
    "Index.prepare": (lambda c, me: Index(c, me.id, me.seal).prepare([MINE]).gone, ()),
    "Index.write": (lambda c, me: Index(c, me.id, me.seal).write(Index(c, me.id, me.seal).prepare([MINE])), None),
    "Index.remove": (lambda c, me: Index(c, me.id, me.seal).remove("account", ["a1"]), None),
    "Index.get": (lambda c, me: Index(c, me.id, me.seal).get("account", ["a1"]), {}),
    "Index.count": (lambda c, me: Index(c, me.id, me.seal).count("account"), 0),
    "Index.accounts": (lambda c, me: Index(c, me.id, me.seal).accounts([LEAD]), {"new": Shortlist(lead=profile(LEAD))}),
    "Index.leads_of": (lambda c, me: Index(c, me.id, me.seal).leads_of([profile(MINE), profile(LEAD)]), {}),
    "Index.learned": (
        lambda c, me: Index(c, me.id, me.seal).learned(Index(c, me.id, me.seal).prepare([COLLEAGUE])),
        frozenset({"globex.com"}),
    ),
    "Index.page": (lambda c, me: Index(c, me.id, me.seal).page("lead", size=9), []),
    "Index.alike": (lambda c, me: Index(c, me.id, me.seal).alike([MINE]), {"a1": Shortlist(lead=profile(MINE))}),
    "Index.merge": (lambda c, me: Index(c, me.id, me.seal).merge(), 0),
    "Index.renew": (lambda c, me: Index(c, me.id, me.seal).renew(), None),
    "Index.finish": (lambda c, me: Index(c, me.id, me.seal).finish(), None),
    "Index.people": (lambda c, me: Index(c, me.id, me.seal).people([LEAD]), {"new": []}),
}


def ids(connection: Connection) -> list[int]:
    """Return the ids of all letters there are: what an attacker would guess."""
    return list(connection.execute(select(letters.letter.c.id)).scalars())


def everybodys(connection: Connection) -> list[Row[Any]]:
    """Return the decisions of everybody as they are stored."""
    return list(connection.execute(select(decisions.decision)))


def key_ids(connection: Connection) -> list[str]:
    """Return the ids of everybody's API keys, which are no secret."""
    return list(connection.execute(select(api_keys.api_key.c.id)).scalars())


def use_all(connection: Connection, install_id: str) -> None:
    """Use everybody's keys, in one install."""
    for each in key_ids(connection):
        api_keys.used(connection, install_id, each, now=NOW)


def visits(connection: Connection) -> list[tuple[str, str]]:
    """Return the leaves for support and the epochs of their sessions: what a thief of a cookie would know."""
    columns = leaves.support_leave.c.id, leaves.support_leave.c.epoch
    wanted = leaves.support_leave.c.entered_at.is_not(None)
    return [(row.id, row.epoch) for row in connection.execute(select(*columns).where(wanted))]


def codes(connection: Connection) -> list[str]:
    """Return codes for support that open something, of everybody else."""
    return [f"OPEN{each}" for each in connection.execute(select(installs.install.c.id)).scalars()][:2]


def epochs(connection: Connection) -> list[str]:
    """Return the epochs of everybody's sessions: what a thief of a cookie would know."""
    return list(connection.execute(select(installs.admin.c.epoch)).scalars())


def end_all(connection: Connection, install_id: str) -> None:
    """End the sessions of every epoch there is, in one install."""
    for each in epochs(connection):
        installs.end_sessions(connection, install_id, "u1", each)


def shelved(connection: Connection) -> list[RuleRow]:
    """Return rules with the ids of everybody's: what an attacker would guess."""
    numbers = connection.execute(select(shelves.shelf_rule.c.id)).scalars()
    return [RuleRow("Mine", "rule", 1, "mine", error="mine", id=str(number)) for number in numbers]


def refused_rules(connection: Connection, who: Tenant) -> str:
    """Rewrite everybody's rules: none of them is there for Charlie."""
    try:
        shelves.put(connection, who.id, who.seal, shelved(connection))
    except KeyError:
        return "refused"
    return "done"


def refused(connection: Connection, call: Callable[[], object]) -> str:
    """Run a call that the database refuses because the decision is not Charlie's."""
    try:
        with connection.begin_nested():
            call()
    except Exception as error:  # noqa: BLE001 - two drivers, two classes
        assert "FOREIGN KEY" in str(error).upper()  # noqa: PT017
        return "refused"
    return "done"


def admit(connection: Connection, who: Tenant) -> None:
    """Give an install what people and programs get in with, and what is noted about that."""
    api_keys.put(connection, who.id, who.seal, replace(KEY, id=who.id[:16]), digest=who.id)
    changes.add(connection, who.id, who.seal, **CHANGED)
    grants.give(connection, who.id, Grant("u1", "manager", "u0", NOW))
    installs.add_admin(connection, who.id, "u1", NOW)
    for code in ("ALICE", "OPEN"):
        leaves.make(connection, who.id, code=f"{code}{who.id}", by="u1", now=NOW, until=after(hours=4))
    leaves.enter(connection, who.id, who.seal, f"ALICE{who.id}", name="Sue", now=NOW)
    notes.put(connection, who.id, "days", "7", now=NOW)
    tellings.put(connection, who.id, Telling(task=False, language="fr"), now=NOW)
    tellings.put_console(connection, who.id, "fr", now=NOW)
    for key in ("k", "k2"):
        replies.claim(connection, who.id, who.seal, key, "r", now=NOW)


def furnish(database: Database, who: Tenant) -> None:
    """Give an install something of everything, under the same names as everybody's."""
    with database.write() as connection:
        letters.receive(connection, who.id, [kit.event("e1"), kit.event("e2", "l2")], now=NOW)
        mine = select(letters.letter.c.id).where(letters.letter.c.install_id == who.id)
        last = max(connection.execute(mine).scalars())
        letters.park(connection, who.id, [last], reason="No.")
        intents = [Intent(decision(key), (last,)) for key in ("d0", "d1", "parked")]
        decisions.intend(connection, who.id, who.seal, intents, now=NOW)
        lines = [("d1", "task", Entry("refused")), ("parked", "task", Entry("refused"))]
        ledger.record(connection, who.id, lines, now=NOW)
        ledger.begin(connection, who.id, [("d1", "audit")], now=NOW)
        unfinished.park(connection, who.id, {"parked": "No."})
        assignments.add(connection, who.id, [GIVEN, replace(GIVEN, decision_key="d2", lead_id="l2")])
        assignments.end(connection, who.id, "d2", "rejected", now=NOW, gives_back=True)
        asked.put(connection, who.id, who.seal, REQUEST)
        timers.add(connection, who.id, [TIMER, replace(TIMER, step=1, kind="ask")], now=NOW)
        responses.add(connection, who.id, [AWAITED], now=NOW)
        pauses.put(connection, who.id, "u1", until=None, by="u1", now=NOW)
        absences.put(connection, who.id, AWAY, now=NOW)
        editions.add(connection, who.id, who.seal, **EDITION)
        cursors.put(connection, who.id, "salesforce", b"place", NOW)
        shelves.choose(connection, who.id, Standing("properties", "custom_objects", "No."), now=NOW)
        shelves.put(connection, who.id, who.seal, [RuleRow("Desk", "pool", 1, "- pool: Desk")])
        streams.put(connection, who.id, "polling", now=NOW, reason="No.", next_try=after(hours=1), asked_at=NOW)
        rotation.put(connection, who.id, {"Everyone": {"u1": {"got": 1}}})
        rulesets.put(connection, who.id, who.seal, sources=[Source("r", "text")], version="v1", now=NOW)
        connection.execute(insert(endings.ending).values(install_id=who.id, since=NOW))
        erasures.ask(connection, who.id, ["gone"], now=NOW)
        erasures.note_mergers(connection, who.id, "lead", [("l0", "l1")], now=NOW)
        progress.start(connection, who.id, "setup", now=NOW)
        progress.start(connection, who.id, "paused", now=NOW)
        progress.pause(connection, who.id, ["paused"], now=NOW)
        reviews.follow(connection, who.id, who.seal, [UNSURE, SURE], now=NOW)
        reviews.answer(connection, who.id, who.seal, **(ANSWER | {"lead_id": "l2"}))
        aliases.put(connection, who.id, [ALIAS])
        pairs.suggest(connection, who.id, who.seal, [SUGGESTED], now=NOW)
        pairs.label(connection, who.id, who.seal, PAIR, same=False, by="Ana", at=NOW)
        cleanups.put(connection, who.id, who.seal, CLEANUP)
        cleanups.tie(connection, who.id, CLEANUP.name, [TIE])
        admit(connection, who)
        tokens.put(connection, who.id, b"token", expires_at=NOW)
        tallies.add(connection, who.id, who.seal, [(NOW, {("rule", "Everyone"): 3})])
        usage.add(connection, who.id, {"live": 3}, now=NOW)
        usage.tell(connection, who.id, Allowance(used=5, total=100), now=NOW)
        usage.quiet(connection, who.id, "No.")
        records = [
            Record("account", "a1", {"name": "Globex", "website": "globex.com"}),
            Record("lead", "l1", {"email": "kim@globex.com", "company": "Globex"}),
            Record("contact", "c1", {"email": "kim@globex.com", "account_id": "a1"}),
            Record("contact", "c2", {"email": "kim@mail.example", "account_id": "a1"}),
        ]
        index = Index(connection, who.id, who.seal)
        index.put(records)
        index.write(index.prepare([Record("account", "a2", {"name": "Initech"})]), staged=True)
    StoredMemo(database, who.id, who.seal, lambda: NOW).put("users", ["Ana"], seconds=60)


def everything_of(connection: Connection, *people: Tenant) -> dict[str, str]:
    """Return the SQL that reads every row of these installs and of their books, of every table."""
    found = {}
    numbers = [each.number for who in people for each in books.of(connection, who.id)]
    for table in metadata.sorted_tables:
        column = table.c.id if table.name == "install" else table.c.get("install_id")
        if column is not None:
            where = column.in_([who.id for who in people])
        elif table.name != "lease":
            where = table.c.book.in_(numbers)
        else:
            continue
        statement = select(table).where(where)
        found[table.name] = str(statement.compile(connection, compile_kwargs={"literal_binds": True}))
    return found


def rows_of(connection: Connection, everything: dict[str, str]) -> dict[str, list[str]]:
    """Return these rows as they are stored, in an order of their own."""
    return {name: sorted(map(repr, connection.exec_driver_sql(sql))) for name, sql in everything.items()}


def public() -> set[str]:
    """Return the name of every public function of the store, and of the index."""
    found = {
        f"{module.__name__.rsplit('.', 1)[1]}.{name}"
        for module in MODULES
        for name, each in inspect.getmembers(module, inspect.isfunction)
        if each.__module__ == module.__name__ and not name.startswith("_")
    }
    index = {f"Index.{name}" for name, _ in inspect.getmembers(Index, inspect.isfunction) if not name.startswith("_")}
    return found | index


def test_every_public_function_is_listed() -> None:
    assert public() == set(CASES) | set(ACROSS)


def test_no_module_that_is_left_out_is_asked_for_what_an_install_has() -> None:
    for name in OTHERS:
        module = importlib.import_module(f"{store.__name__}.{name}")
        for _, each in inspect.getmembers(module, inspect.isfunction):
            if each.__module__ == module.__name__:
                assert not {"connection", "install_id"} <= set(inspect.signature(each).parameters), each


def test_only_functions_without_an_install_look_across() -> None:
    for name in ACROSS:
        module = next(each for each in MODULES if each.__name__.endswith(f".{name.split('.')[0]}"))
        parameters = inspect.signature(getattr(module, name.split(".")[1])).parameters
        assert "install_id" not in parameters or parameters["install_id"].default is None, "it may narrow"


@dataclass(frozen=True)
class Street:
    """A database in which Alice and Bob have something of everything and Charlie has nothing yet."""

    database: Database
    alice: Tenant
    bob: Tenant
    charlie: Tenant
    everything: dict[str, str]
    before: dict[str, list[str]]
    """What Alice and Bob have, and the SQL that reads it."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def street(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """One for all cases; each undoes what it did."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path_factory.mktemp('street') / 'store.sqlite'}")
    else:
        database = Database(request.getfixturevalue("postgres").create())
    migrate.upgrade(database)
    alice, bob, charlie = (tenant(database, each) for each in ("alice", "bob", "charlie"))
    for who in (alice, bob):
        furnish(database, who)
    with database.read() as connection:
        everything = everything_of(connection, alice, bob)
        before = rows_of(connection, everything)
    yield Street(database, alice, bob, charlie, everything, before)
    database.close()


@pytest.mark.parametrize("name", CASES)
def test_charlie_neither_sees_nor_changes_what_is_not_his(street: Street, name: str) -> None:
    call, expected = CASES[name]
    assert all(len(rows) >= 2 for rows in street.before.values()), "furnish knows every table"
    with street.database.write() as connection:
        assert call(connection, street.charlie) == expected
        assert rows_of(connection, street.everything) == street.before
        connection.rollback()
