"""Charlie, who has an install of his own, calls every function with all that Alice and Bob have: he sees and changes
nothing of theirs.

CASES (calls_of_leads.py, calls_of_installs.py) holds every public function of the store that takes an install; a new
one that is not listed fails, also in a new module.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

from connector import store
from connector.index import Index
from tests.connector.store import calls_of_installs, calls_of_leads
from tests.connector.store.street import Street, rows_of, street

__all__ = ["street"]

CASES = calls_of_leads.CALLS | calls_of_installs.CALLS
OTHERS = {
    "base": "the database itself",
    "codec": "values",
    "migrate": "tables",
    "named": "texts",
    "postings": "by numbers of books and of records, which the index alone knows",
    "review_rows": "values",
    "schema": "tables",
    "seal": "keys and values",
    "sentences": "texts",
}
"""Modules of the store of which no function is asked for what an install has, and what each is about."""
MODULES = tuple(
    importlib.import_module(f"{store.__name__}.{each.name}")
    for each in pkgutil.iter_modules(store.__path__)
    if not each.ispkg and each.name not in OTHERS
)
ACROSS = {
    "arrears.installs": "the clock; ids only",
    "counting.of_decision": "by a decision",
    "counting.why_unmatched": "by a decision",
    "counting.bucket": "by a length of time",
    "tallies.slot": "by a moment",
    "tallies.labelled": "by what read() gave",
    "tallies.purge": "the clock; by age",
    "terms.of_decision": "by a decision",
    "terms.marks": "by a seal",
    "terms.mark": "by a seal",
    "terms.words": "by a text",
    "terms.rule": "by a text",
    "troubles.held_until": "a lease of ours",
    "gauges.installs": "monitoring; counts",
    "gauges.inboxes": "monitoring; counts and ids only",
    "gauges.unsettled": "monitoring; counts and ids only",
    "gauges.outcomes": "monitoring; counts",
    "gauges.work": "monitoring; counts",
    "gauges.reasons": "monitoring; counts by reasons, of which only the kind is told",
    "gauges.erasures": "monitoring; counts",
    "gauges.streams": "monitoring; counts",
    "gauges.calls": "monitoring; counts and ids only",
    "gauges.held": "monitoring; a lease of ours",
    "installs.connect": "makes installs",
    "installs.by_tenant": "finds the install of a webhook or a sign-in",
    "installs.every": "the clock, the listener and the command line",
    "letters.due": "a condition",
    "letters.installs_waiting": "the sweep; ids only",
    "unfinished.installs": "the sweep; ids only",
    "decisions.purge": "the clock; by age",
    "decisions.about": "by a key",
    "decisions.closed": "by a decision",
    "decisions.opened": "by a row",
    "progress.purge": "the clock; by age",
    "progress.installs_due": "the sweep; ids only",
    "progress.named": "the clock; how far work of our own is, no data of anybody",
    "memos.purge": "the clock; by age",
    "usage.purge": "the clock; by age",
    "assignments.holding": "by rows that of_leads() gave",
    "assignments.purge": "the clock; by age",
    "timers.installs_due": "the sweep; ids only",
    "endings.note": "the clock; all that are revoked",
    "endings.over": "the clock; by age",
    "erasures.installs_due": "the sweep and the clock; ids only",
    "erasures.purge": "the clock; by age",
    "timers.needed": "a query for the clock",
    "timers.purge": "the clock; by age",
    "responses.installs_due": "the clock; ids and numbers only",
    "responses.needed": "a query for the clock",
    "responses.purge": "the clock; by age",
    "pauses.purge": "the clock; by age",
    "absences.purge": "the clock; by age",
    "absences.planned": "makes a value",
    "absences.until": "by rows that every() gave",
    "asked.purge": "the clock; by age",
    "aliases.purge": "the clock; by age",
    "merges.members": "by a decision",
    "merges.undoable": "a query for the clock",
    "cleanups.purge": "the clock; by age",
    "pair_labels.parts": "ids in portions",
    "reviews.apart": "makes a value of a value",
    "reviews.as_record": "makes a value of a value",
    "reviews.rejection": "makes a value of a value",
    "reviews.told_of": "makes a value of a value",
    "reviews.under": "makes a value of a value",
    "books.numbers": "by a book that of() gave",
    "books.stage": "by a book that of() gave",
    "books.merge": "by a book that of() gave",
    "books.clear": "the clock; what nobody owns",
    "books.clear_for": "the clock; what nobody owns",
    "api_keys.find": "whose key it is that comes in",
    "api_keys.purge": "the clock; by age",
    "changes.purge": "the clock; by age",
    "leaves.install_of": "whose code it is that was typed",
    "leaves.purge": "the clock; by age",
    "notes.named": "the clock; one choice of all",
    "notes.days": "by a choice",
    "replies.purge": "the clock; by age",
    "leases.take": "by name",
    "leases.confirm": "by name",
    "leases.release": "by name",
    "leases.held": "by name",
    "leases.ends": "by name",
    "leases.take_all": "by name",
    "leases.renew_all": "by holder",
    "leases.release_all": "by holder",
    "leases.live": "by name",
    "leases.known": "by name",
    "leases.purge": "by name and age",
    "streams.wanted": "the listener; ids only",
    "streams.unheld": "the listener; ids only",
}
"""What looks at no install or at all of them, and why."""


def public() -> set[str]:
    """Return the name of every public function of the store, and of the index."""
    found = {
        f"{module.__name__.rsplit('.', 1)[1]}.{name}"
        for module in MODULES
        for name, each in inspect.getmembers(module, inspect.isfunction)
        if each.__module__ == module.__name__ and not name.startswith("_")
    }
    index = {f"Index.{name}" for name, _ in inspect.getmembers(Index, inspect.isfunction) if not name.startswith("_")}
    return found | index


def test_every_public_function_is_listed() -> None:
    assert public() == set(CASES) | set(ACROSS)


def test_no_module_that_is_left_out_is_asked_for_what_an_install_has() -> None:
    for name in OTHERS:
        module = importlib.import_module(f"{store.__name__}.{name}")
        for _, each in inspect.getmembers(module, inspect.isfunction):
            if each.__module__ == module.__name__:
                assert not {"connection", "install_id"} <= set(inspect.signature(each).parameters), each


def test_only_functions_without_an_install_look_across() -> None:
    for name in ACROSS:
        module = next(each for each in MODULES if each.__name__.endswith(f".{name.split('.')[0]}"))
        parameters = inspect.signature(getattr(module, name.split(".")[1])).parameters
        assert "install_id" not in parameters or parameters["install_id"].default is None, "it may narrow"


@pytest.mark.parametrize("name", CASES)
def test_charlie_neither_sees_nor_changes_what_is_not_his(street: Street, name: str) -> None:
    call, expected = CASES[name]
    assert all(len(rows) >= 2 for rows in street.before.values()), "furnish knows every table"
    with street.database.write() as connection:
        assert call(connection, street.charlie) == expected
        assert rows_of(connection, street.everything) == street.before
        connection.rollback()
