"""What an install has chosen of how people are told: a drain, a timer and a preview all go by it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connector.store import notes, tellings
from jobs.preview import Looking, preview
from jobs.replay import replayed
from rules.telling import Telling
from tests.jobs.conftest import House
from tests.jobs.routes import POOL, come, made, rules, tick

OPEN = f"""
- rule: Leads
  assign: pool "Desk"
  escalate: [{{after: 15 minutes, remind: true}}]
{POOL}"""


def choose(house: House, **chosen: object) -> None:
    with house.database.write() as connection:
        wanted = replace(tellings.of(connection, house.install.id), **chosen)  # type: ignore[arg-type]
        tellings.put(connection, house.install.id, wanted, now=house.now)


def told(house: House, lead_id: str) -> tuple[int, int]:
    """Return how many tasks and notifications there are about a lead."""
    return (
        sum(each == lead_id for each, _ in house.crm.tasks),
        sum(each == lead_id for each, _ in house.crm.bells),
    )


def looking(house: House) -> Looking:
    return Looking(house.tools, replace(house.install, mode="act"), house.crm, house.tools.seal(house.install))


def test_a_lead_is_told_of_as_the_install_chose_when_it_was_decided(house: House) -> None:
    rules(house, OPEN)
    courses: list[tuple[dict[str, Any], tuple[int, int]]] = [
        ({}, (1, 1)),
        ({"bell": "never"}, (1, 0)),
        ({"task": False, "bell": "always"}, (0, 1)),
        ({"bell": "never"}, (0, 0)),
    ]
    for number, (chosen, wanted) in enumerate(courses):
        choose(house, **chosen)
        come(house, f"l{number}")
        assert told(house, f"l{number}") == wanted
        entry = next(each for each in house.crm.entries.values() if each.lead_id == f"l{number}")
        assert ("No task: your settings say so" in entry.story) == (not wanted[0])
        assert ("No notification: your settings say so" in entry.story) == (not wanted[1])


def test_a_reminder_goes_by_what_is_chosen_when_it_is_due(house: House) -> None:
    rules(house, OPEN)
    come(house, "l1")
    choose(house, reminders="task", language="de", one_language=True)
    tick(house, minutes=16)
    assert told(house, "l1") == (2, 1)
    assert house.crm.tasks[-1][1].subject.startswith("Wartet noch auf Sie")


def test_the_language_of_the_install_is_spoken_to_whom_the_crm_knows_none_of(house: House) -> None:
    house.crm.people = [replace(each, language="fr-CA") if each.id == "u2" else each for each in house.crm.people]
    house.post(house.event("u2", kind="user"))
    rules(house, OPEN)
    choose(house, language="de")
    for lead_id in ("l1", "l2"):
        come(house, lead_id)
    subjects = {task.owner_id: task.subject for _, task in house.crm.tasks}
    assert (subjects["u1"][:9], subjects["u2"][:12]) == ("Neuer Lea", "Nouveau lead")


def test_a_preview_and_a_replay_go_by_what_was_chosen(house: House) -> None:
    rules(house, OPEN)
    choose(house, task=False)
    come(house, "l1")
    choose(house, task=True, bell="never")
    look = looking(house)
    found = preview(look, house.lead("l9"))
    assert [each.key for each in found.decision.actions if each.key in {"task", "notify"}] == ["task"]
    assert "No notification: your settings say so" in found.story()
    (one,) = made(house, "l1")
    assert one.decision.basis is not None
    assert one.decision.basis.telling == Telling(task=False)
    assert replayed(look, one.decision.key).replay.same


def test_what_was_chosen_is_kept_and_words_nobody_knows_count_as_not_chosen(house: House) -> None:
    chosen = Telling(task=False, bell="at work", reminders="task", language="fr", one_language=True)
    with house.database.write() as connection:
        tellings.put(connection, house.install.id, chosen, now=house.now)
        assert tellings.of(connection, house.install.id) == chosen
        for name in (tellings.BELL, tellings.REMINDED, tellings.SPOKEN, tellings.CONSOLE):
            notes.put(connection, house.install.id, name, "tomorrow", now=house.now)
        assert tellings.of(connection, house.install.id) == Telling(task=False, one_language=True)
        assert tellings.console(connection, house.install.id) == ""
