"""The mapping of fields through the drain: published as one record, in force, rolled back, rebuilt from the CRM."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.fieldtable import CrmField
from connector.index import Index
from connector.rows import RuleRow
from connector.store import editions, progress
from jobs import fieldnames
from jobs import publish as publishing
from jobs.fieldnames import Unfit
from jobs.publish import Proposal
from rules.model import Kind, Record
from rules.ruleset import RuleSetError
from tests.jobs.conftest import House

OFFERED: dict[Kind, tuple[CrmField, ...]] = {
    "lead": (
        CrmField("Product_Line__c", "Product line", "picklist", "text", {"Pumps": "Pumps"}, restricted=True),
        CrmField("Score__c", "Score", "number", "number"),
        CrmField("Industry", "Industry", "picklist", "text", {"Banking": "Banking"}),
    ),
    "account": (CrmField("Employees_Global__c", "Employees", "number", "number"),),
}
PUMPS = RuleRow(
    "Pumps", "rule", -5, '- rule: Pumps\n  when: [lead.product is Pumps]\n  assign: user "bob@example.com"\n', id="r9"
)


@pytest.fixture
def mapped_house(house: House) -> House:
    house.crm.offered = dict(OFFERED)
    return house


def choose(house: House, **wanted: str) -> Proposal | None:
    """Publish a choice of fields (``lead_product`` is lead.product), and have it go live."""
    proposal = fieldnames.propose(house.crm, {name.replace("_", ".", 1): api for name, api in wanted.items()})
    if proposal is not None:
        seal, install = house.keyring.seal(house.install.key), house.install.id
        publishing.publish(house.database, install, seal, house.crm, proposal, by="Kim", clock=lambda: house.now)
        house.later(minutes=1)
        house.drain()
    return proposal


def record(house: House) -> RuleRow | None:
    return next((row for row in house.crm.rules() if row.kind == "fields" and row.state == "live"), None)


def indexed(house: House, account_id: str) -> Record:
    with house.database.read() as connection:
        index = Index(connection, house.install.id, house.keyring.seal(house.install.key))
        return index.get("account", [account_id])[account_id]


def test_a_choice_is_one_record_and_the_others_stay_as_they_are(mapped_house: House) -> None:
    house = mapped_house
    others = house.crm.rules()
    proposal = choose(house, lead_product="PRODUCT_LINE__C", lead_score="Score__c")
    assert proposal is not None
    assert (proposal.written, proposal.retired) == (1, 0)
    row = record(house)
    assert row is not None
    assert row.definition == "- fields:\n    lead.product: Product_Line__c\n    lead.score: Score__c\n"
    assert (row.error, bool(row.version)) == ("", True)
    kept = {each.id: each.definition for each in house.crm.rules() if each.kind != "fields"}
    assert kept == {each.id: each.definition for each in others}


def test_a_lead_is_routed_by_the_field_that_was_chosen(mapped_house: House) -> None:
    house = mapped_house
    house.crm.rule_rows = [*house.crm.rules(), PUMPS]
    choose(house, lead_product="Product_Line__c")
    house.lead("l1", Product_Line__c="Pumps")
    house.post(house.event("l1"))
    house.drain()
    assert house.owner("l1") == "u2"


def test_accounts_are_read_again_when_another_field_stands_behind_a_name(mapped_house: House) -> None:
    house = mapped_house
    house.account("a1", name="Big", employees=3, Employees_Global__c=5000)
    house.post(house.event("a1", kind="account"))
    house.drain()
    assert indexed(house, "a1").fields["employees"] == 3
    choose(house, account_employees="Employees_Global__c")
    house.drain()
    assert indexed(house, "a1").fields["employees"] == 5000
    with house.database.read() as connection:
        states = {each.name: each.state for each in progress.of(connection, house.install.id)}
    assert states["backfill:account"] == "done"


def test_the_usual_field_comes_back_by_an_empty_choice(mapped_house: House) -> None:
    house = mapped_house
    choose(house, lead_product="Product_Line__c", lead_score="Score__c")
    choose(house, lead_product="")
    row = record(house)
    assert row is not None
    assert row.definition == "- fields:\n    lead.score: Score__c\n"
    choose(house, lead_score="")
    assert record(house) is None
    assert house.crm.names == {}
    choose(house, lead_score="Score__c")
    kinds = [each.kind for each in house.crm.rules()]
    assert kinds.count("fields") == 1, "a retired record is written again"


def test_a_choice_has_its_place_in_the_history_and_can_be_taken_back(mapped_house: House) -> None:
    house = mapped_house
    choose(house, lead_score="Score__c")
    seal = house.keyring.seal(house.install.key)
    with house.database.read() as connection:
        newest, before = editions.of(connection, house.install.id, seal)
    assert (newest.by, newest.version != before.version) == ("Kim", True)
    items = publishing.items_of_edition(before)
    proposal = publishing.propose(house.crm, items)
    publishing.publish(
        house.database, house.install.id, seal, house.crm, proposal, by="Kim", clock=lambda: house.now
    )  # fmt: skip
    house.later(minutes=1)
    house.drain()
    assert record(house) is None
    assert house.crm.names == {}


def test_what_is_so_already_publishes_nothing(mapped_house: House) -> None:
    house = mapped_house
    choose(house, lead_score="Score__c")
    assert choose(house, lead_score="score__c", lead_product="") is None
    assert choose(house) is None


@pytest.mark.parametrize(
    ("name", "api", "words"),
    [
        ("lead_score", "Product_Line__c", "Product_Line__c: wrong type. Choose another field."),
        ("lead_score", "Nope__c", "Nope__c: missing."),
        ("lead_score", "no such field", "“no such field” is not the API name of a field."),
        ("lead_id", "Score__c", "This is no name that can stand for another field."),
        ("lead_nonsense", "Score__c", "This is no name that can stand for another field."),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    mapped_house: House, name: str, api: str, words: str
) -> None:
    before = mapped_house.crm.rules()
    with pytest.raises(Unfit) as error:
        choose(mapped_house, **{name: api})
    (reason,) = error.value.reasons.values()
    assert words in reason
    assert mapped_house.crm.rules() == before


def test_a_broken_record_is_not_written_over(mapped_house: House) -> None:
    house = mapped_house
    house.crm.rule_rows = [*house.crm.rules(), RuleRow("fields", "fields", 0, "- fields:\n    lead.id: X\n", id="r8")]
    with pytest.raises(Unfit, match=r"lead\.id cannot be another field"):
        choose(house, lead_score="Score__c")
    told = fieldnames.read(house.crm)
    assert "lead.id cannot be another field" in told.fault
    assert told.names == {}
    assert [table.kind for table in told.tables] == ["lead", "account"]


def test_a_rule_set_that_is_not_valid_as_a_whole_takes_no_choice(mapped_house: House) -> None:
    house = mapped_house
    house.crm.rule_rows = [
        replace(row, definition="- rule: X\n  assign: pool Nobody\n") if row.name == "Everyone else" else row
        for row in house.crm.rules()
    ]
    with pytest.raises(RuleSetError, match="Nobody"):
        choose(house, lead_score="Score__c")


def test_values_that_no_record_has_are_told_under_both_names(mapped_house: House) -> None:
    house = mapped_house
    choose(house, lead_product="Product_Line__c")
    both = PUMPS.definition.replace("is Pumps]", "is Motors, lead.product_line__C is Fans, lead.industry is Bankin]")
    house.crm.rule_rows = [*house.crm.rules(), replace(PUMPS, definition=both)]
    said = [each.message for each in fieldnames.read(house.crm).hints]
    assert [text.split(":")[0] for text in said] == ["lead.product", "lead.product_line__C", "lead.industry"]


def test_a_lost_database_finds_the_mapping_in_the_crm_again(mapped_house: House) -> None:
    house = mapped_house
    choose(house, lead_score="Score__c")
    house.crm.names = {}
    with house.database.write() as connection:
        progress.start(connection, house.install.id, "setup", now=house.now)
    house.drain()
    assert house.crm.names == {"lead.score": "Score__c"}
