"""How decisions are told: as a line of a list, and as a whole story."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, get_args

from pydantic import Field

from connector.api.shapes import Line, Moment, Page, Paging, Shape
from connector.desk.activity import LeadStory as Told
from connector.desk.called import lead_name
from connector.desk.stories import Story as Tale
from connector.store.decisions import Stored
from rules import model
from rules.outcomes import DuplicateStatus, MatchStatus, Mode, Outcome, ResponseStatus

OUTCOMES = ", ".join(get_args(Outcome))


class Lead(Shape):
    """A lead: its id in the CRM and what people call it."""

    id: str
    name: str


class Person(Shape):
    """Somebody, or a queue, who can own leads."""

    id: str
    name: str
    email: str


class Account(Shape):
    """The account a lead was matched to."""

    id: str
    name: str
    confidence: float = Field(description="How sure that is, 0 to 1.")


class Decision(Shape):
    """One decision."""

    key: str
    lead: Lead
    outcome: Outcome
    state: Literal["intended", "settled", "parked"] = Field(
        description="intended: being carried out; parked: stands still until somebody asks for another try."
    )
    trouble: str = Field(description="Why it is parked or put off; empty when it is not.")
    mode: Mode
    rule: str
    target: str
    assignee: Person | None
    why: str
    match: MatchStatus
    account: Account | None
    duplicate: DuplicateStatus
    received_at: datetime
    decided_at: datetime
    settled_at: datetime | None
    ruleset_version: str
    trace_id: str
    calls: int | None = Field(description="Calls to the CRM for all decisions that were carried out together.")
    together: int = Field(description="How many those were; 0 while it is not carried out.")
    undoes: str = Field(description="The key of the decision that this one takes back; empty when it does not.")


class DecisionPage(Page):
    """A page of decisions, the newest first."""

    items: list[Decision]


class Point(Shape):
    """A point of the timeline."""

    name: Literal["received", "decided", "settled"]
    at: datetime | None
    after_ms: float | None = Field(description="Milliseconds since the point before.")


class Clue(Shape):
    """A piece of evidence; a negative weight speaks against."""

    text: str
    weight: float


class RunnerUp(Account):
    """Another account that was likely, and why."""

    evidence: list[Clue]


class RuleTrace(Shape):
    """A rule that was asked: whether it held, else its first condition that failed and what was found."""

    rule: str
    held: bool
    failed: str
    found: str


class LeftOut(Shape):
    """An account that the match policy left out."""

    id: str
    name: str
    why: str


class Passed(Shape):
    """A member of a pool who could not take the lead."""

    user: str
    why: str


class Turn(Shape):
    """Whose turn it was in a pool."""

    pool: str
    how: Literal["turn", "fewest", "fit", "account"] = Field(
        description="Why this member: by turn, fewest open leads, skills, or they have a lead of the same account."
    )
    passed: list[Passed]


class Deed(Shape):
    """An action, and what became of it."""

    kind: str = Field(examples=["assign"])
    subject: str
    record: str = Field(description="The id of the record it names.")
    due: datetime | None
    state: Literal["planned", "begun", "done", "already", "refused", "unknown"]
    detail: str
    made: str = Field(description="The CRM's id of what it made, such as a task; empty when it made nothing.")
    at: datetime | None = None


class Awaited(Shape):
    """Whether somebody worked on the lead in time."""

    due_at: datetime
    status: ResponseStatus
    responded_at: datetime | None
    minutes: float | None


class Timer(Shape):
    """Something that waits for its time."""

    decision_key: str
    kind: str
    due_at: datetime


class Story(Decision):
    """A decision with everything behind it."""

    timeline: list[Point]
    duplicate_of: str = Field(description="The id of the older record; empty when there is none.")
    duplicate_evidence: list[Clue]
    evidence: list[Clue] = Field(description="What speaks for and against the account.")
    runners_up: list[RunnerUp]
    left_out: list[LeftOut]
    match_reason: str
    tie: str = Field(description="What decided between accounts that were as likely; empty when there was no tie.")
    needed: str = Field(description="What would have had to differ for another match; empty when nothing is to say.")
    path: list[RuleTrace] = Field(description="The rules that were asked, in order.")
    refused: list[str] = Field(description="Targets that were asked before and could not take it, with why.")
    fallback: bool = Field(description="Whether it went to what takes over where a target cannot.")
    turn: Turn | None
    until: datetime | None = Field(description="Until when it waits; null when it does not.")
    owner_before: str = Field(description="The id of who owned the lead; empty when nobody did.")
    fields: dict[str, Any] = Field(description="The lead as it was read, by our names of fields.")
    deeds: list[Deed]
    merging: list[str]
    untold: list[str] = Field(description="Why whoever gets the lead has no task, or no notification.")
    awaited: Awaited | None
    attempts: int = Field(description="Tries that failed.")
    changes: int = Field(description="How many changes of the lead it answers.")
    part_of: str = Field(description="The key of the decision whose timer was due; empty for all others.")


class LeadHistory(Shape):
    """All that is known of a lead."""

    lead: Lead
    became: str = Field(description="The id of the record that it is part of now; empty when it is itself.")
    decisions: list[Story] = Field(description="In the order in which they were made.")
    undone: list[str] = Field(description="The keys of those that were taken back.")
    waiting: list[Timer]


class UndoPreview(Shape):
    """What would go back of a decision."""

    can: bool
    back: list[str] = Field(description="What goes back.")
    left: list[str] = Field(description="What is left, as somebody has changed it since.")
    why: str = Field(description="Why nothing goes back; empty when something does.")
    until: datetime | None = Field(description="Until when a merge can be taken back; null for what merged nothing.")


class Begun(Shape):
    """Work that was begun; `GET /install` shows how far it is."""

    work: str = Field(description="Its name.", examples=["undo:1f2e3d4c"])


class DecisionQuery(Paging):
    """Which decisions. What people can be known by is looked for with `POST /decisions/search`."""

    lead: Line = Field("", description="The id of a lead.")
    rule: Line = Field("", description="The name of the rule that decided.")
    outcome: Line = Field("", description=f"One of {OUTCOMES}.")
    state: Literal["", "settled", "intended", "parked"] = Field("", description="How far it is.")
    since: Moment | None = Field(None, description="Decided from then on.")
    until: Moment | None = Field(None, description="Decided before then.")


class SearchWish(DecisionQuery):
    """What is looked for; all that is given must be so."""

    text: Line = Field("", description="Anything: e-mail, @domain, words of names, a record id, its page's address.")
    email: Line = Field("", examples=["marie@acme.fr"])
    domain: Line = Field("")
    company: Line = Field("")
    name: Line = Field("")
    rep: Line = Field("", description="The name, e-mail address or id of who got it.")


def line(stored: Stored) -> dict[str, Any]:
    """Return the values of a decision as a line of a list."""
    made = stored.decision
    found, route = made.match.account, made.route
    return {
        "key": made.key,
        "lead": Lead(id=made.lead.id, name=lead_name(made.lead)),
        "outcome": made.outcome,
        "state": stored.state,
        "trouble": stored.reason if stored.state != "settled" else "",
        "mode": made.mode,
        "rule": route.rule,
        "target": route.target,
        "assignee": Person.model_validate(route.assignee) if route.assignee else None,
        "why": route.reason,
        "match": made.match.status,
        "account": Account(id=found.account_id, name=found.name, confidence=found.confidence) if found else None,
        "duplicate": made.duplicate.status,
        "received_at": made.received_at,
        "decided_at": made.decided_at,
        "settled_at": stored.settled_at,
        "ruleset_version": made.ruleset_version,
        "trace_id": made.trace_id,
        "calls": stored.calls,
        "together": stored.together,
        "undoes": made.undoes,
    }


def story(told: Tale) -> Story:
    """Return a whole story."""
    made, route = told.decision, told.decision.route
    deeds = [
        Deed(
            kind=each.kind,
            subject=each.subject,
            record=each.record,
            due=each.due,
            state=each.entry.state if each.entry else "planned",
            detail=each.entry.detail if each.entry else "",
            made=each.entry.ref if each.entry else "",
            at=each.at,
        )
        for each in told.deeds
    ]
    runners = [
        RunnerUp(id=each.account_id, name=each.name, confidence=each.confidence, evidence=list(map(_clue, clues)))
        for each, clues in told.runners_up
    ]
    return Story(
        **line(told.stored),
        timeline=[Point.model_validate(each) for each in told.timeline],
        duplicate_of=made.duplicate.of_id or "",
        duplicate_evidence=list(map(_clue, told.duplicate)),
        evidence=list(map(_clue, told.account)),
        runners_up=runners,
        left_out=[LeftOut(id=each.account_id, name=each.name, why=each.why) for each in made.match.filtered],
        match_reason=made.match.reason,
        tie=made.match.tie,
        needed=made.match.needed,
        path=[RuleTrace.model_validate(each) for each in route.path],
        refused=[f"{target}: {why}" for target, why in route.refused],
        fallback=route.fallback,
        turn=_turn(route.turn) if route.turn else None,
        until=route.until,
        owner_before=made.lead.owner_id or "",
        fields=dict(made.lead.fields),
        deeds=deeds,
        merging=list(made.merging),
        untold=list(made.untold),
        awaited=Awaited.model_validate(told.awaited) if told.awaited else None,
        attempts=told.stored.attempts,
        changes=len(told.stored.letters),
        part_of=told.stored.part_of,
    )


def history(told: Told) -> LeadHistory:
    """Return all that is known of a lead."""
    return LeadHistory(
        lead=Lead(id=told.lead_id, name=told.name),
        became=told.became.new_id if told.became else "",
        decisions=[story(each) for each in told.stories],
        undone=sorted(told.undone),
        waiting=[Timer.model_validate(each) for each in told.waiting],
    )


def _turn(turn: model.Turn) -> Turn:
    passed = [Passed(user=user, why=why) for user, why in turn.passed]
    return Turn.model_validate({"pool": turn.pool, "how": turn.how, "passed": passed})


def _clue(found: object) -> Clue:
    return Clue.model_validate(found)
