"""A pool as a form: what it shows, what it writes, and that the rest of the text stays to the letter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.desk import pool_forms, rule_words
from connector.desk.pool_forms import MemberRow, PoolForm
from connector.desk.rule_goals import Goal
from connector.desk.rule_starters import STARTERS
from rules.parts import Pool

POOL = """\
# who takes what Europe asks
- pool: EMEA "east"
  by: fewest open leads
  members:
    # the first
    - {user: ana@example.com, weight: 2, cap: [10 per day, 40 per week], when: [lead.country is France]}  # since May
    - bob@example.com
    - user: cem@example.com
      # by contract
      hours: "Mon-Fri 09:00-18:00 Europe/Paris"
      absent: 2026-12-24
      skills: [fr, security]
    # - {user: dee@example.com}

  # nobody there
  overflow: [pool "EMEA all", queue "Inbound"]  # last
  hold: 1 day
  cap: 100 per day
"""


def form(text: str = POOL) -> PoolForm:
    found = pool_forms.form_of(text)
    assert found is not None
    return found


def pool(text: str) -> Pool:
    part = rule_words.item(text).part
    assert isinstance(part, Pool), rule_words.item(text).faults
    return part


def test_the_form_shows_the_pool_and_names_what_it_cannot() -> None:
    found = form()
    ana, bob, cem = found.members
    assert (found.name, found.by, found.cap) == ('EMEA "east"', "fewest open leads", "100 per day")
    assert found.overflow == (Goal("pool", "EMEA all"), Goal("queue", "Inbound"))
    assert found.kept == ("hold",)
    assert (ana.user, ana.weight, ana.cap, ana.kept) == ("ana@example.com", "2", "10 per day, 40 per week", ("when",))
    assert (bob.user, bob.weight, bob.hours, bob.kept) == ("bob@example.com", "1", "", ())
    assert (cem.hours, cem.zone, cem.skills) == ("Mon-Fri 09:00-18:00", "Europe/Paris", "fr, security")
    assert cem.kept == ("absent",)


@pytest.mark.parametrize("text", [POOL, STARTERS["pool"], "{pool: A, members: [a@b.co, {user: c@d.co}]}\n"])
def test_what_is_not_changed_stays_to_the_letter(text: str) -> None:
    assert pool(pool_forms.text_of(form(text), text)) == pool(text)
    if "{pool" not in text:
        assert pool_forms.text_of(form(text), text) == text


def test_only_the_line_of_the_member_that_was_changed_is_written_anew() -> None:
    found = form()
    bob = replace(found.members[1], weight="3", cap="5 per day", hours="Mon-Fri 9-17", zone="America/New_York")
    told = pool_forms.text_of(replace(found, members=(found.members[0], bob, found.members[2])), POOL)
    line = "    - {user: bob@example.com, weight: 3, cap: 5 per day, hours: Mon-Fri 9-17 America/New_York}\n"
    assert told == POOL.replace("    - bob@example.com\n", line)


def test_what_only_the_text_shows_of_a_member_stays_when_they_are_changed() -> None:
    found = form()
    ana = replace(found.members[0], weight="1", cap="7 per day", skills="fr, de")
    cem = replace(found.members[2], zone="Europe/Berlin", open_leads="20", skills="")
    told = pool_forms.text_of(replace(found, members=(ana, cem)), POOL)
    first, last = pool(told).members
    assert (first.weight, str(first.caps[0]), first.skills, len(first.when)) == (1, "7 per day", ("fr", "de"), 1)
    assert (last.hours and last.hours.zone, last.open_leads, last.skills) == ("Europe/Berlin", 20, ())
    assert last.absent == pool(POOL).members[2].absent
    assert "      # by contract\n" in told
    assert "    # - {user: dee@example.com}\n" in told
    assert told.count("# nobody there") == 1


def test_a_pool_is_made_from_nothing_but_its_boxes() -> None:
    wanted = PoolForm(
        name="Sales: north",
        by="best fit",
        members=(
            MemberRow("ana@example.com", "1"),
            MemberRow("bob@example.com", "2", "10 per day, 30 per week", "20", "Mon-Fri 09:00-18:00", "Europe/Paris"),
            MemberRow(),
        ),
        open_leads="50",
        hours="24/7",
        overflow=(Goal("keep"),),
    )
    base = STARTERS["pool"]
    told = pool_forms.text_of(wanted, base)
    made = pool(told)
    assert (made.name, made.by, made.open_leads, [each.user for each in made.members]) == (
        "Sales: north", "best fit", 50, ["ana@example.com", "bob@example.com"],
    )  # fmt: skip
    assert [str(each) for each in made.members[1].caps] == ["10 per day", "30 per week"]
    assert "- ana@example.com\n" in told
    assert str(made.members[1].hours) == "Mon-Fri 09:00-18:00 Europe/Paris"
    assert [str(each) for each in made.overflow] == ["keep"]
    assert pool_forms.text_of(form(told), told) == told


def test_what_is_emptied_leaves_the_text() -> None:
    emptied = replace(form(), by="turns", cap="", overflow=(), members=(form().members[1],))
    told = pool_forms.text_of(emptied, POOL)
    assert [key for key in ("by:", "cap:", "overflow:") if key in told] == []
    assert pool(told).members[0].user == "bob@example.com"
    assert "  hold: 1 day\n" in told


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (MemberRow("ana", "1"), "ana"),
        (MemberRow("ana@example.com", "two"), "weight"),
        (MemberRow("ana@example.com", "1", "ten a day"), "cap"),
        (MemberRow("ana@example.com", "1", hours="", zone="Mars/Olympus"), "There is no time zone"),
        (MemberRow("a@b.co}, {user: c@d.co", "1"), ""),
    ],
)
def test_what_is_typed_wrong_is_written_and_told_by_its_line(row: MemberRow, fault: str) -> None:
    read = rule_words.item(pool_forms.text_of(replace(form(), members=(row,)), POOL))
    (told,) = read.faults
    assert fault in told.message
    assert told.line == 6


def test_other_items_have_no_form_of_a_pool() -> None:
    assert pool_forms.form_of("- rule: A\n  assign: keep\n") is None
    assert pool_forms.form_of("- pool: A\n  members: []\n") is None
    assert pool_forms.form_of("") is None


COMMENTED = """\
- pool: South  # of the Alps
  cap: 9 per day  # agreed in May
  members:  # by seniority
    - {user: ana@example.com, weight: 2}  # back in June
    - bob@example.com  # part time
    - user: cem@example.com  # by contract
      weight: 3  # until spring
    - {
        user: dee@example.com,  # the new one
        weight: 4,  # for a month
      }  # on trial
"""


@pytest.mark.parametrize(
    ("number", "change", "lines"),
    [
        (0, {"weight": "5"}, ["    - {user: ana@example.com, weight: 5}  # back in June"]),
        (0, {"weight": "1"}, ["    - ana@example.com  # back in June"]),
        (0, {"cap": "3 per day"}, ["    - {user: ana@example.com, weight: 2, cap: 3 per day}  # back in June"]),
        (1, {"weight": "2"}, ["    - {user: bob@example.com, weight: 2}  # part time"]),
        (1, {"user": "bo@example.com"}, ["    - bo@example.com  # part time"]),
        (2, {"weight": "4"}, ["    - user: cem@example.com  # by contract", "      weight: 4  # until spring"]),
        (3, {"weight": "9"}, ["        user: dee@example.com,  # the new one", "        weight: 9,  # for a month"]),
        (3, {"cap": "1 per day"}, ["    - {user: dee@example.com, weight: 4, cap: 1 per day}  # on trial"]),
    ],
)
def test_a_comment_in_the_line_of_a_member_stays_when_they_are_changed(
    number: int, change: dict[str, Any], lines: list[str]
) -> None:
    found = form(COMMENTED)
    members = [replace(each, **change) if place == number else each for place, each in enumerate(found.members)]
    told = pool_forms.text_of(replace(found, members=tuple(members)), COMMENTED)
    assert "\n".join(lines) in told
    assert told.splitlines()[:3] == COMMENTED.splitlines()[:3]
    others = [line for line in COMMENTED.splitlines() if "#" in line and number != 3]
    assert all(line.partition("#")[2] in told for line in others)
    assert len(pool(told).members) == len(found.members)


def test_a_comment_behind_a_value_of_the_pool_stays_when_it_is_another() -> None:
    told = pool_forms.text_of(replace(form(COMMENTED), cap="7 per day"), COMMENTED)
    assert told == COMMENTED.replace("9 per day", "7 per day")
