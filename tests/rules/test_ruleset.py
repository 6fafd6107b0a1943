from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.conditions import Block
from rules.parts import MatchPolicy, Member, Target, TaskPlan
from rules.ruleset import Fault, Item, RuleSetError, Source, join, load, split
from tests.rules.make import cases, ruleset

LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""What YAML takes for the end of a line."""
WHOLE = """\
# Our rules.
# They are read from the top.
- rule: Enterprise EMEA
  when:
    - lead.country in list "EMEA"      # the list is below
    - account.employees >= 5000
    - any:
        - lead.Score__c >= 70
        - not: lead.title contains intern
  assign: pool "EMEA enterprise"
  otherwise: queue "Inbound"
  task: {subject: "Call {lead.name} at {lead.company}", due: 15 minutes}
  notify: true

# The team.
- pool: EMEA enterprise
  members:
    - {user: Ana@Example.com, weight: 2}
    - bob@example.com
  overflow: user "carla@example.com"
- list: EMEA
  values: [NO, DE, "France", yes]

- match: default
  accept: 0.95
  review: 0.5
- rule: Rest
  assign: keep
"""


def test_a_whole_rule_set_is_loaded() -> None:
    rules = ruleset(WHOLE)
    first, rest = rules.rules
    assert first.name == "Enterprise EMEA"
    assert [str(part) for part in first.when] == [
        'lead.country in list "EMEA"',
        "account.employees >= 5000",
        "any: (lead.Score__c >= 70; not: (lead.title contains intern))",
    ]
    assert isinstance(first.when[2], Block)
    assert (first.assign, first.otherwise) == (Target("pool", "EMEA enterprise"), (Target("queue", "Inbound"),))
    assert first.task == TaskPlan("Call {lead.name} at {lead.company}", "", timedelta(minutes=15))
    assert first.notify == "always"
    assert (rest.when, rest.assign, rest.task, rest.notify) == ((), Target("keep"), None, None)
    assert rules.pools["EMEA enterprise"].members == (Member("ana@example.com", 2), Member("bob@example.com", 1))
    assert rules.pools["EMEA enterprise"].overflow == (Target("user", "carla@example.com"),)
    assert rules.lists["EMEA"].values == ("NO", "DE", "France", "yes")
    assert rules.match == MatchPolicy(0.95, 0.5)
    assert rules.reads == {"Score__c"}
    assert rules.reads_account == frozenset()


def test_norway_is_a_country_and_not_a_no() -> None:
    assert ruleset(WHOLE).rules[0].when[0].holds({"lead.country": "Norway"})[0]


def test_custom_fields_of_both_sides_are_known_to_the_reader() -> None:
    rules = ruleset("- rule: A\n  when: [lead.One__c is 1, {not: account.two_words is 2}]\n  assign: keep\n")
    assert rules.reads == {"One__c"}
    assert rules.reads_account == {"two_words"}


@pytest.mark.parametrize("case", cases("faults"), ids=lambda case: case["name"])
def test_a_mistake_is_refused_with_record_line_and_remedy(case: dict[str, Any]) -> None:
    with pytest.raises(RuleSetError) as caught:
        load([Source(record, text) for record, text in case["records"].items()])
    told = [f"{fault.record}:{fault.line}:{fault.column} {fault.message}" for fault in caught.value.faults]
    assert len(told) == len(case["faults"]), told
    for found, wanted in zip(told, case["faults"], strict=True):
        assert found.startswith(wanted), found
    for fault in caught.value.faults:
        assert str(fault) in str(caught.value)
        assert fault.message in str(fault)


def test_an_empty_rule_set_is_valid() -> None:
    rules = load([])
    assert rules.rules == ()
    assert rules.match == MatchPolicy()
    assert len(rules.version) == 12


def test_the_version_follows_the_meaning_and_not_the_layout() -> None:
    one = load([Source("a", "- rule: A   # why\n  when: [lead.city is Rome]\n  assign: keep\n")])
    same = load([Source("b", "rule: A\nassign: 'keep'\nwhen:\n- lead.city  is  \"Rome\"\n")])
    other = load([Source("a", "- rule: A\n  when: [lead.city is Roma]\n  assign: keep\n")])
    assert one.version == same.version != other.version
    assert len(one.version) == 12
    int(one.version, 16)


def test_the_version_names_every_part_that_leads_are_routed_by_and_no_test() -> None:
    parts = [
        "- rule: A\n  assign: keep\n",
        "- rule: A\n  assign: keep\n  wait: {for: lead.industry, at most: 1 hour}\n",
        "- rule: A\n  assign: keep\n  reroute: {idle: 1 hour}\n",
        "- rule: A\n  assign: keep\n  escalate: [{after: 1 hour, remind: true}]\n",
        "- rule: A\n  assign: keep\n  escalate: [{after: 1 hour, remind: true, clock: working}]\n",
        "- rule: A\n  assign: [account owner, keep]\n",
        "- pool: A\n  members: [ana@example.com]\n",
        "- pool: A\n  members: [{user: ana@example.com, cap: 1 per day}]\n",
        "- pool: A\n  members: [{user: ana@example.com, when: lead.country is FR}]\n",
        "- pool: A\n  members: [{user: ana@example.com, absent: 2026-12-24}]\n",
        "- calendar: A\n  hours: 24/7\n",
        "- calendar: A\n  hours: 24/7\n  holidays: FR\n",
        "- calendar: A\n  hours: 24/7 Europe/Paris\n",
        "- territory: A\n  rows: |\n    country,assign\n    FR,ana@example.com\n",
        "- territory: A\n  rows: |\n    country,assign\n    FR,bob@example.com\n",
    ]
    assert len({ruleset(text).version for text in parts}) == len(parts)
    beside = "- users: [ana@example.com]\n- test: T\n  lead: {country: FR}\n  expect: {rule: A}\n"
    assert all(ruleset(text + beside).version == ruleset(text).version for text in parts)


def test_what_is_said_as_by_default_changes_no_version() -> None:
    said = "- pool: A\n  by: turns\n  sticky: false\n  hold: false\n  members: [{user: ana@example.com, weight: 1}]\n"
    assert ruleset(said).version == ruleset("- pool: A\n  members: [ana@example.com]\n").version


def test_the_order_of_the_rules_counts() -> None:
    a, b = Source("a", "{rule: A, assign: keep}"), Source("b", "{rule: B, assign: keep}")
    assert load([a, b]).version != load([b, a]).version
    assert [rule.name for rule in load([b, a]).rules] == ["B", "A"]


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("15 minutes", timedelta(minutes=15)),
        ("1 minute", timedelta(minutes=1)),
        ("2 hours", timedelta(hours=2)),
        ("1 day", timedelta(days=1)),
        ("3 weeks", timedelta(weeks=3)),
        ("90 min", timedelta(minutes=90)),
        ("2h", timedelta(hours=2)),
        ("1 d", timedelta(days=1)),
        ("1 hour 30 minutes", timedelta(minutes=90)),
        ("1 day, 2 hours and 5 mins", timedelta(days=1, hours=2, minutes=5)),
    ],
)
def test_times_are_written_as_people_say_them(written: str, due: timedelta) -> None:
    task = ruleset(f"- rule: A\n  assign: keep\n  task: {{due: '{written}'}}\n").rules[0].task
    assert task is not None
    assert task.due == due


@pytest.mark.parametrize(
    "written", ["0 minutes", "15", "soon", "1 month", "5 minutes,", "-5 minutes", "1.5 hours", "1 hour and"]
)
def test_what_is_no_time_is_refused_with_an_example(written: str) -> None:
    (fault,) = faults_of(ruleset, f"- rule: A\n  assign: keep\n  task: {{due: '{written}'}}\n")
    assert (fault.line, fault.column, fault.message) == (3, 15, "The time for the task cannot be read.")
    assert fault.remedy == "Write it like 15 minutes, 2 hours, 1 day or 3 weeks."


def test_a_task_is_given_unless_the_rule_says_no_or_keeps() -> None:
    def plan(text: str) -> TaskPlan | None:
        return ruleset(f"- rule: A\n{text}").rules[0].task

    assert plan("  assign: account owner\n") == TaskPlan()
    assert plan("  assign: account owner\n  task: true\n") == TaskPlan()
    assert plan("  assign: account owner\n  task: false\n") is None
    assert plan("  assign: keep\n") is None
    assert plan("  assign: keep\n  task: {due: 1 day}\n") == TaskPlan(due=timedelta(days=1))


def test_items_keep_their_text_and_their_comments() -> None:
    items = split(WHOLE)
    assert [(item.kind, item.name) for item in items] == [
        ("rule", "Enterprise EMEA"),
        ("pool", "EMEA enterprise"),
        ("list", "EMEA"),
        ("match", "default"),
        ("rule", "Rest"),
    ]
    assert items[0].text.startswith("# Our rules.\n# They are read from the top.\n- rule: Enterprise EMEA\n")
    assert "# the list is below" in items[0].text
    assert items[1].text.startswith("# The team.\n- pool:")
    assert items[4].text == "- rule: Rest\n  assign: keep\n"


def test_joined_items_are_the_document_again() -> None:
    items = split(WHOLE)
    document = join(items)
    assert split(document) == items
    assert join(split(document)) == document
    assert ruleset(document).version == ruleset(WHOLE).version


def test_an_item_that_was_written_as_a_mapping_joins_too() -> None:
    document = join(
        [
            Item("rule", "A", "# why\nrule: A\nassign: keep\n\nwhen:\n  - lead.city is Rome\n"),
            *split("- rule: B\n  assign: keep"),
        ]
    )
    assert [item.name for item in split(document)] == ["A", "B"]
    assert split(document)[0].text.startswith("# why\n- rule: A\n  assign: keep\n")
    assert ruleset(document).rules[0].when


@pytest.mark.parametrize(
    "text",
    [
        "---\n- rule: A\n  assign: keep\n",
        "  # above\n  - rule: A\n    assign: keep\n  # below\n  - rule: B\n    assign: keep\n",
        "- rule: A\n  assign: keep\n  task:\n    body: |\n      Hi\n\n      # text\n\n- rule: B\n  assign: keep\n",
        "[{rule: A, assign: keep}, {rule: B, assign: keep}]",
        "rule: A\nassign: keep\n",
        "- {rule: A, assign: keep}\n-\n  # inside\n  rule: B\n  assign: keep\n",
        "- rule: A\r\n  assign: keep\r\n- rule: B\r\n  assign: keep\r\n",
        "- rule: A\n  when:\n  - lead.city is Rome\n  assign: keep\n",
    ],
)
def test_every_way_to_write_a_document_can_be_split(text: str) -> None:
    items = split(text)
    assert [item.name for item in items] == ["A", "B"][: len(items)]
    assert split(join(items)) == split(join(split(join(items))))
    assert [rule.name for rule in ruleset(join(items)).rules] == [item.name for item in items]


def test_a_comment_in_a_text_block_stays_in_it() -> None:
    first, _ = split(
        "- rule: A\n  assign: keep\n  task:\n    body: |\n      Hi\n      # text\n\n# of B\n- rule: B\n  assign: keep\n"
    )
    assert first.text.endswith("      # text\n")


def test_nothing_splits_into_nothing() -> None:
    assert split("") == split("# only a comment\n") == ()
    assert join(()) == ""


@pytest.mark.parametrize(
    "text", ["- rule: [", "- just text", "- ruel: A", "42", "- rule: A\n---\n- rule: B\n", "- rule: \x00"]
)
def test_what_is_no_rule_set_cannot_be_split(text: str) -> None:
    with pytest.raises(RuleSetError) as caught:
        split(text)
    assert caught.value.faults[0].remedy


@given(st.text(max_size=80) | st.text("-:[]{} \n\"'#&*!|>%ab", max_size=80))
def test_no_text_breaks_the_loader(text: str) -> None:
    for source in (text, f"- rule: A\n  {text}", f"- pool: A\n  members: {text}"):
        lines = len(LINE_END.split(source)) + 1
        for fault in faults_of(load, [Source("r", source)]) + faults_of(split, source):
            assert 1 <= fault.line <= lines
            assert fault.column >= 1
            assert fault.message


def faults_of(read: Callable[[Any], object], source: Any) -> tuple[Fault, ...]:
    try:
        read(source)
    except RuleSetError as error:
        return error.faults
    return ()


def test_a_rule_set_is_plain_data() -> None:
    rules = ruleset(WHOLE)
    assert replace(rules, version=rules.version) == ruleset(WHOLE)
