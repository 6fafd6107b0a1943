"""YAML is read by libyaml where that will do, and by PyYAML's own reader where it will not: both must agree."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rules.parsing import yamltext
from rules.parsing.yamltext import place
from rules.ruleset import split
from tests.rules.make import cases, ruleset
from tests.rules.test_hostile import RECORDS, SEEDS, refused

TEXTS = [
    *SEEDS, *RECORDS, *(text for case in cases("faults") for text in case["records"].values()),
    "- rule:\n  when:\n", "- rule: A\n  task:\n    body: |\n      Hi\n\n      # text\n\n- rule: B\n",
    "{rule: 'A\n  B', a: []}\n", '- rule: "é\\x41\\\n  😀 b"\r\n  assign: keep\r\n',
    "---\n  # above\n  - &x rule: !!str A\n    assign: >-\n      keep\n...\n",
]  # fmt: skip


def tree(node: Node | None) -> Any:
    """Return a node as plain data: its kind, its value and its place, and the same of all that is in it."""
    if isinstance(node, ScalarNode):
        return node.tag, node.value, place(node)
    if isinstance(node, SequenceNode):
        return node.tag, [tree(each) for each in node.value], place(node)
    if isinstance(node, MappingNode):
        return node.tag, [(tree(key), tree(value)) for key, value in node.value], place(node)
    return None


def test_what_libyaml_reads_is_what_the_slower_reader_reads_at_the_same_places() -> None:
    plain = [text for text in TEXTS if yamltext._is_plain(text)]
    assert len(plain) > 60
    for text in plain:
        assert tree(yamltext.compose(text)) == tree(yamltext._composed(text)), text


@pytest.mark.parametrize("case", cases("faults"), ids=lambda case: case["name"])
def test_the_faults_are_the_same_without_libyaml(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert yamltext._FAST is yaml.CSafeLoader
    fast = refused(*case["records"].values())
    monkeypatch.setattr(yamltext, "_FAST", yaml.SafeLoader)
    assert refused(*case["records"].values()) == fast


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ("- rule: A\n  assign:\tkeep\n", True),  # only libyaml takes a tab for a space
        (
            "- rule: A\n  task:\n    body: |\n     \tHi\n  assign: keep\n",
            False,
        ),  # only PyYAML begins with one
    ],
)
def test_what_only_one_of_the_readers_takes_is_loaded_and_split_all_the_same(text: str, *, is_plain: bool) -> None:
    assert yamltext._is_plain(text) is is_plain
    assert ruleset(text).rules[0].name == "A"
    assert split(text)[0].text == text
