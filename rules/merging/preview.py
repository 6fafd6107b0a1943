"""What a merge would do, in sentences for people: who stays, who goes, which values change, what is final."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rules.clauses import compare
from rules.merging.names import Names, joined
from rules.merging.plan import Plan
from rules.merging.survivorship import Chosen
from rules.model import User, Value
from rules.wording.said import strung
from rules.wording.words import say, showable

__all__ = ["preview"]

MOST_SHOWN = 20
"""Fields that are told one by one; what follows is counted."""


def preview(plan: Plan, users: Mapping[str, User], by: str = "") -> tuple[str, ...]:
    """Return what a merge would do, sentence by sentence: the survivor first, what forbids it last.

    `users` are those of the CRM by id; `by` is the person who edited the plan.
    """
    names = Names(plan.records)
    return tuple(_told(plan, names, users, by))


def _told(plan: Plan, names: Names, users: Mapping[str, User], by: str) -> Iterator[str]:
    yield say("merge.keeps", record=names(plan.survivor), why=plan.reason)
    if merged := [record for record in plan.losers if record.id not in plan.converts]:
        yield say("merge.joins", records=names.several(merged))
    if converted := [record for record in plan.losers if record.id in plan.converts]:
        yield say("merge.converts", records=names.several(converted))
    for name, chosen in list(plan.changes.items())[:MOST_SHOWN]:
        yield say("merge.value", field=_label(name), value=compare.shown(chosen.value), why=_why(chosen, names, by))
    if (rest := len(plan.changes) - MOST_SHOWN) > 0:
        yield say("merge.values.more", count=rest)
    if gone := [strung(" ", [_label(name), compare.shown(value)]) for name, value in _gone(plan)]:
        told = gone[:MOST_SHOWN]
        more = [say("more", count=len(gone) - MOST_SHOWN)] if len(gone) > MOST_SHOWN else []
        yield say("merge.gone", values=joined([*told, *more]))
    if plan.owner_id != plan.survivor.owner_id:
        owner = users.get(plan.owner_id or "")
        why = say(f"merge.owner.{plan.owner_rule}")
        yield say("merge.owner", user=showable(owner.name if owner else plan.owner_id or ""), why=why)
    if plan.gives_turn_back:
        yield say("merge.turn")
    if plan.aside:
        yield say("merge.aside", records=Names(plan.aside).several(plan.aside))
    yield from plan.lost
    for why in plan.blocked:
        yield say("merge.review", why=why)


def _gone(plan: Plan) -> Iterator[tuple[str, Value]]:
    """Yield the values that only the snapshot will hold, each once."""
    for name, chosen in plan.values.items():
        seen: dict[str, Value] = {}
        for _, value in chosen.instead_of:
            seen.setdefault(compare.folded(value), value)
        yield from ((name, value) for value in seen.values())


def _label(name: str) -> str:
    return showable(name if "__" in name else name.replace("_", " "))


def _why(chosen: Chosen, names: Names, by: str) -> str:
    return say(f"kept.{chosen.rule}", record=names.by_id(chosen.from_id), by=showable(by))
