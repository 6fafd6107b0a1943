"""What an install has chosen of how people are told, as it lands in the CRM: exactly that, and why not more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.crm import Crm
from rules.decide import Scene, decide
from rules.escalate import escalation
from rules.model import AUDIT, Decision, Notify, Task, User
from rules.telling import Telling
from tests.contract.decisions import DONE, NOW, perform, statuses, work
from tests.contract.place import Place
from tests.rules.make import ruleset

OPEN = """
- rule: Everyone
  assign: user "{mail}"
  escalate: [{{after: 1 hour, remind: true}}]
"""
TASK, BELL = "No task: your settings say so", "No notification: your settings say so"


def routed(place: Place, crm: Crm, telling: Telling, rules: str = OPEN, **of_ana: Any) -> Decision:
    """Have a lead come and the rules give it to Ana, and carry that out."""
    lead_id = place.lead(last_name="Kim")
    lead = crm.read("lead", [lead_id])[lead_id]
    ana = replace(place.ana, **of_ana)
    scene = Scene(ruleset(rules.format(mail=ana.email)), {ana.id: ana}, "act", telling)
    made = decide(lead, scene=scene, accounts=(), duplicates=(), rotation={}, received_at=NOW, now=NOW)
    assert set(statuses(perform(crm, work(made)), made).values()) <= DONE
    return made


def story(crm: Crm, made: Decision) -> str:
    """Return the story as the CRM keeps it."""
    return next(row["story"] for row in crm.audits(made.lead.id) if row["key"] == made.key)


@pytest.mark.parametrize(
    ("telling", "told", "why"),
    [
        (Telling(), (1, 1), ()),
        (Telling(bell="never"), (1, 0), (BELL,)),
        (Telling(task=False), (0, 1), (TASK,)),
        (Telling(task=False, bell="never"), (0, 0), (TASK, BELL)),
    ],
)
def test_a_routed_lead_makes_exactly_what_the_install_chose_and_the_audit_says_why(
    place: Place, crm: Crm, telling: Telling, told: tuple[int, int], why: tuple[str, ...]
) -> None:
    made, (tasks, bells) = routed(place, crm, telling), told
    landed = place.landed(made.lead.id)
    # HubSpot rings by the reminder of a task alone: there the task is what carries the notification.
    alone = any({Task.key, Notify.key} <= step.actions for step in crm.steps)
    carried = 1 if bells and alone else tasks
    assert (len(landed.tasks), landed.bells, landed.owner_id) == (carried, bells, place.ana.id)
    said = story(crm, made)
    assert [each for each in (TASK, BELL) if each in said] == list(why)


def test_what_a_rule_says_itself_goes_before_the_choice(place: Place, crm: Crm) -> None:
    rules = OPEN + "  task: true\n  notify: true\n"
    landed = place.landed(routed(place, crm, Telling(task=False, bell="never"), rules).lead.id)
    assert (len(landed.tasks), landed.bells) == (1, 1)


@pytest.mark.parametrize(
    ("own", "telling", "subject"),
    [
        ("", Telling(language="de"), "Neuer Lead: "),
        ("ja", Telling(language="fr"), "Nouveau lead"),
        ("es-MX", Telling(language="de"), "Nuevo lead: "),
        ("es-MX", Telling(language="de", one_language=True), "Neuer Lead: "),
    ],
)
def test_task_and_audit_are_in_the_language_that_was_chosen(
    place: Place, crm: Crm, own: str, telling: Telling, subject: str
) -> None:
    made = routed(place, crm, telling, language=own)
    (said,) = place.landed(made.lead.id).subjects
    assert said.startswith(subject)
    assert {"de": "Ergebnis: ", "fr": "Résultat", "es": "Resultado: "}[made.language] in story(crm, made)


@pytest.mark.parametrize(("reminders", "tasks", "bells"), [("both", 1, 1), ("task", 1, 0)])
def test_a_reminder_comes_by_what_was_chosen(place: Place, crm: Crm, reminders: str, tasks: int, bells: int) -> None:
    chosen = replace(Telling(task=False, bell="never"), reminders=reminders)  # type: ignore[arg-type]
    made = routed(place, crm, chosen)
    users: dict[str, User] = {place.ana.id: place.ana}
    told = escalation(made, 0, users, NOW + timedelta(hours=1), telling=chosen)
    wanted = {action.key for action in told.actions} | {AUDIT}
    assert statuses(perform(crm, work(told)), told) == dict.fromkeys(wanted, "done")
    landed = place.landed(made.lead.id)
    assert (len(landed.tasks), landed.bells) == (tasks, bells)
