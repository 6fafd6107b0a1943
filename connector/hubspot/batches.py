"""One batch call, row by row: what was done, what was refused and why, what must wait.

HubSpot answers a batch in three ways: 200 with all results, 207 with results and ``errors`` (when every input carries
an ``objectWriteTraceId``), or one refusal for the whole because of one bad row. In the last case the rows it names
are taken out and the rest is sent again; when it names none, the batch is halved until the bad rows stand alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from connector.errors import Later
from connector.hubspot.answers import OUTAGE_SECONDS, BadRows, Fault, Gone, fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MOST_CALLS = 40
"""Calls that one batch may cost when it has to be halved, unless it says so; what is left over waits for the next."""

PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Row:
    """One input of a batch. `marks` are the ids by which an error names this row alone (trace id, record id).

    `shared` are ids of other records in it; an error that names only such an id concerns every row that has it.
    """

    key: str
    input: Mapping[str, Any]
    marks: frozenset[str]
    shared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Done:
    """The row was accepted; `result` is HubSpot's record of it."""

    result: Mapping[str, Any]


Verdict: TypeAlias = Done | Fault | Later


@dataclass(slots=True)
class Batch:
    """Sends rows through `call`. `match` tells what a result names its row by: its key, or an id of it.

    `repeatable`: the call may be sent again without harm, so that a row of which HubSpot says nothing can be asked
    alone. Without it such a row must wait until someone has looked.
    """

    call: Callable[[Sequence[Mapping[str, Any]]], Mapping[str, Any]]
    match: Callable[[Mapping[str, Any]], str | None]
    repeatable: bool
    most_calls: int = MOST_CALLS
    _calls: int = field(default=0, init=False)

    def send(self, rows: Sequence[Row]) -> dict[str, Verdict]:
        """Send all rows and return a verdict for each, by key.

        Raises what the first call raises, unless it is about rows; later calls only make their own rows wait.
        """
        if not rows:
            return {}
        if self._calls >= self.most_calls:
            wait = Later("HubSpot refused the batch; its rows are being tried in smaller parts", seconds=OUTAGE_SECONDS)
            return {row.key: wait for row in rows}
        first, self._calls = self._calls == 0, self._calls + 1
        try:
            answer = self.call([row.input for row in rows])
        except (BadRows, Gone) as error:
            return self._apart(rows, error.fault)
        except Later as error:
            if first:
                raise
            return {row.key: error for row in rows}
        return self._read(rows, answer)

    def _apart(self, rows: Sequence[Row], refusal: Fault) -> dict[str, Verdict]:
        """The whole was refused: set the bad rows apart."""
        if len(rows) == 1:
            return {rows[0].key: refusal}
        named = _named(rows, refusal)
        if named:
            verdicts: dict[str, Verdict] = {row.key: refusal for row in named}
            return verdicts | self.send([row for row in rows if row.key not in verdicts])
        middle = len(rows) // 2
        return self.send(rows[:middle]) | self.send(rows[middle:])

    def _read(self, rows: Sequence[Row], answer: Mapping[str, Any]) -> dict[str, Verdict]:
        """Sort a 2xx answer by row; errors that name a row win over its absence, results win over both."""
        verdicts: dict[str, Verdict] = {}
        by_name = _by_name(rows)
        for result in answer.get("results") or ():
            verdicts |= {row.key: Done(result) for row in by_name.get(self.match(result) or "", ())}
        nameless = []
        for error in map(fault, answer.get("errors") or ()):
            named = _named([row for row in rows if row.key not in verdicts], error)
            verdicts |= {row.key: _or_later(error) for row in named}
            if not named:
                nameless.append(error)
        silent = [row for row in rows if row.key not in verdicts]
        if len(silent) == 1 and len(nameless) == 1:
            return verdicts | {silent[0].key: _or_later(nameless[0])}
        return verdicts | self._ask_again(silent, alone=len(rows) == 1)

    def _ask_again(self, silent: Sequence[Row], *, alone: bool) -> dict[str, Verdict]:
        """HubSpot said nothing of these rows: ask for each alone if that is harmless, else wait and look."""
        if not self.repeatable:
            wait = Later("HubSpot did not say what became of it", seconds=PATIENCE_SECONDS)
            return {row.key: wait for row in silent}
        if alone:
            # An update that is answered with nothing had nothing to update.
            return {row.key: Fault(category="OBJECT_NOT_FOUND") for row in silent}
        found: dict[str, Verdict] = {}
        for row in silent:
            found |= self.send([row])
        return found


def _or_later(error: Fault) -> Verdict:
    return Later(error.words, seconds=PATIENCE_SECONDS) if error.passing else error


def _by_name(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Index rows by key, and by id where the id is no key: two rows about one record are both done with it."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        for mark in row.marks | row.shared:
            found.setdefault(mark, []).append(row)
    return found | {row.key: [row] for row in rows}


def _named(rows: Sequence[Row], error: Fault) -> list[Row]:
    """Return the rows that an error is about, as far as it names any."""
    return [row for row in rows if row.marks & error.named] or [row for row in rows if row.shared & error.named]
