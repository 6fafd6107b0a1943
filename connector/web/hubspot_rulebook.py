"""Publishing rules from the settings page in HubSpot, where they stand in our database alone.

A page publishes its whole list of rules at once: what several rules need together (a new name of a pool and of all that
name it) is valid only together. It names the version that it was made from, so two people never write over each other,
and a text with a fault changes nothing. From then on it is as with edits in a CRM: jobs/publish.py, jobs/rulebook.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from flask.typing import ResponseReturnValue

from connector.crm import Crm
from connector.desk import retelling
from connector.desk.faults import Overtaken
from connector.desk.rulebook import turn
from connector.retiring import retired
from connector.rows import RuleRow
from connector.store import shelves
from connector.store.installs import Install
from connector.web import signed
from connector.web.access import services
from connector.web.hubspot_rules import HERE, version_of
from connector.web.signed import ID, refuse
from jobs import publish as publishing
from jobs.publish import STEP, Moved, Proposal
from rules.changes import changes
from rules.faults import Fault, RuleSetError
from rules.limits import MOST_RULES
from rules.parsing.pieces import LONGEST_PIECE
from rules.ruleset import Item, RuleSet, Source, load, split
from rules.trials import faults as trial_faults
from rules.trials.trials import Report
from rules.wording.words import say

MOST_ITEMS = 2 * MOST_RULES


@dataclass(frozen=True, slots=True)
class Wanted:
    """One item of the list that a page wants live: `id` is empty for a new one, `text` None for what stays as it is."""

    id: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a page sends: the version that it was made from, and all items in their order."""

    version: str
    items: tuple[Wanted, ...]


class Stale(Exception):  # noqa: N818 - it is what the page is
    """The page was made from other rules than those that are live."""


def wish(sent: Mapping[str, Any]) -> Wish:
    """Read what a page sends: ``{"version", "items": [{"id", "definition"?}]}``. Aborts with 400."""
    version, items = sent.get("version"), sent.get("items")
    if not isinstance(version, str) or not isinstance(items, list) or len(items) > MOST_ITEMS:
        refuse(400, f"version is a text, items a list of {MOST_ITEMS} at most.")
    wanted = tuple(_wanted(each) for each in items)
    known = [each.id for each in wanted if each.id]
    if len(known) != len(set(known)):
        refuse(400, "An item stands in the list twice.")
    return Wish(version, wanted)


def publish(install: Install, wish: Wish, *, by: str) -> ResponseReturnValue | None:
    """Make the list of a page live; return why not, with nothing written, or None when it is (or was already).

    409 when others have changed the rules since, or they do not stand here; 422 with every fault at its item.
    """
    if (elsewhere := _elsewhere(install)) is not None:
        return signed.problem(409, elsewhere)
    if not wish.items:
        return signed.problem(422, say("settings.rules.none"), faults=[])
    here = services()
    try:
        with turn(here, install):
            answer = _published(install, wish, by=by)
    except Overtaken:
        return signed.problem(409, say("settings.rules.busy"))
    if answer is None:
        here.ring(install.id)
    return answer


def _published(install: Install, wish: Wish, *, by: str) -> ResponseReturnValue | None:
    here = services()
    crm = here.crm(install)
    try:
        proposal = _proposal(crm, wish)
        if proposal is not None:
            seal = here.seal(install)
            publishing.publish(here.database, install.id, seal, crm, proposal, by=by, clock=here.clock)
    except (Stale, Moved):
        return signed.problem(409, say("settings.rules.moved"), version="")
    except RuleSetError as error:
        faults = [_fault(each) for each in retelling.faults(error.faults)]
        return signed.problem(422, say("settings.rules.faults"), faults=faults)
    finally:
        crm.close()
    return None


def _wanted(item: Any) -> Wanted:
    if not isinstance(item, dict):
        refuse(400, "An item is an object.")
    id_, text = item.get("id"), item.get("definition")
    if not isinstance(id_, str) or (id_ and not ID.fullmatch(id_)):
        refuse(400, "The id of an item is the one it came with, or empty for a new one.")
    if (text is None and not id_) or not isinstance(text, str | None):
        refuse(400, "definition is a text; only an item that is there may do without.")
    # One form of line breaks and of the end, so that a text that was only looked at is the same text.
    return Wanted(id_, text if text is None else text.replace("\r\n", "\n").rstrip() + "\n")


def _elsewhere(install: Install) -> str | None:
    """Return why the rules are not edited here; None where they are."""
    with services().database.read() as connection:
        stands = shelves.standing(connection, install.id)
    if stands.kind != HERE:
        return say("settings.rules.elsewhere")
    return say("settings.rules.moving") if stands.target else None


def _proposal(crm: Crm, wish: Wish) -> Proposal | None:
    """Return the list as a proposal, None when it is live already: HubSpot's proxy repeats a call that got a 5xx.

    Raises Stale, or RuleSetError with the place in the list as the record of each fault.
    """
    known = crm.rules()
    live = {str(row.id): row for row in known if row.state == "live"}
    if any(each.id and each.id not in live for each in wish.items):
        raise Stale
    texts = [live[each.id].definition if each.text is None else each.text for each in wish.items]
    if texts == [row.definition for row in live.values()]:
        return None
    if wish.version != version_of(known):
        raise Stale
    rows = _rows(wish.items, texts, live, known)
    ruleset = _valid(rows)
    kept = {row.id for row in rows if row.id}
    gone = tuple(retired(row) for row in live.values() if row.id not in kept)
    changed = tuple(row for row in rows if live.get(row.id or "") != row)
    found = changes(*(_items(each) for each in (tuple(live.values()), rows)))
    return Proposal((*changed, *gone), known, ruleset, Report(), found)


def _rows(
    items: Sequence[Wanted], texts: Sequence[str], live: Mapping[str, RuleRow], known: Sequence[RuleRow]
) -> tuple[RuleRow, ...]:
    """Return the records of the list in order; one that was edited or moved has no error and no version yet.

    A new one is written over a retired one of its name, if there is any: each edit would leave one behind otherwise.
    """
    spare = {(row.kind, row.name): row.id for row in known if row.state == "draft" and not publishing.is_draft(row)}
    faults: list[Fault] = []
    rows: list[RuleRow] = []
    for place, (item, text) in enumerate(zip(items, texts, strict=True)):
        old = live.get(item.id)
        if old is not None and old.definition == text:
            rows.append(old)
            continue
        kind, name = _heading(place, text, faults)
        id_ = old.id if old else spare.pop((kind, name), None)
        rows.append(RuleRow(name, kind, old.position if old else -1, text, id=id_))
    if faults:
        raise RuleSetError(faults)
    return _placed(rows)


def _heading(place: int, text: str, faults: list[Fault]) -> tuple[str, str]:
    """Return kind and name of an item's text; what is wrong with it as a whole is added to the faults."""
    if len(text) > LONGEST_PIECE:
        message, remedy = f"The text is longer than {LONGEST_PIECE:,} characters.", "Make several items of it."
        faults.append(Fault(str(place), 1, 1, message, remedy))
        return "", ""
    try:
        found = split(text)
    except RuleSetError as error:
        faults += [replace(fault, record=str(place)) for fault in error.faults]
        return "", ""
    if not found:
        faults.append(Fault(str(place), 1, 1, "The item is empty.", "Write one item, or remove it."))
        return "", ""
    return found[0].kind, found[0].name or found[0].kind


def _placed(rows: Sequence[RuleRow]) -> tuple[RuleRow, ...]:
    """Return records with positions in their order: those that they have, as far as that can be."""
    last, kept = 0, []
    for row in rows:
        kept.append(row if row.position >= 0 else replace(row, position=last + STEP))
        last = max(last, kept[-1].position)
    if all(one.position < other.position for one, other in pairwise(kept)):
        return tuple(kept)
    numbered = ((place * STEP, row) for place, row in enumerate(rows, start=1))
    return tuple(row if row.position == place else replace(row, position=place) for place, row in numbered)


def _valid(rows: Sequence[RuleRow]) -> RuleSet:
    """Return the rule set that these records are, its tests green. Raises RuleSetError with the place of each fault."""
    names = {_name(place, row): str(place) for place, row in enumerate(rows)}
    try:
        ruleset = load([Source(name, row.definition) for name, row in zip(names, rows, strict=True)])
        faults: Sequence[Fault] = trial_faults.faults(ruleset)
    except RuleSetError as error:
        faults = error.faults
    if faults:
        raise RuleSetError([replace(fault, record=names.get(fault.record, "")) for fault in faults])
    return ruleset


def _name(place: int, row: RuleRow) -> str:
    """Name an item in faults as people see it; its place keeps two of one name apart."""
    return f"{row.kind} {row.name} ({place + 1})"


def _items(rows: Sequence[RuleRow]) -> list[Item]:
    return [Item(row.kind, row.name, row.definition) for row in rows]


def _fault(fault: Fault) -> dict[str, Any]:
    """Return a fault as JSON; `item` is a place in the list that was sent, None when it is about the whole."""
    return {
        "item": int(fault.record) if fault.record else None,
        "line": fault.line,
        "column": fault.column,
        "message": fault.message,
        "remedy": fault.remedy,
    }
