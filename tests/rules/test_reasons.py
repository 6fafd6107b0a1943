"""What people are told about a routing: the sentence for every way to take a lead, and who was passed over and why."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from rules import explain
from rules.calendar import window
from rules.model import Decision, Past, Workload
from rules.parts import TargetKind
from rules.wording.words import SENTENCES
from tests.rules.make import ANA, BOB, CARLA, NOW, USERS, account, decided, lead, scene

WAYS = [each for each in get_args(TargetKind) if each != "territory"]
POOL_WAYS = [f"pool.{how}" for how in ("stays", "fewest", "fit", "account", "held")]


def test_every_way_to_take_a_lead_has_its_sentences() -> None:
    for beginning in ("reason", "instead", "taken"):
        assert {f"{beginning}.{way}" for way in [*WAYS, *POOL_WAYS]} <= SENTENCES.keys()


def assigned(target: str, rest: str = "", **decide: Any) -> Decision:
    who = decide.pop("who", lead(email="x@acme.com"))
    return decided(who, scene(f"- rule: A\n  assign: {target}\n{rest}"), **decide)


OPEN: dict[str, Any] = {"opportunity.id": "O1", "opportunity.name": "Renewal", "opportunity.owner_id": CARLA.id}
ACME = account(name="Acme", website="acme.com", owner=BOB.id, parent_owner_id=CARLA.id, **OPEN)
TWO = "[{user: ana@example.com, skills: [fr]}, {user: bob@example.com, skills: [de]}]"
LANDS = """
- territory: EMEA
  rows: |
    country,assign
    FR,pool "P"
    DE,bob@example.com
- pool: P
  members: [ana@example.com]
"""


@pytest.mark.parametrize(
    ("target", "rest", "decide", "reason"),
    [
        (
            "parent owner",
            "",
            {"accounts": [ACME]},
            "to the owner of the account's parent; Carla owns the parent of Acme.",
        ),
        ("opportunity owner", "", {"accounts": [ACME]}, "to the owner of the open opportunity; Carla owns Renewal."),
        ("previous assignee", "", {"past": Past((ANA.id, BOB.id))}, "to whoever had them before; that is Bob."),
        (
            "pool P",
            f"- pool: P\n  members: {TWO}\n  by: fewest open leads\n",
            {"work": Workload({ANA.id: 3, BOB.id: 1})},
            "to the pool P; Bob had the fewest open leads.",
        ),
        (
            "pool P",
            f"- pool: P\n  members: {TWO}\n  by: best fit\n",
            {"who": lead(language="de")},
            "to the pool P; Bob's skills fit best.",
        ),
        (
            "pool P",
            f"- pool: P\n  members: {TWO}\n  sticky: account\n",
            {"past": Past(neighbours=(CARLA.id, BOB.id))},
            "to the pool P; Bob of that pool has a lead of the same account.",
        ),
        (
            "territory EMEA",
            LANDS,
            {"who": lead(country="France")},
            "by the row “FR” of the territory EMEA; it was Ana's turn in the pool P.",
        ),
        (
            "territory EMEA",
            LANDS,
            {"who": lead(country="Germany")},
            "by the row “DE” of the territory EMEA; that is Bob.",
        ),
    ],
)
def test_the_reason_says_how_the_lead_came_to_its_taker(
    target: str, rest: str, decide: dict[str, Any], reason: str
) -> None:
    decision = assigned(target, rest, **decide)
    assert decision.route.reason == f"Your rule “A” gives all leads {reason}"


def test_a_territory_that_is_asked_instead_names_its_row() -> None:
    text = "\n  otherwise: territory EMEA" + LANDS
    decision = assigned("account owner", text.lstrip("\n"), who=lead(country="Germany"))
    assert decision.route.reason == (
        "Your rule “A” first tries the account owner, but no account is matched for certain. "
        "So the lead goes by the row “DE” of the territory EMEA; that is Bob."
    )


CAPPED = """
- pool: P
  members: [{user: bob@example.com, cap: 2 per day, open leads: 5}]
- pool: Q
  members: [carla@example.com]
"""


def got(count: int) -> dict[str, Any]:
    row = {"due": 0, "got": count, "entitled": 0, window("day", NOW, "UTC"): count}
    return {"P": {BOB.id: row}}


@pytest.mark.parametrize(
    ("decide", "why"),
    [
        ({"rotation": got(2)}, "Bob may not take more leads now (has had 2 per day)"),
        ({"work": Workload({BOB.id: 5})}, "Bob may not take more leads now (has 5 open leads, the limit is 5)"),
        ({"past": Past(refused=frozenset({BOB.id}))}, "Bob has had this lead and must not get it again now"),
    ],
)
def test_an_owner_at_a_cap_is_passed_over(decide: dict[str, Any], why: str) -> None:
    decision = assigned("account owner", "  otherwise: pool Q\n" + CAPPED, accounts=[ACME], **decide)
    assert decision.route.refused == (("account owner", why),)
    assert decision.route.assignee == CARLA
    assert f"      not to the account owner: {why}" in explain.story(decision, USERS).splitlines()


def test_an_owner_who_has_room_in_one_of_their_pools_is_not_full() -> None:
    two = CAPPED.replace("members: [carla@example.com]", "members: [bob@example.com]")
    decision = assigned("account owner", two, accounts=[ACME], rotation=got(2))
    assert decision.route.assignee == BOB
    below = assigned("account owner", CAPPED, accounts=[ACME], rotation=got(1))
    assert below.route.assignee == BOB


def test_who_is_paused_in_their_only_pool_gets_no_leads_by_name_either() -> None:
    text = "  otherwise: user carla@example.com\n- pool: P\n  members: [{user: bob@example.com, paused: true}]\n"
    decision = assigned("user bob@example.com", text)
    assert decision.route.refused == (('user "bob@example.com"', "Bob may not take more leads now (paused)"),)


def test_hours_do_not_keep_an_account_from_its_owner() -> None:
    text = '- pool: P\n  members: [{user: bob@example.com, hours: "Mon-Fri 13:00-18:00 UTC"}]\n'
    assert assigned("account owner", text, accounts=[ACME]).route.assignee == BOB


def test_the_story_tells_who_of_a_pool_was_passed_over() -> None:
    text = "- pool: P\n  members: [gustavo@example.com, ana@example.com]\n"
    told = explain.story(assigned("pool P", text), USERS).splitlines()
    assert "      not to Gustavo: not active" in told
    assert "Turn: Ana in the pool P; 1 received by now, 1.0 due by weight." in told
