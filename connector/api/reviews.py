"""Operations on what a person is asked: matches that are not sure enough, and records that may be one."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from connector.api import pages
from connector.api.caller import Caller
from connector.api.frame import operation
from connector.api.install import Counted
from connector.api.queue_shapes import (
    AnswerWish,
    Duplicate,
    DuplicateAnswer,
    DuplicatePage,
    DuplicateQuery,
    DuplicateView,
    LookQuery,
    Review,
    ReviewList,
    ReviewQuery,
    SurePairs,
    SureWish,
    duplicate,
    review,
    view,
)
from connector.api.shapes import Name, Shape, Wish
from connector.api.tags import REVIEWS
from connector.desk import duplicates, retelling, reviews
from connector.errors import Later
from connector.store.pairs import Behind
from rules.merging.plan import NOT_EDITED, Edit

Verdict = Literal["accepted", "rejected", "never"]


class SureReviews(Wish):
    """Leads whose best account is taken as it stands."""

    leads: list[Name] = Field(min_length=1, max_length=25, examples=[["00Q000000000001AAA"]])


class Answered(Shape):
    """What was taken down."""

    lead: str
    account: str
    state: Verdict


@operation("GET", "/reviews", tag=REVIEWS, scope="read", returns=ReviewList, query=ReviewQuery)
def list_reviews(caller: Caller, *, query: ReviewQuery) -> ReviewList:
    """List the matches that wait for a person, the longest waiting first."""
    mine, listing = caller.install, "reviews"
    place = pages.place(mine.id, listing, query.cursor)
    after = (datetime.fromisoformat(place[0]), str(place[1])) if place else None
    found = reviews.queue(caller.services, mine, limit=query.limit, after=after)
    behind = [found.more[0].isoformat(), found.more[1]] if found.more else None
    return ReviewList(
        items=[review(each) for each in found.questions],
        waiting=found.waiting,
        answered=found.answered,
        next=pages.cursor(mine.id, listing, behind),
    )


@operation("GET", "/reviews/sure", tag=REVIEWS, scope="read", returns=ReviewList)
def list_sure_reviews(caller: Caller) -> ReviewList:
    """List the reviews whose best account is most likely the right one, the surest first."""
    found = reviews.queue(caller.services, caller.install, limit=1)
    items = [review(each) for each in reviews.sure(caller.services, caller.install)]
    return ReviewList(items=items, waiting=found.waiting, answered=found.answered, next=None)


@operation("POST", "/reviews/sure", tag=REVIEWS, scope="reviews:write", returns=Counted, body=SureReviews)
def accept_sure_reviews(caller: Caller, *, body: SureReviews) -> Counted:
    """Take the account that was asked about for each of these leads; `count` is how many were still open."""
    return Counted(
        count=reviews.accept_sure(caller.services, caller.install, body.leads, by=caller.by, name=caller.name)
    )


@operation("POST", "/reviews/undo", tag=REVIEWS, scope="reviews:write", returns=Counted, faults=(404,))
def undo_review(caller: Caller) -> Counted:
    """Take back what this key answered last, within the hour; those leads are asked about again."""
    return Counted(count=reviews.undo(caller.services, caller.install, by=caller.by, name=caller.name))


@operation("GET", "/reviews/<lead>", tag=REVIEWS, scope="read", returns=Review)
def get_review(caller: Caller, lead: str) -> Review:
    """Tell what is asked about one lead."""
    return review(reviews.question(caller.services, caller.install, lead))


@operation("POST", "/reviews/<lead>", tag=REVIEWS, scope="reviews:write", returns=Answered, body=AnswerWish)
def answer_review(caller: Caller, lead: str, *, body: AnswerWish) -> Answered:
    """Say whether a lead belongs to an account: accepted, rejected, or never (for all leads of its domain)."""
    made = reviews.answer(
        caller.services,
        caller.install,
        lead,
        verdict=body.verdict,
        account_id=body.account,
        by=caller.by,
        name=caller.name,
    )
    return Answered(lead=made.lead_id, account=made.account_id, state=body.verdict)


@operation("GET", "/duplicates", tag=REVIEWS, scope="read", returns=DuplicatePage, query=DuplicateQuery)
def list_duplicates(caller: Caller, *, query: DuplicateQuery) -> DuplicatePage:
    """List the pairs of records that may be one, the surest first."""
    mine, listing = caller.install, f"duplicates {query.state}"
    place = pages.place(mine.id, listing, query.cursor)
    after = Behind(float(place[0]), str(place[1])) if place else None
    found = duplicates.listing(caller.services, mine, state=query.state, after=after, limit=query.limit)
    behind = [found.more.confidence, found.more.key] if found.more else None
    return DuplicatePage(
        items=[duplicate(each) for each in found.found],
        counts=dict(found.counts),
        answered=found.answered,
        next=pages.cursor(mine.id, listing, behind),
    )


@operation("GET", "/duplicates/sure", tag=REVIEWS, scope="read", returns=SurePairs, faults=(409,))
def list_sure_duplicates(caller: Caller) -> SurePairs:
    """List the first pairs that are surely the same and that nothing speaks against, as they are in the CRM now."""
    found = duplicates.sure(caller.services, caller.install, by=caller.name)
    return SurePairs(items=[view(each) for each in found])


@operation("POST", "/duplicates/sure", tag=REVIEWS, scope="reviews:write", returns=Counted, body=SureWish)
def accept_sure_duplicates(caller: Caller, *, body: SureWish) -> Counted:
    """Say of several pairs that they are the same, each to be merged as it was seen."""
    count = duplicates.accept_sure(caller.services, caller.install, body.seen, by=caller.by, name=caller.name)
    return Counted(count=count)


@operation("POST", "/duplicates/undo", tag=REVIEWS, scope="reviews:write", returns=Counted, faults=(404,))
def undo_duplicate(caller: Caller) -> Counted:
    """Take back what this key answered last, within the hour; what was merged by it is taken apart again."""
    return Counted(count=duplicates.undo(caller.services, caller.install, by=caller.by, name=caller.name))


@operation(
    "GET", "/duplicates/<pair>", tag=REVIEWS, scope="read", returns=DuplicateView, query=LookQuery, faults=(409,)
)
def get_duplicate(caller: Caller, pair: str, *, query: LookQuery) -> DuplicateView:
    """Show a pair as its records are now, side by side, and what a merge would do."""
    edit = Edit(caller.name, query.survivor) if query.survivor else NOT_EDITED
    found = duplicates.look(caller.services, caller.install, pair, by=caller.name, edit=edit)
    if found.trouble:
        raise Later(found.trouble, seconds=60)
    return view(found)


@operation("POST", "/duplicates/<pair>", tag=REVIEWS, scope="reviews:write", returns=Duplicate, body=DuplicateAnswer)
def answer_duplicate(caller: Caller, pair: str, *, body: DuplicateAnswer) -> Duplicate:
    """Say that a pair is the same, to be merged as it was seen, or that it is not."""
    here, mine = caller.services, caller.install
    changed = body.survivor or body.take
    edit = Edit(caller.name, body.survivor, dict(body.take)) if changed else NOT_EDITED
    duplicates.answer(here, mine, pair, same=body.same, by=caller.by, name=caller.name, edit=edit, seen=body.seen)
    return duplicate(retelling.asked(duplicates.asked_of(here, mine, pair)))
