"""What is mistyped in YAML is said in a person's words, on the line where it is."""

from __future__ import annotations

import pytest

from rules.faults import RuleFault
from rules.parsing import yamltext

TYPOS = [
    ("- rule: A\n  when:\n\t- lead.country is FR\n", (3, 1), "There is a tab here.", "Indent with spaces."),
    ("- rule: A\n  notify: true\n   assign: keep\n", (3, 4), "This line stands further right", "Begin it in column 3"),
    ("- rule: A\n   notify: true\n  assign: keep\n", (2, 4), "This line stands further right", "Begin it in column 3"),
    ("- rule: A\n  when: [a]\n   assign: keep\n", (3, 4), "This line is not indented like", "Begin it in column 3"),
    ("- rule: A\n  when:\n    - a\n   - b\n", (4, 4), "This dash does not stand below", "Begin it in column 5"),
    ("- rule: A\nassign: keep\n", (2, 1), "A line without a dash stands in a list.", "Begin it further right"),
    ("- rule: A\n  when:\n    - a\n    assign: keep\n", (4, 5), "A line without a dash", "Begin it further left"),
    ("- rule: A\n  notify: true\n  - rule: B\n", (3, 3), "A dash stands among lines", "Begin a new item with its dash"),
    ("  - rule: A\n    notify: true\n- rule: B\n", (3, 1), "This line is not indented like", "Begin it in column 3"),
    ("- rule: A\n  when\n    - a\n  assign: keep\n", (2, 3), "“when” has no colon.", "Write it like assign: keep"),
    ("- rule: A\n  notify: true\n  assign keep\n", (3, 3), "“assign keep” has no colon.", "Write it like"),
    ("- rule A\n  assign: keep\n", (1, 1), "“rule A” has no colon.", "Write it like"),
    ("- rule: A\n  notify:true\n  assign: keep\n", (2, 9), "A space is missing behind the colon.", "Write it like"),
    ("-rule: A\n  assign: keep\n", (1, 1), "A space is missing behind the dash.", "Write it like - rule: Name."),
    ('- rule: "A\n  assign: keep\n', (1, 9), "A quote is opened here and never closed.", "Close it on this line."),
    ('- rule: "A" b\n  assign: keep\n', (1, 13), "Text follows behind a closing quote.", "Quotes must be around"),
    ('- rule: "A\\d"\n', (1, 12), "A backslash in double quotes begins something", "Put the value in single quotes"),
    ("- rule: A\n  when: [a\n  assign: keep\n", (2, 9), "“[” is opened here and never closed.", "Close it with “]”."),
    ("- rule: A\n  task: {due: 1 hour\n", (2, 9), "“{” is opened here and never closed.", "Close it with “}”."),
    ("- pool: A\n  members: [{user: a@b.co weight: 2}]\n", (2, 33), "A comma is missing before this.", "Write a comma"),
    ("- rule: A\n  assign: ]\n", (2, 11), "A value cannot begin with “]”.", "Delete it"),
    ("- rule: @A\n", (1, 9), "A value cannot begin with “@”.", "Put the whole value in single quotes."),
    ("- rule: A: B\n", (1, 10), "Here is a second “: ” in one line.", "Put the whole value in single quotes."),
    ("- rule: A\n---\n- rule: B\n", (2, 1), "“---” begins a second document.", "Delete this line."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "message", "remedy"), TYPOS, ids=[each[2] for each in TYPOS])
def test_a_typo_is_told_in_plain_words_where_it_is(
    text: str, place: tuple[int, int], message: str, remedy: str
) -> None:
    with pytest.raises(RuleFault) as caught:
        yamltext.compose(text)
    assert (caught.value.line, caught.value.column) == place
    assert caught.value.message.startswith(message)
    assert caught.value.remedy.startswith(remedy)


WHOLE = """\
- rule: "Enterprise EMEA"  # ours
  when:
    - lead.country in [France, Germany]
    - any: [lead.city is Rome, 'lead.title contains "a: b"']
  assign: pool "Sales"
  task: {subject: "Call {lead.name}", due: 15 minutes}
  escalate: [{after: 30 minutes, to: manager}]
- pool: Sales
  members:
    - {user: ana@example.com, weight: 2}
"""
PARSERS_WORDS = ("expected", "token", "mapping", "block", "scalar", "<", "node")


def test_no_character_too_many_or_too_few_is_answered_in_the_words_of_the_parser() -> None:
    faults = []
    for at in range(len(WHOLE)):
        for text in (WHOLE[:at] + WHOLE[at + 1 :], *(f"{WHOLE[:at]}{each}{WHOLE[at:]}" for each in "\t \n\"'[}:-,@")):
            try:
                yamltext.compose(text)
            except RuleFault as fault:
                faults.append(fault)
    told = {fault.message for fault in faults}
    assert len(told) > 10
    assert not [each for each in told if any(word in each for word in PARSERS_WORDS)]
    assert all(fault.remedy and 1 <= fault.line <= len(WHOLE.splitlines()) + 2 for fault in faults)
