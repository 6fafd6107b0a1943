"""Names of fields and operators that were meant: what is close to one is a slip, and told as a suggestion."""

from __future__ import annotations

from rapidfuzz import fuzz, process

from rules.api_names import API_NAMES
from rules.clauses.operators import OPERATORS
from rules.faults import RuleFault
from rules.fields import ALIASES, CANONICAL

_CLOSE = 85


def known_field(name: str, at: int) -> str:
    """Return the field's name, or raise RuleFault at column `at` with the name that was probably meant."""
    scope, _, own = name.partition(".")
    if scope not in CANONICAL or not own:
        raise RuleFault(f"There is no field {name}.", column=at, remedy=_meant_scope(scope, own))
    if own in CANONICAL[scope]:
        return name
    names = [*CANONICAL[scope], *_also(scope)]
    meant = process.extractOne(own.casefold(), names, scorer=fuzz.ratio)
    close = meant is not None and (meant[1] >= _CLOSE or sorted(own.casefold()) == sorted(meant[0]))
    if scope in {"lead", "account"} and ("__" in own or not close):
        return name
    hint = f"Did you mean {scope}.{meant[0]}?" if close else f"Known are: {', '.join(CANONICAL[scope])}."
    raise RuleFault(f"There is no field {name}.", column=at, remedy=hint)


def _also(scope: str) -> list[str]:
    """Return further names of a scope's fields without the CRMs' own: many custom fields are close to one of these."""
    theirs = {api.casefold() for told in API_NAMES.get(scope, {}).values() for api in told}
    return [
        own for begin, _, own in (alias.partition(".") for alias in ALIASES) if begin == scope and own not in theirs
    ]


def _meant_scope(scope: str, own: str) -> str:
    if not own:
        known = [f"{each}.{scope}" for each in CANONICAL if scope in CANONICAL[each]]
        return f"Did you mean {known[0]}?" if known else "Fields begin with lead. or account."
    meant = process.extractOne(scope.casefold(), list(CANONICAL), scorer=fuzz.ratio, score_cutoff=60)
    return f"Did you mean {meant[0]}.{own}?" if meant else "Fields begin with lead. or account."


def known_operator(line: str, at: int) -> RuleFault:
    """Return the fault of a line that has no operator from index `at` on, with the one that was probably meant."""
    written = " ".join(line[at:].split()[:2])
    if not written:
        return RuleFault("An operator is missing.", column=at + 1, remedy=f"Use one of: {', '.join(OPERATORS)}.")
    first = written.split()[0]
    meant = process.extractOne(written, OPERATORS, scorer=fuzz.ratio) if len(written) < 16 else None  # noqa: PLR2004
    alone = process.extractOne(first, OPERATORS, scorer=fuzz.ratio)
    best = max(filter(None, (meant, alone)), key=lambda found: found[1])
    hint = f"Did you mean “{best[0]}”?" if best[1] > 50 else f"Use one of: {', '.join(OPERATORS)}."  # noqa: PLR2004
    column = at + 1 + len(line[at:]) - len(line[at:].lstrip())
    return RuleFault(f"There is no operator “{first}”.", column=column, remedy=hint)


def not_before(line: str, at: int) -> RuleFault:
    """Return the fault of a line that begins with ``not``, which ends at index `at`."""
    rest = " ".join(line[at:].split())
    remedy = f"Write not: with {rest or 'the condition'} below it, or “is not” on one line."
    return RuleFault("A line cannot begin with “not”.", column=at - 2, remedy=remedy)
