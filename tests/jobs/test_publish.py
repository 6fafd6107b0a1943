"""Publishing, drafts, editions and the way back to them, through the drain on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from connector.errors import Refused
from connector.rows import RuleRow
from connector.store import editions, rulesets
from connector.store.editions import Edition
from jobs import publish as publishing
from jobs import rulebook
from jobs.publish import Moved, Proposal, Red
from rules.ruleset import Item, RuleSetError, Source, join, split
from tests.jobs.conftest import RULES, House
from tests.jobs.killing import Killed

POOL = "- pool: Sales\n  members: [ana@example.com, bob@example.com]\n"
ALL = '- rule: All\n  assign: pool "Sales"\n'
SPAIN = '- rule: Spain\n  when: [lead.country is Spain]\n  assign: user "ana@example.com"\n'
GREEN = "- test: Spain is Ana's\n  lead: {country: Spain}\n  expect: {rule: Spain, assignee: ana@example.com}\n"
RED = "- test: Spain is Bob's\n  lead: {country: Spain}\n  expect: {assignee: bob@example.com}\n"


def propose(house: House, text: str, *, tests: Sequence[Source] = ()) -> Proposal:
    return publishing.propose(house.crm, split(text), tests=tests)


def publish(house: House, text: str | Proposal, *, by: str = "Kim", note: str = "") -> None:
    """Publish, and have it go live."""
    proposal = propose(house, text) if isinstance(text, str) else text
    seal, install = house.keyring.seal(house.install.key), house.install.id
    publishing.publish(house.database, install, seal, house.crm, proposal, by=by, note=note, clock=lambda: house.now)
    house.later(minutes=1)
    house.drain()


def kept(house: House) -> list[Edition]:
    with house.database.read() as connection:
        return editions.of(connection, house.install.id, house.keyring.seal(house.install.key))


def live(house: House) -> str:
    rows = [row for row in house.crm.rules() if row.state == "live"]
    return join(publishing.items_of(rows))


def edit(house: House, name: str, **values: str) -> None:
    """A person edits a record in the CRM, and the change is told."""
    house.crm.rule_rows = [
        replace(row, **values) if row.name == name else row  # type: ignore[arg-type]
        for row in house.crm.rule_rows
    ]
    house.later(minutes=1)
    house.post(house.event("r", kind="rule", change="updated"))
    house.drain()


def test_the_first_rules_are_the_first_edition(house: House) -> None:
    (first,) = kept(house)
    assert (first.number, first.by, first.note, first.at) == (1, "", "", house.now)
    assert join(publishing.items_of_edition(first)) == join(split(RULES))


def test_what_is_published_is_kept_with_who_when_and_why(house: House) -> None:
    publish(house, SPAIN + ALL + POOL + GREEN, by="Kim", note="Spain opens")
    newest, first = kept(house)
    assert (newest.number, newest.by, newest.note, newest.at) == (2, "Kim", "Spain opens", house.now)
    assert newest.version != first.version
    assert join(publishing.items_of_edition(newest)) == live(house)


def test_an_edit_in_the_crm_is_an_edition_of_nobody(house: House) -> None:
    publish(house, ALL + POOL)
    edit(house, "Sales", definition=POOL.replace(", bob@example.com", ""))
    newest = kept(house)[0]
    assert (newest.number, newest.by, newest.note) == (3, "", "")


def test_reading_the_rules_again_makes_no_edition(house: House) -> None:
    publish(house, ALL + POOL)
    edit(house, "Sales", definition="# why\n" + POOL)
    assert len(kept(house)) == 2


def test_an_edit_in_the_crm_that_a_test_forbids_goes_not_live_and_its_record_says_so(house: House) -> None:
    publish(house, SPAIN + ALL + POOL + GREEN)
    edit(house, "Spain", definition=SPAIN.replace("country is Spain", "country is Portugal"))
    (red,) = [row for row in house.crm.rule_rows if row.error]
    assert red.kind == "test"
    assert "fails: expected" in red.error
    assert len(kept(house)) == 2
    edit(house, "Spain", definition=SPAIN)
    assert not any(row.error for row in house.crm.rule_rows)


def test_a_faulty_edit_is_no_edition(house: House) -> None:
    edit(house, "Everyone", definition="- pool: Everyone\n  members: []\n")
    assert len(kept(house)) == 1


def test_an_earlier_edition_comes_back_as_a_new_one(house: House) -> None:
    before = live(house)
    publish(house, SPAIN + ALL + POOL)
    first = kept(house)[-1]
    items = publishing.items_of_edition(first)
    publish(house, publishing.propose(house.crm, items), by="Ana", note="back to 1")
    newest = kept(house)[0]
    assert (newest.number, newest.version, newest.by, newest.note) == (3, first.version, "Ana", "back to 1")
    assert live(house) == before
    records = {(row.name, row.state) for row in house.crm.rules()}
    assert {("Spain", "draft"), ("All", "draft"), ("Sales", "draft")} <= records, "nothing was deleted"


def test_a_record_that_comes_back_is_the_same_record(house: House) -> None:
    ids = {row.name: row.id for row in house.crm.rules()}
    publish(house, ALL + POOL)
    publish(house, RULES)
    assert {row.name: row.id for row in house.crm.rules() if row.state == "live"} == ids


def test_a_red_test_publishes_nothing(house: House) -> None:
    before = house.crm.rules()
    with pytest.raises(Red, match="1 of 2 tests failed"):
        publish(house, SPAIN + ALL + POOL + GREEN + RED)
    with pytest.raises(Red):
        publish(house, propose(house, SPAIN + ALL + POOL, tests=[Source("more.yaml", RED)]))
    assert (house.crm.rules(), len(kept(house))) == (before, 1)


def test_a_fault_is_told_with_its_record(house: House) -> None:
    with pytest.raises(RuleSetError, match=r"rules.yaml: All.*pool “Sales”"):
        publishing.propose(house.crm, split(ALL), name="rules.yaml")


def test_a_proposal_tells_what_it_changes(house: House) -> None:
    publish(house, SPAIN + ALL + POOL)
    proposal = propose(house, ALL + POOL.replace("bob", "cem"))
    assert [(change.how, change.name) for change in proposal.changed] == [("removed", "Spain"), ("changed", "Sales")]
    assert (proposal.written, proposal.retired) == (2, 1)


def test_what_somebody_edits_between_proposal_and_publishing_is_not_overwritten(house: House) -> None:
    proposal = propose(house, ALL + POOL)
    edit(house, "Everyone", definition="- pool: Everyone\n  members: [ana@example.com]\n")
    with pytest.raises(Moved):
        publish(house, proposal)
    assert len(kept(house)) == 2


def test_a_crm_that_refuses_the_records_leaves_who_wanted_it_out_of_the_history(house: House) -> None:
    def refuse(call: str) -> None:
        if call == "put_rules":
            raise Refused("No.")

    house.crm.before = refuse
    with pytest.raises(Refused):
        publish(house, ALL + POOL)
    house.crm.before = lambda _call: None
    edit(house, "Everyone", definition="- pool: Everyone\n  members: [ana@example.com]\n")
    assert [each.by for each in kept(house)] == ["", ""]


def test_a_broken_record_is_mended_by_publishing(house: House) -> None:
    edit(house, "Everyone", definition="- pool: [")
    with pytest.raises(RuleSetError, match="Everyone"):
        publishing.items_of(house.crm.rules())
    publish(house, RULES)
    assert live(house) == join(split(RULES))


def die_at(house: House, number: int) -> None:
    """The publisher is killed ahead of its call of this number that writes records."""
    calls = iter(range(1, 99))

    def die(call: str) -> None:
        if call == "put_rules" and next(calls) == number:
            raise Killed

    house.crm.before = die


def hear(house: House) -> None:
    """Somebody's change of a rule record is told."""
    house.crm.before = lambda _call: None
    house.later(seconds=1)
    house.post(house.event("r", kind="rule", change="updated"))
    house.drain()


def fault(house: House) -> str:
    with house.database.read() as connection:
        found = rulesets.get(connection, house.install.id, house.keyring.seal(house.install.key))
    return found.fault if found else ""


def write_part(house: House, proposal: Proposal, names: set[str]) -> None:
    """A publisher is killed when of the records that are to be live only some are written."""
    put = house.crm.put_rules

    def part(rows: Sequence[RuleRow]) -> tuple[str, ...]:
        if all(row.state == "draft" for row in rows):
            return put(rows)
        put([row for row in rows if row.name in names])
        raise Killed

    house.crm.put_rules = part  # type: ignore[method-assign]
    with pytest.raises(Killed):
        publish(house, proposal)
    house.crm.put_rules = put  # type: ignore[method-assign]


@pytest.mark.parametrize("call", [1, 2])
def test_a_publisher_killed_at_any_call_leaves_the_live_records_as_they_were(house: House, call: int) -> None:
    before = live(house)
    die_at(house, call)
    with pytest.raises(Killed):
        publish(house, SPAIN + ALL + POOL)
    hear(house)
    assert (live(house), len(kept(house)), fault(house)) == (before, 1, "")
    assert publishing.propose_drafts(house.crm).rows == (), "what it left is nobody's draft"
    publish(house, SPAIN + ALL + POOL)
    assert live(house) == join(split(SPAIN + ALL + POOL))
    assert (kept(house)[0].by, [row.name for row in house.crm.rules()].count("Spain")) == ("Kim", 1)


def test_half_of_what_is_being_published_does_not_go_live(house: House) -> None:
    publish(house, SPAIN + ALL + POOL)
    write_part(house, propose(house, SPAIN.replace("ana@", "bob@") + ALL + POOL.replace("bob", "cem")), {"Spain"})
    hear(house)
    assert (len(kept(house)), fault(house)) == (2, rulebook.HALFWAY)
    publish(house, SPAIN.replace("ana@", "bob@") + ALL + POOL.replace("bob", "cem"))
    assert (len(kept(house)), kept(house)[0].by, fault(house)) == (3, "Kim", "")


def test_half_of_it_that_is_not_valid_is_held_against_no_record(house: House) -> None:
    publish(house, SPAIN + ALL + POOL)
    moved = SPAIN + ALL.replace("Sales", "Desk") + POOL.replace("Sales", "Desk")
    write_part(house, propose(house, moved), {"All"})
    hear(house)
    assert (len(kept(house)), fault(house)) == (2, rulebook.HALFWAY)
    assert not any(row.error for row in house.crm.rules())


def test_records_that_stay_half_written_are_as_good_as_edited_after_a_while(house: House) -> None:
    publish(house, SPAIN + ALL + POOL)
    write_part(house, propose(house, SPAIN.replace("ana@", "bob@") + ALL + POOL.replace("bob", "cem")), {"Spain"})
    hear(house)
    house.later(minutes=3)
    house.drain()
    assert (len(kept(house)), kept(house)[0].by, fault(house)) == (3, "", "")


def test_an_edit_right_after_a_publish_is_live_at_once(house: House) -> None:
    publish(house, SPAIN + ALL + POOL)
    for number, text in enumerate((POOL.replace("bob", "cem"), POOL.replace(", bob@example.com", "")), start=3):
        house.later(seconds=-59)
        edit(house, "Sales", definition=text)
        assert (len(kept(house)), fault(house)) == (number, "")


@pytest.mark.parametrize("change", [{"position": 999}, {"name": "Another"}, {"kind": "list"}])
def test_records_that_were_moved_or_renamed_since_the_proposal_are_noticed(
    house: House, change: dict[str, object]
) -> None:
    proposal = propose(house, ALL + POOL)
    first, *others = house.crm.rule_rows
    house.crm.rule_rows = [replace(first, **change), *others]  # type: ignore[arg-type]
    with pytest.raises(Moved):
        publish(house, proposal)


def test_a_record_that_is_retired_while_the_rules_are_read_stays_nobodys_draft(house: House) -> None:
    publish(house, SPAIN + ALL + POOL)
    house.crm.rule_rows = [
        replace(row, version="" if row.state == "live" else row.version) for row in house.crm.rules()
    ]
    proposal, calls = propose(house, ALL + POOL), iter(range(9))

    def retire(call: str) -> None:
        if call in {"rules", "mark_rules"} and next(calls) == 1:
            house.crm.before = lambda _call: None
            house.crm.put_rules(proposal.rows)

    house.crm.before = retire
    house.post(house.event("r", kind="rule", change="updated"))
    house.drain()
    assert {row.name: row.state for row in house.crm.rules()}["Spain"] == "draft"
    assert publishing.propose_drafts(house.crm).rows == ()


def draft(house: House, *items: Item, position: int = 500) -> None:
    """A person makes draft records."""
    for number, item in enumerate(items):
        row = RuleRow(item.name, item.kind, position + number, item.text, state="draft", id=f"d{number}")
        house.crm.rule_rows.append(row)


def test_drafts_go_live_together_instead_of_what_they_override(house: House) -> None:
    publish(house, SPAIN + ALL + POOL)
    draft(
        house, *split(POOL.replace("bob", "cem") + "- rule: Chile\n  when: [lead.country is Chile]\n  assign: keep\n")
    )
    whole = join(publishing.items_of(publishing.drafted(house.crm.rules())))
    assert "cem@example.com" in whole
    assert "bob@example.com" not in whole
    publish(house, publishing.propose_drafts(house.crm), note="from drafts")
    assert live(house) == whole
    assert kept(house)[0].note == "from drafts"
    assert not any(publishing.is_draft(row) for row in house.crm.rules())
    assert house.crm.rules()[-1].name == "Chile"


def test_drafts_that_do_not_fit_the_live_rules_change_nothing(house: House) -> None:
    draft(house, *split('- rule: Chile\n  assign: pool "Nobody"\n'))
    before = house.crm.rules()
    with pytest.raises(RuleSetError, match="Chile"):
        publishing.propose_drafts(house.crm)
    assert house.crm.rules() == before


def test_what_was_retired_is_no_draft_until_somebody_edits_it(house: House) -> None:
    publish(house, SPAIN + ALL + POOL)
    publish(house, ALL + POOL)
    assert publishing.propose_drafts(house.crm).rows == ()
    edit(house, "Spain", definition=SPAIN.replace("is Spain", "is Portugal"))
    assert [row.name for row in publishing.propose_drafts(house.crm).rows] == ["Spain"]


def test_publishing_a_text_leaves_other_peoples_drafts_alone(house: House) -> None:
    draft(house, *split(SPAIN))
    publish(house, SPAIN.replace("ana@", "bob@") + ALL + POOL)
    (mine,) = [row for row in house.crm.rules() if publishing.is_draft(row)]
    assert mine.definition == SPAIN
    assert "bob@example.com" in live(house)
