"""Operations that try rules out: the preview of a lead, simulations over past leads."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from connector.api import pages
from connector.api.caller import Caller
from connector.api.decision_shapes import Person
from connector.api.frame import CSV, Answer, operation
from connector.api.rule_shapes import Text
from connector.api.shapes import KEYS, LINE, Key, Line, Moment, Page, Paging, Shape, Wish
from connector.api.tags import TRYING
from connector.desk import preview, simulations
from connector.desk.faults import NotThere
from jobs.preview import plain

Side = Annotated[str, StringConstraints(pattern=r"^(live|drafts|text|edition:[0-9]{1,7})$")]
Value = Annotated[str, StringConstraints(max_length=1000, pattern=LINE)]
MOST_FIELDS = 100


class PreviewWish(Wish):
    """A lead: one of the CRM, one that is typed in, or both."""

    lead: Line = Field("", description="Its id, the address of its page, or its e-mail address.")
    fields: dict[Key, Value] = Field(
        default={},
        max_length=MOST_FIELDS,
        description="Values by name of field; an empty one takes the value away.",
        examples=[{"country": "FR", "company": "Acme"}],
        json_schema_extra=KEYS,
    )
    rules: Literal["live", "drafts", "text"] = Field("live", description="By which rules; `text`: those of `text`.")
    text: Text = Field("", description="A whole rule set.")
    at: Moment | None = Field(None, description="As if it came then; null: now.")
    again: bool = Field(False, description="As an update, after what was decided before.")


class Needed(Shape):
    """What would need to differ for a rule that was passed over."""

    rule: str
    condition: str
    found: str


class PreviewResult(Shape):
    """What would become of a lead. Nothing was written."""

    outcome: str
    rule: str
    assignee: Person | None
    reason: str
    story: str
    needed: list[Needed]
    fields: dict[str, Any] = Field(description="The lead's values that were gone by, by our names.")
    detail: dict[str, Any] = Field(description="All of it, as the audit record would have it.")


class SimulationWish(Wish):
    """What to simulate: two rule sets over past leads."""

    after: Side = Field("drafts", description="`drafts`, `live`, `edition:7`, or `text`.", examples=["drafts"])
    before: Side = Field("live", description="What to compare with.", examples=["live"])
    text: Text = Field("", description="A whole rule set, for `text`.")
    days: int = Field(30, ge=1, le=3650, description="Leads of so many days.")
    table: Text = Field("", description="Leads of a CSV table instead; its first row names the fields.")
    open_days: int = Field(7, ge=0, le=365, description="How long a lead counts as open after it was given away.")


class Simulation(Shape):
    """A simulation, and how far it is."""

    name: str
    state: Literal["waiting", "running", "paused", "done", "failed"]
    done: int
    total: int | None
    reason: str
    started_at: datetime | None
    updated_at: datetime
    by: str
    before: str
    after: str
    days: int


class SimulationList(Shape):
    """The simulations, the newest first."""

    items: list[Simulation]


class OwnerCount(Shape):
    """How many leads somebody gets by the one and by the other rules."""

    id: str
    name: str
    before: int
    after: int


class RuleCount(Shape):
    """How many leads a rule takes by the one and by the other rules."""

    rule: str
    before: int
    after: int


class Comparison(Shape):
    """What came of a simulation."""

    leads: int
    moves: int = Field(description="How many leads change hands.")
    before: dict[str, Any] = Field(description="The sums of the one rule set.")
    after: dict[str, Any] = Field(description="The sums of the other.")
    owners: list[OwnerCount]
    rules: list[RuleCount]


class MovedLead(Shape):
    """A lead that changes hands."""

    lead: str
    name: str
    received_at: str
    owner_before: str
    owner_after: str
    rule_before: str
    rule_after: str
    reason_before: str
    reason_after: str
    given_at_before: str
    given_at_after: str


class MovedPage(Page):
    """A page of leads that change hands, in order of arrival."""

    items: list[MovedLead]


@operation("POST", "/preview", tag=TRYING, scope="rules:write", returns=PreviewResult, body=PreviewWish, faults=(404,))
def preview_lead(caller: Caller, *, body: PreviewWish) -> PreviewResult:
    """Tell what would become of a lead, why, and what would need to differ. Nothing is written.

    It reads whatever lead is named from the CRM, and spends its calls, so it asks for more than `read`.
    """
    rules = preview.chosen(body.rules, body.text)
    asked = preview.Asked(body.lead, dict(body.fields), rules, body.at, body.again)
    found = preview.ask(caller.services, caller.install, asked)
    told = plain(found.found)
    return PreviewResult(**{**told, "detail": json.loads(told["detail"])}, fields=dict(found.fields))


@operation("POST", "/simulations", tag=TRYING, scope="runs:write", returns=Simulation, status=201, body=SimulationWish)
def start_simulation(caller: Caller, *, body: SimulationWish) -> Simulation:
    """Send past leads through two rule sets, and tell what would have come out otherwise.

    Workers do it; look at it until its state is `done`.
    """
    wish = simulations.Wish(body.after, body.before, body.text, body.days, body.table.encode(), body.open_days)
    name = simulations.start(caller.services, caller.install, wish, by=caller.by, name=caller.name)
    return _standing(caller, name)


@operation("GET", "/simulations", tag=TRYING, scope="read", returns=SimulationList)
def list_simulations(caller: Caller) -> SimulationList:
    """List the simulations, the newest first."""
    found = simulations.listing(caller.services, caller.install)
    return SimulationList(items=[Simulation.model_validate(each) for each in found])


@operation("GET", "/simulations/<simulation>", tag=TRYING, scope="read", returns=Simulation)
def get_simulation(caller: Caller, simulation: str) -> Simulation:
    """Tell how far a simulation is."""
    return _standing(caller, simulation)


@operation("POST", "/simulations/<simulation>/pause", tag=TRYING, scope="runs:write", returns=Simulation)
def pause_simulation(caller: Caller, simulation: str) -> Simulation:
    """Let a simulation rest where it stands."""
    simulations.pause(caller.services, caller.install, simulation, by=caller.by)
    return _standing(caller, simulation)


@operation("POST", "/simulations/<simulation>/resume", tag=TRYING, scope="runs:write", returns=Simulation)
def resume_simulation(caller: Caller, simulation: str) -> Simulation:
    """Let a paused simulation go on."""
    simulations.resume(caller.services, caller.install, simulation, by=caller.by)
    return _standing(caller, simulation)


@operation("POST", "/simulations/<simulation>/cancel", tag=TRYING, scope="runs:write", returns=Simulation)
def cancel_simulation(caller: Caller, simulation: str) -> Simulation:
    """Have a simulation end without a result."""
    simulations.cancel(caller.services, caller.install, simulation, by=caller.by)
    return _standing(caller, simulation)


@operation("GET", "/simulations/<simulation>/result", tag=TRYING, scope="read", returns=Comparison)
def get_comparison(caller: Caller, simulation: str) -> Comparison:
    """Tell what came of a simulation; it is kept for a month."""
    return Comparison.model_validate(_result(caller, simulation))


@operation("GET", "/simulations/<simulation>/leads", tag=TRYING, scope="read", returns=MovedPage, query=Paging)
def list_moved_leads(caller: Caller, simulation: str, *, query: Paging) -> MovedPage:
    """List the leads that change hands."""
    mine, listing = caller.install, f"moved {simulation}"
    place = pages.place(mine.id, listing, query.cursor)
    start = int(place[0]) if place else 0
    moved, end = _result(caller, simulation)["moved"], start + query.limit
    behind = pages.cursor(mine.id, listing, [end] if end < len(moved) else None)
    return MovedPage(items=[MovedLead.model_validate(each) for each in moved[start:end]], next=behind)


@operation("GET", "/simulations/<simulation>/leads.csv", tag=TRYING, scope="read", media=CSV)
def export_moved_leads(caller: Caller, simulation: str) -> Answer:
    """Return the leads that change hands as a table; no cell is a formula."""
    lines = simulations.csv(caller.services, caller.install, simulation)
    name = f"simulation-{simulation.removeprefix('simulation:')}.csv"
    return Answer("".join(lines), {"Content-Disposition": f'attachment; filename="{name}"'})


def _standing(caller: Caller, name: str) -> Simulation:
    return Simulation.model_validate(simulations.standing(caller.services, caller.install, name))


def _result(caller: Caller, name: str) -> dict[str, Any]:
    found = simulations.result(caller.services, caller.install, name)
    if found is None:
        raise NotThere("Nothing is kept of this simulation (yet).")
    return found
