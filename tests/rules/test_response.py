"""By when a lead is to be answered, what came of it, and what of that stands in the audit record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rules import audit, response
from rules.model import (
    Candidate,
    Decision,
    Match,
    MatchStatus,
    Mode,
    Outcome,
    Record,
    Route,
    Task,
    Turn,
    User,
    Verdict,
)
from rules.response import Response
from rules.routing.rotation import UNIT, after, settle

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ANA, BOB = User("u1", "Ana"), User("u2", "Bob")
DUE = NOW + 30 * MINUTE
TASK = Task("u1", "Call", "", DUE)


def turn(weights: dict[str, int], taker: str = "u1", lane: str = "Desk", how: str = "turn") -> Turn:
    before = settle({}, ["u1", "u2", "u3"])
    return Turn(lane, taker, before, after(before, taker, weights), how)


def decided(
    mode: Mode = "act", outcome: Outcome = "assigned", *, taker: User | None = ANA, task: Task | None = TASK,
    taken: Turn | None = None,
) -> Decision:  # fmt: skip
    return Decision(
        key="d1",
        lead=Record("lead", "l1", {"source": "Web"}),
        mode=mode,
        outcome=outcome,
        duplicate=Verdict("different"),
        match=Match("none", reason="No account has anything in common with this lead."),
        route=Route("Leads", "pool", taker, "because", turn=taken),
        actions=(task,) if task else (),
        ruleset_version="v1",
        received_at=NOW,
        decided_at=NOW,
    )


@pytest.mark.parametrize(
    ("made", "due"),
    [
        (decided(), DUE),
        (decided("suggest", "suggested"), DUE),
        (decided("observe", "observed", task=None), None),
        (decided(task=None), None),
        (decided(taker=None), None),
        (decided(taker=replace(ANA, queue=True)), None),
        (decided(taker=BOB), None),
        (decided(outcome="kept"), None),
        (decided(outcome="refused"), None),
        (decided(outcome="reminded"), None),
    ],
)
def test_an_answer_is_due_when_a_person_got_the_lead_with_a_task(made: Decision, due: datetime | None) -> None:
    entry = audit.entry(made)
    assert (entry.response_due_at, entry.response_status) == (due, "waiting" if due else "none")
    assert (entry.responded_at, entry.response_minutes) == (None, None)


@pytest.mark.parametrize(
    ("weights", "share"),
    [({"u1": 1}, 100.0), ({"u1": 2, "u2": 1}, 66.67), ({"u1": 1, "u2": 1, "u3": 1}, 33.33)],
)
def test_the_share_is_that_of_the_weights_of_those_who_could_take_it(weights: dict[str, int], share: float) -> None:
    entry = audit.entry(decided(taken=turn(weights)))
    assert (entry.pool, entry.entitled_share) == ("Desk", share)


def test_without_a_turn_there_is_neither_pool_nor_share() -> None:
    kept = turn({"u1": 1}, how="stays")
    for made in (decided(), decided(taken=replace(kept, after=kept.before))):
        entry = audit.entry(made)
        assert (entry.pool, entry.entitled_share) == ("", None)


def test_the_lane_of_a_mode_goes_by_the_name_of_its_pool() -> None:
    suggested = decided("suggest", "suggested", taken=turn({"u1": 1}, lane="Desk (suggest)"))
    assert audit.entry(suggested).pool == "Desk"
    odd = decided(taken=turn({"u1": 1}, lane="Desk (suggest)"))
    assert audit.entry(odd).pool == "Desk (suggest)", "under act a pool may be called so"


def test_a_share_never_passes_a_hundred_percent_however_long_the_pool_gives_leads_away() -> None:
    standing = settle({}, ["u1", "u2"])
    for _ in range(99):
        standing = after(standing, "u1", {"u1": 3, "u2": 1})
    assert standing["u1"]["entitled"] > UNIT
    later = Turn("Desk", "u1", standing, after(standing, "u1", {"u1": 3, "u2": 1}))
    assert audit.entry(decided(taken=later)).entitled_share == 75.0


def test_why_no_account_was_found_is_told_only_when_none_was() -> None:
    made = decided()
    assert audit.entry(made).why_unmatched == "No account has anything in common with this lead."
    found: tuple[MatchStatus, ...] = ("matched", "review")
    for status in found:
        match = Match(status, Candidate("a1", "Muster", None, 0.9), reason="Likely.")
        assert audit.entry(replace(made, match=match)).why_unmatched == ""


def test_where_the_lead_came_from_is_told() -> None:
    assert audit.entry(decided()).lead_source == "Web"


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (12, Response("in_time", NOW + 12 * MINUTE, 12.0)),
        (30, Response("in_time", DUE, 30.0)),
        (30.5, Response("late", NOW + 30.5 * MINUTE, 30.5)),
        (-1, Response("in_time", NOW, 0.0)),
    ],
)
def test_an_answer_is_in_time_up_to_the_very_moment_it_is_due(minutes: float, expected: Response) -> None:
    assert response.answered(DUE, NOW, NOW + minutes * MINUTE) == expected


def test_a_lead_that_went_to_somebody_else_was_late_only_if_its_time_had_passed() -> None:
    assert response.given_up(DUE, DUE) == Response("none")
    assert response.given_up(DUE, DUE + MINUTE) == Response("late")


def test_it_is_asked_again_at_growing_intervals_for_a_week_and_then_never() -> None:
    at, asked = DUE, []
    while (again := response.next_question(DUE, at)) is not None:
        asked.append(again - at)
        at = again
    assert asked == sorted(asked)
    assert at - DUE == timedelta(days=7)
    assert len(asked) == 5
