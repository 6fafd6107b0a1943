"""Operations on decisions: finding them, the story of one, trying again, taking back."""

from __future__ import annotations

from datetime import datetime

from connector.api import pages
from connector.api.caller import Caller
from connector.api.decision_shapes import (
    Begun,
    Decision,
    DecisionPage,
    DecisionQuery,
    LeadHistory,
    SearchWish,
    Story,
    UndoPreview,
    history,
    line,
    story,
)
from connector.api.frame import operation
from connector.api.install import Counted
from connector.api.tags import DECISIONS
from connector.desk import activity, undoing
from connector.desk.activity import Cursor, Wanted


@operation("GET", "/decisions", tag=DECISIONS, scope="read", returns=DecisionPage, query=DecisionQuery)
def list_decisions(caller: Caller, *, query: DecisionQuery) -> DecisionPage:
    """List decisions, the newest first.

    They are known here for some weeks; the audit records in the CRM go back further.
    """
    return _found(caller, query)


@operation("POST", "/decisions/search", tag=DECISIONS, scope="read", returns=DecisionPage, body=SearchWish)
def search_decisions(caller: Caller, *, body: SearchWish) -> DecisionPage:
    """Find decisions by anything that is known of a lead.

    A POST, as names and e-mail addresses do not belong in addresses of pages, which many machines keep.
    """
    return _found(caller, body)


@operation("GET", "/decisions/<decision>", tag=DECISIONS, scope="read", returns=Story)
def get_decision(caller: Caller, decision: str) -> Story:
    """Tell the story of one decision: what came in, what was found, who got it and why, what was done."""
    return story(activity.story(caller.services, caller.install, decision))


@operation("POST", "/decisions/<decision>/retry", tag=DECISIONS, scope="runs:write", returns=Counted)
def retry_decision(caller: Caller, decision: str) -> Counted:
    """Try what a parked decision could not do again; what was done stays done."""
    return Counted(count=activity.retry(caller.services, caller.install, decision, by=caller.by))


@operation("GET", "/decisions/<decision>/undo", tag=DECISIONS, scope="read", returns=UndoPreview, faults=(409,))
def preview_undo(caller: Caller, decision: str) -> UndoPreview:
    """Tell what would go back of a decision, as things are in the CRM now; nothing is changed."""
    return UndoPreview.model_validate(undoing.preview(caller.services, caller.install, decision))


@operation("POST", "/decisions/<decision>/undo", tag=DECISIONS, scope="runs:write", returns=Begun, status=202)
def undo_decision(caller: Caller, decision: str) -> Begun:
    """Take a decision back: owner, account, task, timers and the turn in the pool.

    It is done behind what happens live. What somebody has changed since is left; every undo leaves an audit record.
    """
    made = undoing.undo(caller.services, caller.install, decision, by=caller.by, name=caller.name)
    return Begun(work=made)


@operation("GET", "/leads/<lead>", tag=DECISIONS, scope="read", returns=LeadHistory)
def get_lead(caller: Caller, lead: str) -> LeadHistory:
    """Tell all that is known of one lead."""
    return history(activity.lead(caller.services, caller.install, lead))


def _found(caller: Caller, asked: DecisionQuery) -> DecisionPage:
    mine = caller.install
    given = asked.model_dump(exclude={"limit", "cursor"})
    listing = "decisions " + repr(sorted(given.items(), key=str))
    place = pages.place(mine.id, listing, asked.cursor)
    after = Cursor(datetime.fromisoformat(place[0]), str(place[1])) if place else None
    found = activity.find(caller.services, mine, Wanted(**given), after=after, limit=asked.limit)
    older = [found.older.moment.isoformat(), found.older.key] if found.older else None
    items = [Decision(**line(each)) for each in found.decisions]
    return DecisionPage(items=items, next=pages.cursor(mine.id, listing, older))
