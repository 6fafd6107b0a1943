"""The item `fields`: which field of the CRM stands behind a name of ours, as text, as values, and in events."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rules import decide as door
from rules.decide import Scene
from rules.field_names import MAPPED, changed_names, fits, of_scope, write
from rules.linting.values import Choices, unknown_values
from rules.matching.profile import profile
from rules.model import Record, User
from rules.ruleset import RuleSet, RuleSetError, Source, beside, load, names_in, split

NAMES = "- fields:\n    lead.product: Product_Line__c\n    account.employees: Employees_Global__c\n"
RULE = "- rule: Pumps\n  when: [lead.product changed]\n  assign: user ana@example.com\n"


def loaded(*texts: str) -> RuleSet:
    return load([Source(f"r{number}", text) for number, text in enumerate(texts)])


def test_names_are_part_of_the_rule_set_and_of_its_version() -> None:
    found = loaded(NAMES, RULE)
    assert found.names == {"lead.product": "Product_Line__c", "account.employees": "Employees_Global__c"}
    assert of_scope(found.names, "lead") == {"product": "Product_Line__c"}
    assert found.version != loaded(RULE).version
    assert loaded(RULE).names == {}
    assert (
        found.version
        == loaded(NAMES.replace("lead.product", "Lead.Product").replace("- f", "# why\n- f"), RULE).version
    )


def test_names_are_written_as_they_are_read_in_the_order_of_the_kinds() -> None:
    text = write([("account.employees", "E__c"), ("lead.score", "S__c"), ("lead.product", "P__c")])
    assert text == "- fields:\n    lead.product: P__c\n    lead.score: S__c\n    account.employees: E__c\n"
    assert loaded(text).names["lead.score"] == "S__c"
    assert write([]) == ""
    (item,) = split(text)
    assert (item.kind, item.text) == ("fields", text)


def test_other_spellings_of_a_name_are_the_name() -> None:
    found = loaded("- fields:\n    account.annual_revenue: Rev__c\n    lead.LeadSource: Origin__c\n")
    assert found.names == {"account.revenue": "Rev__c", "lead.source": "Origin__c"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("lead.prodct: X__c", "“lead.prodct” is no name of ours. Did you mean “lead.product”?"),
        ("lead.id: X__c", "lead.id cannot be another field. Name the other field in rules by its API name."),
        ("lead.status: X__c", "lead.status cannot be another field. Name the other field in rules by its API name."),
        ("account.contacts: X__c", "account.contacts cannot be another field."),
        ("match.status: X__c", "“match.status” is no name of ours."),
        ("lead.score: two words", "This is not the API name of a field."),
        ("lead.score: [A__c]", "This is not the API name of a field."),
        ("lead.score:", "The field must be a text."),
        ("'': X__c", "A name must be a text."),
    ],
)
def test_a_faulty_line_is_told_with_its_place(line: str, words: str) -> None:
    with pytest.raises(RuleSetError) as error:
        loaded(f"- fields:\n    {line}\n")
    (fault,) = error.value.faults
    assert fault.line == 2
    assert words in f"{fault.message} {fault.remedy}"


@pytest.mark.parametrize("text", ["- fields:\n", "- fields: lead.product\n", "- fields: {}\n", "- fields: [a]\n"])
def test_fields_without_a_name_are_a_fault(text: str) -> None:
    with pytest.raises(RuleSetError, match="fields names no field"):
        loaded(text)


def test_a_name_stands_once_and_so_does_the_item() -> None:
    with pytest.raises(RuleSetError, match=r"lead\.score stands here twice"):
        loaded("- fields:\n    lead.score: A__c\n    Lead.Score: B__c\n")
    with pytest.raises(RuleSetError, match="There is another fields"):
        loaded(NAMES, NAMES)


def test_names_are_found_among_records_without_reading_the_others() -> None:
    broken = Source("r", "- rule: X\n  assign: [")
    assert names_in([broken, Source("f", f"\ufeff# ours\n{NAMES}")])["lead.product"] == "Product_Line__c"
    assert names_in([broken]) == {}
    assert names_in([Source("f", "- fields:\n    lead.id: X\n")]) == {}


def test_names_of_fields_are_no_tests() -> None:
    with pytest.raises(RuleSetError, match="A fields is no test"):
        beside(Source("t", NAMES))


def test_types_fit_or_do_not() -> None:
    assert fits("account.employees", "number")
    assert not fits("account.employees", "text")
    assert fits("lead.country", "text")
    assert not any(fits("lead.region", holds) for holds in ("number", "bool", "time", "other"))
    assert not {"id", "owner_id", "account_id", "converted", "person"} & {*MAPPED["lead"], *MAPPED["account"]}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("email", "Product_Line__c"), ("email", "Product_Line__c", "product")),
        (("PRODUCT_LINE__C",), ("PRODUCT_LINE__C", "product")),
        (("product", "email"), ("product", "email")),
        ((), ()),
    ],
)
def test_what_changed_is_told_by_our_names(changed: tuple[str, ...], told: tuple[str, ...]) -> None:
    assert changed_names(changed, {"lead.product": "Product_Line__c"}) == told


def test_a_mapped_field_is_known_by_its_other_names_too() -> None:
    """An event tells a standard field by our usual name, and a package's with its prefix."""
    assert changed_names(("mobile",), {"lead.phone": "MobilePhone"}) == ("mobile", "phone")
    assert changed_names(("acme__Line__c",), {"lead.product": "Line__c"}) == ("acme__Line__c", "product")
    assert changed_names(("Pipeline__c",), {"lead.product": "Line__c"}) == ("Pipeline__c",)


def test_a_rule_sees_that_a_mapped_field_changed() -> None:
    ana = User("u1", "Ana", "ana@example.com")
    now = datetime(2026, 11, 22, tzinfo=UTC)

    def ask(*changed: str) -> str:
        scene = Scene(ruleset=loaded(NAMES, RULE), users={"u1": ana}, mode="act")
        lead = Record("lead", "l1", {"email": "a@b.example"})
        return door.decide(
            lead, scene=scene, accounts=(), duplicates=(), rotation={}, received_at=now, now=now, changed=changed
        ).route.rule  # fmt: skip

    assert ask("Product_Line__c") == "Pumps"
    assert ask("Other__c") == ""


def test_a_person_account_has_no_companys_name() -> None:
    fields = {"name": "Acme Industries", "phone": "+14155550100"}
    assert profile(Record("account", "a1", fields)).name == "Acme Industries"
    person = profile(Record("account", "a1", {**fields, "person": True}))
    assert (person.name, person.core, person.tokens, person.domains) == ("", "", (), ())


INDUSTRY = Choices("Industry", {"Banking": "Banks", "Energy": "Energy"})
PRODUCT = Choices("Product Line", {"Motors": "Motors"}, restricted=True)
CHOICES = {"lead.industry": INDUSTRY, "lead.product_line__c": PRODUCT, "lead.country": INDUSTRY}


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("lead.industry is Bankin", "“Bankin” in Industry, unless a program wrote it. Did you mean “Banking”?"),
        ("lead.industry is Bankin", 'note [unknown value] rule "R": lead.industry: no record has the value “Bankin”'),
        ("lead.industry in [Energy, Farms]", "Values are Banking and Energy."),
        ("lead.industry is not Banks", "That is the label of “Banking”: write the value."),
        ("lead.Product_Line__c is Pumps", 'warning [unknown value] rule "R": lead.Product_Line__c: no record has the'),
        ("lead.Product_Line__c is Pumps", "the value “Pumps” in Product Line. Values are Motors."),
        ("any: [lead.industry is Farms]", "“Farms”"),
    ],
)  # fmt: skip
def test_a_value_that_no_record_can_have_is_told_with_the_choices(condition: str, words: str) -> None:
    ruleset = loaded(f"- rule: R\n  when:\n    - {condition}\n  assign: user ana@example.com\n")
    (found,) = unknown_values(ruleset, CHOICES)
    assert words in str(found)


@pytest.mark.parametrize(
    "condition",
    ["lead.industry is banking", "lead.industry contains Bank", "lead.country is France", "lead.source is Web",
     "lead.industry is empty"],
)  # fmt: skip
def test_values_that_are_there_or_that_nobody_can_know_are_fine(condition: str) -> None:
    ruleset = loaded(f"- rule: R\n  when: ['{condition}']\n  assign: user ana@example.com\n")
    assert unknown_values(ruleset, CHOICES) == ()


def test_values_are_looked_for_in_pools_and_in_the_match_policy_too() -> None:
    pool = "- pool: P\n  members: [{user: ana@example.com, when: [lead.industry is Farms]}]\n"
    policy = "- match:\n  only: [account.type is Customr]\n"
    choices = {**CHOICES, "account.type": Choices("Type", {"Customer": "Customer"})}
    assert [each.record for each in unknown_values(loaded(pool, policy), choices)] == ['pool "P"', "match"]
