"""The customer's dictionary of names: other names of one company, and who has bought whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rules.matching.pairs import company_key
from rules.wording.said import strung
from rules.wording.words import say, showable

FURTHEST = 24
"""How many further names one company may have: each of them is looked up for every lead of it."""


@dataclass(frozen=True, slots=True)
class Acquisition:
    """A company that is part of another one now."""

    company: str
    by: str


@dataclass(frozen=True, slots=True)
class Alias:
    """A further name of a company, and why it is one."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Names:
    """All further names: each of `synonyms` is one company's names, `acquired` leads from the bought to the buyer."""

    synonyms: tuple[tuple[str, ...], ...] = ()
    acquired: tuple[Acquisition, ...] = ()
    _known: Mapping[str, tuple[tuple[str, ...] | Acquisition, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[str, list[tuple[str, ...] | Acquisition]] = {}
        for line in self.synonyms:
            for name in line:
                found.setdefault(company_key(name), []).append(line)
        for each in self.acquired:
            found.setdefault(company_key(each.company), []).append(each)
        object.__setattr__(self, "_known", MappingProxyType({key: tuple(each) for key, each in found.items()}))

    def of(self, company: str) -> tuple[Alias, ...]:
        """Return the further names of a company, nearest first: its synonyms, the names of its buyer."""
        if not self._known:
            return ()
        start = company_key(company)
        found: dict[str, Alias] = {}
        ahead = [Alias(company, "")]
        while ahead and len(found) < FURTHEST:
            at = ahead.pop(0)
            for step in self._steps(at):
                if (key := company_key(step.name)) != start and key not in found:
                    found[key] = step
                    ahead.append(step)
        return tuple(found.values())[:FURTHEST]

    def _steps(self, at: Alias) -> Iterator[Alias]:
        for each in self._known.get(company_key(at.name), ()):
            if isinstance(each, Acquisition):
                told = say("alias.acquired", company=showable(at.name), by=showable(each.by))
                yield Alias(each.by, strung(" ", [at.reason, told] if at.reason else [told]))
                continue
            for name in each:
                told = say("alias.synonym", name=showable(at.name), other=showable(name))
                yield Alias(name, strung(" ", [at.reason, told] if at.reason else [told]))


NO_NAMES = Names()
