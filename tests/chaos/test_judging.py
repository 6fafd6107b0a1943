"""The judge of a chaos can find somebody guilty: each of its rules is broken in a case that is sound otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import evidence
from tests.chaos.case import (
    ACCOUNT,
    AGAIN,
    AMERICAN,
    ASIA,
    CALLER,
    CAMILA,
    ELODIE,
    EUROPE,
    GERMAN,
    JAPANESE,
    KENJI,
    LAYLA,
    MARCUS,
    MEILING,
    NOW,
    OLIVER,
    QUEUE,
    audit,
    given,
    rotation,
    sound,
    turn,
)  # fmt: skip
from tests.chaos.evidence import Known, Tenant
from tests.chaos.findings import Findings
from tests.chaos.judging import Case, judge
from tests.chaos.turns import UNIT

Change = Callable[[Tenant, Known], object]
PLAIN, ANEW, CALL = f"{GERMAN}-a-i", f"{AMERICAN}-b-i", f"{CALLER}-a-i"


def judged(case: Case) -> Findings:
    return judge(case.tenants, case.strangers, case.now)


def test_a_sound_case_has_no_faults() -> None:
    assert dict(judged(sound()).faults) == {}


def lead(id_: str, **values: Any) -> Change:
    """Have a lead be another one."""
    return lambda org, _: org.leads.update({id_: replace(org.leads[id_], **values)})


def told(key: str, **values: Any) -> Change:
    """Have an audit say something else."""

    def change(org: Tenant, _known: Known) -> None:
        org.audits[:] = [replace(each, **values) if each.key == key else each for each in org.audits]

    return change


def more(key: str, of: str = PLAIN, **values: Any) -> Change:
    """Have one more audit, of a decision that is ours, like an other one but for its key and what is said."""

    def change(org: Tenant, _known: Known) -> None:
        other = next(each for each in org.audits if each.key == of)
        org.audits.append(replace(other, **{"key": key, "place": "RA-00000009", "turn": "", "done": (), **values}))
        org.ours["decision"].append({"key": key, "lead_id": other.lead_id, "state": "settled", "reason": ""})

    return change


def row(table: str, number: int = 0, **values: Any) -> Change:
    """Have a row of ours say something else."""

    def change(org: Tenant, _known: Known) -> None:
        org.ours[table][number] = {**org.ours[table][number], **values}

    return change


def rows(table: str, *added: Mapping[str, Any]) -> Change:
    return lambda org, _: org.ours[table].extend(added)


def gone(table: str, number: int = 0) -> Change:
    return lambda org, _: org.ours[table].pop(number)


def both(*changes: Change) -> Change:
    def change(org: Tenant, known: Known) -> None:
        for each in changes:
            each(org, known)

    return change


def counted(member: str, **added: int) -> Change:
    """Have the first pool count more for a member than its turns did."""

    def change(org: Tenant, _known: Known) -> None:
        state = org.ours["rotation"][0]["state"]
        state[member] = {name: count + added.get(name, 0) for name, count in state[member].items()}

    return change


def without_turn(lead_id: str, key: str) -> Change:
    """Have all say of a decision, in the same words, that its turn was shared without OLIVER, who was there."""
    shared = turn(ELODIE, EUROPE, [each for each in EUROPE if each != OLIVER])
    return both(
        told(key, added=shared, turn=ELODIE, assignee=ELODIE), lead(lead_id, owner=ELODIE),
        lambda org, _: org.ours["rotation"].__setitem__(0, rotation("Europe", shared)),
    )  # fmt: skip


def many_turns(count: int) -> Change:
    """Have one member of the pool with a cap take so many leads in one hour."""
    weights = {MARCUS: 1, CAMILA: 1}
    turns = [turn(MARCUS, weights) for _ in range(count)]

    def change(org: Tenant, _known: Known) -> None:
        org.audits += [
            replace(audit(f"{GERMAN}-m{n}-{n}", 1, QUEUE, MARCUS, "Latin America", added=each), outcome="suggested")
            for n, each in enumerate(turns)
        ]
        org.ours["rotation"].append(rotation("Latin America", *turns))

    return change


def owed_at_a_cap(given_back: int) -> Change:
    """Have one of the pool with a cap get four leads in a row, and so many of the other's go back."""
    weights = {MARCUS: 1, CAMILA: 1}
    kept, back = [turn(CAMILA, weights)] * 4, [turn(MARCUS, weights)] * given_back

    def change(org: Tenant, _known: Known) -> None:
        for n, each in enumerate((*kept, *back)):
            key, taker = f"{GERMAN}-m{n}-{n}", CAMILA if n < len(kept) else MARCUS
            made = audit(key, 1, QUEUE, taker, "Latin America", added=each)
            org.audits.append(replace(made, outcome="suggested"))
            if n >= len(kept):
                org.ours["assignment"].append({**given(GERMAN, key, taker, "", "replaced"), "credit": "given"})
        org.ours["rotation"].append(rotation("Latin America", *kept))

    return change


def others(member: str, leads: int) -> Mapping[str, int]:
    return {member: leads * UNIT}


FAULTS: dict[str, list[Change]] = {
    "lead without a decision": [
        lambda org, _: org.audits.remove(next(each for each in org.audits if each.key == PLAIN)),
        told(PLAIN, outcome="refused"),
    ],
    "wrong owner": [lead(JAPANESE, owner=KENJI), lead(GERMAN, owner=ELODIE), lead(AMERICAN, owner=QUEUE)],
    "decided twice": [told(PLAIN.replace(GERMAN, JAPANESE), previous=OLIVER), told(ANEW, previous=QUEUE)],
    "not decided for its last change": [
        lead(AMERICAN, country="France"), lead(JAPANESE, country="Germany"), lead(JAPANESE, country="United States"),
        told(f"{JAPANESE}-b-i", rule="Everyone else"),
        both(
            lead(JAPANESE), rows("assignment", *(given(JAPANESE, f"x{n}", each, "", "timed out")
                                                for n, each in enumerate(ASIA))),
        ),
    ],
    "decided twice for one change": [told(ANEW, match=("none", ""))],
    "matched anew for nothing": [
        lambda _, known: known.accounts.clear(),  # type: ignore[attr-defined]
    ],
    "decided more often than it changed": [
        more(f"{AMERICAN}-c-j", of=ANEW, previous=CAMILA, decided_at="2027-01-15T09:00:00.000Z"),
    ],
    "too many tasks": [
        lambda org, _: org.tasks.update([GERMAN]),
        lambda org, _: org.tasks.update([AMERICAN]),
        lambda org, _: org.tasks.update([JAPANESE]),  # whoever let it lapse still has theirs
    ],
    "too few tasks": [lambda org, _: org.tasks.subtract([JAPANESE])],
    "too many notifications": [lambda org, _: org.bells.update([GERMAN]), lambda org, _: org.bells.update([AMERICAN])],
    "too few notifications": [lambda org, _: org.bells.subtract([JAPANESE])],
    "merged and still there": [lead(AGAIN, alive=True, into="")],
    "merged into another one": [lead(AGAIN, into=AMERICAN)],
    "merged twice": [more(f"{AGAIN}-b-i", of=f"{AGAIN}-a-i")],
    "one person still twice": [lead(AGAIN, alive=True, into="", owner=OLIVER)],
    "audited twice": [more(PLAIN)],
    "settled without an audit": [
        rows("decision", {"key": f"{GERMAN}-z-z", "lead_id": GERMAN, "state": "settled", "reason": ""})
    ],
    "decision left open": [row("decision", state="intended")],
    "parked without a reason": [row("decision", state="parked", reason=" "), row("letter", reason="")],
    "audit of no decision": [gone("decision")],
    "letter left": [row("letter", state="waiting"), row("letter", state="at work")],
    "work left": [row("progress", state="failed"), row("progress", state="running")],
    "timer fired and nobody told": [
        lambda org, _: org.audits.remove(next(each for each in org.audits if each.is_timers))
    ],
    "timer late": [row("timer", 2, state="waiting", due_at=(NOW - 500) * 1e6)],
    "timer stopped without a reason": [row("timer", 2, reason="")],
    "timer lost": [both(gone("timer"), gone("timer"))],
    "of another tenant": [
        row("letter", record_id=CALLER), row("decision", lead_id=CALLER), row("timer", lead_id=CALLER),
        told(PLAIN, assignee="71"), more(f"{CALLER}-a-i", lead_id=CALLER),
    ],
    "turn given back for nothing": [row("assignment", 1, credit="given")],
    "turn not given back": [row("assignment", credit="due", ending="merged")],
    "rotation lost": [gone("rotation")],
    "rotation not exact": [
        counted(OLIVER, got=1), counted(ELODIE, got=1), row("assignment", ending="merged", credit="given")
    ],
    "share not exact": [counted(OLIVER, entitled=1), counted(OLIVER, entitled=-1, due=-1)],
    "rotation does not add up": [counted(ELODIE, due=1), counted(ELODIE, due=UNIT, entitled=UNIT)],
    "rotation out of bounds": [counted(ELODIE, due=4 * UNIT, entitled=4 * UNIT)],
    "turn shared wrongly": [
        told(PLAIN, added=turn(OLIVER, {**EUROPE, OLIVER: 3})), told(PLAIN, added=turn(ELODIE, EUROPE)),
        told(f"{JAPANESE}-b-i", added=turn(KENJI, ASIA)),
    ],
    "passed over for nothing": [
        without_turn(GERMAN, PLAIN),
        row("assignment", 1, ending="replaced"),
    ],
    "given again to who let it lapse": [row("assignment", 2, user_id=KENJI)],
    "over the cap": [many_turns(13)],
}  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "number"), [(fault, number) for fault, changes in FAULTS.items() for number in range(len(changes))]
)
def test_what_is_wrong_in_an_org_is_found(fault: str, number: int) -> None:
    case = sound()
    FAULTS[fault][number](*case.tenants[0])
    assert fault in judged(case).faults


@pytest.mark.parametrize(("others", "found"), [((), [AGAIN]), ((JAPANESE,), [])])
def test_who_came_again_may_stay_only_where_a_person_is_asked_about_a_third_one(
    others: tuple[str, ...], found: list[str]
) -> None:
    case = sound()
    org, known = case.tenants[0]
    lead(AGAIN, alive=True, into="", owner=OLIVER)(org, known)
    told(f"{AGAIN}-a-i", asks=frozenset({AGAIN, GERMAN, *others}))(org, known)
    assert judged(case).faults.get("one person still twice", []) == found


def test_a_plan_to_merge_that_waits_for_a_person_tells_of_whom() -> None:
    asked = ["Duplicates: a person is asked whether these become one record.", "Keeps A (lead 1): it is the oldest.",
             "Merges into it: B (lead 2) and C (lead 3)."]  # fmt: skip
    assert evidence.asked(asked) == {"1", "2", "3"}
    assert evidence.asked(["Duplicates: these become one record.", *asked[1:]]) == frozenset()


def test_a_row_of_nobody_is_found() -> None:
    assert "row of nobody" in judged(replace(sound(), strangers=[{"install_id": "gone"}])).faults


def test_a_task_that_names_its_decision_and_is_there_twice_is_found_in_a_portal() -> None:
    case = sound()
    case.tenants[1][0].task_keys.update([CALL])
    assert judged(case).faults["told twice"] == [CALL]


def test_nothing_that_is_wrong_with_one_lead_hides_what_is_wrong_with_another() -> None:
    case = sound()
    org, known = case.tenants[0]
    for change in (lead(GERMAN, owner=ELODIE), lead(AMERICAN, owner=QUEUE)):
        change(org, known)
    assert judged(case).faults["wrong owner"] == [GERMAN, AMERICAN]


def test_each_fault_that_the_judge_can_find_is_tried_here() -> None:
    here = Path(__file__).parent
    told = "".join((here / name).read_text(encoding="utf-8") for name in ("judging.py", "routing.py", "turns.py"))
    known = set(re.findall(r'found\.note\(\s*"([^"]+)"', told))
    assert len(known) > 30
    assert known - {"row of nobody", "told twice"} == FAULTS.keys()


def test_who_is_at_a_cap_is_owed_what_went_back_of_theirs() -> None:
    for given_back, is_found in ((0, True), (4, False)):
        case = sound()
        owed_at_a_cap(given_back)(*case.tenants[0])
        assert ("rotation out of bounds" in judged(case).faults) is is_found


def test_who_lets_a_lead_lapse_is_passed_over_and_the_next_rule_has_it_when_all_have() -> None:
    case = sound()
    org, known = case.tenants[0]
    last, after = f"{JAPANESE}-c-i", f"{JAPANESE}-d-i"
    org.audits += [
        audit(last, 8, MEILING, LAYLA, "Asia Pacific", added=turn(LAYLA, ASIA, (LAYLA,))),
        audit(after, 9, LAYLA, OLIVER, "Account owner", pool="", turn="", match=("matched", ACCOUNT)),
    ]
    for key in (last, after):
        org.ours["decision"].append({"key": key, "lead_id": JAPANESE, "state": "settled", "reason": ""})
        org.ours["timer"].append({**org.ours["timer"][1], "decision_key": key})
    row("assignment", 2, ending="timed out")(org, known)
    lapsed = given(JAPANESE, last, LAYLA, "Asia Pacific", "timed out")
    org.ours["assignment"] += [lapsed, given(JAPANESE, after, OLIVER, "")]
    turns = [each.added for each in org.audits if each.turn in ASIA]
    org.ours["rotation"][1] = rotation("Asia Pacific", *turns)
    org.tasks.update([JAPANESE] * 2)
    lead(JAPANESE, owner=OLIVER)(org, known)
    assert dict(judged(case).faults) == {}
