"""Operations on pools and the people in them: who takes leads, pauses, absences, handing a lead back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from connector.api.caller import Caller
from connector.api.decision_shapes import Person
from connector.api.frame import operation
from connector.api.shapes import Day, Done, Moment, Name, Shape, Wish
from connector.api.tags import PEOPLE
from connector.desk import people, pools
from connector.desk.faults import NotThere
from connector.desk.people import Person as Known
from connector.desk.pools import Board, Due, Seat
from connector.errors import Later


class Limit(Shape):
    """A cap, and how much of it is used."""

    cap: str = Field(examples=["10 per day"])
    used: int


class Away(Shape):
    """Why somebody takes no leads now."""

    until: datetime | None = Field(description="Null: until further notice.")
    since: datetime
    by: str
    planned: bool = Field(description="An absence that was planned, not a pause.")


class Absence(Shape):
    """Days away, planned ahead; whole days of the person's own zone."""

    first: date
    last: date
    begins_at: datetime
    ends_at: datetime
    by: str


class WeekDay(Shape):
    """A day of the next seven: for how many hours somebody can take leads."""

    day: date
    hours: float
    whole: bool
    away: bool


class Member(Shape):
    """A member of a pool."""

    person: Person
    received: int
    entitled: float = Field(description="How many leads were due to them.")
    share: float = Field(description="Their share of the pool's leads, 0 to 1.")
    taking: bool
    why: str = Field(description="Why they cannot take leads now; empty when they can.")
    again: datetime | None = Field(description="When they next can, if that is known.")
    caps: list[Limit]
    open_leads: int | None = Field(description="Null where nobody counted them.")
    limit: int | None = Field(description="How many open leads they may have.")
    away: Away | None
    conditions: list[str] = Field(description="What must hold of a lead for them to be a member.")
    week: list[WeekDay]


class Pool(Shape):
    """A pool with its members."""

    name: str
    rule: str = Field(description="The id of its item among the rules; empty where that is not known.")
    used: bool = Field(description="Whether any rule leads to it.")
    members: list[Member]
    taking: int = Field(description="How many members can take a lead now.")
    received: int
    difference: float = Field(description="By how many leads a member is ahead or behind at most.")
    bound: float = Field(description="What no difference passes while the members stay the same, in leads.")
    strangers: list[str] = Field(description="Addresses in the pool that no user has.")


class Waiting(Shape):
    """A timer that waits."""

    kind: str
    decision_key: str
    lead_id: str
    lead: str
    holder: str
    to: str
    due_at: datetime


class PoolDraft(Shape):
    """A pool that is drafted and not in force."""

    name: str
    rule: str = Field(description="The id of its item among the rules.")


class PoolList(Shape):
    """All pools, and the next timers."""

    people_known: bool = Field(description="False: the CRM does not say who is who, so no pool is told.")
    rules: bool = Field(description="Whether rules are in force.")
    items: list[Pool]
    drafts: list[PoolDraft]
    due: list[Waiting]


class Colleague(Shape):
    """Somebody who can own leads."""

    person: Person
    zone: str
    pools: list[str]
    taking: bool
    held: int = Field(description="Leads that they have by us.")
    lately: int = Field(description="Leads that they were given in seven days.")
    away: Away | None
    planned: list[Absence]


class PeopleList(Shape):
    """Everybody in a pool, or away, by name."""

    items: list[Colleague]


class PauseWish(Wish):
    """Until when somebody takes no leads."""

    until: Moment | None = Field(None, description="Null: until further notice.")


class AbsenceWish(Wish):
    """Whole days of the person's own zone."""

    first: Day = Field(examples=["2026-12-21"])
    last: Day = Field(examples=["2026-12-31"])


class AbsenceList(Shape):
    """Absences that run or are to come, the earliest first."""

    items: list[Absence]


class RejectWish(Wish):
    """The lead that is handed back."""

    lead: Name = Field(description="Its id in the CRM.", examples=["00Q000000000001AAA"])


@operation("GET", "/pools", tag=PEOPLE, scope="read", returns=PoolList)
def list_pools(caller: Caller) -> PoolList:
    """Tell each pool: who can take leads now, and what each received of what was due to them."""
    page = pools.read(caller.services, caller.install)
    return PoolList(
        people_known=page.people is not None,
        rules=page.rules,
        items=[_pool(each) for each in page.boards],
        drafts=[PoolDraft(name=name, rule=record) for name, record in page.drafts.items()],
        due=[_waiting(each) for each in page.due],
    )


@operation("GET", "/people", tag=PEOPLE, scope="read", returns=PeopleList)
def list_people(caller: Caller) -> PeopleList:
    """List everybody who is in a pool, has leads by our doing, or is paused or away."""
    found = people.people(caller.services, caller.install)
    if found.known is None:
        raise Later("The CRM does not say who its users are.", seconds=60)
    return PeopleList(items=[_colleague(each) for each in found.persons])


@operation("GET", "/people/<person>", tag=PEOPLE, scope="read", returns=Colleague)
def get_person(caller: Caller, person: str) -> Colleague:
    """Tell one person: their pools, their leads, their absences."""
    return _colleague(people.person(caller.services, caller.install, person))


@operation("PUT", "/people/<person>/pause", tag=PEOPLE, scope="people:write", returns=Colleague, body=PauseWish)
def pause_person(caller: Caller, person: str, *, body: PauseWish) -> Colleague:
    """Give somebody no more leads, in every pool."""
    people.person(caller.services, caller.install, person)
    people.pause(caller.services, caller.install, person, until=body.until, by=caller.by)
    return _colleague(people.person(caller.services, caller.install, person))


@operation("DELETE", "/people/<person>/pause", tag=PEOPLE, scope="people:write", returns=Done)
def resume_person(caller: Caller, person: str) -> Done:
    """Have somebody take leads again; an absence that was planned stays."""
    people.person(caller.services, caller.install, person)
    return Done(changed=people.resume(caller.services, caller.install, person, by=caller.by))


@operation("GET", "/people/<person>/absences", tag=PEOPLE, scope="read", returns=AbsenceList)
def list_absences(caller: Caller, person: str) -> AbsenceList:
    """List somebody's absences that run or are to come."""
    people.person(caller.services, caller.install, person)
    found = people.planned(caller.services, caller.install, person)
    return AbsenceList(items=[Absence.model_validate(each) for each in found])


@operation(
    "POST", "/people/<person>/absences", tag=PEOPLE, scope="people:write", returns=Absence, status=201, body=AbsenceWish
)
def plan_absence(caller: Caller, person: str, *, body: AbsenceWish) -> Absence:
    """Plan an absence of whole days."""
    user = people.person(caller.services, caller.install, person).user
    made = people.plan(caller.services, caller.install, user, first=body.first, last=body.last, by=caller.by)
    return Absence.model_validate(made)


@operation("DELETE", "/people/<person>/absences/<day>", tag=PEOPLE, scope="people:write")
def remove_absence(caller: Caller, person: str, day: str) -> None:
    """Take an absence back by its first day; one that runs ends now."""
    try:
        first = date.fromisoformat(day)
    except ValueError:
        raise NotThere("No absence begins on that day.") from None
    people.unplan(caller.services, caller.install, person, first, by=caller.by)


@operation("POST", "/people/<person>/reject", tag=PEOPLE, scope="people:write", returns=Done, body=RejectWish)
def reject_lead(caller: Caller, person: str, *, body: RejectWish) -> Done:
    """Hand back a lead that somebody was given: it is routed anew, and not to them.

    `changed` is false when they do not have it by us.
    """
    people.person(caller.services, caller.install, person)
    return Done(changed=people.reject(caller.services, caller.install, person, body.lead))


def _pool(board: Board) -> Pool:
    return Pool(
        name=board.pool.name,
        members=[_member(each) for each in board.seats],
        taking=board.taking,
        received=board.received,
        difference=board.difference,
        bound=board.bound,
        strangers=list(board.strangers),
        used=board.used,
        rule=board.record,
    )


def _member(seat: Seat) -> Member:
    line = seat.line
    values: dict[str, Any] = {name: getattr(seat, name) for name in ("why", "again", "open_leads", "limit")}
    return Member(
        **values,
        person=Person.model_validate(line.user),
        received=line.got,
        entitled=line.entitled,
        share=line.share,
        taking=not seat.why,
        caps=[Limit(cap=str(each.cap), used=each.used) for each in seat.caps],
        away=Away.model_validate(seat.away) if seat.away else None,
        conditions=list(seat.conditions),
        week=[WeekDay.model_validate(each) for each in seat.week],
    )


def _waiting(due: Due) -> Waiting:
    timer = due.timer
    return Waiting(
        kind=timer.kind,
        decision_key=timer.decision_key,
        lead_id=timer.lead_id,
        lead=due.lead,
        holder=due.holder.name if due.holder else "",
        to=due.to,
        due_at=timer.due_at,
    )


def _colleague(known: Known) -> Colleague:
    return Colleague(
        person=Person.model_validate(known.user),
        zone=known.user.zone,
        pools=[each.pool for each in known.places],
        taking=known.taking,
        held=known.load.held,
        lately=known.load.lately,
        away=Away.model_validate(known.away) if known.away else None,
        planned=[Absence.model_validate(each) for each in known.planned],
    )
