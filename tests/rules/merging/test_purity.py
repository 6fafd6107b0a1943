"""The folder decides and does nothing else, and what people are told is known in every language."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import get_args

import pytest

from rules import merging
from rules.merging.abilities import HUBSPOT, SALESFORCE
from rules.merging.policy import BlockerKind, MeritKind, Owner, StepKind
from rules.wording import merging as words_merging
from tests.rules.test_pure import ALLOWED, IMPURE, imported

FILES = sorted(Path(merging.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_module_is_pure_and_short(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    names = imported(tree)
    assert names <= ALLOWED | set(sys.stdlib_module_names)
    assert not names & IMPURE
    calls = {getattr(node.func, "attr", "") for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not calls & {"now", "utcnow", "today", "getenv"}
    assert len(text.splitlines()) <= 300
    longest = [(node.end_lineno or 0) - node.lineno + 1 for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert max(longest, default=0) <= 40


def test_every_word_of_a_policy_has_its_sentence() -> None:
    known = words_merging.SENTENCES
    assert {f"kept.{step}" for step in get_args(StepKind)} <= known.keys()
    assert {f"blocked.{kind}" for kind in get_args(BlockerKind)} <= known.keys()
    assert {f"merge.owner.{owner}" for owner in get_args(Owner)} <= known.keys()
    assert {f"survivor.{merit}" for merit in get_args(MeritKind)} <= known.keys()
    assert {*SALESFORCE.lost, *HUBSPOT.lost} <= known.keys()
