"""Everyone capped or absent never means unassigned: what people are told of it, and that over the cap is fair, too."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules import explain
from rules.model import Decision, Past, Standing, Workload
from rules.pools import give_back
from tests.rules.make import ANA, BOB, CARLA, NOW, USERS, account, decided, lead, scene

RULE = "- rule: A\n  assign: pool P\n"
TWO = RULE + "- pool: P\n  cap: 1 per day\n  members: [ana@example.com, bob@example.com]\n"
AWAY = RULE + "- pool: P\n  members: [{user: ana@example.com, absent: 2026-03-01 to %s}]\n"


def in_a_row(text: str, count: int, **rest: Any) -> tuple[list[Decision], dict[str, Standing]]:
    rotation: dict[str, Standing] = {}
    found = []
    for number in range(count):
        decision = decided(lead(f"L{number}"), scene(text), rotation=rotation, **rest)
        assert decision.route.turn
        rotation[decision.route.turn.pool] = decision.route.turn.after
        found.append(decision)
    return found, rotation


def takers(found: list[Decision]) -> Counter[str]:
    return Counter(each.route.assignee.name for each in found if each.route.assignee)


def test_the_reason_says_that_all_are_at_their_cap_and_who_is_least_over_it() -> None:
    found, _ = in_a_row(TWO, 3)
    assert found[2].route.reason == (
        "Your rule “A” gives all leads to the pool P, where all who are at work are at their cap, and nobody else "
        "takes them; Bob is least over it."
    )
    told = explain.story(found[2], USERS)
    assert "nobody in the pool P can take a lead now: Ana (has had 1 per day) and Bob (has had 1 per day)" in told
    assert "Turn: Bob in the pool P; 2 received by now, 2.0 due by weight." in told


def test_over_the_cap_all_go_over_it_by_the_same() -> None:
    found, rotation = in_a_row(TWO, 9)
    assert takers(found) == {"Ana": 5, "Bob": 4}
    assert sum(row["due"] for row in rotation["P"].values()) == 0
    unequal = TWO.replace("bob@example.com]", "{user: bob@example.com, cap: 4 per day}]")
    assert takers(in_a_row(unequal, 9)[0]) == {"Ana": 3, "Bob": 6}


def test_a_limit_of_open_leads_gives_way_as_a_cap_does() -> None:
    text = RULE + "- pool: P\n  open leads: 3\n  members: [ana@example.com, bob@example.com]\n"
    decision = decided(lead(), scene(text), work=Workload({ANA.id: 5, BOB.id: 4}))
    assert decision.route.assignee == BOB


def test_of_those_as_little_over_it_the_pool_chooses_as_ever() -> None:
    text = TWO.replace("cap: 1 per day", "by: fewest open leads\n  cap: 1 per day")
    full = {"P": {each.id: {"due": 0, "got": 1, "entitled": 0, "day 2026-03-02": 1} for each in (ANA, BOB)}}
    decision = decided(lead(), scene(text), rotation=full, work=Workload({ANA.id: 5, BOB.id: 4}))
    assert decision.route.assignee == BOB


def test_a_turn_over_the_cap_goes_back_as_any_other() -> None:
    found, rotation = in_a_row(TWO, 3)
    turn = found[2].route.turn
    assert turn
    assert give_back(rotation["P"], turn) == turn.before


def test_an_overflow_and_later_rules_come_before_the_last_resort() -> None:
    later = TWO + "- rule: B\n  assign: user carla@example.com\n"
    assert decided(lead(), scene(later), rotation=in_a_row(TWO, 2)[1]).route.assignee == CARLA
    overflow = TWO + "  overflow: user carla@example.com\n"
    assert decided(lead(), scene(overflow), rotation=in_a_row(TWO, 2)[1]).route.assignee == CARLA


def test_who_had_the_lead_before_does_not_get_it_back_over_the_cap() -> None:
    text = TWO.replace("cap:", "never back: true\n  cap:")
    full = in_a_row(TWO, 2)[1]
    assert decided(lead(), scene(text), rotation=full, past=Past((ANA.id,))).route.assignee == BOB
    assert decided(lead(), scene(text), rotation=full, past=Past((ANA.id, BOB.id))).outcome == "kept"
    refused = Past((ANA.id,), refused=frozenset({ANA.id}))
    assert decided(lead(), scene(TWO), rotation=full, past=refused).route.assignee == BOB


def test_the_reason_says_who_is_away_and_when_it_is_asked_again() -> None:
    soon = decided(lead(), scene(AWAY % "2026-03-03"))
    assert soon.route.reason == (
        "Your rule “A” holds, but nobody in the pool P can take a lead now: Ana (absent until 2026-03-03), and nobody "
        "else takes the lead. So it waits until 2026-03-04 00:00 UTC, when the first is back."
    )
    assert [timer.kind for timer in soon.timers] == ["ask"]
    paused = decided(
        lead(), scene(RULE + "- pool: P\n  members: [ana@example.com]\n"), work=Workload({}, {ANA.id: None})
    )
    assert paused.route.reason == (
        "Your rule “A” holds, but nobody in the pool P can take a lead now: Ana (paused), and nobody else takes the "
        "lead. So it waits; the rules are asked again at 2026-03-03 09:00 UTC."
    )


def test_a_named_person_at_their_cap_gets_it_and_an_absent_one_is_waited_for() -> None:
    text = "- rule: A\n  assign: account owner\n- pool: P\n  members: [{user: bob@example.com, cap: 1 per day}]\n"
    acme = account(name="Acme", website="acme.com")
    full = {"P": {BOB.id: {"due": 0, "got": 1, "entitled": 0, "day 2026-03-02": 1}}}
    who = lead(email="x@acme.com")
    over = decided(who, scene(text), accounts=[acme], rotation=full)
    assert over.route.assignee == BOB
    assert over.route.reason == (
        "Your rule “A” gives all leads to Bob, and nobody else takes them. So they go there all the same, though Bob "
        "may not take more leads now (has had 1 per day)."
    )
    away = decided(who, scene(text.replace("cap: 1 per day", "absent: 2026-03-02")), accounts=[acme])
    assert (away.outcome, away.route.until) == ("waiting", NOW.replace(day=3, hour=0))
    paused = decided(who, scene(text), accounts=[acme], work=Workload({}, {BOB.id: NOW + timedelta(hours=5)}))
    assert paused.route.until == NOW + timedelta(hours=5)
    of_the_text = decided(who, scene(text.replace("cap: 1 per day", "paused: true")), accounts=[acme], rotation=full)
    assert (of_the_text.outcome, of_the_text.route.until) == ("waiting", NOW + timedelta(days=1))


def test_where_nobody_is_active_nobody_is_waited_for() -> None:
    text = RULE + "- pool: P\n  members: [gustavo@example.com, who@example.com]\n"
    assert decided(lead(), scene(text)).outcome == "kept"


@given(
    caps=st.lists(st.integers(1, 4), min_size=3, max_size=3),
    limits=st.lists(st.integers(1, 6), min_size=3, max_size=3),
    shifts=st.lists(st.sampled_from(["24/7", "Mon 08:00-10:00 UTC", "Mon 12:00-14:00 UTC"]), min_size=3, max_size=3),
    count=st.integers(1, 25),
)
@settings(deadline=None, max_examples=40)
def test_no_lead_is_ever_left_without_somebody_or_a_time(
    caps: list[int], limits: list[int], shifts: list[str], count: int
) -> None:
    people = [
        f'{{user: {name}@example.com, cap: {cap} per day, open leads: {limit}, hours: "{shift}"}}'
        for name, cap, limit, shift in zip(("ana", "bob", "carla"), caps, limits, shifts, strict=True)
    ]
    where = scene(RULE + f"- pool: P\n  members: [{', '.join(people)}]\n")
    rotation: dict[str, Standing] = {}
    owned = Counter[str]()
    for number in range(count):
        now = NOW
        decision = decided(lead(f"L{number}"), where, rotation=rotation, work=Workload(dict(owned)), now=now)
        if decision.outcome == "waiting":
            assert decision.route.until
            now = decision.route.until
            decision = decided(lead(f"L{number}"), where, rotation=rotation, work=Workload(dict(owned)), now=now)
        assert decision.outcome == "assigned"
        assert decision.route.turn
        rotation["P"] = decision.route.turn.after
        owned[decision.route.turn.member_id] += 1
