"""The text of a policy of merging: what it means, what is wrong with it, and that it is part of the rule set."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from rules.lint import lines_of, lint
from rules.linting.merging import fields_nobody_has
from rules.merging.field_reading import MOST_FIELDS
from rules.merging.policy import Blocker, FieldRule, MergePolicy, Merit, Step
from rules.ruleset import Fault, RuleSetError, Source, beside, join, load, split
from rules.starter import starter
from tests.rules.make import ruleset
from tests.rules.merging.make import cases, policy
from tests.rules.test_schema import faults as schema_faults

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "merging.md").read_text(encoding="utf-8")
WHOLE = """\
- duplicates: One person, one record
  mode: suggest
  objects: [lead with lead, lead with contact, contact with contact]
  merge: at 99.9%
  review: at 70%
  ids: [LinkedIn__c]
  unless:
    - tax id differs: Tax_Id__c
    - both have open opportunities
    - opted out differs
    - either.status in list "Closed"
  survivor: [contact before lead, has open opportunity, most complete, record.Tier__c is Gold, oldest]
  fields:
    - phone: newest
    - title: longest
    - Interests__c: union
    - Score__c: sum
    - "*": survivor, else non-empty
    - email: most trusted source [Website, Import], else newest
  opt outs: No_SMS__c
  consents: [Newsletter__c]
  convert: onto matched account
  owner: survivor's, else newest
  turn: given back
  most records: 4
- list: Closed
  values: [Lost, Junk]
"""


def faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(RuleSetError) as caught:
        load([Source(item.name, item.text) for item in split(f"- duplicates: P\n  {text}\n")])
    return caught.value.faults


def test_every_part_of_the_text_is_read() -> None:
    found = ruleset(WHOLE).duplicates
    assert found is not None
    assert (found.name, found.mode, found.merge, found.review, found.most) == (
        "One person, one record",
        "suggest",
        0.999,
        0.7,
        4,
    )
    assert [str(each) for each in found.unless] == [
        "Tax_Id__c differs", "both have open opportunities", "opted out differs", 'either.status in list "Closed"',
    ]  # fmt: skip
    assert [merit.kind for merit in found.survivor] == [
        "contact before lead", "has open opportunity", "most complete", "condition", "oldest",
    ]  # fmt: skip
    assert found.fields[-1] == FieldRule("email", (Step("most trusted source", ("Website", "Import")), Step("newest")))
    assert found.others == (Step("survivor"), Step("non-empty"))
    assert (found.convert, found.owner, found.turn) == ("onto matched account", ("survivor's", "newest"), "given back")
    assert (found.ids, found.opt_outs, found.consents) == (("LinkedIn__c",), ("No_SMS__c",), ("Newsletter__c",))
    assert found.reads >= {"LinkedIn__c", "Tax_Id__c", "Tier__c", "Score__c", "No_SMS__c", "status", "source", "email"}


def test_what_is_not_written_is_as_by_default_and_merges_nothing() -> None:
    assert policy() == MergePolicy(name="P")
    assert MergePolicy().mode == "observe"
    assert ruleset(starter("ana@example.com")).duplicates is None


@pytest.mark.parametrize(
    ("mode", "install", "allowed"),
    [
        ("act", "observe", "observe"),
        ("suggest", "act", "suggest"),
        ("act", "act", "act"),
        ("observe", "act", "observe"),
    ],
)
def test_the_lesser_of_two_modes_counts(mode: str, install: Any, allowed: str) -> None:
    assert policy({"mode": mode}).mode_within(install) == allowed


@pytest.mark.parametrize(
    ("told", "name", "value"),
    [
        ({"merge": 0.995}, "merge", 0.995),
        ({"merge": "99.95 %"}, "merge", 0.9995),
        ({"review": "from 50%"}, "review", 0.5),
        ({"objects": "leads and contacts"}, "objects", ("lead with contact",)),
        (
            {"objects": ["contact with lead", "companies with companies"]},
            "objects",
            ("lead with contact", "account with account"),
        ),
        ({"survivor": "contact first"}, "survivor", (Merit("contact before lead"),)),
        ({"survivor": ["active owner", "created first"]}, "survivor", (Merit("owner active"), Merit("oldest"))),
        ({"survivor": "highest record.Score__c"}, "survivor", (Merit("highest", "Score__c"),)),
        ({"unless": "Phone differs"}, "unless", (Blocker("differs", "phone"),)),
        ({"unless": {"differs": ["A__c", "B__c"]}}, "unless", (Blocker("differs", "A__c"), Blocker("differs", "B__c"))),
        ({"unless": "different owners"}, "unless", (Blocker("owners differ"),)),
        ({"fields": {"LeadSource": "earliest"}}, "fields", (FieldRule("source", (Step("oldest"),)),)),
        (
            {"fields": {"lead.phone": "latest or else filled"}},
            "fields",
            (FieldRule("phone", (Step("newest"), Step("non-empty"))),),
        ),
        ({"fields": [{"a_custom_field": "max"}]}, "fields", (FieldRule("a_custom_field", (Step("highest"),)),)),
        ({"owner": "most senior record"}, "owner", ("oldest",)),
        ({"convert": "onto the matched account"}, "convert", "onto matched account"),
        ({"opt_outs": ["No_Mail__c"]}, "opt_outs", ("No_Mail__c",)),
        ({"most-records": 3}, "most", 3),
    ],
)
def test_it_is_read_in_the_words_people_use(told: dict[str, Any], name: str, value: object) -> None:
    assert getattr(policy(told), name) == value


@pytest.mark.parametrize("case", cases("faults"), ids=lambda case: case["text"])
def test_a_mistake_is_told_with_its_place_and_a_remedy(case: dict[str, Any]) -> None:
    found = [f"{each.line}:{each.column} {each.message} {each.remedy}" for each in faults(case["text"])]
    assert len(found) == len(case["faults"]), found
    for told, wanted in zip(found, case["faults"], strict=True):
        assert told.startswith(wanted)
        assert "lead." not in told


def test_too_much_is_told() -> None:
    many = "\n".join(f"    F{number}__c: newest" for number in range(MOST_FIELDS + 1))
    (fault,) = faults(f"fields:\n{many}")
    assert (fault.line, fault.message) == (MOST_FIELDS + 3, f"fields has more than {MOST_FIELDS} entries.")
    (fault,) = faults(f"survivor: [{', '.join(f'record.F{number}__c is 1' for number in range(21))}]")
    assert fault.message == "survivor has more than 20 entries."
    (fault,) = faults("fields: {phone: newest else oldest else union else longest else survivor else any}")
    assert fault.message == "There are more than 5 ways one after the other."


def test_there_is_one_policy_and_it_is_no_test() -> None:
    with pytest.raises(RuleSetError, match="another duplicates"):
        load([Source("a", "- duplicates: A\n"), Source("b", "- duplicates: B\n")])
    with pytest.raises(RuleSetError, match="A duplicates is no test"):
        beside(Source("a", "- duplicates: A\n"))


def test_the_policy_is_an_item_of_its_own_with_its_comments_and_changes_the_version() -> None:
    text = "# ours\n" + WHOLE
    first, _ = split(text)
    assert (first.kind, first.name) == ("duplicates", "One person, one record")
    assert first.text.startswith("# ours")
    assert join(split(text)).replace("\n\n", "\n") == text
    same = WHOLE.replace("at 99.9%", "0.999").replace("- title: longest", "- Title: Longest # why")
    assert ruleset(WHOLE).version == ruleset(same).version
    for part, other in (("suggest", "act"), ("99.9%", "99%"), ("Gold", "Silver"), ("[Lost, Junk]", "[Lost]")):
        assert ruleset(WHOLE).version != ruleset(WHOLE.replace(part, other)).version


def test_a_rule_set_without_it_keeps_its_version() -> None:
    rules = "- rule: A\n  assign: keep\n"
    assert ruleset(rules).version == "53092cf8bbb0"  # as it was before there was this item
    assert ruleset(rules + WHOLE).reads - ruleset(rules).reads == {"LinkedIn__c"}, "what says who somebody is"


def test_every_default_is_told_in_the_manual() -> None:
    table = PAGE[PAGE.index("| part |") :]
    for each in fields(MergePolicy):
        written = {"name": "duplicates", "others": "fields", "opt_outs": "opt outs", "most": "most records"}
        assert f"`{written.get(each.name, each.name)}`" in table, each.name


def test_the_examples_of_the_manual_load_and_editors_take_them() -> None:
    examples = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert examples
    for text in examples:
        assert ruleset(text).duplicates
        assert schema_faults(text) == []


def test_editors_take_the_whole_text_and_refuse_what_is_unknown() -> None:
    assert schema_faults(WHOLE) == []
    for text in ("mode: on", "modus: act", "merge: sure", "fields: [phone]", "most records: 1", "objects: []"):
        assert schema_faults(f"- duplicates: P\n  {text}\n"), text


def findings(text: str) -> list[str]:
    return [
        f"{each.severity} {each.code} {each.record} {each.line}" for each in lint(ruleset(text), lines=lines_of(text))
    ]


def test_lint_warns_of_merging_that_nothing_stops() -> None:
    assert findings("# c\n- duplicates: P\n  mode: act\n") == ['warning merge-without-blockers duplicates "P" 2']
    assert findings("- duplicates: P\n  mode: suggest\n") == []
    assert findings("- duplicates: P\n  mode: act\n  unless: owners differ\n  survivor: oldest\n") == []


def test_lint_warns_of_merging_too_early_and_of_parts_that_do_nothing() -> None:
    text = "- duplicates: P\n  mode: act\n  unless: owners differ\n"
    assert findings(text + "  merge: 95%\n") == ['warning merge-too-early duplicates "P" 1']
    assert findings(text + "  convert: onto matched account\n  objects: lead with lead\n") == [
        'note merge-idle duplicates "P" 1'
    ]
    assert findings(text + "  objects: account with account\n") == ['note merge-accounts duplicates "P" 1']
    (told,) = lint(ruleset(text + "  merge: 95%\n"))
    assert told.message == "From 0.95 on, about one merge in 20 joins two people."


def test_lint_names_the_fields_that_nobody_has() -> None:
    found = policy({"fields": {"Old__c": "newest", "phone": "newest", "address": "newest"}, "ids": ["linkedin__c"]})
    (told,) = fields_nobody_has(found, ["LinkedIn__c", "Score__c"])
    assert told.message == "No lead and no contact has the field Old__c."
    assert fields_nobody_has(found, ["LinkedIn__c", "OLD__c"]) == ()


def test_lint_knows_what_the_policy_asks_of_a_record() -> None:
    rules = "- rule: A\n  when: lead.country in [FR]\n  assign: keep\n- rule: B\n  assign: keep\n"
    asked = rules + "- duplicates: P\n  unless: ['either.country in list \"Elsewhere\"', either.country is Atlantis]\n"
    found = lint(ruleset(asked + "- list: Elsewhere\n  values: [FR, DE]\n"))
    assert [(each.code, each.record) for each in found] == [("unknown-name", 'duplicates "P"')]
