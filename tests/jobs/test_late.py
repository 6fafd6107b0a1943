"""What waited too long: a lead taken from somebody who has acted, a late reminder, a mode that allows less now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import Later, Refused
from connector.store import unfinished
from connector.store.assignments import Assignment
from connector.store.letters import Letter
from connector.store.timers import Waiting
from connector.work import Effect
from jobs import lapse, routing
from jobs.past import Ground
from tests.jobs.conftest import START, House
from tests.jobs.routes import POOL, change, come, got, held, made, outcomes, rules, states, tick

RULES = f"""
- rule: Leads
  assign: pool "Desk"
  escalate: [{{after: 15 minutes, remind: true}}, {{after: 1 hour, reassign: true}}]
{POOL}"""
TAKING = f"""
- rule: Leads
  assign: pool "Desk"
  escalate: [{{after: 1 hour, reassign: true}}]
{POOL}"""


def away(house: House, step: str, *, spared: int = 0) -> None:
    """The CRM says Later to every call of that kind, after the first few."""
    calls = iter(range(spared))

    def before(call: str) -> None:
        if call.startswith(step) and next(calls, None) is None:
            raise Later("daily limit", seconds=3600, applied=False)

    house.crm.before = before


def back(house: House) -> None:
    house.crm.before = lambda _call: None


def test_a_lead_is_not_taken_from_who_worked_on_it_while_the_letter_waited(house: House) -> None:
    rules(house, TAKING)
    come(house, "l1")
    away(house, "read", spared=1)
    tick(house, hours=1)
    assert (states(house, "l1"), house.waiting()["waiting"]) == ([("reassign", "fired", "")], 1)
    assert held(house, "l1") == [("u1", "")], "nothing is taken before it is decided"
    house.later(minutes=20)
    house.crm.activities["l1"] = house.now
    back(house)
    tick(house, hours=2)
    assert (house.owner("l1"), outcomes(house, "l1")) == ("u1", ["assigned"])
    assert (held(house, "l1"), house.waiting()["waiting"]) == ([("u1", "")], 0)


def test_a_lead_on_which_nobody_worked_is_taken_however_late(house: House) -> None:
    rules(house, TAKING)
    come(house, "l1")
    away(house, "read", spared=1)
    tick(house, hours=1)
    back(house)
    tick(house, hours=2)
    assert (house.owner("l1"), held(house, "l1")) == ("u2", [("u1", "timed out"), ("u2", "")])


def test_a_lead_that_a_person_gave_away_while_the_letter_waited_stays_with_whom_they_chose(house: House) -> None:
    rules(house, TAKING)
    come(house, "l1")
    away(house, "read", spared=1)
    tick(house, hours=1)
    back(house)
    house.crm.add(replace(house.crm.records[("lead", "l1")], owner_id="u3"))
    tick(house, hours=2)
    assert (house.owner("l1"), held(house, "l1")) == ("u3", [("u1", "replaced")])


@pytest.mark.parametrize(("minutes", "ending"), [(-1, "timed out"), (1, "")])
def test_who_got_the_lead_after_the_timer_fired_has_let_nothing_lapse(minutes: int, ending: str) -> None:
    timer = Waiting("d1", 0, "l1", "reassign", START)
    letter = Letter(1, routing.of_timer(timer, now=START), START, 0, "", 0)
    ground = Ground("act", {})
    ground.rows["l1"] = [Assignment("d2", "l1", "u1", None, "", "act", START + timedelta(minutes=minutes))]
    lapse.lapse([letter], ground, now=START + timedelta(hours=1))
    assert [each.ending for each in ground.rows["l1"]] == [ending]


@pytest.mark.parametrize("tasks", [0, 1])
def test_a_reminder_that_waited_is_given_only_when_nobody_acted(house: House, tasks: int) -> None:
    rules(house, RULES)
    come(house, "l1")
    away(house, "apply")
    tick(house, minutes=15)
    house.later(minutes=5)
    if not tasks:
        house.crm.activities["l1"] = house.now
    back(house)
    tick(house, minutes=61)
    assert len([task for _, task in house.crm.tasks if task.subject.startswith("Still")]) == tasks
    story = [entry.reason for entry in house.crm.entries.values() if entry.key.endswith("-t0")]
    assert len(story) == 1
    assert (story[0] == "Nobody is told: somebody has acted meanwhile.") is (not tasks)


def test_a_crm_that_does_not_tell_who_acted_holds_up_no_reminder(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    rules(house, RULES)
    come(house, "l1")
    away(house, "apply")
    tick(house, minutes=15)

    def acted(_leads: object) -> None:
        raise Refused("No access to tasks.")

    monkeypatch.setattr(house.crm, "acted", acted)
    back(house)
    tick(house, minutes=20 + 60)
    assert "reminded" in outcomes(house, "l1")


def test_nothing_is_changed_by_a_decision_of_a_mode_that_allowed_more(house: House) -> None:
    rules(house, RULES)
    away(house, "apply")
    come(house, "l1")
    assert got(house) == {"u1": 1, "u2": 0}
    back(house)
    house.mode("observe")
    tick(house, hours=1, seconds=1)
    assert (house.owner("l1"), house.crm.tasks) == ("u0", [])
    (entry,) = [each for each in house.crm.entries.values() if each.lead_id == "l1"]
    assert (entry.outcome, entry.assignee_id) == ("kept", None)
    assert entry.reason == "It was not performed: the mode was changed before that."
    assert (made(house, "l1")[0].state, held(house, "l1")) == ("settled", [("u1", "replaced")])
    house.mode("act")
    lead = house.crm.records[("lead", "l1")]
    house.crm.add(replace(lead, fields={**lead.fields, "company": "Initech"}))
    change(house, "l1")
    assert house.owner("l1") == "u1", "no person chose the owner, and the turn went back"


def test_a_retry_by_a_click_does_nothing_in_a_mode_that_allows_less(house: House) -> None:
    rules(house, RULES)
    house.crm.answer = lambda work, action: (
        Effect(work.decision.key, action, "refused", detail="NO") if action == "assign" else None
    )
    come(house, "l1")
    house.crm.answer = lambda _work, _action: None
    house.mode("observe")
    with house.database.write() as connection:
        assert unfinished.retry_parked(connection, house.install.id, now=house.now) == 1
    tick(house, minutes=1)
    assert (house.owner("l1"), made(house, "l1")[0].state) == ("u0", "settled")


def test_a_lead_that_waits_goes_on_waiting_when_the_mode_changes(house: House) -> None:
    rules(house, TAKING.replace("  escalate", "  wait: {for: lead.industry, at most: 1 day}\n  escalate"))
    away(house, "apply")
    come(house, "l1")
    back(house)
    house.mode("observe")
    tick(house, hours=1, seconds=1)
    assert (outcomes(house, "l1"), house.crm.records[("lead", "l1")].text("decision")) == (["waiting"], "")
    tick(house, days=1)
    assert outcomes(house, "l1") == ["waiting", "observed"]
