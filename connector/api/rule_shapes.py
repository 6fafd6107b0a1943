"""How rules, their faults, hints and tests are told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from connector.api.shapes import TEXT, Line, Page, Shape, Wish
from rules.trials.parts import Report, Result

LONGEST_TEXT = 400_000
"""Characters of a rule set: some thousand rules."""
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=TEXT)]
EXAMPLE = '- rule: France\n  when: [lead.country is France]\n  assign: user "ana@example.com"\n'


class RuleFault(Shape):
    """A mistake in a text, and what to write instead."""

    record: str = Field(description="The item it is in; empty for the one that was sent.")
    line: int
    column: int
    message: str
    remedy: str


class Hint(Shape):
    """Something that is most likely wrong, or worth a look."""

    code: str
    severity: Literal["error", "warning", "note"]
    record: str = Field(description="The item; empty for the set as a whole.")
    message: str
    remedy: str
    line: int | None


class Step(Shape):
    """What happens when nobody has acted."""

    after: str
    deed: str
    to: str
    working: bool


class ToldRule(Shape):
    """What a rule says, in words."""

    conditions: list[str]
    targets: list[str]
    task: str | None
    due: str
    says_task: bool = Field(
        description="Whether the rule itself asks for its task; else the settings may have none made."
    )
    notify: Literal["always", "at work", "never", "settings"] = Field(description="settings: as they say.")
    waits: list[str]
    at_most: str
    steps: list[Step]
    idle: str


class Rule(Shape):
    """One item of the rules: a rule, a pool, a list, the matching, a test ..."""

    id: str
    kind: str = Field(examples=["rule"])
    name: str
    state: Literal["live", "new", "changed", "moved", "off"] = Field(description="How it stands beside what is live.")
    place: int = Field(description="A rule's place in the order, from 1; 0 for other items.")
    text: str = Field(examples=[EXAMPLE])
    seen: str = Field(description="Names this text; it is the ETag too.")
    told: ToldRule | None
    faults: list[RuleFault]
    hints: list[Hint]
    tests: list[str] = Field(description="The tests that expect it.")
    caught: int | None = Field(description="Leads it took in 30 days; null where nobody counts them.")
    has_live: bool


class InForce(Shape):
    """What is in force."""

    version: str
    number: int = Field(description="The number of its edition; 0 before the first.")
    by: str
    at: datetime | None
    why: str
    fault: str = Field(description="Why a newer text is not in force.")
    coming: str = Field(description="The version that is being published and not in force yet; empty: none.")
    coming_by: str = Field(description="Who publishes it.")


class RuleList(Shape):
    """All items, as they would be with all drafts live."""

    version: str = Field(description="Names what was seen; it is the ETag too.")
    asked: bool = Field(description="False: the CRM was not asked, so there are no drafts among them.")
    drafts: int
    in_force: InForce
    rules: list[Rule] = Field(description="The rules in the order in which they are asked.")
    others: list[Rule]
    off: list[Rule] = Field(description="What was switched off.")
    faults: list[RuleFault]
    hints: list[Hint]
    linted: bool


class Miss(Shape):
    """What a test expected, and what was found instead."""

    what: str
    expected: str
    found: str
    lead: int = Field(description="Which of several leads it was, from 1; 0 for all.")


class Trial(Shape):
    """What became of a test."""

    name: str
    record: str
    line: int
    green: bool
    misses: list[Miss]


class Trials(Shape):
    """What became of all tests."""

    green: bool
    count: int
    red: int
    results: list[Trial]


class ItemChange(Shape):
    """One item that differs."""

    kind: str
    name: str
    how: Literal["added", "removed", "changed", "moved", "reworded"]
    before: int = Field(description="Its place before, from 1; 0: it was not there.")
    after: int
    diff: str = Field(description="A unified diff of its text; empty when that is the same.")


class Examined(Shape):
    """What was found in a text. With faults, nothing else was looked for."""

    ready: bool = Field(description="Whether it could go live.")
    faults: list[RuleFault]
    hints: list[Hint]
    tests: Trials


class RuleDiff(Shape):
    """What would change."""

    changed: list[ItemChange]


class Drafts(Shape):
    """All drafts together: what they would change, and what is against it."""

    version: str
    drafts: int
    ready: bool
    changed: list[ItemChange]
    faults: list[RuleFault]
    hints: list[Hint]
    tests: Trials


class Checked(Shape):
    """What was found in one item."""

    ok: bool
    kind: str
    name: str
    faults: list[RuleFault]
    others: list[RuleFault] = Field(description="Faults that other items would have by it.")
    hints: list[Hint]
    told: ToldRule | None
    linted: bool


class RuleText(Shape):
    """A rule set as one text."""

    text: str = Field(examples=[EXAMPLE])
    version: str = Field(description="Names the records as they stand; it is the ETag too.")


class Published(Shape):
    """What has gone live."""

    version: str
    written: int = Field(description="How many records were written.")
    retired: int
    changed: list[ItemChange]


class EditionLine(Shape):
    """One edition of the rules."""

    number: int
    version: str
    at: datetime
    by: str = Field(description="Empty for an edit in the CRM itself.")
    why: str
    is_live: bool
    counts: dict[str, int] = Field(description="How many items it changed, by how.")
    names: list[str] = Field(description="The first items of these.")


class EditionPage(Page):
    """A page of editions, the newest first."""

    items: list[EditionLine]


class Edition(Shape):
    """One edition as a text."""

    number: int
    version: str
    at: datetime
    by: str
    why: str
    is_live: bool
    text: str


class TextWish(Wish):
    """One item, or a whole rule set, as text."""

    text: Text = Field(examples=[EXAMPLE])


class CheckWish(TextWish):
    """One item as text, and which one it would stand instead of."""

    rule: Line = Field("", description="The id of that item; empty for a new one.", examples=[""])


class MoveWish(Wish):
    """Where a rule goes: one place up or down, or to the top."""

    where: Literal["top", "up", "down"]


class WhyWish(Wish):
    """Why, for the history."""

    why: Line = Field("", examples=["More people in the south"])


class PushWish(TextWish):
    """A whole rule set as text, and why."""

    why: Line = Field("", examples=["More people in the south"])


class TextQuery(Wish):
    """Which text."""

    which: Literal["live", "drafts"] = Field("live", description="What is live, or as it would be with all drafts.")


class RulesQuery(Wish):
    """How to look."""

    ask: bool = Field(True, description="Whether the CRM may be asked, as drafts stand there alone.")


class AgainstQuery(Wish):
    """What to compare with."""

    against: int = Field(0, ge=0, le=1_000_000, description="The number of another edition; 0 is what is live.")


class EditionsQuery(Wish):
    """Which page."""

    cursor: Line = Field("", max_length=2000, description="`next` of the page before.")


def trials(report: Report) -> Trials:
    """Return what became of tests."""
    return Trials(
        green=report.is_green,
        count=len(report.results),
        red=len(report.red),
        results=[_trial(each) for each in report.results],
    )


def _trial(result: Result) -> Trial:
    trial = result.trial
    misses = [Miss.model_validate(each) for each in result.misses]
    return Trial(name=trial.name, record=trial.record, line=trial.line, green=result.is_green, misses=misses)
