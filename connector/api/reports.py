"""Operations on figures: reports over a period, the budget of calls, and how the machinery is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from connector.api.caller import Caller
from connector.api.frame import CSV, Answer, operation
from connector.api.install import PutOff, Quiet, StreamState, Work
from connector.api.shapes import Line, Reason, Shape, Wish
from connector.api.tags import INSTALL, REPORTS
from connector.desk import health, reports, sheets, spending, tickets
from connector.desk.faults import Unusable
from connector.desk.periods import Period, period
from connector.desk.reports import Report as Told


class PeriodQuery(Wish):
    """Which days."""

    period: Literal["today", "7", "last-week", "30", "90", "range"] = Field(
        "7", description="The days that end today; last-week: from Monday to Sunday."
    )
    first: Line = Field("", description="The first day, for `range`.", examples=["2026-11-01"])
    last: Line = Field("", description="The last day, for `range`.", examples=["2026-11-23"])
    zone: Line = Field("UTC", description="By whose midnight a day begins.", examples=["Europe/Paris"])


class Day(Shape):
    """A day: how many decisions of each outcome."""

    day: date
    outcomes: dict[str, int]


class Bucket(Shape):
    """So many took at most this, and longer than those of the bucket before."""

    upto: float | None = Field(description="Null: longer than all others.")
    count: int


class Spread(Shape):
    """How long something took."""

    buckets: list[Bucket]
    count: int
    p50: float | None
    p90: float | None
    p99: float | None


class Source(Shape):
    """How leads of a source were matched."""

    name: str
    matched: int
    review: int
    none: int
    rate: float = Field(description="The share that was matched, 0 to 1.")


class Answers(Shape):
    """What came of waiting for answers."""

    in_time: int
    late: int
    never: int
    none: int = Field(description="The lead was gone, or somebody else's, before its time was over.")
    kept: float | None = Field(description="The share that was answered in time, 0 to 1.")


class Rep(Shape):
    """A person or queue: how many leads they got on each day, and how they answered."""

    user_id: str
    name: str
    per_day: list[int]
    answers: Answers
    overdue: int = Field(description="Leads that wait for an answer past their time now, whenever they came.")


class Report(Shape):
    """What a period came to."""

    first: date
    last: date
    zone: str
    since: datetime | None = Field(description="When counting began, if that is within the period.")
    is_empty: bool
    days: list[Day]
    speed: Spread = Field(description="Seconds from the event until owner or task was written.")
    sources: list[Source]
    unmatched: dict[str, int] = Field(description="Leads without an account, by reason.")
    answers: Answers
    answered: Spread = Field(description="Minutes from then until somebody worked on the lead.")
    reps: list[Rep]
    rules: dict[str, int] = Field(description="Leads that each rule decided about.")
    pools: dict[str, int]
    overdue: int = Field(description="Leads that wait for an answer past their time now, whenever they came.")


class Allowance(Shape):
    """What the CRM says of everybody's calls in 24 hours."""

    used: int
    total: int
    at: datetime


class Hour(Shape):
    """Our calls of one hour."""

    at: datetime
    calls: int


class BudgetState(Shape):
    """How many calls to the CRM were made, and how many may be."""

    used: int = Field(description="Our calls of the last 24 hours.")
    today: int = Field(description="Our calls since midnight UTC.")
    by_midnight: int = Field(description="How many we shall have made by the next midnight UTC, as things go.")
    per_hour: float
    ours: dict[str, int] = Field(description="Our calls of the last 24 hours by what they were made for.")
    hours: list[Hour] = Field(description="Our calls of the last 24 hours, hour by hour.")
    granted: int | None = Field(description="Our share of what the CRM allows; null where it has no daily limit.")
    rests_at: int | None = Field(description="At how many calls of ours catching up rests.")
    reached_at: datetime | None = Field(description="When that share is used up, as things go.")
    everybody: Allowance | None


class Trouble(Shape):
    """Letters or decisions that wait, or stand still, for one reason."""

    what: str
    state: str
    reason: Reason
    count: int
    at: datetime


class ParkedChange(Shape):
    """A change that stands still until somebody asks for another try."""

    kind: str
    record: str = Field(description="The id of the record in the CRM.")
    change: str
    received_at: datetime
    reason: Reason


class Versions(Shape):
    """What is at work."""

    switchyard: str
    python: str
    database: str
    schema_now: str = Field(description="The version of the database's tables.")
    newest: str


class RulesInForce(Shape):
    """The rules in force."""

    version: str = Field(description="Empty before the first.")
    read_at: datetime | None
    fault: str = Field(description="Why newer ones are not in force.")


class Arrivals(Shape):
    """When anything came in."""

    oldest: datetime | None = Field(description="The oldest letter that waits and is due.")
    latest: datetime | None
    decided: datetime | None
    place: datetime | None = Field(description="When the place in the stream of changes was last stored.")


class HealthState(Shape):
    """How the machinery of an install is."""

    at: datetime
    versions: Versions
    arrivals: Arrivals
    inbox: dict[str, int]
    unsettled: dict[str, int]
    quiet: Quiet | None
    put_off: list[PutOff]
    parked: list[ParkedChange] = Field(description="The first of them; `inbox` has the number of all.")
    troubles: list[Trouble]
    work: list[Work]
    stream: StreamState | None = Field(description="Null where nothing was heard yet, and in HubSpot.")
    rules: RulesInForce
    index: dict[str, int] = Field(description="How many records of each kind matching knows.")
    staged: int = Field(description="Rows of the index that are on their way.")
    read_at: datetime | None
    queue: int | None = Field(description="Drains that wait for a worker; null: Redis does not answer.")
    workers: int | None = Field(description="How many workers are at work; null: Redis does not answer.")
    drained_until: datetime | None
    clock: bool = Field(description="Whether a clock is at work.")
    ticket: str = Field(description="All of it as one text without personal data, for a support ticket.")


@operation("GET", "/reports", tag=REPORTS, scope="read", returns=Report, query=PeriodQuery)
def get_report(caller: Caller, *, query: PeriodQuery) -> Report:
    """Tell what a period came to: speed to lead, match rate, answers, load, rules, pools."""
    found = _report(caller, query)
    values = {name: getattr(found, name) for name in Report.model_fields if hasattr(found, name)}
    values |= {"first": found.period.first, "last": found.period.last, "zone": str(found.period.zone)}
    return Report.model_validate(values, from_attributes=True)


@operation("GET", "/reports/<sheet>.csv", tag=REPORTS, scope="read", media=CSV, query=PeriodQuery)
def export_report(caller: Caller, sheet: str, *, query: PeriodQuery) -> Answer:
    """Return one table of a report; no cell is a formula.

    The tables are outcomes, speed, sources, unmatched, answers, answered, load, rules and pools; and of now, whatever
    the period, fairness (what members of pools received of what was due) and calls (of the last 24 hours, by hour).
    """
    text = sheets.csv(sheets.table(caller.services, caller.install, sheet, _period(caller, query)))
    return Answer(text, {"Content-Disposition": f'attachment; filename="{sheet}.csv"'})


@operation("GET", "/budget", tag=INSTALL, scope="read", returns=BudgetState)
def get_budget(caller: Caller) -> BudgetState:
    """Tell how many calls to the CRM were made, and how many may be."""
    found = spending.forecast(caller.services, caller.install)
    told = found.told
    names = ("used", "today", "by_midnight", "per_hour", "granted", "rests_at", "reached_at")
    values = {name: getattr(found, name) for name in names}
    return BudgetState(
        **values,
        ours={str(work): calls for work, calls in found.ours.items()},
        hours=[Hour(at=at, calls=calls) for at, calls in found.hours],
        everybody=Allowance(used=told.allowance.used, total=told.allowance.total, at=told.at) if told else None,
    )


@operation("GET", "/health", tag=INSTALL, scope="read", returns=HealthState)
def get_health(caller: Caller) -> HealthState:
    """Tell how the machinery of the install is, and what to put into a support ticket."""
    found = health.read(caller.services, caller.install)
    names = {"versions", "ticket", "parked"}
    values = {name: getattr(found, name) for name in HealthState.model_fields if name not in names}
    versions = found.versions
    values["versions"] = Versions(
        switchyard=versions.switchyard,
        python=versions.python,
        database=versions.database,
        schema_now=versions.schema,
        newest=versions.newest,
    )
    values["parked"] = [
        ParkedChange(
            kind=each.event.kind,
            record=each.event.record_id,
            change=each.event.change,
            received_at=each.received_at,
            reason=each.reason,
        )
        for each in found.parked
    ]
    values["ticket"] = tickets.ticket(found)
    return HealthState.model_validate(values, from_attributes=True)


def _report(caller: Caller, asked: PeriodQuery) -> Told:
    return reports.report(caller.services, caller.install, _period(caller, asked))


def _period(caller: Caller, asked: PeriodQuery) -> Period:
    try:
        zone = ZoneInfo(asked.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unusable("There is no zone of this name.", field="zone") from None
    return period(asked.period, now=caller.services.clock(), zone=zone, first=asked.first, last=asked.last)
