"""A small outcome in which nothing is wrong: what the judge is tried with, changed in one place each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tests.chaos.evidence import HUBSPOT_ID, SALESFORCE_ID, Audit, Known, Lead, Tenant
from tests.chaos.judging import Case
from tests.chaos.turns import UNIT

NOW = 1_800_000_000.0
QUEUE = "00G000000000001AAA"
OLIVER, ELODIE, JONAS = (f"00500000000000{n}AAA" for n in (1, 2, 3))
KENJI, MEILING, LAYLA = (f"00500000000000{n}AAA" for n in (4, 5, 6))
MARCUS, PRIYA, CAMILA = (f"00500000000000{n}AAA" for n in (7, 8, 9))
PEOPLE = (QUEUE, OLIVER, ELODIE, JONAS, KENJI, MEILING, LAYLA, MARCUS, PRIYA, CAMILA)
ACCOUNT = "001000000000001AAA"
GERMAN, JAPANESE, AGAIN, AMERICAN = (f"00Q00000000000{n}AAA" for n in (1, 2, 3, 4))
CALLER = "501"
EUROPE = {OLIVER: 2, ELODIE: 1, JONAS: 1}
ASIA = {KENJI: 1, MEILING: 1, LAYLA: 1}
BUSINESS = {MARCUS: 1, PRIYA: 3, CAMILA: 1}
PORTAL = {"71": 2, "72": 1, "73": 1}
TOLD = ("assign", "stamp", "task", "notify")


def turn(taker: str, weights: Mapping[str, int], among: Sequence[str] = ()) -> dict[str, dict[str, int]]:
    """Return what a turn adds to each member's counters: shared by those it is `among`, all without that."""
    able = among or tuple(weights)
    total = sum(weights[each] for each in able)
    found = {}
    for member, weight in weights.items():
        share, got = (weight * UNIT // total if member in able else 0), int(member == taker)
        found[member] = {"got": got, "due": share - got * UNIT, "entitled": share}
    return found


def audit(key: str, place: int, previous: str, assignee: str, rule: str, **more: Any) -> Audit:
    """Return an audit that gave a lead to somebody, or what `more` says."""
    given: dict[str, Any] = {
        "outcome": "assigned", "pool": rule, "done": TOLD[:3], "turn": assignee, "added": {}, "timers": 0,
        "merged": {}, "match": ("none", ""), "decided_at": f"2027-01-15T08:{place:02}:00.000Z", **more,
    }  # fmt: skip
    lead_id = key.split("-", maxsplit=1)[0]
    return Audit(
        key=key, lead_id=lead_id, previous=previous, assignee=assignee, rule=rule, place=f"RA-{place:08}", **given
    )


def rotation(pool: str, *turns: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Return the row of a pool that has counted these turns."""
    members = {member for each in turns for member in each}
    names = ("got", "due", "entitled")
    return {"pool": pool, "state": {m: {n: sum(each[m][n] for each in turns) for n in names} for m in members}}


def given(lead_id: str, key: str, user_id: str, lane: str, ending: str = "") -> dict[str, Any]:
    """Return the row that says who has got a lead."""
    row = {"lead_id": lead_id, "decision_key": key, "user_id": user_id, "lane": lane}
    return row | {"ending": ending, "credit": ""}


def sound() -> Case:
    """Return a case in which nothing is wrong, new each time."""
    org, portal = _org(), _portal()
    people = Known(born=[GERMAN, JAPANESE, AGAIN, AMERICAN], changed={}, twins={AGAIN: GERMAN}, accounts={ACCOUNT: 1})
    return Case([(org, people), (portal, Known(born=[CALLER], changed={}, twins={}, accounts={}))], [], NOW)


def _org() -> Tenant:
    """One lead for each thing that can be wrong: a plain one, one that lapsed, one merged away, one matched anew."""
    plain, lapsed, merged, anew = (f"{each}-a-i" for each in (GERMAN, JAPANESE, AGAIN, AMERICAN))
    turns = (
        turn(OLIVER, EUROPE), turn(KENJI, ASIA), turn(MEILING, ASIA, (MEILING, LAYLA)), turn(PRIYA, BUSINESS)
    )  # fmt: skip
    audits = [
        audit(plain, 1, QUEUE, OLIVER, "Europe", added=turns[0], done=TOLD),
        audit(lapsed, 2, QUEUE, KENJI, "Asia Pacific", added=turns[1], timers=2, done=TOLD),
        audit(f"{lapsed}-t0", 3, KENJI, "", "Asia Pacific", outcome="told", turn="", done=("notify",)),
        audit(f"{JAPANESE}-b-i", 4, KENJI, MEILING, "Asia Pacific", added=turns[2], done=(*TOLD, "withdraw")),
        audit(merged, 5, "", "", "", outcome="merged", pool="", turn="", done=("merge",), merged={AGAIN: GERMAN}),
        audit(anew, 6, QUEUE, PRIYA, "Everyone else", pool="New business", added=turns[3]),
        audit(f"{AMERICAN}-b-i", 7, PRIYA, CAMILA, "Account owner", pool="", turn="", match=("matched", ACCOUNT)),
    ]
    ours: dict[str, list[Mapping[str, Any]]] = {
        "letter": [{"state": "parked", "reason": "Refused.", "kind": "lead", "record_id": GERMAN, "event_key": "e"}],
        "decision": [{"key": a.key, "lead_id": a.lead_id, "state": "settled", "reason": ""} for a in audits],
        "ledger": [
            {"decision_key": a.key, "action": "notify", "state": "done"} for a in audits if "notify" in a.done
        ],
        "timer": [
            _timer(lapsed, 0, "remind", "fired"), _timer(lapsed, 1, "reassign", "fired"),
            _timer(lapsed, 2, "tell", "stopped", "replaced"),
        ],
        "rotation": [
            rotation("Europe", turns[0]), rotation("Asia Pacific", *turns[1:3]), rotation("New business", turns[3])
        ],
        "assignment": [
            given(GERMAN, plain, OLIVER, "Europe"), given(JAPANESE, lapsed, KENJI, "Asia Pacific", "timed out"),
            given(JAPANESE, f"{JAPANESE}-b-i", MEILING, "Asia Pacific"),
        ],
        "progress": [{"name": "setup", "state": "done", "reason": ""}],
    }  # fmt: skip
    leads = [
        Lead(GERMAN, OLIVER, "Germany", alive=True), Lead(JAPANESE, MEILING, "Japan", alive=True),
        Lead(AGAIN, "", "Germany", alive=False, into=GERMAN), Lead(AMERICAN, CAMILA, "United States", alive=True),
    ]  # fmt: skip
    return Tenant(
        "salesforce", "org", {each.id: each for each in leads}, audits,
        tasks=Counter({GERMAN: 1, JAPANESE: 1, AMERICAN: 2}), task_keys=Counter(),
        bells=Counter({GERMAN: 1, JAPANESE: 3}), users=frozenset(PEOPLE), first_holder=QUEUE,
        id_pattern=SALESFORCE_ID, ours=ours,
    )  # fmt: skip


def _portal() -> Tenant:
    shared = turn("71", PORTAL)
    audits = [audit(f"{CALLER}-a-i", 1, "", "71", "Europe", added=shared)]
    ours: dict[str, list[Mapping[str, Any]]] = {
        "letter": [], "ledger": [], "timer": [], "progress": [], "rotation": [rotation("Europe", shared)],
        "decision": [{"key": f"{CALLER}-a-i", "lead_id": CALLER, "state": "settled", "reason": ""}],
        "assignment": [given(CALLER, f"{CALLER}-a-i", "71", "Europe")],
    }  # fmt: skip
    return Tenant(
        "hubspot 1", "portal", {CALLER: Lead(CALLER, "71", "France", alive=True)}, audits,
        tasks=Counter({CALLER: 1}), task_keys=Counter({f"{CALLER}-a-i": 1}), bells=Counter(),
        users=frozenset(PORTAL), first_holder="", id_pattern=HUBSPOT_ID, ours=ours,
    )  # fmt: skip


def _timer(key: str, step: int, kind: str, state: str, reason: str = "") -> dict[str, Any]:
    due = round((NOW - 60) * 1e6)
    row = {"decision_key": key, "lead_id": key.split("-", maxsplit=1)[0], "step": step, "kind": kind, "due_at": due}
    return row | {"state": state, "reason": reason}
