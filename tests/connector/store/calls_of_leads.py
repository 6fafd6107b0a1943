"""A call of every function of the store that is about leads, records and decisions, and what Charlie is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, literal, select

from connector.erased import Left
from connector.index import Index
from connector.store import (
    aliases,
    arrears,
    asked,
    assignments,
    cards,
    cleanups,
    counting,
    decisions,
    erasures,
    finding,
    forgetting,
    histories,
    ledger,
    letters,
    merges,
    pair_labels,
    pairs,
    responses,
    reviews,
    standing,
    terms,
    timers,
    troubles,
    unfinished,
)
from connector.store.decisions import Intent
from connector.store.histories import History
from connector.store.ledger import Entry
from connector.store.troubles import Arrivals
from rules.actions import Member
from rules.matching.profile import profile
from rules.matching.ranking import Shortlist
from rules.response import Response
from tests.connector.store import kit
from tests.connector.store.kit import NOW, after, decision
from tests.connector.store.street import (
    ALIAS,
    ANSWER,
    ASKED,
    AWAITED,
    CLEANUP,
    COLLEAGUE,
    GIVEN,
    LATE,
    LEAD,
    MINE,
    PAIR,
    REJECTED,
    REQUEST,
    SOUGHT,
    STORED,
    SUGGESTED,
    TERMS,
    TIE,
    TIMER,
    UNSURE,
    Call,
)

CALLS: dict[str, tuple[Call, Any]] = {
    "aliases.put": (lambda c, me: aliases.put(c, me.id, [replace(ALIAS, new_id="l9")]), None),
    "aliases.of": (lambda c, me: aliases.of(c, me.id, "lead", ["l0"]), {}),
    "aliases.living": (
        lambda c, me: aliases.living(c, me.id, [Member("lead", "l0")], at=NOW),
        {Member("lead", "l0"): Member("lead", "l0")},
    ),
    "aliases.restored": (lambda c, me: aliases.restored(c, me.id, "lead", ["l1"]), {}),
    "aliases.move_lead": (lambda c, me: aliases.move_lead(c, me.id, "l1", "l9"), None),
    "aliases.forget": (lambda c, me: aliases.forget(c, me.id, ["l0"]), None),
    "arrears.pay": (lambda c, me: arrears.pay(c, me.id, me.seal, limit=9), 0),
    "asked.put": (lambda c, me: asked.put(c, me.id, me.seal, REQUEST), True),
    "asked.of_lead": (lambda c, me: asked.of_lead(c, me.id, me.seal, "l1"), None),
    "asked.pending": (lambda c, me: asked.pending(c, me.id, me.seal, ["l1"]), {}),
    "asked.answer": (lambda c, me: asked.answer(c, me.id, me.seal, {"l1": "No."}, now=NOW), None),
    "assignments.add": (lambda c, me: assignments.add(c, me.id, [GIVEN]), None),
    "assignments.end": (lambda c, me: assignments.end(c, me.id, "d1", "undone", now=NOW, gives_back=True), False),
    "assignments.owed": (lambda c, me: assignments.owed(c, me.id, limit=9), []),
    "assignments.credited": (lambda c, me: assignments.credited(c, me.id, ["d1", "d2"]), None),
    "assignments.of_leads": (lambda c, me: assignments.of_leads(c, me.id, ["l1", "l2"], mode="act"), {}),
    "assignments.neighbours": (lambda c, me: assignments.neighbours(c, me.id, [7], mode="act"), {}),
    "assignments.last_turn": (lambda c, me: assignments.last_turn(c, me.id, GIVEN.lane), None),
    "assignments.moved": (lambda c, me: assignments.moved(c, me.id, since=after(days=-1), mode="act"), {}),
    "cards.leads_of_account": (lambda c, me: cards.leads_of_account(c, me.id, 7, mode="act", limit=9), ([], 0)),
    "cards.is_admin": (lambda c, me: cards.is_admin(c, me.id, "u1", now=NOW), False),
    "cards.is_coming": (lambda c, me: cards.is_coming(c, me.id, "l1"), False),
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
    "counting.count": (lambda c, me: counting.count(c, me.id, me.seal, [STORED], now=after(hours=1)), None),
    "counting.answered": (lambda c, me: counting.answered(c, me.id, me.seal, STORED, Response("late")), None),
    "decisions.intend": (lambda c, me: decisions.intend(c, me.id, me.seal, [Intent(decision(), ())], now=NOW), {"d1"}),
    "decisions.recall": (
        lambda c, me: decisions.recall(c, me.id, me.seal, [(Intent(decision(), ()), "")], now=NOW),
        {"d1"},
    ),
    "decisions.latest": (lambda c, me: decisions.latest(c, me.id, me.seal, ["l1"]), {}),
    "decisions.recent": (lambda c, me: decisions.recent(c, me.id, me.seal, limit=9), []),
    "decisions.by_key": (lambda c, me: decisions.by_key(c, me.id, me.seal, "d1"), None),
    "decisions.by_keys": (lambda c, me: decisions.by_keys(c, me.id, me.seal, ["d1", "parked"]), {}),
    "decisions.of_trace": (lambda c, me: decisions.of_trace(c, me.id, me.seal, ""), []),
    "decisions.of_lead": (lambda c, me: decisions.of_lead(c, me.id, me.seal, "l1"), []),
    "decisions.stored": (lambda c, me: decisions.stored(c, me.id, me.seal, everybodys(c)), []),
    "erasures.ask": (lambda c, me: erasures.ask(c, me.id, ["l1"], now=after(days=1)), None),
    "erasures.due": (lambda c, me: erasures.due(c, me.id, "here", now=after(days=1), limit=9), []),
    "erasures.waiting": (lambda c, me: erasures.waiting(c, me.id), []),
    "erasures.forgotten_here": (lambda c, me: erasures.forgotten_here(c, me.id, "gone", Left()), None),
    "erasures.put_off": (lambda c, me: erasures.put_off(c, me.id, ["gone"], until=after(days=1), reason="x"), None),
    "erasures.done": (lambda c, me: erasures.done(c, me.id, ["gone"]), None),
    "erasures.note_mergers": (lambda c, me: erasures.note_mergers(c, me.id, "lead", [("l0", "l9")], now=NOW), None),
    "erasures.names_of": (lambda c, me: erasures.names_of(c, me.id, "lead", "l1"), {"l1"}),
    "erasures.forget_mergers": (lambda c, me: erasures.forget_mergers(c, me.id, "lead", ["l0"]), None),
    "finding.search": (lambda c, me: finding.search(c, me.id, me.seal, SOUGHT, limit=9), []),
    "finding.knows": (lambda c, me: finding.knows(c, me.id, ["l1"]), False),
    "finding.done_at": (lambda c, me: finding.done_at(c, me.id, "d1"), {}),
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
    "histories.of_leads": (
        lambda c, me: histories.of_leads(c, me.id, me.seal, ["l1", "l2"]),
        {"l1": History(), "l2": History()},
    ),
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
    "ledger.forget_begun": (lambda c, me: ledger.forget_begun(c, me.id, [("d1", "audit")]), None),
    "ledger.forget_refs": (lambda c, me: ledger.forget_refs(c, me.id, "task"), None),
    "letters.receive": (lambda c, me: letters.receive(c, me.id, [kit.event("e1")], now=NOW), 1),
    "letters.waiting": (lambda c, me: letters.waiting(c, me.id, now=after(days=1), records=9), []),
    "letters.parked": (lambda c, me: letters.parked(c, me.id), []),
    "letters.about": (lambda c, me: letters.about(c, me.id, records=["l1"], event="e1"), []),
    "letters.settle": (lambda c, me: letters.settle(c, me.id, ids(c)), None),
    "letters.postpone": (lambda c, me: letters.postpone(c, me.id, ids(c), **TERMS), None),
    "letters.park": (lambda c, me: letters.park(c, me.id, ids(c), reason="x"), None),
    "letters.retry_parked": (lambda c, me: letters.retry_parked(c, me.id, now=NOW), 0),
    "letters.counts": (lambda c, me: letters.counts(c, me.id), {"waiting": 0, "parked": 0}),
    "merges.busy": (lambda c, me: merges.busy(c, me.id, me.seal), {}),
    "merges.held": (lambda c, me: merges.held(c, me.id, me.seal), set()),
    "merges.refused": (lambda c, me: merges.refused(c, me.id, me.seal, ["l1"]), {}),
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
    "responses.add": (lambda c, me: responses.add(c, me.id, [AWAITED], now=NOW), None),
    "responses.due": (lambda c, me: responses.due(c, me.id, now=after(days=9), limit=9), []),
    "responses.overdue": (lambda c, me: responses.overdue(c, me.id, now=after(days=9)), {}),
    "responses.find": (lambda c, me: responses.find(c, me.id, "d1", LATE, now=NOW), False),
    "responses.put_off": (lambda c, me: responses.put_off(c, me.id, "d1", until=after(days=1)), None),
    "responses.told": (lambda c, me: responses.told(c, me.id, ["d1"], now=after(days=1)), None),
    "responses.drop": (lambda c, me: responses.drop(c, me.id, ["d1"]), None),
    "responses.of_decisions": (lambda c, me: responses.of_decisions(c, me.id, ["d1"]), {}),
    "responses.of_decision": (lambda c, me: responses.of_decision(c, me.id, "d1"), None),
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
    "standing.put_off": (lambda c, me: standing.put_off(c, me.id, now=after(days=-1)), []),
    "standing.counts": (lambda c, me: standing.counts(c, me.id, since=after(days=-1)), {}),
    "standing.by_hour": (lambda c, me: standing.by_hour(c, me.id, since=after(days=-1)), {}),
    "terms.add": (lambda c, me: refused(c, lambda: terms.add(c, me.id, me.seal, [(decision("d1"), NOW)])), "refused"),
    "terms.amend": (lambda c, me: terms.amend(c, me.id, me.seal, decision("d1")), None),
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
    "troubles.by_reason": (lambda c, me: troubles.by_reason(c, me.id, since=after(days=-1), limit=9), []),
    "troubles.refused": (lambda c, me: troubles.refused(c, me.id, me.seal, limit=9), []),
    "troubles.arrivals": (
        lambda c, me: troubles.arrivals(c, me.id, now=after(days=1)),
        Arrivals(None, None, None, None),
    ),
    "unfinished.due": (
        lambda c, me: unfinished.due(c, me.id, me.seal, now=after(days=1), limit=9),
        ([], []),
    ),
    "unfinished.given": (lambda c, me: unfinished.given(c, me.id, me.seal), {}),
    "unfinished.superseded": (lambda c, me: unfinished.superseded(c, me.id, ["d1", "d0"]), set()),
    "unfinished.leads": (lambda c, me: unfinished.leads(c, me.id), set()),
    "unfinished.amend": (lambda c, me: unfinished.amend(c, me.id, me.seal, decision(outcome="ignored")), None),
    "unfinished.settle": (lambda c, me: unfinished.settle(c, me.id, ["d1", "parked"], now=NOW), set()),
    "unfinished.park": (lambda c, me: unfinished.park(c, me.id, {"d1": "x"}), None),
    "unfinished.postpone": (lambda c, me: unfinished.postpone(c, me.id, ["d1"], **TERMS), None),
    "unfinished.retry_parked": (lambda c, me: unfinished.retry_parked(c, me.id, now=NOW), 0),
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


def refused(connection: Connection, call: Callable[[], object]) -> str:
    """Run a call that the database refuses because the decision is not Charlie's."""
    try:
        with connection.begin_nested():
            call()
    except Exception as error:  # noqa: BLE001 - two drivers, two classes
        assert "FOREIGN KEY" in str(error).upper()  # noqa: PT017
        return "refused"
    return "done"
