"""How the questions to people are told, and how they are answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from connector.api.decision_shapes import Clue
from connector.api.shapes import KEYS, LIMIT, LINE, Key, Line, Name, Page, Paging, Shape, Wish
from connector.desk.duplicates import Shown
from connector.desk.reviews import Question
from connector.store.pairs import Asked
from rules.model import Candidate

State = Literal["open", "accepted", "merging", "merged", "rejected", "gone"]
Seen = Annotated[str, StringConstraints(max_length=128, pattern=LINE)]
MOST_FIELDS = 200


class AccountChoice(Shape):
    """An account that may be the lead's."""

    id: str
    name: str
    confidence: float
    evidence: list[Clue]


class BesideLine(Shape):
    """What the lead and the account say of the same thing."""

    about: str
    lead: str
    account: str
    verdict: Literal["same", "different", "one"]


class Review(Shape):
    """A match that a person is asked about."""

    lead: str = Field(description="The id of the lead.")
    name: str
    company: str
    reason: str
    needed: str = Field(description="What would have had to differ for another outcome.")
    created_at: datetime
    decision: str = Field(description="The key of the decision that asks.")
    accounts: list[AccountChoice] = Field(description="The best one first.")
    lines: list[BesideLine]


class ReviewList(Page):
    """Matches that wait for a person."""

    items: list[Review]
    waiting: int
    answered: int = Field(description="Of how many leads somebody said something in the last 24 hours.")


class ReviewQuery(Paging):
    """Which page."""

    limit: int = Field(25, ge=1, le=LIMIT, description="How many at most.")


class AnswerWish(Wish):
    """What is said of an account."""

    verdict: Literal["accepted", "rejected", "never"]
    account: Line = Field("", description="The account's id; empty: the one that is asked about.")


class Duplicate(Shape):
    """Records that may be one."""

    key: str
    kinds: list[str]
    ids: list[str]
    names: list[str]
    confidence: float
    why: list[str] = Field(description="Why a person is asked.")
    state: State
    run: str
    created_at: datetime
    decided_at: datetime | None
    decision: str = Field(description="The key of the decision that merges them; empty until there is one.")


class DuplicatePage(Page):
    """A page of pairs, the surest first."""

    items: list[Duplicate]
    counts: dict[str, int] = Field(description="How many there are in each state.")
    answered: int


class DuplicateQuery(Paging):
    """Which pairs."""

    state: State = Field("open", description="How far they are.")


class MergeLine(Shape):
    """A field of the records side by side, and what it says after the merge."""

    field: str
    values: list[str]
    after: str
    taken: str = Field(description="The id of the record it comes from; empty when several have a part in it.")
    differs: bool
    is_ruled: bool = Field(description="Consent or the CRM decides, no person.")


class DuplicateView(Duplicate):
    """A pair as its records are now."""

    seen: str = Field(description="Names this plan; send it back with the answer.")
    lines: list[MergeLine]
    evidence: list[Clue]
    sentences: list[str] = Field(description="What a merge would do.")
    lost: list[str] = Field(description="Values that no record would have afterwards.")
    why_not: str = Field(description="Why it cannot be accepted now; empty when it can.")


class SurePairs(Shape):
    """Pairs that are surely the same."""

    items: list[DuplicateView]


class LookQuery(Wish):
    """What is wanted otherwise."""

    survivor: Line = Field("", description="The id of the record that shall stay.")


class SureWish(Wish):
    """Pairs that are the same, with the plan of each that was seen."""

    seen: dict[Key, Seen] = Field(
        min_length=1, max_length=10, examples=[{"0123456789abcdef": "a1b2"}], json_schema_extra=KEYS
    )


class DuplicateAnswer(Wish):
    """What is said of a pair."""

    same: bool
    seen: Seen = Field("", description="The plan that was seen; needed for `same`.")
    survivor: Line = Field("", description="The id of the record that shall stay; empty: as planned.")
    take: dict[Key, Name] = Field(
        default={},
        max_length=MOST_FIELDS,
        description="From which record (its id) a field is taken.",
        json_schema_extra=KEYS,
    )


def review(found: Question) -> Review:
    """Return a question about a match."""
    asked, detail = found.review, found.review.detail
    return Review(
        lead=asked.lead_id,
        name=detail.lead,
        company=detail.company,
        reason=detail.reason,
        needed=detail.needed,
        created_at=asked.created_at,
        decision=detail.decision,
        accounts=[_choice(each) for each in (found.best, *found.others)],
        lines=[BesideLine.model_validate(each) for each in found.lines],
    )


def duplicate(asked: Asked) -> Duplicate:
    """Return a pair as it is kept."""
    return Duplicate.model_validate(_pair(asked))


def view(shown: Shown) -> DuplicateView:
    """Return a pair as its records are now."""
    return DuplicateView.model_validate(
        {
            **_pair(shown.asked),
            "seen": shown.looked.seen if shown.looked else "",
            "lines": shown.lines,
            "evidence": shown.clues,
            "sentences": shown.sentences,
            "lost": [f"{field}: {value}" for field, value in shown.lost],
            "why_not": shown.why_not,
        },
        from_attributes=True,
    )


def _pair(asked: Asked) -> Mapping[str, object]:
    suggestion = asked.suggestion
    return {
        "key": asked.key,
        "kinds": [each.kind for each in suggestion.members],
        "ids": list(asked.ids),
        "names": list(suggestion.names),
        "confidence": suggestion.confidence,
        "why": list(suggestion.why),
        "state": asked.state,
        "run": asked.run,
        "created_at": asked.created_at,
        "decided_at": asked.decided_at,
        "decision": asked.decision,
    }


def _choice(found: Candidate) -> AccountChoice:
    ordered = sorted(found.evidence, key=lambda each: -each.weight)
    evidence = [Clue.model_validate(each) for each in ordered]
    return AccountChoice(id=found.account_id, name=found.name, confidence=found.confidence, evidence=evidence)
