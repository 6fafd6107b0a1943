"""Operations on long work: readings of the CRM, mass matches, suggestions, clean-ups, undoes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from connector.api import pages
from connector.api.caller import Caller
from connector.api.decision_shapes import Clue
from connector.api.frame import CSV, Answer, operation
from connector.api.shapes import Key, Page, Paging, Shape, Wish
from connector.api.tags import RUNS
from connector.desk import runs, suggestions

Doing = Literal["pause", "resume", "cancel", "apply", "undo", "export"]


class Run(Shape):
    """A piece of long work."""

    name: str = Field(examples=["cleanup:2026-11-23"])
    kind: str = Field(description="backfill, match, try, suggest, cleanup, undo ...")
    about: str = Field(description="What it goes through.")
    state: Literal["waiting", "running", "paused", "done", "failed"]
    done: int | None
    total: int | None
    reason: str
    started_at: datetime | None
    updated_at: datetime | None
    seconds_left: float | None = Field(description="A guess by its pace so far; null while nobody can tell.")
    can: list[Doing] = Field(description="What can be done with it now.")
    report: dict[str, Any] | None = Field(description="What came of a clean-up.")


class RunList(Shape):
    """All long work that is known: what is under way first."""

    items: list[Run]


class CleanupEstimate(Shape):
    """What a clean-up may come to, by a look at the first records."""

    records: int
    sampled: int
    sets: int = Field(description="Sets of records to be asked about.")
    sure: int = Field(description="How many of them are surely the same.")
    looking: int = Field(description="Calls for showing and reading again.")
    merging: int = Field(description="Calls for merging what is sure.")
    left: int | None
    fits: bool


class RunEstimates(Shape):
    """What long work would cost in calls to the CRM."""

    records: dict[str, int] = Field(description="How many records of each kind are read anew by a reading.")
    reading: int
    leads: int
    matching: int
    contacts: int = Field(description="How many contacts suggestions go through; that costs no calls of its own.")
    left: int | None = Field(description="Calls left for it today; null where no limit is known.")
    cleanup: CleanupEstimate


class RunWish(Wish):
    """What to begin."""

    kind: Literal["backfill", "match", "try", "suggest", "cleanup"] = Field(
        description="backfill: read all records again; match: match leads again; try: only count; suggest: find "
        "accounts for contacts that have none; cleanup: duplicates."
    )
    which: Literal["all", "unmatched"] = Field("unmatched", description="Which leads `match` and `try` go through.")
    apply: bool = Field(False, description="Whether a clean-up merges what is surely the same.")


class ContactSuggestion(Shape):
    """A contact without an account, and the one it may belong to."""

    contact_id: str
    contact: str
    account_id: str
    account: str
    confidence: float
    evidence: list[Clue] = Field(description="What speaks for and against the account.")


class ContactSuggestionPage(Page):
    """A page of suggestions, the surest first. It may be shorter than asked for: who has an account now is left out."""

    items: list[ContactSuggestion]
    kept: int = Field(description="How many the last run has found and kept.")
    looked_at: datetime | None = Field(description="When that run was begun; null when there was none.")


class NotTheirs(Wish):
    """A suggestion that is wrong."""

    contact_id: Key
    account_id: Key


class RunsBegun(Shape):
    """The names of what was begun."""

    runs: list[str]


@operation("GET", "/runs", tag=RUNS, scope="read", returns=RunList)
def list_runs(caller: Caller) -> RunList:
    """List all long work: what is under way first, then by when something last happened."""
    return RunList(items=[_run(each) for each in runs.listing(caller.services, caller.install)])


@operation("GET", "/runs/estimate", tag=RUNS, scope="read", returns=RunEstimates)
def estimate_runs(caller: Caller) -> RunEstimates:
    """Tell what long work would cost, before it is begun."""
    found = runs.estimates(caller.services, caller.install)
    values = {name: getattr(found, name) for name in RunEstimates.model_fields if name != "cleanup"}
    guess = CleanupEstimate.model_validate(runs.estimate_cleanup(caller.services, caller.install))
    return RunEstimates.model_validate({**values, "cleanup": guess})


@operation("POST", "/runs", tag=RUNS, scope="runs:write", returns=RunsBegun, status=202, body=RunWish)
def start_run(caller: Caller, *, body: RunWish) -> RunsBegun:
    """Begin long work; workers do it behind what happens live."""
    here, mine, by = caller.services, caller.install, caller.by
    if body.kind == "backfill":
        return RunsBegun(runs=list(runs.start_reading(here, mine, by=by)))
    if body.kind == "cleanup":
        return RunsBegun(runs=[runs.start_cleanup(here, mine, applies=body.apply, by=by, name=caller.name)])
    if body.kind == "suggest":
        return RunsBegun(runs=[runs.start_suggesting(here, mine, by=by, name=caller.name)])
    return RunsBegun(runs=[runs.start_match(here, mine, work=body.kind, which=body.which, by=by)])


@operation("GET", "/runs/suggestions", tag=RUNS, scope="read", returns=ContactSuggestionPage, query=Paging)
def list_suggestions(caller: Caller, *, query: Paging) -> ContactSuggestionPage:
    """List the accounts that contacts without one may belong to, as the last `suggest` run found them."""
    mine, listing = caller.install, "suggestions"
    place = pages.place(mine.id, listing, query.cursor)
    after = (float(place[0]), str(place[1]), str(place[2])) if place else None
    found = suggestions.listing(caller.services, mine, after=after, limit=query.limit)
    return ContactSuggestionPage(
        items=[_suggestion(each) for each in found.found],
        kept=found.kept,
        looked_at=found.looked_at,
        next=pages.cursor(mine.id, listing, list(found.more) if found.more else None),
    )


@operation(
    "POST", "/runs/suggestions/reject", tag=RUNS, scope="reviews:write", body=NotTheirs, status=204, faults=(404,)
)
def reject_suggestion(caller: Caller, *, body: NotTheirs) -> None:
    """Say that a contact does not belong to the account that is suggested: it is not suggested again.

    The CRM keeps it as an audit, as it keeps what is said of a lead and an account.
    """
    ids = body.contact_id, body.account_id
    suggestions.reject(caller.services, caller.install, *ids, by=caller.by, name=caller.name)


@operation("POST", "/runs/suggestions/undo", tag=RUNS, scope="reviews:write", status=204, faults=(404,))
def undo_suggestion(caller: Caller) -> None:
    """Take back what this key rejected last, within the hour; it may be suggested again."""
    suggestions.undo(caller.services, caller.install, by=caller.by, name=caller.name)


@operation("GET", "/runs/<run>", tag=RUNS, scope="read", returns=Run)
def get_run(caller: Caller, run: str) -> Run:
    """Tell how far a run is, and what came of it."""
    return _run(runs.of(caller.services, caller.install, run))


@operation("POST", "/runs/<run>/pause", tag=RUNS, scope="runs:write", returns=Run)
def pause_run(caller: Caller, run: str) -> Run:
    """Let a run rest where it stands."""
    return _moved(caller, run, "pause")


@operation("POST", "/runs/<run>/resume", tag=RUNS, scope="runs:write", returns=Run)
def resume_run(caller: Caller, run: str) -> Run:
    """Let a paused run go on."""
    return _moved(caller, run, "resume")


@operation("POST", "/runs/<run>/cancel", tag=RUNS, scope="runs:write", returns=Run)
def cancel_run(caller: Caller, run: str) -> Run:
    """Have a run end where it stands."""
    return _moved(caller, run, "cancel")


@operation("POST", "/runs/<run>/apply", tag=RUNS, scope="runs:write", returns=Run)
def apply_run(caller: Caller, run: str) -> Run:
    """Merge what a clean-up found to be surely the same."""
    return _moved(caller, run, "apply")


@operation("POST", "/runs/<run>/undo", tag=RUNS, scope="runs:write", returns=Run)
def undo_run(caller: Caller, run: str) -> Run:
    """Take apart again what a clean-up merged."""
    return _moved(caller, run, "undo")


@operation("GET", "/runs/<run>/pairs.csv", tag=RUNS, scope="read", media=CSV)
def export_run(caller: Caller, run: str) -> Answer:
    """Return what a clean-up, or a run for suggestions, found as a table; no cell is a formula."""
    lines = runs.export(caller.services, caller.install, run)
    name = "".join(each if each.isalnum() else "-" for each in run)
    return Answer("".join(lines), {"Content-Disposition": f'attachment; filename="{name}.csv"'})


def _suggestion(found: suggestions.Suggested) -> ContactSuggestion:
    names = [name for name in ContactSuggestion.model_fields if name != "evidence"]
    return ContactSuggestion.model_validate(
        {name: getattr(found, name) for name in names} | {"evidence": found.clues}, from_attributes=True
    )


def _moved(caller: Caller, run: str, do: str) -> Run:
    runs.move(caller.services, caller.install, run, do, by=caller.by, called=caller.name)
    return _run(runs.of(caller.services, caller.install, run))


def _run(found: runs.Run) -> Run:
    work = found.work
    return Run.model_validate(
        {
            "name": found.name,
            "kind": found.kind,
            "about": found.about,
            "state": found.state,
            "done": work.done if work else None,
            "total": work.total if work else None,
            "reason": work.reason if work else "",
            "started_at": work.started_at if work else None,
            "updated_at": work.updated_at if work else None,
            "seconds_left": found.seconds_left,
            "can": sorted(found.can),
            "report": found.report.plain() if found.report else None,
        }
    )
