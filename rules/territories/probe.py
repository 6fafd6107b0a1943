"""What a lead offers to the cells of a column: the keys, texts and numbers that may stand in them.

A value that is missing, or that nobody can read, offers nothing: then only empty cells hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rules import normalize
from rules.clauses import compare
from rules.model import Value
from rules.normalizing import languages, postal
from rules.territories.amounts import least, number_key, stored
from rules.territories.cells import FLAGS, account_id, code, shape
from rules.territories.columns import DOMAINS, NAMES, Kind

__all__ = ["NOTHING", "Probe", "probe"]

_BRITISH = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})")


@dataclass(frozen=True, slots=True)
class Probe:
    """What of a cell would hold: one of `keys`, a prefix of one of `texts`, a range around one of `numbers`.

    A number comes with the group of ranges that it may be in.
    """

    keys: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    numbers: tuple[tuple[str, float], ...] = ()


NOTHING = Probe()


def probe(kind: Kind, values: Sequence[Value]) -> Probe:
    """Return what the values of a column's facts (its ``reads``, in that order) offer to its cells."""
    if all(compare.is_empty(value) for value in values):
        return NOTHING
    return _PROBES[kind](values)


def _text(values: Sequence[Value]) -> Probe:
    folded = compare.folded(values[0])
    return Probe((f"={folded}",), (folded,))


def _any(values: Sequence[Value]) -> Probe:
    text, number, flag = _text(values), _number(values), _bool(values)
    return Probe(text.keys + number.keys + flag.keys, text.texts, number.numbers)


def _number(values: Sequence[Value]) -> Probe:
    exact, lower = stored(values[0]), least(values[0])
    keys = () if exact is None else (number_key(exact),)
    return Probe(keys, (), () if lower is None else (("", lower),))


def _bool(values: Sequence[Value]) -> Probe:
    flag = FLAGS.get(compare.folded(values[0]))
    return NOTHING if flag is None else Probe((f"?{flag}",))


def _country(values: Sequence[Value]) -> Probe:
    found = normalize.country(compare.plain(values[0]))
    return Probe((f"@{found}",)) if found else NOTHING


def _state(values: Sequence[Value]) -> Probe:
    text, land = (compare.plain(value) for value in values)
    if not text.strip():
        return NOTHING
    found, folded = normalize.state(text, land), normalize.fold(text)
    return Probe((f"@{found}" if found else f"~{folded}", f"={folded}"))


def _language(values: Sequence[Value]) -> Probe:
    text = compare.plain(values[0])
    return Probe((*(f"@{tag}" for tag in sorted(languages.tags(text))), f"={normalize.fold(text)}"))


def _postal(values: Sequence[Value]) -> Probe:
    text = compare.plain(values[0])
    whole = code(text)
    if not whole:
        return NOTHING
    codes = tuple(dict.fromkeys((whole, postal.base(whole))))
    kind = shape(whole)
    numbers = [(kind[: len(each)], int(each, 36)) for each in codes if kind]
    numbers += [(f"{kind[:size]}*", int(whole[:size], 36)) for size in range(1, len(kind) + 1)]
    british = _BRITISH.fullmatch(whole)
    spaced = f"{british[1]} {british[2]}".lower() if british else normalize.fold(text)
    return Probe(tuple(f"={each}" for each in codes), (*codes, spaced), tuple(numbers))


def _account(values: Sequence[Value]) -> Probe:
    """Return what names, domains and ids of the lead's company and of its account offer, in the order of the facts."""
    told = [compare.plain(value).strip() for value in values]
    names = [name for name in told[: len(NAMES)] if name and not normalize.is_placeholder(name)]
    cores = [normalize.company(name) for name in names]
    sites = [_site(each) for each in told[len(NAMES) : len(NAMES) + len(DOMAINS)]]
    ids = [account_id(each) for each in told[len(NAMES) + len(DOMAINS) :] if each]
    keys = [
        *(f"={normalize.fold(name)}" for name in names), *(f"n{core}" for core in cores),
        *(f"d{site}" for site in sites if site), *(f"i{each}" for each in ids),
    ]  # fmt: skip
    return Probe(tuple(dict.fromkeys(keys)), tuple(dict.fromkeys(cores)))


def _site(text: str) -> str:
    """Return the domain that says which company it is; "" for free mail and for sites that host everybody."""
    found = normalize.domain(text)
    return "" if normalize.is_free_mail(found) or found in normalize.SHARED_SITES else found


_PROBES: Mapping[Kind, Callable[[Sequence[Value]], Probe]] = {
    "account": _account, "country": _country, "state": _state, "postal": _postal, "number": _number, "bool": _bool,
    "language": _language, "text": _text, "any": _any,
}  # fmt: skip
