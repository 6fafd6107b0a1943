"""Reviews in the console: matches that a person is asked about, with what speaks for and against each account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast, get_args

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.store import reviews as store
from connector.store.reviews import Review, Verdict
from connector.web.access import asked_by_htmx, me, my_install, services, signed_in
from connector.web.story import Clue
from jobs import reviews as said
from rules.model import Candidate

log = structlog.get_logger()
reviews = Blueprint("reviews", __name__, url_prefix="/installs/<install_id>/reviews")

PAGE = 25
"""Reviews a page; the next ones move up as these are answered."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An account that may be the lead's, and its evidence, what speaks for it first."""

    account: Candidate
    clues: tuple[Clue, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One review on the page: the best account and the others."""

    review: Review
    best: Choice
    others: tuple[Choice, ...]


@reviews.get("")
@signed_in
def listing(install_id: str) -> ResponseReturnValue:
    """List the reviews that wait for a person, the longest waiting first."""
    mine = my_install(install_id)
    here = services()
    with here.database.read() as connection:
        found = store.waiting(connection, mine.id, here.seal(mine), limit=PAGE)
        count = store.count(connection, mine.id)
    template = "parts/reviews.html" if asked_by_htmx() else "reviews.html"
    return render_template(template, install=mine, questions=[_question(each) for each in found], count=count)


@reviews.post("/<key>")
@signed_in
def answer(install_id: str, key: str) -> ResponseReturnValue:
    """Take down what a person says of one account (`account`) of the lead `key`: accepted, rejected or never."""
    mine = my_install(install_id)
    verdict, account_id = request.form.get("verdict", ""), request.form.get("account", "")
    if verdict not in get_args(Verdict):
        abort(400)
    here, person = services(), me()
    with here.database.write() as connection:
        found = said.answer(
            connection,
            mine.id,
            here.seal(mine),
            lead_id=key,
            account_id=account_id,
            verdict=cast("Verdict", verdict),
            by=person.name or person.user_id,
            now=here.clock(),
        )
    if found:
        here.ring(mine.id)
        log.info("reviewed", install=mine.id, lead=key, account=account_id, verdict=verdict, by=person.user_id)
    flash(f"reviewed:{verdict if found else 'gone'}")
    return redirect(url_for("reviews.listing", install_id=mine.id), 303)


def _question(review: Review) -> Question:
    candidates = review.detail.candidates
    heaviest = max((abs(each.weight) for account in candidates for each in account.evidence), default=0.0) or 1.0
    best, *others = (_choice(each, heaviest) for each in candidates)
    return Question(review, best, tuple(others))


def _choice(account: Candidate, heaviest: float) -> Choice:
    ordered = sorted(account.evidence, key=lambda each: -each.weight)
    return Choice(account, tuple(Clue(each.text, each.weight, abs(each.weight) / heaviest) for each in ordered))
