"""Texts of rules as desks handle them: cut at their keys and put together again, as forms, and named anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.desk import item_text, rule_edits, rule_forms, rule_words
from connector.desk.rule_forms import Form, Row, StepRow
from connector.desk.rule_goals import Goal

TEXTS = {
    "plain": "- rule: A\n  when:\n    - lead.country is France\n  assign: keep\n",
    "comments": "# above\n- rule: A # b\n  # when\n  when: [lead.country is France]\n\n  # of assign\n  assign: keep\n",
    "braces": '- {rule: A, when: [lead.country is France], assign: pool "P"}\n',
    "a mapping": "rule: A\nwhen: lead.country is France\nassign: keep\n",
    "many blanks": "-   rule: A\n    when:\n      - lead.country is France\n    assign: keep\n",
    "names": "- rule: '株式会社: \"A\"'\n  respect owner: false\n  assign: [account owner, keep]\n",
}


def means(text: str) -> object:
    read = rule_words.item(text)
    assert read.faults == (), text
    return read.part


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_form_that_nobody_touched_leaves_the_text_to_the_letter(text: str) -> None:
    form = rule_forms.form_of(text)
    assert form is not None
    if not text.startswith("- {"):
        assert rule_forms.text_of(form, text) == text
    assert means(rule_forms.text_of(form, text)) == means(text)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_a_form_says_is_what_it_reads_back(text: str) -> None:
    form = rule_forms.form_of(text)
    assert form is not None
    wanted = replace(
        form,
        name='Ünïcode: "株式会社" #1',
        when=(*form.when, Row("lead.title", "contains", "chief, of"), Row("lead.state", "in", "CA, NY")),
        goals=(Goal("pool", 'The "best"'), Goal("user", "ana@example.com"), Goal("keep")),
        task="own",
        subject="Call {lead.name}: now",
        body="Two\nlines",
        due="2 hours",
        notify="always",
        steps=(StepRow("2 days", "tell", "boss@example.com", working=True), StepRow("1 hour", "reassign")),
    )
    assert rule_forms.form_of(rule_forms.text_of(wanted, text)) == wanted


def test_what_is_emptied_leaves_the_text() -> None:
    text = TEXTS["plain"] + "  notify: true\n  task: false\n  escalate: {after: 1 hour, remind: true}\n"
    form = rule_forms.form_of(text)
    assert form is not None
    emptied = replace(form, when=(), notify="usual", task="usual", steps=())
    assert rule_forms.text_of(emptied, text) == "- rule: A\n  assign: keep\n"


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ('lead.industry is "Banking"', Row("lead.industry", "is", "Banking")),
        ('lead.name is "empty"', Row("lead.name", "is", '"empty"')),
        ("lead.country is one of [France, Germany]", Row("lead.country", "in", "France, Germany")),
        ("lead.employees is at least 5,000", Row("lead.employees", ">=", "5,000")),
        ("lead.title contains [CEO, CTO]", Row("lead.title", "contains", "[CEO, CTO]")),
        ("lead.created_at within last 7 days", Row("lead.created_at", "within last", "7 days")),
        ("lead.revenue between 1m and 2m", Row("lead.revenue", "between", "1m and 2m")),
        ("lead.email is empty", Row("lead.email", "is empty", "")),
        ("Tier__c is A", None),
    ],
)
def test_a_condition_in_boxes_means_the_same(line: str, row: Row | None) -> None:
    form = rule_forms.form_of(f"- rule: A\n  when:\n    - '{line}'\n  assign: keep\n")
    assert (form.when[0] if form else None) == row


def test_a_text_with_faults_or_of_another_kind_is_no_form() -> None:
    assert rule_forms.form_of("- rule: A\n  assign: nobody\n") is None
    assert rule_forms.form_of("- pool: A\n  members: [ana@example.com]\n") is None
    assert rule_forms.form_of("") is None
    assert rule_forms.text_of(Form(name="B", goals=(Goal("keep"),)), "- rule: A\n  assign: x\n").startswith("- rule: B")


def test_a_copy_has_another_name_and_nothing_else() -> None:
    text = '# mine\n- rule: "A" # old\n  assign: keep\n'
    assert rule_edits.renamed(text, "A (2) 株") == '# mine\n- rule: "A (2) 株" # old\n  assign: keep\n'
    assert rule_edits.renamed("- {assign: keep, rule: A}", "B") == '- {assign: keep, rule: "B"}'


@pytest.mark.parametrize("text", ["yes", "12", "a: b", "a #b", " a", "", "'", '"', "a\nb", "[x", "{lead.name}", "株"])
def test_a_scalar_is_read_back_as_it_was(text: str) -> None:
    found = item_text.node_of(f"- rule: {item_text.scalar(text)}\n  assign: keep\n")
    assert found.value[0][1].value == text


def test_operators_are_those_that_fit() -> None:
    assert "between" not in rule_forms.operators_of("lead.country")
    assert ">=" in rule_forms.operators_of("lead.employees")
    assert "changed" in rule_forms.operators_of("lead.Tier__c")
    assert len(rule_forms.operators_of("le")) == len(set(rule_forms.operators_of("le"))) == 20
