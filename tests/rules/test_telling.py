"""Who is told by what, in which language, and why not: a rule's own words, else the install's choice, else by both."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rules import audit, detail, explain
from rules.escalate import escalation
from rules.model import Decision, Mode, User
from rules.replay import replay
from rules.telling import USUAL, Bell, Telling
from rules.wording import catalogue
from tests.rules.make import ANA, INBOX, USERS, decided, lead, ruleset, scene

SUNDAY = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
SILENT = Telling(task=False, bell="never")
OPEN = "- rule: A\n  assign: user ana@example.com\n"
DAY = '- pool: Day\n  members: [{user: ana@example.com, hours: "Mon-Fri 09:00-18:00 UTC"}]\n'


def told(text: str, telling: Telling = USUAL, mode: Mode = "act", now: datetime = SUNDAY, **of_ana: Any) -> Decision:
    ana = replace(ANA, **of_ana)
    where = replace(scene(text, mode, {**USERS, ana.id: ana}), telling=telling)
    return decided(lead(last_name="Kim"), where, now=now)


def ways(made: Decision) -> list[str]:
    return [each.key for each in made.actions if each.key in {"task", "notify"}]


@pytest.mark.parametrize(
    ("rule", "telling", "ways_told", "untold"),
    [
        ("", USUAL, ["task", "notify"], ()),
        ("", SILENT, [], ("No task: your settings say so, and your rule “A” leaves it open.",
                          "No notification: your settings say so, and your rule “A” leaves it open.")),
        ("  task: true\n", SILENT, ["task"], ("No notification: your settings",)),
        ("  task: {due: 1 hour}\n  notify: true\n", SILENT, ["task", "notify"], ()),
        ("  task: false\n", USUAL, ["notify"], ("No task: your rule “A” says so.",)),
        ("  notify: false\n", USUAL, ["task"], ("No notification: your rule “A” says so.",)),
        ("  task: false\n  notify: false\n", SILENT, [], ("No task: your rule", "No notification: your rule")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["act", "suggest"])
def test_the_rule_speaks_first_and_then_the_install(
    rule: str, telling: Telling, ways_told: list[str], untold: tuple[str, ...], mode: Mode
) -> None:
    made = told(OPEN + rule, telling, mode)
    assert ways(made) == ways_told
    assert len(made.untold) == len(untold)
    for said, wanted in zip(made.untold, untold, strict=True):
        assert said.startswith(wanted)
        assert said in explain.story(made)


@pytest.mark.parametrize(
    ("assign", "bell", "now", "ways_told"),
    [
        ("user ana@example.com", "at work", SUNDAY, ["task"]),
        ("user ana@example.com", "at work", SUNDAY + timedelta(days=1), ["task", "notify"]),
        ("user ana@example.com", "always", SUNDAY, ["task", "notify"]),
        ("user bob@example.com", "at work", SUNDAY, ["task", "notify"]),
    ],
)
def test_nobody_is_rung_outside_the_hours_that_a_pool_knows(
    assign: str, bell: Bell, now: datetime, ways_told: list[str]
) -> None:
    text = f"- rule: A\n  assign: {assign}\n{DAY}"
    made = told(text, Telling(bell=bell), now=now)
    assert ways(made) == ways_told
    assert made.untold == (() if "notify" in ways_told else (
        "No notification: Ana is not at work (outside working hours), and your settings ring nobody then.",
    ))  # fmt: skip


def test_a_rule_may_ring_at_work_alone_or_all_the_time_whatever_the_install_chose() -> None:
    at_work = told(OPEN + "  notify: at work\n" + DAY)
    assert (ways(at_work), len(at_work.untold)) == (["task"], 1)
    assert "your rule “A”" in at_work.untold[0]
    assert ways(told(OPEN + "  notify: true\n" + DAY, Telling(bell="at work"))) == ["task", "notify"]


@pytest.mark.parametrize("text", ["- rule: A\n  assign: keep\n", '- rule: A\n  assign: queue "Inbound"\n'])
def test_a_queue_and_who_keeps_a_lead_are_not_told_and_only_the_queue_is_explained(text: str) -> None:
    made = told(text)
    assert ways(made) == []
    assert made.untold == ((f"Nobody is told: {INBOX.name} is a queue.",) if "queue" in text else ())


def test_in_observe_nobody_is_told_and_that_needs_no_reason() -> None:
    made = told(OPEN, SILENT, "observe")
    assert (made.actions, made.untold) == ((), ())


@pytest.mark.parametrize(
    ("own", "telling", "language"),
    [
        ("", USUAL, "en"), ("fr-CA", USUAL, "fr"), ("ja", USUAL, "en"), ("", Telling(language="pt_BR"), "pt_BR"),
        ("ja", Telling(language="de"), "de"), ("en-US", Telling(language="de"), "en"),
        ("fr", Telling(language="de", one_language=True), "de"), ("de", Telling(one_language=True), "en"),
    ],
)  # fmt: skip
def test_people_are_told_in_their_own_language_else_in_the_installs_or_always_in_that(
    own: str, telling: Telling, language: str
) -> None:
    made = told(OPEN, telling, language=own)
    assert made.language == language
    with catalogue.speaking(language):
        wanted = explain.story(made)
    assert explain.story(made) == wanted
    assert made.route.reason in wanted
    reminder = escalation(told(OPEN + "  escalate: {after: 1 hour, remind: true}\n", telling), 0,
                          {ANA.id: replace(ANA, language=own)}, SUNDAY, telling=telling)  # fmt: skip
    assert reminder.language == language


@pytest.mark.parametrize("mode", ["act", "observe"])
def test_where_nobody_gets_the_lead_the_audit_is_in_the_installs_language(mode: Mode) -> None:
    made = told(
        "- rule: A\n  when: lead.country is France\n  assign: user ana@example.com\n", Telling(language="de"), mode
    )
    assert made.language == "de"
    assert made.route.reason in audit.entry(made).story
    assert audit.entry(made).title.endswith("niemand")


def test_a_replay_goes_by_what_was_chosen_then_also_from_the_audit_alone() -> None:
    chosen = Telling(task=False, bell="at work", reminders="task", language="es", one_language=True)
    made = told(OPEN + DAY, chosen)
    read = detail.read(audit.detail(made), USERS)
    assert read.basis is not None
    assert (read.basis.telling, read.untold) == (chosen, made.untold)
    for then in (made, read):
        again = replay(then, ruleset(OPEN + DAY), USERS)
        assert again.same, again
    forged = replace(made, basis=replace(made.basis, telling=USUAL)) if made.basis else made
    assert [each.what for each in replay(forged, ruleset(OPEN + DAY), USERS).differences] == ["actions"]


@pytest.mark.parametrize(
    ("reminders", "ways_told", "untold"),
    [
        ("both", ["task", "notify"], ()),
        ("task", ["task"], ("No notification: ",)),
        ("notification", ["notify"], ("No task: ",)),
    ],
)
def test_a_rule_that_reminds_or_tells_is_never_silenced(
    reminders: str, ways_told: list[str], untold: tuple[str, ...]
) -> None:
    made = told(OPEN + "  escalate: {after: 1 hour, remind: true}\n", SILENT)
    people: dict[str, User] = {ANA.id: ANA}
    reminder = escalation(made, 0, people, SUNDAY, telling=replace(SILENT, reminders=reminders))  # type: ignore[arg-type]
    assert ways(reminder) == ways_told
    assert tuple(each[: len(begin)] for each, begin in zip(reminder.untold, untold, strict=True)) == untold
